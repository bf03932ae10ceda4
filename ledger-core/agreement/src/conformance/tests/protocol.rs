//! The frame of requests and answers.

use super::{answer, payload};

#[test]
fn what_is_no_request_is_told() {
    assert_eq!(answer(r#"{"request":"make-coffee"}"#), r#""UnknownRequest""#);
    assert_eq!(answer(r#"{"request":"fix-interval"}"#), r#""RequestNotImplemented""#);
    for (request, expected) in [
        ("", "AGREEMENT_JSON_SYNTAX"),
        ("{}", r#"AGREEMENT_JSON_FIELD_MISSING: $ lacks the field \"request\""#),
        (r#"{"request":"playtrace","coreContract":"close","transactionInputs":[]}"#, "initialTime"),
        (r#"{"request":"eval-value","environment":{"timeInterval":{"from":1}}}"#, "$.environment.timeInterval lacks"),
    ] {
        let answer = answer(request);
        assert!(answer.starts_with(r#"{"invalid-request":""#) && answer.contains(expected), "{answer}");
    }
}

#[test]
fn random_values_follow_from_their_seed() {
    for kind in ["Core.Party", "Core.Token"] {
        let of = |seed: &str| {
            payload(&format!(r#"{{"request":"generate-random-value","typeId":"{kind}","seed":{seed},"size":30}}"#))
        };
        let values: std::collections::BTreeSet<_> = (0..50).map(|seed| of(&seed.to_string())).collect();
        assert!(values.len() > 10, "{values:?}");
        assert_eq!(of("9999999"), of("9999999"));
        assert_eq!(of("-3"), of("-3"));
        for value in values {
            let value = value.strip_prefix(r#"{"value":"#).and_then(|rest| rest.strip_suffix('}')).expect("a value");
            let request = format!(r#"{{"request":"test-roundtrip-serialization","typeId":"{kind}","json":{value}}}"#);
            assert_eq!(payload(&request), format!(r#"{{"serialization-success":{value}}}"#));
        }
    }
    let unknown = payload(r#"{"request":"generate-random-value","typeId":"Core.Contract"}"#);
    assert_eq!(unknown, r#"{"unknown-type":"Core.Contract"}"#);
}
