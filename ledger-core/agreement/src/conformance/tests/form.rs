//! "Json Serialization": the driver's examples, as the specification writes them, and every type with samples.

use std::sync::Arc;

use super::payload;
use crate::sample::Sample;
use crate::{BigInt, JsonForm, TransactionError, compute_transaction, play_trace};

fn roundtrip(kind: &str, json: &str) -> String {
    payload(&format!(r#"{{"request":"test-roundtrip-serialization","typeId":"{kind}","json":{json}}}"#))
}

fn comes_back(kind: &str, json: &str) {
    assert_eq!(roundtrip(kind, json), format!(r#"{{"serialization-success":{json}}}"#), "{kind}");
}

#[test]
fn examples_come_back() {
    comes_back("Core.Bound", r#"{"from":2,"to":10}"#);
    for value in [
        "1",
        r#""time_interval_start""#,
        r#""time_interval_end""#,
        r#"{"add":1,"and":2}"#,
        r#"{"value":4,"minus":2}"#,
        r#"{"multiply":3,"times":6}"#,
        r#"{"divide":8,"by":4}"#,
        r#"{"negate":3}"#,
        r#"{"use_value":"variable name"}"#,
        r#"{"if":true,"then":{"add":1,"and":2},"else":{"multiply":3,"times":6}}"#,
    ] {
        comes_back("Core.Value", value);
    }
    for observation in [
        "true",
        "false",
        r#"{"both":true,"and":false}"#,
        r#"{"either":true,"or":false}"#,
        r#"{"not":true}"#,
        r#"{"value":1,"ge_than":2}"#,
        r#"{"value":1,"gt":2}"#,
        r#"{"value":1,"lt":2}"#,
        r#"{"value":1,"le_than":2}"#,
        r#"{"value":1,"equal_to":2}"#,
    ] {
        comes_back("Core.Observation", observation);
    }
}

#[test]
fn what_is_no_value_no_observation_or_no_type_is_told() {
    let error = roundtrip("Core.Value", r#""invalid value""#);
    assert!(error.starts_with(r#"{"serialization-error":"AGREEMENT_JSON_UNEXPECTED: $.json is no value"#), "{error}");
    assert!(roundtrip("Core.Observation", r#""invalid""#).starts_with(r#"{"serialization-error":"#));
    assert_eq!(roundtrip("InvalidType", r#""invalid""#), r#"{"unknown-type":"InvalidType"}"#);
}

#[test]
fn every_type_comes_back() {
    for seed in 0..300 {
        let mut sample = Sample::seeded(seed);
        let contract = Arc::new(sample.contract(5));
        comes_back("Core.Contract", &contract.to_text());
        comes_back("Core.Value", &sample.value(4).to_text());
        comes_back("Core.Observation", &sample.observation(4).to_text());
        let state = sample.state();
        comes_back("Core.State", &state.to_text());
        if let crate::Contract::When { cases, .. } = &*contract {
            for case in cases {
                comes_back("Core.Case", &case.to_text());
                comes_back("Core.Action", &case.action.to_text());
                if let crate::Action::Choice { for_choice, choose_between } = &case.action {
                    comes_back("Core.ChoiceId", &for_choice.to_text());
                    choose_between.iter().for_each(|bound| comes_back("Core.Bound", &bound.to_text()));
                }
            }
        }
        if let crate::Contract::Pay { to, .. } = &*contract {
            comes_back("Core.Payee", &to.to_text());
        }
        let transaction = sample.transaction(&state, &contract);
        comes_back("Core.Transaction", &transaction.to_text());
        transaction.inputs.iter().for_each(|input| comes_back("Core.Input", &input.to_text()));
        let output = compute_transaction(&transaction, &state, &contract).expect("samples are small");
        comes_back("Core.TransactionOutput", &output.to_text());
        match output {
            Ok(success) => {
                success.payments.iter().for_each(|payment| comes_back("Core.Payment", &payment.to_text()));
                success.warnings.iter().for_each(|warning| comes_back("Core.TransactionWarning", &warning.to_text()));
            }
            Err(error) => {
                comes_back("Core.TransactionError", &error.to_text());
                if let TransactionError::Interval(error) = error {
                    comes_back("Core.IntervalError", &error.to_text());
                }
            }
        }
        let played = play_trace(BigInt::ZERO, &contract, &sample.trace(&contract, &BigInt::ZERO));
        comes_back("Core.TransactionOutput", &played.expect("samples are small").to_text());
    }
}
