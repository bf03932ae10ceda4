//! Steps that are played, and those that cannot be.

use std::sync::Arc;

use super::simulate;
use crate::example::{Example, read_steps};
use crate::{BigInt, Contract, Input, JsonForm, Party};

const CONTRACT: &str = r#"{"when":[{"case":{"into_account":{"role_token":"Seller"},"party":{"role_token":"Buyer"},"of_token":{"currency_symbol":"","token_name":"CNY"},"deposits":10},"then":{"when":[{"case":{"notify_if":true},"then":"close"},{"case":{"for_choice":{"choice_name":"take","choice_owner":{"address":"hc1x"}},"choose_between":[{"from":1,"to":2}]},"then":{"let":"x","be":1,"then":"close"}}],"timeout":2000,"timeout_continuation":"close"}}],"timeout":1000,"timeout_continuation":"close"}"#;

const DEPOSIT: &str =
    r#"{"at":500,"deposit":{"party":"Buyer","amount":10,"token":"CNY","into":"Seller"},"payments":[]}"#;

fn contract(text: &str) -> Arc<Contract> {
    Arc::new(Contract::from_text(text).expect("it is a contract"))
}

fn play(steps: &str) -> Result<usize, (&'static str, String)> {
    let steps = read_steps(steps).expect("they are steps");
    let played = simulate(&contract(CONTRACT), &BigInt::from(100), &steps);
    played.map(|played| played.len()).map_err(|error| (error.code(), error.to_string()))
}

#[test]
fn steps_are_played_in_order() {
    let paid = r#""payments":[{"from":"Seller","to":"Seller","token":"CNY","amount":10}]"#;
    for last in [
        format!(r#"{{"at":600,"notify":true,{paid}}}"#),
        format!(r#"{{"at":600,"choose":{{"party":{{"address":"hc1x"}},"choice":"take","number":2}},{paid}}}"#),
        format!(r#"{{"at":"1970-01-01T00:00:02Z",{paid}}}"#),
        r#"{"at":2000}"#.to_owned(),
    ] {
        assert_eq!(play(&format!("[{DEPOSIT},{last}]")), Ok(2), "{last}");
    }
    let steps = read_steps(&format!("[{DEPOSIT}]")).expect("they are steps");
    assert_eq!(steps[0].input.as_ref().and_then(Input::party), Some(&Party::Role("Buyer".to_owned())));
}

#[test]
fn what_cannot_be_is_refused_with_its_step() {
    for (steps, code, told) in [
        (format!("[{}]", DEPOSIT.replace("10", "11")), "AGREEMENT_STEP_NO_MATCH", "step 1:"),
        (format!("[{DEPOSIT},{DEPOSIT}]"), "AGREEMENT_STEP_NO_MATCH", "step 2:"),
        (format!("[{DEPOSIT},{{\"at\":1999}}]"), "AGREEMENT_STEP_NOTHING_HAPPENS", "step 2:"),
        ("[{\"at\":1000},{\"at\":3000}]".to_owned(), "AGREEMENT_STEP_NOTHING_HAPPENS", "step 2:"),
        (format!("[{DEPOSIT},{{\"at\":499}}]"), "AGREEMENT_STEP_TIME_BACKWARDS", "step 2 is at 499, before 500"),
        (format!("[{DEPOSIT},{{\"at\":2000,\"payments\":[]}}]"), "AGREEMENT_STEP_PAYMENTS_DIFFER", "\"amount\":10"),
    ] {
        let (refusal, words) = play(&steps).expect_err("it is refused");
        assert_eq!(refusal, code, "{steps}: {words}");
        assert!(words.contains(told), "{words}");
    }
    // A number squared seventeen times is past what is computed.
    let square = r#"{"let":"x","be":{"multiply":{"use_value":"x"},"times":{"use_value":"x"}},"then":"#;
    let squared = format!("{}\"close\"{}", square.repeat(17), "}".repeat(17));
    let steps = read_steps("[{\"at\":1}]").expect("they are steps");
    let large = contract(&format!(r#"{{"let":"x","be":10,"then":{squared}}}"#));
    let refusal = simulate(&large, &BigInt::ZERO, &steps).expect_err("it is refused");
    assert_eq!(refusal.code(), "AGREEMENT_VALUE_TOO_LARGE");
}

#[test]
fn steps_and_examples_have_one_form() {
    for (from, to, told) in [
        ("\"at\":500,", "", "lacks the field \"at\""),
        ("\"deposit\"", "\"deposits\"", "\"deposits\""),
        ("\"party\":\"Buyer\"", "\"party\":5", "$[0].deposit.party"),
        ("\"token\":\"CNY\"", "\"token\":{\"token_name\":\"CNY\"}", "$[0].deposit.token"),
        ("\"payments\":[]", "\"payments\":{}", "$[0].payments is no list"),
        ("\"deposit\"", "\"notify\":true,\"deposit\"", "\"notify\""),
    ] {
        let refusal = read_steps(&format!("[{}]", DEPOSIT.replace(from, to))).expect_err("it is refused");
        assert!(refusal.to_string().contains(told), "{refusal}");
    }
    assert!(read_steps("[{\"at\":1,\"notify\":false}]").is_err());
    let example =
        r#"{"opened_at":1,"parameters":{},"findings":[{"code":"A","why":"so"}],"traces":[{"name":"a","steps":[]}]}"#;
    assert_eq!(Example::read(example).map(|example| example.traces.len()), Ok(1));
    assert!(Example::read(&example.replace("\"why\"", "\"because\"")).is_err());
}
