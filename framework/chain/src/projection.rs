//! What turns committed blocks into tables that screens read. A projection's rows are a fold of blocks and nothing else.

use std::sync::Arc;

use async_trait::async_trait;
use ledger_core::encoding::EncodingError;
use ledger_core::verify::{VerifiedBlock, VerifiedTransaction};
use ledger_core::{BlockHash, ChainId, LedgerTransaction};
use thiserror::Error;

use crate::storage::{Migrations, ProjectionWriter, StorageError};

/// Folds committed blocks into read tables, inside the database transaction that commits the block.
///
/// The same block over the same rows must always write the same rows: no clock, no randomness, no other source.
#[async_trait]
pub trait Projection: Send + Sync + 'static {
    /// Name of the vertical it belongs to; a failure parks this name.
    fn name(&self) -> &'static str;

    /// The tables it writes, each with a column `chain_id`; the writer refuses any other.
    fn tables(&self) -> &'static [&'static str];

    /// What creates its tables, in order.
    fn migrations(&self) -> Migrations;

    /// Writes what the block changes.
    ///
    /// # Errors
    /// Any error parks the projection at this block; what it wrote for the block is undone.
    async fn apply(&self, writer: &mut ProjectionWriter<'_>, block: &CommittedBlock) -> Result<(), ProjectionError>;
}

/// A block as projections see it: transactions with their inputs resolved.
#[derive(Clone, Debug)]
pub struct CommittedBlock {
    block: Arc<VerifiedBlock>,
}

impl CommittedBlock {
    pub(crate) fn new(block: Arc<VerifiedBlock>) -> Self {
        Self { block }
    }

    /// The chain it belongs to.
    pub fn chain(&self) -> ChainId {
        self.block.header().chain
    }

    /// From 1.
    pub fn height(&self) -> u64 {
        self.block.header().height
    }

    /// Hash of its header.
    pub fn hash(&self) -> BlockHash {
        self.block.hash()
    }

    /// Milliseconds UTC: the recorded time of all its transactions.
    pub fn time_ms(&self) -> u64 {
        self.block.header().time_ms
    }

    /// The transactions with their inputs resolved, each with its position.
    pub fn transactions(&self) -> impl Iterator<Item = (u32, &LedgerTransaction)> {
        (0u32..).zip(self.block.transactions().iter().map(VerifiedTransaction::ledger))
    }
}

/// Why a projection could not fold a block.
#[derive(Debug, Error)]
pub enum ProjectionError {
    /// The database refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A state or command of the block does not decode.
    #[error("a message of the block does not decode: {0}")]
    Encoding(#[from] EncodingError),
    /// The projection wrote to a table it did not name.
    #[error("table {table} is not among the projection's tables; name it in tables()")]
    ForeignTable {
        /// The table.
        table: String,
    },
    /// A row that must be there is not.
    #[error("{table} has no row {key}")]
    RowMissing {
        /// The table.
        table: &'static str,
        /// What was looked for.
        key: String,
    },
    /// Another reason of the projection's own.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}
