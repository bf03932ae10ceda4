//! A chain that opens from its present is the one that its blocks give.

use std::sync::Arc;

use super::market::Market;
use crate::hosted::HostedChain;
use crate::node::open;
use crate::present;
use crate::producer::queue::Queue;
use crate::storage::block_store::{self, StoredChain};

impl Market {
    async fn row(&self) -> StoredChain {
        let hosted = self.node.opened(&self.chain).await.unwrap();
        block_store::chain_numbered(self.node.database().read(), hosted.number).await.unwrap().unwrap()
    }

    /// The chain as it is read in for whoever asks for it, and as its blocks give it.
    async fn read_in(&self) -> (Queue, Queue) {
        let row = self.row().await;
        let opened = open::read_in(&self.node.shared, row.clone()).await.unwrap();
        let bytes = self.node.shared.meter.bytes_of(row.number);
        let replayed = open::from_blocks(&self.node.shared, &row).await.unwrap();
        assert_eq!(opened.chain.first_difference(&replayed.chain), None);
        assert_eq!(opened.journal, replayed.journal);
        assert_eq!(bytes, self.node.shared.meter.bytes_of(row.number));
        (opened, replayed)
    }

    async fn kept_height(&self) -> u64 {
        let (opened, _) = self.read_in().await;
        let mark = opened.chain.present.lock().await;
        mark.height
    }

    async fn keep(&self) -> (Arc<HostedChain>, bool) {
        let hosted = self.node.opened(&self.chain).await.unwrap();
        let written = present::write(&self.node.shared, &hosted).await.unwrap();
        (hosted, written)
    }

    /// Keeps the present of the chain, reads it again, and holds it against a replay.
    pub(super) async fn opens_as_replayed(&self) {
        let (hosted, _) = self.keep().await;
        assert_eq!(self.kept_height().await, hosted.ledger().height());
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
    market.pay("pay", holdings[0], 500).await.unwrap();
    assert_eq!(market.kept_height().await, before);
    market.opens_as_replayed().await;
    market.pay("pay on", holdings[1], 100).await.unwrap();
    market.node.close_chain(&market.chain).await.unwrap();
    assert_eq!((market.free(&market.payer), market.free(&market.payee)), (407, 600));
    market.pay("after", holdings[2], 7).await.unwrap();
    market.opens_as_replayed().await;
}
