//! A database of an earlier release is not opened before it is upgraded; a trial of that changes nothing.

use tempfile::TempDir;

use super::market::{Market, config, url};
use crate::storage::damage::Vandal;
use crate::storage::sample::{Grown, NEWER};
use crate::{ChainError, Node, NodeConfig, check_upgrade, upgrade};

fn grown(market: &Market, breaks: bool) -> NodeConfig {
    let mut config = config(&market.directory, &market.clock);
    config.projections = vec![Box::new(Grown { breaks })];
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_migration_is_tried_on_a_copy_and_then_applied() {
    let market = Market::open().await;
    market.issue("issue", &[1, 2]).await;
    let folder = TempDir::new().unwrap();
    let scratch = folder.path().join("copy");
    // The node runs meanwhile.
    let report = check_upgrade(grown(&market, false), &scratch, |_| {}).await.unwrap();
    assert_eq!(report.migrations, [NEWER]);
    assert!(report.audit.unwrap().is_clean() && !scratch.exists());
    let refused = upgrade(grown(&market, false)).await.unwrap_err();
    assert!(matches!(refused, ChainError::Storage(_)), "a node runs: {refused}");

    market.node.shutdown().await;
    let refused = Node::open(grown(&market, false)).await.err().unwrap();
    assert!(matches!(&refused, ChainError::UpgradePending { migrations } if migrations == &[NEWER]), "{refused}");
    assert!(refused.to_string().contains("hive upgrade"));
    let node = Node::open(config(&market.directory, &market.clock)).await.unwrap();
    node.shutdown().await;
    assert_eq!(upgrade(grown(&market, false)).await.unwrap().migrations, [NEWER]);
    assert_eq!(upgrade(grown(&market, false)).await.unwrap().migrations, [""; 0]);
    let node = Node::open(grown(&market, false)).await.unwrap();
    assert!(node.audit(|_| {}).await.unwrap().is_clean());
    node.shutdown().await;
    let refused = Node::open(config(&market.directory, &market.clock)).await.err().unwrap();
    assert!(matches!(&refused, ChainError::SchemaNewer { migrations } if migrations == &[NEWER]), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_is_found_by_the_trial_and_leaves_nothing() {
    let market = Market::open().await;
    let folder = TempDir::new().unwrap();
    let scratch = folder.path().join("copy");
    assert_eq!(check_upgrade(grown(&market, true), &scratch, |_| {}).await.unwrap_err().code(), "NODE_DATABASE");
    assert!(!scratch.exists());
    market.node.shutdown().await;
    assert!(matches!(upgrade(grown(&market, true)).await, Err(ChainError::Storage(_))));
    let node = Node::open(config(&market.directory, &market.clock)).await.unwrap();
    assert_eq!(node.chain_ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trial_finds_damage_in_what_is_to_be_upgraded() {
    let market = Market::open().await;
    market.issue("issue", &[1, 2]).await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    vandal.execute("UPDATE sample_transaction SET ordinal = 77 WHERE height = 2").await;
    let folder = TempDir::new().unwrap();
    let report = check_upgrade(grown(&market, false), &folder.path().join("copy"), |_| {}).await.unwrap();
    assert_eq!(report.audit.unwrap().findings[0].table, "sample_transaction");
}
