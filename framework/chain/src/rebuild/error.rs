//! Why a projection is not rebuilt.

use ledger_core::ChainId;
use ledger_core::error::Coded;
use thiserror::Error;

use crate::error::ChainError;

/// Why a projection was not rebuilt; its live tables are as before.
#[derive(Debug, Error)]
pub enum RebuildError {
    /// The database cannot be read or written, or a chain does not replay.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The node has no such projection.
    #[error("this node has no projection {name}; it has: {}", known.join(", "))]
    UnknownProjection {
        /// The name given.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// The projection fails on a block.
    #[error(
        "projection {projection} fails on block {height} of chain {chain}: {reason}; mend it and rebuild again with the new program"
    )]
    Failed {
        /// The projection.
        projection: String,
        /// The chain.
        chain: ChainId,
        /// The block.
        height: u64,
        /// What the projection says.
        reason: String,
    },
    /// A database in memory has nothing beside it.
    #[error("a database in memory is not rebuilt; open it anew, or keep it in a file")]
    InMemory,
}

impl RebuildError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::UnknownProjection { .. } => "REBUILD_PROJECTION_UNKNOWN",
            Self::Failed { .. } => "REBUILD_PROJECTION_FAILED",
            Self::InMemory => "REBUILD_IN_MEMORY",
        }
    }
}
