//! What is refused, each with its code and the place it stands at.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Case;
use crate::actus::{EVENTS_MAX, LIST_MAX, OBSERVATIONS_MAX};

/// A loan that is sound, with one thing changed: a name with a value, or none to leave it out.
fn changed(name: &str, value: &Value) -> Value {
    let mut terms = json!({
        "contractType": "LAM", "contractID": "loan", "contractRole": "RPA", "statusDate": "2025-12-31",
        "initialExchangeDate": "2026-01-01", "maturityDate": "2026-05-01", "currency": "CNY",
        "notionalPrincipal": "4000", "nominalInterestRate": "0.12", "dayCountConvention": "A365",
        "cycleOfInterestPayment": "P1ML1", "cycleOfPrincipalRedemption": "P1ML1",
        "nextPrincipalRedemptionPayment": "1000",
    });
    terms[name] = value.clone();
    json!({ "terms": terms })
}

fn code(contract: &Value) -> Result<usize, &'static str> {
    let events = Case::read(contract).and_then(|case| case.schedule());
    events.map(|events| events.len()).map_err(|error| error.code())
}

fn message(contract: &Value) -> String {
    Case::read(contract).and_then(|case| case.schedule()).unwrap_err().to_string()
}

#[test]
fn terms_that_are_none_are_refused() {
    assert_eq!(code(&changed("maturityDate", &json!("2026-05-01"))), Ok(9), "the loan itself is sound");
    for (name, value, expected) in [
        ("maturitydate", json!("2026-05-01"), "ACTUS_NAME_UNKNOWN"),
        ("maturitydate", json!(""), "ACTUS_NAME_UNKNOWN"),
        ("amortizationDate", json!(" "), "sound"),
        ("marketObjectCodeRateReset", json!("LPR"), "sound"),
        ("notionalPrincipal", json!(["1", "2"]), "ACTUS_FORM"),
        ("notionalPrincipal", json!("four"), "ACTUS_NUMBER"),
        ("notionalPrincipal", json!("1_000"), "ACTUS_NUMBER"),
        ("notionalPrincipal", json!("0.00000000000000000000000000001"), "ACTUS_NUMBER"),
        ("notionalPrincipal", json!("1000000000000001"), "ACTUS_NUMBER_TOO_LARGE"),
        ("notionalPrincipal", json!("1e999999999"), "ACTUS_NUMBER"),
        ("notionalPrincipal", json!("-1"), "ACTUS_NOT_POSITIVE"),
        ("nextPrincipalRedemptionPayment", json!("0"), "ACTUS_NOT_POSITIVE"),
        ("currency", json!("C".repeat(257)), "ACTUS_TEXT_TOO_LONG"),
        ("arrayRate", json!(vec!["0.1"; LIST_MAX + 1]), "ACTUS_LIST_TOO_LONG"),
        ("initialExchangeDate", json!("1.1.2026"), "ACTUS_DATE"),
        ("initialExchangeDate", json!("2026-02-29"), "ACTUS_DATE"),
        ("initialExchangeDate", json!("2026-01-01T24:01"), "ACTUS_DATE"),
        ("initialExchangeDate", json!("2026-01-01T00:00:00Z"), "ACTUS_DATE"),
        ("initialExchangeDate", json!("1582-10-15"), "ACTUS_YEAR"),
        ("maturityDate", json!("9999-12-31T24:00"), "ACTUS_YEAR"),
        ("maturityDate", json!("2025-12-31"), "ACTUS_ORDER"),
        ("cycleOfInterestPayment", json!("1M"), "ACTUS_CYCLE"),
        ("cycleOfInterestPayment", json!("P100000D"), "ACTUS_CYCLE"),
        ("cycleOfInterestPayment", json!("P0ML0"), "ACTUS_CYCLE_ZERO"),
        ("contractRole", json!("LENDER"), "ACTUS_CHOICE"),
        ("cyclePointOfInterestPayment", json!("B"), "ACTUS_CHOICE"),
        ("calendar", json!("CN"), "ACTUS_CALENDAR_UNKNOWN"),
        ("contractType", json!("COM"), "ACTUS_NO_SCHEDULE"),
        ("contractType", Value::Null, "ACTUS_MISSING"),
        ("dayCountConvention", Value::Null, "ACTUS_MISSING"),
        ("maturityDate", json!("2060-01-01"), "sound"),
        ("cycleOfInterestPayment", json!("P1D"), "sound"),
    ] {
        let found = code(&changed(name, &value)).map_or_else(|code| code, |_| "sound");
        assert_eq!(found, expected, "{name}: {value}");
    }
}

