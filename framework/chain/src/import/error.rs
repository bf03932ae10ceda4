//! Why a chain is not imported.

use ledger_core::ChainId;
use ledger_core::archive::ArchiveError;
use ledger_core::error::Coded;
use thiserror::Error;

use crate::error::ChainError;

/// Why a chain was not imported; the node's database is as before.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The node cannot have the chain, a block does not verify, or the database fails.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The file is no whole archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The chain has a journal, which archives do not hold.
    #[error(
        "block {height} of chain {chain} folds journal entries, whose content no archive holds; move the chain with hive backup and hive restore of its node"
    )]
    JournalMissing {
        /// The chain.
        chain: ChainId,
        /// The first block that folds entries.
        height: u64,
    },
}

impl ImportError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Archive(error) => error.code(),
            Self::JournalMissing { .. } => "IMPORT_JOURNAL_MISSING",
        }
    }
}
