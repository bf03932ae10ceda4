//! A node whose database fails stops accepting, and goes on by itself once the cause is gone.

use std::time::Duration;

use super::load::{FullDisk, fill_the_disk};
use super::market::{Market, config, eventually, sign};
use crate::storage::damage::Vandal;
use crate::{NodeConfig, SubmitError};

/// A market whose node tries again after this long.
async fn market(recovery_pause: Duration) -> Market {
    let market = Market::open().await;
    let config = NodeConfig { recovery_pause, ..config(&market.directory, &market.clock) };
    market.reopen_with(config).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_on_once_the_disk_has_room_again() {
    let market = market(Duration::from_millis(20)).await;
    let FullDisk { vandal, left, height } = fill_the_disk(&market).await;
    vandal.empty_the_disk().await;
    eventually("the node accepts again", async || market.node.ready().is_ok()).await;
    let accepted = market.pay("lost", left, 20).await.unwrap();
    assert_eq!((accepted.height, accepted.replayed), (height + 1, false), "nothing of it was there");
    assert_eq!(market.free(&market.payee), 30);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

/// The commit held and its answer was lost: memory learns of it from the database, and whoever sends again hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_was_lost_is_learnt_of() {
    let market = market(Duration::from_millis(20)).await;
    let holdings = market.issue("issue-1", &[10, 20, 30]).await;
    let height = market.height();
    market.node.database().lose_the_next_answer();
    let bytes = sign(market.payment("doubted", holdings[0], 10).build(), &[&market.payer]);
    let refused = market.node.submit(&market.chain, bytes.clone()).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Stopped(reason) if reason.contains("answer was lost")), "{refused}");

    eventually("the node accepts again", async || market.node.ready().is_ok()).await;
    assert_eq!((market.height(), market.free(&market.payee)), (height + 1, 10));
    let again = market.node.submit(&market.chain, bytes).await.unwrap();
    assert_eq!((again.height, again.replayed), (height + 1, true));
    market.pay("next", holdings[1], 20).await.unwrap();
    assert_eq!((market.height(), market.free(&market.payee)), (height + 2, 30));
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}

/// A server that ended the session with the lock, as when it is started again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_lock_is_taken_again_where_no_other_node_has_it() {
    if super::market::skips_on_file("the lock of a file ends with its process") {
        return;
    }
    let market = market(Duration::from_millis(20)).await;
    let holdings = market.issue("issue-1", &[10]).await;
    Vandal::open(&super::market::url(&market.directory)).await.end_the_locks_session().await;
    let refused = market.pay("lost", holdings[0], 10).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Stopped(reason) if reason.contains("is lost")), "{refused}");
    eventually("the node accepts again", async || market.node.ready().is_ok()).await;
    market.pay("lost", holdings[0], 10).await.unwrap();
    assert_eq!(market.free(&market.payee), 10);
}

/// Nothing of what was refused stays behind in memory, however often it fails.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_by_a_failure_offers_nothing() {
    let market = market(Duration::from_millis(20)).await;
    let FullDisk { vandal, left, .. } = fill_the_disk(&market).await;
    for _ in 0..3 {
        market.pay("lost", left, 20).await.unwrap_err();
    }
    vandal.empty_the_disk().await;
    eventually("the node accepts again", async || market.node.ready().is_ok()).await;
    let chain = market.node.shared.hosted(&market.chain).unwrap();
    assert!(chain.pending().is_empty());
}
