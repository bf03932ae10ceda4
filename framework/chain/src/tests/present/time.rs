//! When a present is kept, and that nothing waits for it.

use super::super::market::{Market, config, url};
use super::*;
use crate::Node;
use crate::storage::damage::Vandal;

/// So many payments, each of a holding of its own.
async fn trade(market: &Market, name: &str, count: usize) {
    let holdings = market.issue(name, &vec![1; count]).await;
    for (place, holding) in holdings.into_iter().enumerate() {
        market.pay(&format!("{name} {place}"), holding, 1).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_chain_is_kept_once_that_is_worth_it() {
    let market = Market::open().await;
    trade(&market, "few", 5).await;
    market.node.close_chain(&market.chain).await.unwrap();
    assert!(!market.has_present().await, "a few transactions are replayed as quickly");
    market.node.open_chain(&market.chain).await.unwrap();
    trade(&market, "many", 64).await;
    let height = market.height();
    market.node.close_chain(&market.chain).await.unwrap();
    assert_eq!(market.kept_height().await, height);
    market.node.open_chain(&market.chain).await.unwrap();
    trade(&market, "a few more", 5).await;
    market.node.close_chain(&market.chain).await.unwrap();
    assert_eq!(market.kept_height().await, height, "it is not written again for a few");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_ends_keeps_its_chains() {
    let market = Market::open().await;
    let other = market.further("other").await;
    trade(&market, "many", 64).await;
    let height = market.height();
    let (directory, clock) = (market.directory.clone(), market.clock.clone());
    market.node.shutdown().await;
    let market = market.at(Node::open(config(&directory, &clock)).await.unwrap());
    let other = other.at(market.node.clone());
    assert_eq!((market.kept_height().await, other.has_present().await), (height, false));
    market.node.open_chain(&market.chain).await.unwrap();
    trade(&market, "and on", 3).await;
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_chain_is_kept_when_it_is_quiet() {
    let market = Market::open().await;
    let shared = &market.node.shared;
    for issue in 0..9 {
        market.issue(&format!("issue {issue}"), &[1; 256]).await;
    }
    let hosted = market.node.opened(&market.chain).await.unwrap();
    shared.keep_while_quiet(&hosted).await;
    assert!(!market.has_present().await, "its last block is new");
    market.clock.advance(3_000);
    let (place, _outlets) = crate::mempool::Mempool::new(1, 1);
    let place = place.slot(&hosted.hold().unwrap()).unwrap();
    shared.keep_while_quiet(&hosted).await;
    assert!(!market.has_present().await, "something is under way");
    drop(place);
    eventually("it is kept", async || {
        shared.crowded.notify_one();
        market.has_present().await
    })
    .await;
    assert_eq!(market.kept_height().await, market.height());
    market.issue("one more", &[1; 256]).await;
    market.clock.advance(3_000);
    shared.keep_while_quiet(&hosted).await;
    assert_eq!(market.kept_height().await, market.height() - 1, "one is not worth it");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_ahead_of_the_database_is_not_kept() {
    let market = Market::open().await;
    trade(&market, "some", 3).await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    let (number, height) = (market.row().await.number, market.height());
    let block = format!("chain_id = {number} AND height = {height}");
    vandal.execute(&format!("UPDATE block SET height = 1000 WHERE {block}")).await;
    let (_, written) = market.keep().await;
    assert!(!written && !market.has_present().await);
    vandal.execute(&format!("UPDATE block SET height = {height} WHERE chain_id = {number} AND height = 1000")).await;
    assert!(market.keep().await.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_closes_though_its_present_cannot_be_written() {
    let market = Market::open().await;
    trade(&market, "many", 64).await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    vandal.execute("ALTER TABLE chain_present RENAME TO not_there").await;
    market.node.close_chain(&market.chain).await.unwrap();
    vandal.execute("ALTER TABLE not_there RENAME TO chain_present").await;
    assert!(!market.is_open() && !market.has_present().await);
    assert_eq!(market.kept_height().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_stays_when_the_next_one_fails() {
    let market = Market::open().await;
    trade(&market, "many", 64).await;
    market.opens_as_replayed().await;
    let height = market.height();
    market.issue("more", &[1; 256]).await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    vandal.execute("ALTER TABLE chain_present RENAME TO not_there").await;
    let hosted = market.node.opened(&market.chain).await.unwrap();
    assert!(present::write(&market.node.shared, &hosted).await.is_err());
    vandal.execute("ALTER TABLE not_there RENAME TO chain_present").await;
    assert_eq!(market.kept_height().await, height);
}
