//! The rows beside the blocks: exactly as many as the blocks give, so that a commit of which a part is missing is found when
//! its chain is opened. What stands in them is the audit's to compare.

use ledger_core::Block;

use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::node::Shared;
use crate::storage::{block_store, signed};

/// What blocks give on the way from where a chain was in memory.
pub(super) struct Given {
    /// Height before.
    height: i64,
    /// Number of the last state before.
    states: u64,
    transactions: u64,
}

impl Given {
    pub(super) fn by(hosted: &HostedChain) -> Result<Self, ChainError> {
        let height = signed("block", "height", hosted.ledger().height())?;
        Ok(Self { height, states: hosted.holdings().states(), transactions: 0 })
    }

    pub(super) fn add(&mut self, block: &Block) {
        self.transactions = self.transactions.saturating_add(u64::from(block.header.transaction_count));
    }

    /// Compares with what is stored, once the chain in memory is at its tip. False where a further block is stored by now: a
    /// server may still carry out a commit whose answer was lost.
    pub(super) async fn is_stored(&self, shared: &Shared, hosted: &HostedChain) -> Result<bool, ChainError> {
        let Err(error) = self.compare(shared, hosted).await? else { return Ok(true) };
        let next = hosted.ledger().height().saturating_add(1);
        if shared.stored_block(hosted, next).await?.is_some() { Ok(false) } else { Err(error) }
    }

    async fn compare(&self, shared: &Shared, hosted: &HostedChain) -> Result<Result<(), ChainError>, ChainError> {
        let (tip, last) = (hosted.ledger().height(), hosted.holdings().states());
        let database = shared.database.read();
        let transactions = block_store::transaction_rows_above(database, hosted.number, self.height).await?;
        let before = signed("state", "number", self.states)?;
        let states = block_store::state_rows_above(database, hosted.number, before).await?;
        let given = [
            ("committed_transaction", transactions, (self.transactions, signed("block", "height", tip)?)),
            ("state", states, (last.saturating_sub(self.states), signed("state", "number", last)?)),
        ];
        for (table, (rows, highest), (expected, end)) in given {
            if highest.is_some_and(|highest| highest > end) {
                let reason =
                    format!("a part of a block is stored without the block: {table} has rows behind the last one");
                return Ok(Err(hosted.broken(tip.saturating_add(1), &reason)));
            }
            if rows != expected {
                let reason =
                    format!("a part of a block is missing: {table} has {rows} rows where the blocks give {expected}");
                return Ok(Err(hosted.broken(tip, &reason)));
            }
        }
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::market::Market;

    /// As when a commit becomes visible after its chain was read and before its rows are counted.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_block_that_came_meanwhile_is_read_and_no_damage() {
        let market = Market::open().await;
        let open = market.node.opened(&market.chain).await.unwrap();
        let shared = &market.node.shared;
        let behind = HostedChain::new(open.number, open.genesis.clone(), &shared.contracts).unwrap();
        assert!(!Given::by(&behind).unwrap().is_stored(shared, &behind).await.unwrap());
        assert!(Given::by(&open).unwrap().is_stored(shared, &open).await.unwrap());
    }
}
