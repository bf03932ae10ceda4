//! Contracts in files: explained, drawn, analysed, refused.

use std::fs;

use crate::node::Node;

const CONTRACT: &str = r#"{"when":[{"case":{"into_account":{"role_token":"Seller"},"party":{"role_token":"Buyer"},"of_token":{"currency_symbol":"","token_name":"CNY"},"deposits":10},"then":{"from_account":{"role_token":"Seller"},"to":{"party":{"role_token":"Buyer"}},"token":{"currency_symbol":"","token_name":"CNY"},"pay":10,"then":"close"}}],"timeout":1664812800000,"timeout_continuation":"close"}"#;

#[test]
fn a_contract_in_a_file_is_explained_and_analysed() {
    let nowhere = Node::stopped(&[]);
    let file = nowhere.path("contract.json");
    let path = file.display().to_string();
    let hive = |text: &str, command: &[&str], status: i32| {
        fs::write(&file, text).expect("the file can be written");
        let all: Vec<&str> = ["agreement", command[0], &path].into_iter().chain(command[1..].iter().copied()).collect();
        nowhere.hive(&all).expect_status(status)
    };
    let told = hive(CONTRACT, &["explain"], 0).stdout;
    assert!(told.starts_with("One of these, before 2022-10-03 16:00:00 UTC:\n- “Buyer” deposits 10 “CNY”"), "{told}");
    let told = hive(CONTRACT, &["explain", "--language", "zh-CN"], 0).stdout;
    assert!(told.starts_with("在2022-10-03 16:00:00 UTC之前"), "{told}");
    let drawn = hive(CONTRACT, &["explain", "--format", "mermaid"], 0).stdout;
    assert!(drawn.starts_with("flowchart TD\n  n0{{"), "{drawn}");

    let sound = hive(CONTRACT, &["analyse", "--json"], 0).json();
    assert_eq!((&sound["maxTransactions"], &sound["lastDeadline"]), (&1.into(), &"1664812800000".into()));
    let passed = hive(CONTRACT, &["analyse", "--at", "1664812800000"], 2);
    assert!(passed.stdout.contains("AGREEMENT_DEADLINE_PASSED"), "{}", passed.stdout);
    let short = hive(&CONTRACT.replace("\"pay\":10", "\"pay\":11"), &["analyse"], 2).stdout;
    assert!(short.contains("AGREEMENT_PAYMENT_SHORT") && short.contains("$.when[0].then.pay"), "{short}");
    let unbounded = hive(&CONTRACT.replace("\"deposits\":10", "\"deposits\":1e19"), &["analyse"], 1).stderr;
    assert!(unbounded.contains("AGREEMENT_DEPOSIT_UNBOUNDED"), "{unbounded}");

    for (text, expected) in [
        ("{", "AGREEMENT_JSON_SYNTAX"),
        (&CONTRACT.replace("\"pay\":10", "\"pay\":1.5"), "AGREEMENT_JSON_NOT_WHOLE: $.when[0].then.pay"),
        (&CONTRACT.replace("deposits", "deposit"), "$.when[0].case"),
        (&"[".repeat(10_000), "AGREEMENT_JSON_TOO_DEEP"),
        (&" ".repeat((1 << 20) + 1), "at most 1048576 are read"),
    ] {
        let refused = hive(text, &["explain"], 1).stderr;
        assert!(refused.contains(expected), "{refused}");
    }
}
