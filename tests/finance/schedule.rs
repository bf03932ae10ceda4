//! Schedules of contracts in files: forms of output, and what is refused.

use std::fs;

use serde_json::{Value, json};

use crate::node::Node;

/// A loan of 12,000 at 6 % over four months, as a file has it.
fn loan() -> Value {
    json!({ "identifier": "loan", "terms": {
        "contractType": "ANN", "contractID": "loan", "contractRole": "RPA", "currency": "CNY",
        "statusDate": "2025-12-31", "initialExchangeDate": "2026-01-01T00:00:00", "maturityDate": "2026-05-01",
        "notionalPrincipal": "  12000", "nominalInterestRate": 0.06, "dayCountConvention": "30E360",
        "cycleOfInterestPayment": "P1ML1", "cycleOfPrincipalRedemption": "P1ML1",
    }, "to": "", "dataObserved": {}, "eventsObserved": [], "results": [] })
}

struct Files(Node);

impl Files {
    fn schedule(&self, contract: &str, arguments: &[&str]) -> crate::command::Outcome {
        let file = self.0.path("contract.json");
        fs::write(&file, contract).expect("the file can be written");
        let path = file.display().to_string();
        let all: Vec<&str> = ["finance", "schedule", &path].into_iter().chain(arguments.iter().copied()).collect();
        self.0.hive(&all)
    }

    fn refused(&self, contract: &str) -> String {
        self.schedule(contract, &[]).expect_status(1).stderr
    }
}

#[test]
fn a_loan_is_listed_in_three_forms() {
    let files = Files(Node::stopped(&[]));
    let rows = files.schedule(&loan().to_string(), &["--format", "json"]).expect_status(0).json();
    let rows = rows.as_array().expect("a list");
    let kinds: Vec<_> = rows.iter().map(|row| row["eventType"].as_str().unwrap_or_default()).collect();
    assert_eq!(kinds, ["IED", "PRF", "PR", "IP", "PR", "IP", "PR", "IP", "IP", "MD"]);
    // 12,000 × 0.005 ÷ (1 − 1.005⁻⁴) = 3,037.5935…, of which the first month's interest is 60.
    assert!(rows[2]["payoff"].as_str().is_some_and(|payoff| payoff.starts_with("2977.593")), "{}", rows[2]);
    assert_eq!(rows[3]["payoff"], "60");
    assert_eq!((&rows[0]["payoff"], &rows[9]["notionalPrincipal"]), (&json!("-12000"), &json!("0")));
    assert_eq!(rows[9]["eventDate"], "2026-05-01T00:00:00");

    let csv = files.schedule(&loan().to_string(), &["--format", "csv"]).expect_status(0).stdout;
    let first = "eventDate,eventType,payoff,currency,notionalPrincipal,nominalInterestRate,accruedInterest";
    assert_eq!(csv.lines().next(), Some(first));
    assert_eq!(csv.lines().nth(1), Some("2026-01-01T00:00:00,IED,-12000,CNY,12000,0.06,0"));
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let table = files.schedule(&loan().to_string(), &[]).expect_status(0).stdout;
    assert!(table.contains("accruedInterest") && table.contains("2977.593"), "{table}");
}

#[test]
fn a_collateral_tells_what_is_due_from_it_once_it_is_called() {
    let files = Files(Node::stopped(&[]));
    let covered = json!({ "object": loan()["terms"], "referenceType": "CNT", "referenceRole": "COVE" });
    let gold = json!({ "contractType": "COM", "contractID": "gold", "contractRole": "RPA", "statusDate": "2025-12-31",
        "marketObjectCode": "GOLD", "quantity": "2", "unit": "TRO" });
    let covering = json!({ "object": gold, "referenceType": "CNT", "referenceRole": "COVI" });
    let collateral = json!({
        "terms": { "contractType": "CEC", "contractID": "pledge", "contractRole": "BUY", "currency": "CNY",
            "statusDate": "2025-12-31", "creditEventTypeCovered": "DF", "settlementPeriod": "P3D",
            "contractStructure": [covered, covering] },
        "dataObserved": { "GOLD": { "identifier": "GOLD", "data": [{ "timestamp": "2026-01-10", "value": 4500 }] } },
        "eventsObserved": [{ "time": "2026-01-20", "type": "CE", "contractId": "loan",
            "states": { "contractPerformance": "DF" } }],
    });
    let rows = files.schedule(&collateral.to_string(), &["--format", "json"]).expect_status(0).json();
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    assert_eq!(
        rows[0],
        json!({ "eventDate": "2026-01-20T00:00:00", "eventType": "XD", "payoff": "0", "currency": "CNY",
        "notionalPrincipal": "12000", "exerciseAmount": "9000", "exerciseDate": "2026-01-20T00:00:00" })
    );
    assert_eq!((&rows[1]["eventType"], &rows[1]["payoff"]), (&json!("STD"), &json!("9000")));
    assert_eq!(rows[1]["eventDate"], "2026-01-23T00:00:00");
}

#[test]
fn files_that_are_no_contract_are_refused_with_code_and_place() {
    let files = Files(Node::stopped(&[]));
    let with = |name: &str, value: Value| {
        let mut contract = loan();
        contract["terms"][name] = value;
        contract.to_string()
    };
    let deep = format!("{{\"terms\": {}{}}}", "[".repeat(400_000), "]".repeat(400_000));
    for (contract, code, place) in [
        ("{\"terms\": ".to_owned(), "CONTRACT_FILE_MALFORMED", "line 1"),
        (deep, "CONTRACT_FILE_TOO_DEEP", "terms[0]"),
        ("{}".to_owned(), "ACTUS_MISSING", "terms"),
        ("{\"terms\": {}, \"model\": {}}".to_owned(), "ACTUS_NAME_UNKNOWN", "model"),
        ("{\"terms\": {}, \"terms\": {}}".to_owned(), "ACTUS_NAME_TWICE", "terms"),
        (with("interestRate", json!(0.06)), "ACTUS_NAME_UNKNOWN", "terms.interestRate"),
        (with("notionalPrincipal", json!("1e15")), "sound", ""),
        (with("notionalPrincipal", json!(1e16)), "ACTUS_NUMBER_TOO_LARGE", "terms.notionalPrincipal"),
        (with("maturityDate", json!("9999-12-31")), "ACTUS_TOO_MANY_EVENTS", "events"),
        (with("initialExchangeDate", json!("1582-12-31")), "ACTUS_YEAR", "terms.initialExchangeDate"),
        (with("cycleOfInterestPayment", json!("P0ML1")), "ACTUS_CYCLE_ZERO", "terms.cycleOfInterestPayment"),
    ] {
        if code == "sound" {
            files.schedule(&contract, &[]).expect_status(0);
            continue;
        }
        let told = files.refused(&contract);
        assert!(told.contains(code) && told.contains(place), "{code} at {place}: {told}");
    }
}