#[test]
fn a_refusal_names_the_place() {
    let text = message(&changed("cycleOfInterestPayment", &json!("monthly")));
    assert!(text.contains("terms.cycleOfInterestPayment") && text.contains("monthly"), "{text}");
    let structure =
        json!([{ "object": { "contractType": "PAM", "rate": 1 }, "referenceType": "CNT", "referenceRole": "COVE" }]);
    let text = message(&changed("contractStructure", &structure));
    assert!(text.contains("terms.contractStructure[0].object.rate"), "{text}");
    let long = message(&changed(&"x".repeat(100_000), &json!("1")));
    assert!(long.len() < 500, "a name is cut");
}

#[test]
fn one_term_under_two_names_is_refused() {
    let mut contract = changed("marketObjectCodeOfRateReset", &json!("LPR"));
    contract["terms"]["marketObjectCodeRateReset"] = json!("SHIBOR");
    assert_eq!(code(&contract), Err("ACTUS_NAME_TWICE"));
}

#[test]
fn arrays_fit_each_other() {
    let arrays = |anchors: Value, amounts: Value, maturity: Value| {
        let mut contract = changed("contractType", &json!("LAX"));
        let terms = &mut contract["terms"];
        terms["arrayCycleAnchorDateOfPrincipalRedemption"] = anchors;
        terms["arrayNextPrincipalRedemptionPayment"] = amounts;
        terms["arrayIncreaseDecrease"] = json!(["DEC", "DEC"]);
        terms["arrayCycleOfPrincipalRedemption"] = json!("P1ML1");
        terms["maturityDate"] = maturity;
        code(&contract)
    };
    let two = || json!(["2026-02-01", "2026-03-01"]);
    assert!(arrays(two(), json!([1000, 3000]), Value::Null).is_ok());
    assert_eq!(arrays(two(), json!([1000]), Value::Null), Err("ACTUS_LIST_LENGTH"));
    assert_eq!(arrays(json!(["2026-03-01", "2026-02-01"]), json!([1, 2]), Value::Null), Err("ACTUS_ORDER"));
    assert_eq!(arrays(two(), json!([1000, 0]), Value::Null), Err("ACTUS_NEVER_REPAID"));
}

#[test]
fn what_is_missing_in_observations_is_told() {
    let mut contract = changed("cycleOfRateReset", &json!("P2ML1"));
    contract["terms"]["marketObjectCodeOfRateReset"] = json!("LPR");
    assert_eq!(code(&contract), Err("ACTUS_OBSERVATION_MISSING"));
    let at = |time: &str| json!({ "LPR": { "data": [{ "timestamp": time, "value": "0.03" }] } });
    contract["dataObserved"] = at("2026-03-02");
    assert_eq!(code(&contract), Err("ACTUS_OBSERVATION_MISSING"), "a value of tomorrow is not known");
    contract["dataObserved"] = at("2026-03-01");
    assert_eq!(code(&contract), Ok(10));
}

