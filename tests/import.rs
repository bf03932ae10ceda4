//! Files come into the ledger whole, whatever happens on the way; bad lines are named and good ones kept.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cast::{OPERATOR, RECEIPTS};
use crate::client::Client;
use crate::command::Running;
use crate::node::{Node, repository};
use crate::trade::example_receipts;

/// Receipts in the example file.
const ALL: u64 = 200;
/// Wrong lines of the other file: line and what its code or reason must speak of.
const WRONG: [(u64, &str); 9] = [
    (3, "mass_kilograms"),
    (4, "mass_kilograms"),
    (5, "lot_number"),
    (6, "WR-2026-000201"),
    (8, "inbound_date"),
    (9, "column"),
    (10, "LOT_BAG_ARITHMETIC"),
    (11, "UTF-8"),
    (12, "RECEIPT_TERM_ORDER"),
];

fn import(node: &Node, file: &std::path::Path) -> Running {
    Running::start(node.client_command(&["--json", "import", RECEIPTS]).arg(file))
}

fn count(operator: &Client) -> u64 {
    let seen = operator.data(RECEIPTS, "{ receipts(first: 0) { totalCount } }", json!({}));
    seen["receipts"]["totalCount"].as_str().and_then(|count| count.parse().ok()).expect("a count")
}

/// Imports until something new is there, then the importer dies, or the node under it. Answers how many are there.
fn interrupted(node: &mut Node, operator: &Client, node_dies: bool) -> u64 {
    let before = count(&operator.at(node));
    let mut running = import(node, &example_receipts());
    let deadline = Instant::now() + Duration::from_secs(60);
    while count(&operator.at(node)) == before && !running.has_ended() {
        assert!(Instant::now() < deadline, "the import does not come on");
        thread::sleep(Duration::from_millis(1));
    }
    if node_dies {
        node.kill();
        // It may have ended just before its node did.
        let outcome = running.finish();
        assert!(matches!(outcome.status, Some(0 | 1)), "{:?}: {}", outcome.status, outcome.stderr);
        node.restart();
    } else {
        running.kill();
    }
    count(&operator.at(node))
}

#[test]
fn an_import_that_is_killed_goes_on_and_imports_nothing_twice() {
    // On a busy machine an import may be over before it can be killed; then another one is tried.
    for _ in 0..5 {
        let mut node = Node::start();
        let operator = node.party(OPERATOR);
        interrupted(&mut node, &operator, false);
        let before = interrupted(&mut node, &operator, true);
        if before < ALL {
            return goes_on(node, &operator, before);
        }
    }
    panic!("no import could be killed before its end");
}

fn goes_on(mut node: Node, operator: &Client, before: u64) {
    println!("{before} of {ALL} receipts were there after two kills");
    let last = import(&node, &example_receipts()).finish().expect_status(0).json();
    assert_eq!(last["refused"], json!([]), "{last}");
    assert_eq!(number(&last, "imported") + number(&last, "alreadyThere"), ALL, "{last}");
    assert_eq!(number(&last, "alreadyThere"), before, "{last}");
    let numbers = numbers(&operator.at(&node));
    assert_eq!(numbers.len() as u64, ALL, "every receipt is there once");
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len() as u64, ALL, "no number is there twice");
    let again = import(&node, &example_receipts()).finish().expect_status(0).json();
    assert_eq!((number(&again, "imported"), number(&again, "alreadyThere")), (0, ALL), "{again}");
    assert_eq!(count(&operator.at(&node)), ALL);
    node.stop();
    assert_eq!(node.hive(&["--json", "audit"]).expect_status(0).json()["passed"], true);
}

fn number(report: &Value, name: &str) -> u64 {
    report[name].as_u64().unwrap_or_else(|| panic!("{report} has no {name}"))
}

/// The numbers of all receipts, page by page.
fn numbers(operator: &Client) -> Vec<String> {
    let query = "query($after: String) { receipts(first: 70, after: $after) { \
        nodes { number } pageInfo { hasNextPage endCursor } totalCount } }";
    let (mut numbers, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = operator.data(RECEIPTS, query, json!({ "after": after }))["receipts"].clone();
        let nodes = page["nodes"].as_array().expect("a page has rows");
        numbers.extend(nodes.iter().filter_map(|node| node["number"].as_str().map(str::to_owned)));
        if page["pageInfo"]["hasNextPage"] != true {
            return numbers;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[test]
fn bad_lines_are_named_and_good_ones_kept() {
    let node = Node::start();
    let file = repository().join("examples/trade-node/data/receipts_with_errors.csv");
    let outcome = import(&node, &file).finish().expect_status(2);
    assert!(outcome.stderr.contains("IMPORT_LINES_REFUSED"), "{}", outcome.stderr);
    let report = outcome.json();
    assert_eq!(number(&report, "imported"), 3, "{report}");
    let refused: BTreeMap<u64, String> = (report["refused"].as_array().expect("a list").iter())
        .map(|bad| (number(bad, "line"), format!("{} {}", bad["code"], bad["reason"])))
        .collect();
    assert_eq!(refused.keys().copied().collect::<Vec<_>>(), WRONG.map(|(line, _)| line), "{refused:#?}");
    for (line, word) in WRONG {
        assert!(refused[&line].contains(word), "line {line} speaks of {word}: {}", refused[&line]);
    }
    let mut kept = numbers(&node.party(OPERATOR));
    kept.sort_unstable();
    assert_eq!(kept, ["WR-2026-000201", "WR-2026-000206", "WR-2026-000212"]);
    let again = import(&node, &file).finish().expect_status(2).json();
    assert_eq!((number(&again, "imported"), number(&again, "alreadyThere")), (0, 3), "{again}");
    let missing = import(&node, &node.path("nothing.csv")).finish();
    assert_eq!(missing.status, Some(1), "{}", missing.stdout);
    assert!(missing.stderr.contains("nothing.csv"), "{}", missing.stderr);
}
