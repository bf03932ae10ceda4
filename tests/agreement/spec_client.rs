//! The client process of the conformance driver, started as the driver starts it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::command;
use crate::node::repository;

/// The wrapper that the driver is given, with `hive` found where it was built.
fn client() -> Command {
    let binary = command::binary();
    let folder = binary.parent().expect("the binary lies in a folder").display().to_string();
    let mut client = Command::new(repository().join("examples/clients/marlowe-spec-client.sh"));
    client.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()));
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    client
}

#[test]
fn one_process_answers_one_request_after_another() {
    let mut process = client().spawn().expect("the client starts");
    let mut requests = process.stdin.take().expect("standard input is piped");
    let mut answers = BufReader::new(process.stdout.take().expect("standard output is piped"));
    let escrow = r#"{"when":[{"case":{"into_account":{"role_token":"卖方"},"party":{"role_token":"Buyer"},"of_token":{"currency_symbol":"","token_name":"CNY"},"deposits":18446744073709551616},"then":"close"}],"timeout":10,"timeout_continuation":"close"}"#;
    let deposit = r#"{"tx_interval":{"from":1,"to":2},"tx_inputs":[{"input_from_party":{"role_token":"Buyer"},"that_deposits":18446744073709551616,"of_token":{"currency_symbol":"","token_name":"CNY"},"into_account":{"role_token":"卖方"}}]}"#;
    let played =
        format!(r#"{{"request":"playtrace","transactionInputs":[{deposit}],"coreContract":{escrow},"initialTime":0}}"#);
    let paid = r#"{"request-response":{"warnings":[],"payments":[{"payment_from":{"role_token":"\u5356\u65b9"},"to":{"party":{"role_token":"\u5356\u65b9"}},"token":{"currency_symbol":"","token_name":"CNY"},"amount":18446744073709551616}],"state":{"accounts":[],"choices":[],"boundValues":[],"minTime":1},"contract":"close"}}"#;
    let roundtrip = r#"{"request":"test-roundtrip-serialization","typeId":"Core.Value","json":{"and": 2, "add": 1}}"#;
    for (request, expected) in [
        (roundtrip, r#"{"request-response":{"serialization-success":{"add":1,"and":2}}}"#),
        (&played, paid),
        (r#"{"request":"who-are-you"}"#, r#""UnknownRequest""#),
        ("{", r#"{"invalid-request":"AGREEMENT_JSON_SYNTAX: the text is no JSON at line"#),
        (&played, paid),
    ] {
        // The next request goes out only once the answer is here, as the driver does it: an answer not flushed hangs.
        writeln!(requests, "```\n{request}\n```").expect("the client reads");
        let mut answer = String::new();
        answers.read_line(&mut answer).expect("the client answers");
        assert!(answer.starts_with(expected) && answer.ends_with('\n') && answer.is_ascii(), "{answer}");
    }
    drop(requests);
    let ended = process.wait_with_output().expect("the client ends with its input");
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    let mut rest = String::new();
    assert_eq!(answers.read_line(&mut rest).expect("nothing is left"), 0, "{rest}");
}
