//! What turns committed blocks into tables that screens read. A projection's rows are a fold of blocks and nothing else.

use async_trait::async_trait;
use ledger_core::encoding::EncodingError;
use ledger_core::id::{BlockHash, ChainId};
use ledger_core::transaction::LedgerTransaction;
use std::sync::Arc;
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
    async fn apply(
        &self,
        writer: &mut ProjectionWriter<'_>,
        block: &CommittedBlock,
    ) -> Result<(), ProjectionError>;
}

/// A block as projections see it: transactions with their inputs resolved.
#[derive(Clone, Debug)]
pub struct CommittedBlock {
    /// The chain it belongs to.
    pub chain: ChainId,
    /// From 1.
    pub height: u64,
    /// Hash of its header.
    pub hash: BlockHash,
    /// Milliseconds UTC; the recorded time of all its transactions.
    pub time_ms: u64,
    /// In the block's order; the index is the transaction's position.
    pub transactions: Vec<Arc<LedgerTransaction>>,
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
