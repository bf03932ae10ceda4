//! Deadlines of many closed chains: one that cannot be opened, or whose opening hangs, holds no other's up.

use super::agreement::{escrow, open};
use super::market::{DAY_MS, Market, config, eventually, url};
use crate::storage::damage::Vandal;
use crate::storage::timer_store;
use crate::{Node, NodeConfig};

/// So many chains, numbered from 1, each with an agreement whose deadline ends in three days, all closed.
async fn waiting(chains: usize) -> Vec<Market> {
    let first = Market::open().await;
    let mut markets = Vec::new();
    for place in 1..chains {
        markets.push(first.further(&format!("chain {place}")).await);
    }
    markets.insert(0, first);
    for market in &markets {
        open(market, &escrow(), None).await;
        market.node.close_chain(&market.chain).await.unwrap();
    }
    markets
}

/// Numbers of the chains that wait for a deadline.
async fn timers(node: &Node) -> Vec<i64> {
    let rows = timer_store::after(node.database().read(), None, 100).await.unwrap();
    rows.into_iter().map(|row| row.chain_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_whose_opening_hangs_holds_no_other_up() {
    let markets = waiting(4).await;
    let node = markets[0].node.clone();
    assert_eq!(timers(&node).await, [1, 2, 3, 4], "the one that hangs comes first");
    node.open_chain(&markets[3].chain).await.unwrap();
    let hanging = node.hang_opening_of(1).await;
    markets[0].clock.advance(3 * DAY_MS);
    eventually("the others' deadlines are carried out", async || timers(&node).await == [1]).await;
    eventually("they are closed again", async || !markets[1].is_open() && !markets[2].is_open()).await;
    drop(hanging);
    eventually("the first one's too, once it opens", async || timers(&node).await.is_empty()).await;
    eventually("and is closed again", async || !markets[0].is_open()).await;
    assert!(markets[3].is_open(), "somebody wants it");
}

#[tokio::test(flavor = "multi_thread")]
async fn chains_that_cannot_be_opened_hold_no_other_up() {
    let markets = waiting(3).await;
    let (directory, clock) = (markets[0].directory.clone(), markets[0].clock.clone());
    markets[0].node.shutdown().await;
    let vandal = Vandal::open(&url(&directory)).await;
    vandal.execute("DELETE FROM state WHERE chain_id < 3 AND number = 1").await;
    clock.advance(3 * DAY_MS);
    let node = Node::open(NodeConfig { verifiers_max: 1, ..config(&directory, &clock) }).await.unwrap();
    eventually("the sound one's deadline is carried out", async || timers(&node).await == [1, 2]).await;
    eventually("the others have stopped", async || node.chain_counts().stopped == 2).await;
    assert!(node.ready().is_ok());
}
