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
    /// The chain has a journal, which this archive does not hold.
    #[error(
        "block {height} of chain {chain} folds journal entries, which the archive does not hold; export the chain with hive chain export --with-journal on its own node"
    )]
    JournalMissing {
        /// The chain.
        chain: ChainId,
        /// The first block that folds entries.
        height: u64,
    },
    /// The journal was sealed by another node, or damaged.
    #[error(
        "journal entry {number} does not open with this node's journal key, or is not what it commits to; a chain moves to a node of the same keys"
    )]
    JournalSealed {
        /// The first entry that does not open.
        number: u64,
    },
    /// Epochs follow from the entries that begin them.
    #[error("journal entry {number} belongs to epoch {expected}, and the archive says another; export the chain again")]
    JournalEpoch {
        /// The entry's number.
        number: u64,
        /// The epoch it belongs to.
        expected: u64,
    },
    /// Who reads from an entry on is what the entry says, with keys that follow from this node's.
    #[error(
        "the readers from journal entry {number} on are others in the archive than the entry names; export the chain again"
    )]
    JournalReaders {
        /// The entry's number.
        number: u64,
    },
}

impl ImportError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Archive(error) => error.code(),
            Self::JournalMissing { .. } => "IMPORT_JOURNAL_MISSING",
            Self::JournalSealed { .. } => "IMPORT_JOURNAL_SEALED",
            Self::JournalEpoch { .. } => "IMPORT_JOURNAL_EPOCH",
            Self::JournalReaders { .. } => "IMPORT_JOURNAL_READERS",
        }
    }
}
