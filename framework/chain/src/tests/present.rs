//! A chain that opens from its present is the one that its blocks give, and whatever does not fit is not believed.

mod fault;
mod time;

use std::sync::Arc;

use super::market::{Market, eventually};
use crate::hosted::HostedChain;
use crate::node::open;
use crate::present;
use crate::producer::queue::Queue;
use crate::storage::block_store::{self, StoredChain};
use crate::storage::part_store;

impl Market {
    pub(super) async fn row(&self) -> StoredChain {
        let known = self.node.shared.known(&self.chain).unwrap();
        block_store::chain_numbered(self.node.database().read(), known.number).await.unwrap().unwrap()
    }

    /// The chain as it is read in for whoever asks for it, held against what its blocks give.
    async fn read_in(&self) -> Queue {
        let (row, shared) = (self.row().await, &self.node.shared);
        let (opened, bytes, replayed) = loop {
            let opened = open::read_in(shared, row.clone()).await.unwrap();
            let bytes = shared.meter.bytes_of(row.number);
            let replayed = open::from_blocks(shared, &row).await.unwrap();
            // The node's own steps may go on meanwhile.
            if opened.chain.ledger().height() == replayed.chain.ledger().height() {
                break (opened, bytes, replayed);
            }
        };
        assert_eq!(opened.chain.first_difference(&replayed.chain), None);
        assert_eq!(opened.journal, replayed.journal);
        assert_eq!(bytes, shared.meter.bytes_of(row.number));
        opened
    }

    /// The height from which the chain is replayed when it is read in.
    async fn kept_height(&self) -> u64 {
        let opened = self.read_in().await;
        let mark = opened.chain.present.lock().await;
        mark.height
    }

    async fn keep(&self) -> (Arc<HostedChain>, bool) {
        let hosted = self.node.opened(&self.chain).await.unwrap();
        let written = present::write(&self.node.shared, &hosted).await.unwrap();
        (hosted, written)
    }

    async fn has_present(&self) -> bool {
        let number = self.row().await.number;
        part_store::head(self.node.database().read(), number).await.unwrap().is_some()
    }

    /// Keeps the present of the chain, reads it again, and holds it against a replay.
    pub(super) async fn opens_as_replayed(&self) {
        eventually("the chain stands still", async || {
            let (hosted, _) = self.keep().await;
            self.kept_height().await == hosted.ledger().height()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_opens_from_what_is_kept_and_from_the_blocks_above() {
    let market = Market::open().await;
    assert_eq!(market.kept_height().await, 0);
    let holdings = market.issue("issue", &[600, 400, 7]).await;
    market.opens_as_replayed().await;
    let (_, again) = market.keep().await;
    assert!(!again, "nothing has come since");
    let before = market.height();
    market.pay("pay", holdings[0], 600).await.unwrap();
    assert_eq!(market.kept_height().await, before);
    market.opens_as_replayed().await;
    market.pay("pay on", holdings[1], 400).await.unwrap();
    market.node.close_chain(&market.chain).await.unwrap();
    market.node.open_chain(&market.chain).await.unwrap();
    assert_eq!((market.free(&market.payer), market.free(&market.payee)), (7, 1_000));
    market.pay("after", holdings[2], 7).await.unwrap();
    market.opens_as_replayed().await;
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

/// More states than one part holds, and more parts than one transaction writes.
#[tokio::test(flavor = "multi_thread")]
async fn many_parts_are_one_present() {
    let market = Market::open().await.further("measured").await;
    for issue in 0..30 {
        market.issue(&format!("issue {issue}"), &[1; 256]).await;
    }
    market.opens_as_replayed().await;
    let last = market.issue("another", &[5]).await;
    market.pay("pay", last[0], 5).await.unwrap();
    market.opens_as_replayed().await;
}
