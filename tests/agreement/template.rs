//! Templates on the command line: listed, shown, explained, played.

use std::fs;

use ledger_agreement::template::BUILT_IN;
use serde_json::{Value, json};

use crate::command::Outcome;
use crate::node::Node;

/// A folder in which commands are run, without a node.
struct Place(Node);

impl Place {
    fn new() -> Self {
        Self(Node::stopped(&[]))
    }

    fn file(&self, name: &str, content: &Value) -> String {
        let path = self.0.path(name);
        fs::write(&path, content.to_string()).expect("the file can be written");
        path.display().to_string()
    }

    #[track_caller]
    fn hive(&self, command: &[&str], status: i32) -> Outcome {
        let all: Vec<&str> = std::iter::once("agreement").chain(command.iter().copied()).collect();
        self.0.hive(&all).expect_status(status)
    }

    fn example(&self, name: &str) -> Value {
        self.hive(&["show", name, "--json"], 0).json()["example"].clone()
    }
}

#[test]
fn templates_are_listed_and_shown() {
    let place = Place::new();
    let listed = place.hive(&["list", "--json"], 0).json();
    let names: Vec<_> = listed.as_array().expect("a list").iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, BUILT_IN.map(|built_in| json!(built_in.name)));
    let table = place.hive(&["list", "--language", "zh-CN"], 0).stdout;
    assert!(table.contains("escrow") && table.contains("带仲裁的资金托管"), "{table}");

    let shown = place.hive(&["show", "escrow"], 0).stdout;
    let version = listed[0]["version"].as_str().expect("a hash");
    assert!(version.len() == 64 && shown.contains(version) && table.contains(&version[..12]), "{shown}");
    assert!(shown.starts_with("Escrow with arbitration\n") && shown.contains("- pay_by (time"), "{shown}");
    let chinese = place.hive(&["show", "escrow", "--language", "zh-CN"], 0).stdout;
    assert!(chinese.starts_with("带仲裁的资金托管\n"), "{chinese}");
    let whole = place.hive(&["show", "escrow", "--json"], 0).json();
    let own = place.file("own.json", &whole["template"]);
    assert_eq!(whole["version"], version);
    assert!(place.hive(&["show", &own], 0).stdout.starts_with("Escrow with arbitration\n"));

    let unknown = place.hive(&["show", "escrows"], 1).stderr;
    assert!(unknown.contains("AGREEMENT_TEMPLATE_UNKNOWN") && unknown.contains("hive agreement list"), "{unknown}");
    let contract = place.file("contract.json", &json!("close"));
    let refused = place.hive(&["show", &contract], 1).stderr;
    assert!(refused.contains("is no template") && refused.contains("hive agreement explain"), "{refused}");
    let broken = place.file("broken.json", &json!({ "contract": "close" }));
    let refused = place.hive(&["show", &broken], 1).stderr;
    assert!(refused.contains("AGREEMENT_JSON_FIELD_MISSING: $ lacks the field \"name\""), "{refused}");
}

#[test]
fn a_template_is_explained_with_its_parameters() {
    let place = Place::new();
    let told = place.hive(&["explain", "guarantee"], 0).stdout;
    for expected in [
        "Funded guarantee",
        "With the parameters of its worked example:",
        "One of these, before 2026-09-03 00:00:00 UTC:",
        "What can happen next, as of 1970-01-01 00:00:00 UTC:",
        "- “Guarantor” deposits 4000000 “Money” into the account of “Guarantor”",
    ] {
        assert!(told.lines().any(|line| line == expected), "{expected}\n{told}");
    }
    let example = place.example("guarantee")["parameters"].clone();
    let with = |name: &str, value: Value| {
        let mut parameters = example.clone();
        parameters[name] = value;
        parameters
    };
    let own = place.file("own.json", &with("guaranteed", json!(77)));
    let told = place.hive(&["explain", "guarantee", "--parameters", &own, "--language", "zh-CN"], 0).stdout;
    assert!(told.starts_with("备付保证") && told.contains("存入77 “Money”") && !told.contains("示例"), "{told}");
    let late = ["explain", "guarantee", "--parameters", &own, "--at", "1793491200000"];
    assert!(place.hive(&late, 0).stdout.contains("Nothing: the agreement has ended."));
    let drawn = place.hive(&["explain", "guarantee", "--parameters", &own, "--format", "mermaid"], 0).stdout;
    assert!(drawn.starts_with("flowchart TD\n") && drawn.contains("deposits 77 “Money”"), "{drawn}");
    place.hive(&["analyse", "guarantee", "--parameters", &own], 0);

    for (name, value, expected) in [
        ("guaranteed", json!(0), "AGREEMENT_PARAMETER_OUT_OF_BOUNDS: $.guaranteed is 0"),
        ("due", json!("2026-09-02T00:00:00Z"), "AGREEMENT_PARAMETER_TIME_ORDER: $.due"),
        ("fee", json!(1), "AGREEMENT_PARAMETER_UNKNOWN: there is no parameter $.fee"),
    ] {
        let file = place.file("refused.json", &with(name, value));
        let refused = place.hive(&["explain", "guarantee", "--parameters", &file], 1).stderr;
        assert!(refused.contains(expected), "{refused}");
    }
    let missing = place.hive(&["analyse", "guarantee"], 1).stderr;
    assert!(missing.contains("AGREEMENT_PARAMETERS_MISSING") && missing.contains("--parameters"), "{missing}");
    let contract = place.file("contract.json", &json!("close"));
    let needless = place.hive(&["explain", &contract, "--parameters", &own], 1).stderr;
    assert!(needless.contains("leave out --parameters"), "{needless}");
}

