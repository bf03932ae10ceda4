//! Many at once, too many at once, and a database that fails.

use futures_util::future::join_all;

use super::market::{Market, config};
use crate::SubmitError;
use crate::storage::damage::Vandal;

#[tokio::test(flavor = "multi_thread")]
async fn under_load_blocks_fill_and_everything_is_answered() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[1; 200]).await;
    let before = market.height();
    let mut bytes = Vec::new();
    for (number, holding) in holdings.iter().enumerate() {
        bytes.push(market.signed(market.payment(&format!("pay-{number}"), *holding, 1), &[&market.payer]).await);
    }
    let answers = join_all(bytes.into_iter().map(|bytes| market.node.submit(&market.chain, bytes))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(market.free(&market.payee), 200);
    let blocks = market.height() - before;
    assert!((4..200).contains(&blocks), "{blocks} blocks of at most 64 transactions");
    for height in 1..=market.height() {
        assert!(market.node.block(&market.chain, height).await.unwrap().unwrap().transactions.len() <= 64);
    }
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_mempool_is_busy_and_keeps_what_it_took() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[1; 40]).await;
    let mut bytes = Vec::new();
    for (number, holding) in holdings.iter().enumerate() {
        bytes.push(market.signed(market.payment(&format!("pay-{number}"), *holding, 1), &[&market.payer]).await);
    }
    let mut small = config(&market.directory, &market.clock);
    small.mempool_max = 3;
    let market = market.reopen_with(small).await;
    let answers = join_all(bytes.into_iter().map(|bytes| market.node.submit(&market.chain, bytes))).await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err(SubmitError::Busy)));
    assert!((3..40).contains(&accepted), "{accepted} accepted");
    assert_eq!(market.free(&market.payee), u64::try_from(accepted).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_database_stops_the_node_and_memory_stays_behind_it() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[10, 20]).await;
    market.pay("good", holdings[0], 10).await.unwrap();
    let height = market.height();
    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.execute("CREATE TRIGGER disk_full BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'disk full'); END").await;

    let refused = market.pay("lost", holdings[1], 20).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Stopped(reason) if reason.contains("disk full")), "{refused}");
    assert!(market.node.ready().unwrap_err().contains("disk full"));
    assert_eq!((market.height(), market.free(&market.payer)), (height, 20));
    assert_eq!(market.pay("later", holdings[1], 20).await.unwrap_err().code(), "NODE_STOPPED");

    vandal.execute("DROP TRIGGER disk_full").await;
    let market = market.reopen().await;
    assert_eq!((market.height(), market.free(&market.payer)), (height, 20));
    market.pay("lost", holdings[1], 20).await.unwrap();
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}
