//! A block of which a part is missing is found when its chain is opened: that chain stops, and says why; the others go on.

use std::time::Duration;

use ledger_core::StateRef;

use super::market::{Market, config, eventually, url};
use crate::audit::FindingKind;
use crate::storage::damage::Vandal;
use crate::{ChainError, Node, NodeConfig, SubmitError, audit_closed};

/// A chain with payments, whose last block has transactions and states, and a second one; the first's number is 1.
async fn two_chains() -> (Market, Market, [StateRef; 2]) {
    let market = Market::open().await;
    let holdings = market.issue("issue", &[5, 6, 7]).await;
    market.pay("pay", holdings[0], 5).await.unwrap();
    let other = market.further("receipts").await;
    let others = other.issue("issue", &[8]).await;
    (market, other, [holdings[1], others[0]])
}

/// Damages the first chain while no node runs; then its audit, its node, the other chain.
async fn check(damage: &[&str], (kind, table): (FindingKind, &str), reason: &str) {
    let (market, other, [left, others]) = two_chains().await;
    let (directory, clock, tip) = (market.directory.clone(), market.clock.clone(), market.height());
    let of_node = || config(&directory, &clock);
    let payment = market.signed(market.payment("stopped", left, 6), &[&market.payer]).await;
    market.node.shutdown().await;
    let vandal = Vandal::open(&url(&directory)).await;
    for sql in damage {
        vandal.execute(&format!("{sql} WHERE chain_id = 1 AND height = {tip}")).await;
    }
    let report = audit_closed(of_node(), None, |_| {}).await.unwrap();
    let named = |finding: &crate::Finding| (finding.kind, finding.table.as_str()) == (kind, table);
    assert!(report.findings.iter().any(named), "{damage:?}: {:?}", report.findings);
    // Commits are numbered over all chains, so a block that is not there shows in the numbers behind it, and there alone.
    let of_other = report.findings.iter().filter(|finding| finding.key.contains("chain_id 2"));
    assert!(of_other.clone().all(|finding| finding.column.as_deref() == Some("sequence")), "{:?}", report.findings);

    let node = Node::open(of_node()).await.unwrap();
    let (market, other) = (market.at(node.clone()), other.at(node.clone()));
    let refused = node.open_chain(&market.chain).await.unwrap_err();
    assert!(matches!(&refused, ChainError::BrokenHistory { .. }), "{refused}");
    assert!(refused.to_string().contains(reason), "{damage:?}: {refused}");
    let refused = node.submit(&market.chain, payment).await.unwrap_err();
    assert!(refused.to_string().contains(reason), "{damage:?}: {refused}");
    other.pay("goes on", others, 8).await.unwrap();
    let stopped = node.stopped_chains(9);
    assert_eq!((stopped.len(), stopped[0].chain), (1, market.chain));
    assert!(stopped[0].reason.contains(reason), "{damage:?}: {}", stopped[0].reason);
    assert!(node.ready().is_ok(), "a chain stops alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_is_cut_short() {
    let cut = "UPDATE block SET bytes = substr(bytes, 1, length(bytes) - 3)";
    check(&[cut], (FindingKind::BlockBroken, "block"), "the bytes are no Block message").await;
    check(&["UPDATE block SET bytes = substr(bytes, 1, 0)"], (FindingKind::BlockBroken, "block"), "height").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_without_its_states() {
    let missing = (FindingKind::RowMissing, "state");
    check(&["DELETE FROM state"], missing, "a part of a block is missing: state has").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_without_its_transactions() {
    let missing = (FindingKind::RowMissing, "committed_transaction");
    check(&["DELETE FROM committed_transaction"], missing, "a part of a block is missing: committed_transaction has")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_and_states_without_their_block() {
    let without = "a part of a block is stored without the block: committed_transaction has";
    check(&["DELETE FROM block"], (FindingKind::RowUnexpected, "committed_transaction"), without).await;
    let states = "a part of a block is stored without the block: state has";
    let damage = ["DELETE FROM block", "DELETE FROM committed_transaction"];
    check(&damage, (FindingKind::RowUnexpected, "state"), states).await;
}

/// A part of an earlier block is missed as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_of_an_earlier_block_that_is_missing() {
    let (market, ..) = two_chains().await;
    let (directory, clock) = (market.directory.clone(), market.clock.clone());
    market.node.shutdown().await;
    let vandal = Vandal::open(&url(&directory)).await;
    vandal.execute("DELETE FROM state WHERE chain_id = 1 AND number = 2").await;
    let node = Node::open(config(&directory, &clock)).await.unwrap();
    let refused = node.open_chain(&market.chain).await.unwrap_err();
    assert!(refused.to_string().contains("a part of a block is missing: state has"), "{refused}");
}

/// A part of a block in the way of a node that runs: its commit fails, the chain stops alone, and what shared the commit goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_block_in_the_way_of_a_commit_stops_its_chain_alone() {
    let (market, other, [left, others]) = two_chains().await;
    let recovery = NodeConfig { recovery_pause: Duration::from_millis(20), ..config(&market.directory, &market.clock) };
    market.node.shutdown().await;
    let market = market.reopen_with(recovery).await;
    let other = other.at(market.node.clone());
    market.node.open_chain(&market.chain).await.unwrap();
    let (node, next) = (market.node.clone(), market.height() + 1);
    let vandal = Vandal::open(&url(&market.directory)).await;
    let copied = format!(
        "INSERT INTO committed_transaction SELECT chain_id, {next}, position, id, id_prefix, command_id, command_prefix \
         FROM committed_transaction WHERE chain_id = 1 AND height = 1 AND position = 0"
    );
    vandal.execute(&copied).await;
    let again = market.signed(market.payment("again", left, 6), &[&market.payer]).await;
    let refused = market.pay("in the way", left, 6).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Stopped(_)), "{refused}");
    eventually("the node accepts again", async || node.ready().is_ok()).await;
    let stopped = node.stopped_chains(9);
    assert_eq!(stopped.iter().map(|stopped| stopped.chain).collect::<Vec<_>>(), [market.chain]);
    assert!(stopped[0].reason.contains("a part of a block is stored without the block"), "{}", stopped[0].reason);
    let refused = node.submit(&market.chain, again).await.unwrap_err();
    assert!(refused.to_string().contains("without the block"), "{refused}");
    let unread = node.balances(&market.chain, &market.payer.address).await.unwrap_err();
    assert!(unread.to_string().contains("without the block"), "memory may be ahead of the database: {unread}");
    other.pay("goes on", others, 8).await.unwrap();
}