#[test]
fn events_that_are_observed_are_checked() {
    let observed = |event: Value| {
        let mut contract = changed("prepaymentEffect", &json!("N"));
        contract["eventsObserved"] = json!([event]);
        code(&contract)
    };
    let event = |kind: &str, id: &str| json!({ "time": "2026-02-15", "type": kind, "value": 10, "contractId": id });
    assert_eq!(observed(event("PP", "loan")), Err("ACTUS_PREPAYMENT_NOT_ALLOWED"));
    assert_eq!(observed(event("PP", "another")), Ok(9));
    assert_eq!(observed(event("MD", "loan")), Err("ACTUS_EVENT_NOT_OBSERVABLE"));
    assert_eq!(observed(json!({ "type": "PP" })), Err("ACTUS_MISSING"));
}

#[test]
fn nothing_goes_on_without_end() {
    let daily = |until: &str| {
        let mut contract = changed("maturityDate", &json!(until));
        contract["terms"]["cycleOfInterestPayment"] = json!("P1DL1");
        code(&contract)
    };
    assert!(daily("2050-01-01").is_ok_and(|count| count <= EVENTS_MAX));
    assert_eq!(daily("9999-12-31"), Err("ACTUS_TOO_MANY_EVENTS"));
    let endless = |payment: &str, kind: &str| {
        let mut contract = changed("nextPrincipalRedemptionPayment", &json!(payment));
        contract["terms"]["contractType"] = json!(kind);
        contract["terms"]["maturityDate"] = Value::Null;
        code(&contract)
    };
    assert_eq!(endless("0.001", "LAM"), Err("ACTUS_TOO_MANY_EVENTS"));
    assert_eq!(endless("1", "NAM"), Err("ACTUS_NEVER_REPAID"));
    let points: Vec<_> = (0..=OBSERVATIONS_MAX).map(|_| json!({ "timestamp": "2026-01-01", "value": 1 })).collect();
    let mut contract = changed("seniority", &json!("S"));
    contract["dataObserved"] = json!({ "LPR": { "data": points } });
    assert_eq!(code(&contract), Err("ACTUS_TOO_MANY_OBSERVATIONS"));
}

#[test]
fn amounts_and_rates_past_the_bounds_are_refused_on_the_way() {
    let mut contract = changed("nominalInterestRate", &json!("9999"));
    contract["terms"]["notionalPrincipal"] = json!("999999999999999");
    assert_eq!(code(&contract), Err("ACTUS_OVERFLOW"));
    let mut annuity = changed("contractType", &json!("ANN"));
    annuity["terms"]["nominalInterestRate"] = json!("9000");
    annuity["terms"]["nextPrincipalRedemptionPayment"] = Value::Null;
    annuity["terms"]["maturityDate"] = json!("2060-01-01");
    assert_eq!(code(&annuity), Err("ACTUS_OVERFLOW"));
}

#[test]
fn covered_contracts_cover_none() {
    let covering = |kind: &str, inner: Value| {
        let mut object = changed("contractType", &json!(kind))["terms"].clone();
        object["contractStructure"] = inner;
        let reference = json!({ "object": object, "referenceType": "CNT", "referenceRole": "COVE" });
        json!({ "terms": { "contractType": "CEG", "contractRole": "BUY", "statusDate": "2025-12-31",
            "contractStructure": [reference] } })
    };
    assert_eq!(code(&covering("LAM", Value::Null)), Ok(1));
    assert_eq!(code(&covering("CEG", Value::Null)), Err("ACTUS_NESTED"));
    assert_eq!(code(&covering("LAM", json!([]))), Err("ACTUS_NESTED"));
}

#[test]
fn calendars_refuse_with_their_own_codes() {
    let mut contract = changed("maturityDate", &json!("9999-12-31"));
    contract["terms"]["cycleOfInterestPayment"] = json!("P99999YL1");
    contract["terms"]["cycleOfPrincipalRedemption"] = json!("P99999YL1");
    let code = code(&contract).unwrap_err();
    assert!(["ACTUS_YEAR", "CALENDAR_OUT_OF_DATES"].contains(&code), "{code}");
    let mut text = String::new();
    write!(text, "{}", Case::read(&contract).unwrap().schedule().unwrap_err()).unwrap();
    assert!(text.contains("1583") || text.contains("dates"), "{text}");
}
