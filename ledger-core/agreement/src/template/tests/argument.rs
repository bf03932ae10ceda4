//! What may be given for the parameters.

use super::{GIVEN, given, refused, small};
use crate::analysis::TIME_MAX;
use crate::json::JsonForm;

#[test]
fn every_place_gets_what_is_given() {
    let contract = small().instantiate(&given(GIVEN)).expect("everything is within its bounds");
    let pay = |to: usize, amount: usize, then: &str| {
        format!(
            r#"{{"from_account":{{"role_token":"Payer"}},"to":{{"party":{{"role_token":"Payee {to}"}}}},"token":{{"currency_symbol":"","token_name":"Money"}},"pay":{amount},"then":{then}}}"#
        )
    };
    let assert = |share: usize, then: &str| format!(r#"{{"assert":{{"value":{share},"gt":-1}},"then":{then}}}"#);
    let wait = r#"{"when":[],"timeout":2000,"timeout_continuation":"close"}"#;
    let then = pay(1, 2, &pay(2, 5, &assert(4_000, &assert(6_000, wait))));
    let expected = format!(
        r#"{{"when":[{{"case":{{"into_account":{{"role_token":"Payer"}},"party":{{"role_token":"Payer"}},"of_token":{{"currency_symbol":"","token_name":"Money"}},"deposits":7}},"then":{then}}}],"timeout":1000,"timeout_continuation":"close"}}"#
    );
    assert_eq!(contract.to_text(), expected);
}

#[test]
fn what_cannot_be_given_is_refused_with_its_parameter() {
    let late = format!("\"end\":{}", TIME_MAX + 1);
    for (from, to, code, told) in [
        (",\"end\":2000", "", "AGREEMENT_PARAMETER_MISSING", "$.end"),
        ("{\"due\":2,", "{", "AGREEMENT_PARAMETER_MISSING", "$.payees[0].due"),
        ("\"end\"", "\"until\"", "AGREEMENT_PARAMETER_UNKNOWN", "$.until; the template has: payees, least, begin, end"),
        ("\"due\":5", "\"do\":5", "AGREEMENT_PARAMETER_UNKNOWN", "$.payees[1].do"),
        (
            "\"due\":2",
            "\"due\":1",
            "AGREEMENT_PARAMETER_OUT_OF_BOUNDS",
            "$.payees[0].due is 1, it must be from 2 to 900",
        ),
        ("\"least\":-1", "\"least\":6", "AGREEMENT_PARAMETER_OUT_OF_BOUNDS", "$.least is 6, it must be from -5 to 5"),
        (
            "[{\"due\":2,\"share\":4000},{\"due\":5,\"share\":6000}]",
            "[]",
            "AGREEMENT_PARAMETER_OUT_OF_BOUNDS",
            "$.payees is 0",
        ),
        ("\"end\":2000", &late, "AGREEMENT_PARAMETER_OUT_OF_BOUNDS", "$.end"),
        ("\"end\":2000", "\"end\":\"1969-12-31T23:59:59Z\"", "AGREEMENT_PARAMETER_OUT_OF_BOUNDS", "$.end"),
        (
            "\"end\":2000",
            "\"end\":1000",
            "AGREEMENT_PARAMETER_TIME_ORDER",
            "$.end is 1000, it must be after $.begin, which is 1000",
        ),
        ("\"share\":4000", "\"share\":4001", "AGREEMENT_PARAMETER_SHARES", "$.payees come to 10001"),
        ("\"least\":-1", "\"least\":\"-1\"", "AGREEMENT_JSON_UNEXPECTED", "$.least is no integer"),
        ("\"least\":-1", "\"least\":0.5", "AGREEMENT_JSON_NOT_WHOLE", "$.least"),
        ("\"end\":2000", "\"end\":\"tomorrow\"", "AGREEMENT_JSON_UNEXPECTED", "$.end is no time"),
        ("{\"due\":2,\"share\":4000}", "2", "AGREEMENT_JSON_UNEXPECTED", "$.payees[0] is no object"),
        (
            "[{\"due\":2,\"share\":4000},{\"due\":5,\"share\":6000}]",
            "2",
            "AGREEMENT_JSON_UNEXPECTED",
            "$.payees is no list",
        ),
    ] {
        let changed = GIVEN.replace(from, to);
        assert_ne!(changed, GIVEN, "{from}");
        let (refusal, words) = refused(small().instantiate(&given(&changed)));
        assert_eq!(refusal, code, "{from} → {to}: {words}");
        assert!(words.contains(told), "{words}");
    }
    assert_eq!(refused(small().instantiate(&given("[]"))).0, "AGREEMENT_JSON_UNEXPECTED");
}
