//! A template goes onto a chain while its node runs.

use crate::node::Node;

fn publish<'a>(node: &'a Node, template: &'a str, party: &'a str) -> Vec<&'a str> {
    vec!["agreement", "publish", template, "--as", party, "--node", node.url()]
}

#[test]
fn a_template_is_published_while_the_node_runs_and_two_versions_stand_at_once() {
    let node = Node::start();
    let told =
        node.hive(&[&["--json"], publish(&node, "escrow", "bank-a").as_slice()].concat()).expect_status(0).json();
    assert_eq!(told["template"], "escrow");
    let version = told["version"].as_str().expect("a version").to_owned();
    let shown = node.hive(&["--json", "agreement", "show", "escrow"]).expect_status(0).json();
    assert!(shown.to_string().contains(&version), "{shown}");
    // The same version stands already; another one does not.
    let again = node.hive(&publish(&node, "escrow", "bank-a")).expect_status(1).stderr;
    assert!(again.contains("CLAIM_HELD"), "{again}");
    let text = include_str!("../../ledger-core/agreement/templates/escrow.json");
    let file = node.path("escrow.json");
    std::fs::write(&file, text.replacen("Escrow with", "Escrow, revised, with", 1)).expect("the file can be written");
    let path = file.display().to_string();
    let second = node.hive(&[&["--json"], publish(&node, &path, "bank-a").as_slice()].concat()).expect_status(0).json();
    assert_ne!(second["version"].as_str(), Some(version.as_str()));
}

#[test]
fn who_may_not_issue_publishes_nothing() {
    let node = Node::start();
    let refused = node.hive(&publish(&node, "guarantee", "depositor")).expect_status(1).stderr;
    assert!(refused.contains("PERMISSION_MISSING"), "{refused}");
}
