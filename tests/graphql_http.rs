//! Every endpoint passes every audit of GraphQL over HTTP, in development and in production.

use std::process::Command;

use crate::command;
use crate::node::{Node, repository};

/// Audits that npm graphql-http has.
const AUDITS: usize = 61;

#[test]
fn every_endpoint_passes_every_audit_of_graphql_over_http() {
    let node = Node::start();
    passes(&node, "platform", "depositor");
    passes(&node, "warehouse-receipts", "depositor");
    passes(&node, "regulator", "regulator");
}

#[test]
fn every_endpoint_passes_every_audit_in_production() {
    let node = Node::with_options(&["--production"]);
    passes(&node, "platform", "depositor");
    passes(&node, "warehouse-receipts", "depositor");
    passes(&node, "regulator", "regulator");
}

fn passes(node: &Node, endpoint: &str, role: &str) {
    let folder = repository().join("tests/graphql-http");
    assert!(
        folder.join("node_modules/graphql-http").is_dir(),
        "the audit's packages are missing. Run: npm ci --prefix tests/graphql-http"
    );
    let url = format!("{}/graphql/{endpoint}", node.url());
    let mut audit = Command::new("node");
    audit.arg(folder.join("audit.mjs")).arg(&url).args(["--token", &node.party(role).token]);
    let outcome = command::run(&mut audit).expect_status(0);
    assert_eq!(outcome.stdout.trim(), format!("{AUDITS} passed, 0 failed"), "{endpoint}");
}
