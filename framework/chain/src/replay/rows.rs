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

    /// Compares with what is stored, once the chain in memory is at its tip.
    pub(super) async fn is_stored(&self, shared: &Shared, hosted: &HostedChain) -> Result<(), ChainError> {
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
                return Err(hosted.broken(tip.saturating_add(1), &reason));
            }
            if rows != expected {
                let reason =
                    format!("a part of a block is missing: {table} has {rows} rows where the blocks give {expected}");
                return Err(hosted.broken(tip, &reason));
            }
        }
        Ok(())
    }
}
