//! The demonstration, played against a real node, and what it leaves behind.

use serde_json::{Value, json};

use crate::cast::{BANK_A, BANK_B, DEPOSITOR, RECEIPTS, REGULATOR, SUPPLIER};
use crate::command;
use crate::node::Node;

/// Codes that the trade must show: each for an attempt that was refused and changed nothing.
const REFUSALS: [&str; 7] = [
    "PLEDGE_EXISTS",
    "SIGNATURE_INVALID",
    "SIGNATURE_FOR_ANOTHER_PARTY",
    "COMMAND_REPLAYED",
    "PLEDGE_OVER_RELEASE",
    "AMOUNT_NEGATIVE",
    "AMOUNT_BELOW_SCALE",
];

#[test]
fn the_trade_is_played_and_played_again_with_the_next_receipt() {
    let mut node = Node::start();
    let first = play(&node);
    let second = play(&node);
    let again: Vec<&str> = transactions(&second).into_iter().filter(|id| transactions(&first).contains(id)).collect();
    let done_before = second.iter().filter(|step| step["doneBefore"] == true);
    assert_eq!(again, done_before.filter_map(|step| step["transaction"].as_str()).collect::<Vec<_>>());
    assert!(again.len() <= 1, "the second run is a trade of its own, in bank A's same token: {again:?}");
    let people = command::run(&mut node.client_command(&["demo"])).expect_status(0);
    for word in ["Bank A", "Depositor", "Supplier", "signed by", "refused: PLEDGE_EXISTS", "block "] {
        assert!(people.stdout.contains(word), "people read {word:?} in\n{}", people.stdout);
    }
    no_terms_of_a_rival(&node);
    regulator_sees_pledges(&node);
    node.stop();
    let report = node.hive(&["audit", "--json"]).expect_status(0).json();
    assert_eq!(report["passed"], true, "{report}");
    assert_eq!(report["findings"], json!([]), "{report}");
    node.restart();
    assert_eq!(
        node.party(DEPOSITOR).data("platform", "{ chains { name } }", json!({}))["chains"][0]["name"],
        "Demonstration"
    );
}

/// The steps of one run, as a program reads them.
fn play(node: &Node) -> Vec<Value> {
    let outcome = command::run(&mut node.client_command(&["--json", "demo"])).expect_status(0);
    let steps: Vec<Value> = outcome.json_lines().into_iter().filter(|line| line["step"].is_u64()).collect();
    let mut refused: Vec<&str> = steps.iter().filter_map(|step| step["refusal"]["code"].as_str()).collect();
    let mut expected = REFUSALS.to_vec();
    refused.sort_unstable();
    expected.sort_unstable();
    assert_eq!(refused, expected, "each attempt is refused with its own code");
    let committed = steps.iter().filter(|step| step["transaction"].is_string());
    let most_signers = committed.filter_map(|step| step["signers"].as_array().map(Vec::len)).max();
    assert_eq!(most_signers, Some(3), "depositor, bank and operator sign the pledge");
    steps
}

fn transactions(steps: &[Value]) -> Vec<&str> {
    steps.iter().filter_map(|step| step["transaction"].as_str()).collect()
}

/// Bank B was refused, and learned nothing of bank A's terms.
fn no_terms_of_a_rival(node: &Node) {
    let bank_b = node.party(BANK_B);
    let seen = bank_b.data(RECEIPTS, "{ pledges { totalCount nodes { id } } }", json!({}));
    assert_eq!(seen["pledges"]["nodes"], json!([]), "{seen}");
    let bank_a = node.party(BANK_A);
    let own = bank_a.data(RECEIPTS, "{ pledges(knownAt: null) { totalCount } }", json!({}));
    assert!(own["pledges"]["totalCount"].is_string(), "{own}");
    assert!(
        node.party(SUPPLIER).data("platform", "{ holdings { nodes { total } } }", json!({}))["holdings"]["nodes"][0]
            .is_object()
    );
}

fn regulator_sees_pledges(node: &Node) {
    let regulator = node.party(REGULATOR);
    let query = "{ warehouseReceipts(purpose: \"test\") { pledges { totalCount } receipts { totalCount } } }";
    let seen = regulator.data("regulator", query, json!({}));
    let count =
        |name: &str| seen["warehouseReceipts"][name]["totalCount"].as_str().and_then(|count| count.parse::<u64>().ok());
    assert!(count("receipts").is_some_and(|count| count > 0), "{seen}");
}
