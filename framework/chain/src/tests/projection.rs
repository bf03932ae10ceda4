//! Projections, their events, and one that fails.

use futures_util::StreamExt;

use super::market::Market;
use crate::storage::sample::{self, FAIL};

async fn rows(market: &Market) -> usize {
    market.node.read_view(&[market.chain]).all::<sample::Entity>(|select| select).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_seen_by_chain_and_events_come_in_order_and_resume() {
    let market = Market::open().await;
    let other = market.further("receipts").await;
    assert_eq!((rows(&market).await, rows(&other).await), (3, 3));
    assert_eq!(market.node.read_view(&[]).count::<sample::Entity>(|select| select).await.unwrap(), 0);

    let mut live = market.node.subscribe(None);
    let holdings = market.issue("issue-1", &[1, 2, 3]).await;
    let mut sent = Vec::new();
    for (number, holding) in holdings.iter().enumerate() {
        let minor = u64::try_from(number).unwrap() + 1;
        sent.push(market.pay(&format!("pay-{number}"), *holding, minor).await.unwrap());
    }
    for (number, accepted) in sent.iter().enumerate() {
        let event = live.next().await.unwrap().unwrap();
        assert_eq!(event.sequence, i64::try_from(number).unwrap() + 1);
        assert_eq!((event.chain, event.height), (market.chain, accepted.height));
        assert_eq!(event.parties, [market.payee.address]);
        assert!(event.payload.contains(&accepted.transaction.to_string()));
    }
    drop(other);
    let market = market.reopen().await;
    let mut resumed = market.node.subscribe(Some(1));
    let second = resumed.next().await.unwrap().unwrap();
    assert_eq!((second.sequence, second.height), (2, sent[1].height));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_ends_when_the_node_does() {
    let market = Market::open().await;
    let mut live = market.node.subscribe(None);
    market.node.shutdown().await;
    assert!(live.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_projection_stands_still_while_commits_go_on() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[1, 2, 3]).await;
    let failing = market.payment("fail", holdings[0], 1).metadata(FAIL, "yes");
    let accepted = market.submit(failing, &[&market.payer]).await.unwrap();
    let before = rows(&market).await;
    market.pay("after", holdings[1], 2).await.unwrap();
    assert_eq!(rows(&market).await, before, "neither the failing block nor a later one left rows");
    assert_eq!(market.free(&market.payee), 3);
    assert!(market.node.ready().is_ok());

    let parked = market.node.parked();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].name.as_str(), parked[0].height), ("sample", accepted.height));
    let market = market.reopen().await;
    assert_eq!(market.node.parked(), parked);
    market.pay("later", holdings[2], 3).await.unwrap();
    assert_eq!(rows(&market).await, before);
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}