/// Every example of every template, as anybody would play it.
#[test]
fn worked_examples_are_played() {
    let place = Place::new();
    for built_in in &BUILT_IN {
        let example = place.example(built_in.name);
        let parameters = place.file("parameters.json", &example["parameters"]);
        for trace in example["traces"].as_array().expect("a list") {
            let steps = place.file("steps.json", &trace["steps"]);
            let command = ["simulate", built_in.name, "--parameters", &parameters, "--steps", &steps];
            let told = place.hive(&command, 0).stdout;
            assert!(told.contains("Nothing: the agreement has ended."), "{}: {told}", trace["name"]);
        }
    }
}

#[test]
fn steps_are_told_and_refused_with_what_can_happen() {
    let place = Place::new();
    let parameters = place.file("parameters.json", &place.example("escrow")["parameters"]);
    let simulate = |steps: &Value, options: &[&str], status: i32| {
        let steps = place.file("steps.json", steps);
        let command = ["simulate", "escrow", "--parameters", &parameters, "--steps", &steps];
        place.hive(&[&command, options].concat(), status)
    };
    let pay = |amount: u64| {
        let deposit = json!({ "party": "Buyer", "amount": amount, "token": "Money", "into": "Buyer" });
        json!({ "at": "2026-09-02T00:00:00Z", "deposit": deposit })
    };
    let paid = pay(1_200_000);
    let told = simulate(&json!([paid]), &[], 0).stdout;
    for part in [
        "2026-09-02 00:00:00 UTC",
        "“Buyer” deposits 1200000 “Money” into the account of “Buyer”",
        "“Buyer”: 1200000 “Money”",
        "- “Seller” chooses “delivered” from 1",
        "One of these, before 2026-09-20 00:00:00 UTC:",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let chinese = simulate(&json!([paid]), &["--language", "zh-CN"], 0).stdout;
    assert!(chinese.contains("“Buyer”向“Buyer”的账户存入1200000 “Money”"), "{chinese}");
    let played = simulate(&json!([paid, { "at": "2026-09-20T00:00:00Z" }]), &["--json"], 0).json();
    assert_eq!(
        (&played["contract"], &played["steps"][1]["payments"][0]["amount"]),
        (&json!("close"), &json!(1_200_000))
    );

    for (steps, parts) in [
        (json!([pay(1)]), vec!["AGREEMENT_STEP_NO_MATCH", "step 1", "“Buyer” deposits 1200000 “Money”"]),
        (json!([paid, { "at": 0 }]), vec!["AGREEMENT_STEP_TIME_BACKWARDS", "step 2"]),
        (json!([paid, { "at": "2026-09-03T00:00:00Z" }]), vec!["AGREEMENT_STEP_NOTHING_HAPPENS", "step 2"]),
        (json!([paid, { "at": "2026-09-20T00:00:00Z", "payments": [] }]), vec!["AGREEMENT_STEP_PAYMENTS_DIFFER"]),
        (json!([{ "on": 5 }]), vec!["is no list of steps", "AGREEMENT_JSON_FIELD_UNKNOWN"]),
    ] {
        let refused = simulate(&steps, &[], 1).stderr;
        assert!(parts.iter().all(|part| refused.contains(part)), "{parts:?}\n{refused}");
    }
}
