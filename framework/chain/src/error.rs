//! Why a node cannot open, answer or accept.

use ledger_core::encoding::EncodingError;
use ledger_core::error::Coded;
use ledger_core::genesis::GenesisError;
use ledger_core::{ChainId, ContractId, Rejection};
use thiserror::Error;

use crate::storage::StorageError;

/// Why the node cannot open, make a chain, or read.
#[derive(Debug, Error)]
pub enum ChainError {
    /// The database failed, or holds what cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The genesis breaks a rule.
    #[error("the genesis is refused: {0}")]
    Genesis(#[from] GenesisError),
    /// Stored bytes are no canonical message.
    #[error("stored bytes do not decode: {0}")]
    Encoding(#[from] EncodingError),
    /// The node hosts no such chain.
    #[error("this node hosts no chain {0}")]
    UnknownChain(ChainId),
    /// The chain is hosted already.
    #[error("this node hosts chain {0} already")]
    ChainExists(ChainId),
    /// The genesis names a contract the node does not have.
    #[error(
        "the genesis names contract {contract}, which this node does not have; start it with the vertical that brings it"
    )]
    UnknownContract {
        /// The contract.
        contract: ContractId,
    },
    /// The genesis names another recorder.
    #[error("the genesis of chain {chain} names another recorder; open the node with that chain's recorder key")]
    ForeignRecorder {
        /// The chain.
        chain: ChainId,
    },
    /// The genesis names a directory that the node does not host under that recorder.
    #[error("the genesis names chain {directory} as its directory, which this node does not host; create it first")]
    UnknownDirectory {
        /// The directory.
        directory: ChainId,
    },
    /// The directory learns from a directory itself.
    #[error("chain {directory} has a directory itself; name that one")]
    IndirectDirectory {
        /// The chain named.
        directory: ChainId,
    },
    /// Something of the chain is under way, or another chain learns from it.
    #[error(
        "chain {0} is in use; close it when nothing of it is under way, and after the chains whose directory it is"
    )]
    InUse(ChainId),
    /// The stored history does not hold.
    #[error("chain {chain} does not replay at height {height}: {reason}; run the audit")]
    BrokenHistory {
        /// The chain.
        chain: ChainId,
        /// The block.
        height: u64,
        /// What does not hold.
        reason: String,
    },
    /// The database was made by an earlier release.
    #[error(
        "the database lacks migrations of this release: {}; try them with hive upgrade --check, then run hive upgrade", migrations.join(", ")
    )]
    UpgradePending {
        /// Their names.
        migrations: Vec<String>,
    },
    /// The database was made by a later release.
    #[error("the database has migrations that this program does not know: {}; use the release that made it", migrations.join(", "))]
    SchemaNewer {
        /// Their names.
        migrations: Vec<String>,
    },
    /// The node has stopped accepting.
    #[error("the node has stopped: {0}")]
    Stopped(String),
}

impl Coded for ChainError {
    fn code(&self) -> &'static str {
        match self {
            Self::Storage(_) => "NODE_DATABASE",
            Self::Genesis(error) => error.code(),
            Self::Encoding(error) => error.code(),
            Self::UnknownChain(_) => "CHAIN_UNKNOWN",
            Self::ChainExists(_) => "CHAIN_EXISTS",
            Self::UnknownContract { .. } => "CHAIN_CONTRACT_UNKNOWN",
            Self::ForeignRecorder { .. } => "CHAIN_RECORDER_FOREIGN",
            Self::UnknownDirectory { .. } => "CHAIN_DIRECTORY_UNKNOWN",
            Self::IndirectDirectory { .. } => "CHAIN_DIRECTORY_INDIRECT",
            Self::InUse(_) => "CHAIN_IN_USE",
            Self::BrokenHistory { .. } => "CHAIN_HISTORY_BROKEN",
            Self::UpgradePending { .. } => "NODE_UPGRADE_PENDING",
            Self::SchemaNewer { .. } => "NODE_SCHEMA_NEWER",
            Self::Stopped(_) => "NODE_STOPPED",
        }
    }
}

/// Why a transaction or journal entry was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SubmitError {
    /// A rule of the ledger refuses it.
    #[error("{0}")]
    Rejected(Rejection),
    /// Too much is under way; nothing happened, try again.
    #[error("the node is busy; nothing was done, try again in a moment")]
    Busy,
    /// The node has stopped accepting; whether this was recorded is told by its command id once the node is back.
    #[error("the node has stopped accepting: {0}; ask for the command's status when it is back")]
    Stopped(String),
    /// The node hosts no such chain.
    #[error("this node hosts no chain {0}")]
    UnknownChain(ChainId),
    /// What is stored of the chain does not hold, so it has stopped; the node's other chains go on.
    #[error("chain {chain} has stopped: it does not replay at height {height}: {reason}; run the audit")]
    Broken {
        /// The chain.
        chain: ChainId,
        /// The block.
        height: u64,
        /// What does not hold.
        reason: String,
    },
}

impl SubmitError {
    /// Why a chain cannot be submitted to that cannot be opened or read.
    pub(crate) fn unreadable(error: ChainError) -> Self {
        match error {
            ChainError::UnknownChain(chain) => Self::UnknownChain(chain),
            ChainError::BrokenHistory { chain, height, reason } => Self::Broken { chain, height, reason },
            other => Self::Stopped(other.to_string()),
        }
    }

    /// The stable code, of the rule when a rule refused.
    pub fn code(&self) -> &str {
        match self {
            Self::Rejected(rejection) => &rejection.code,
            Self::Busy => "BUSY",
            Self::Stopped(_) => "NODE_STOPPED",
            Self::UnknownChain(_) => "CHAIN_UNKNOWN",
            Self::Broken { .. } => "CHAIN_HISTORY_BROKEN",
        }
    }
}

impl<E: Coded> From<E> for SubmitError {
    fn from(error: E) -> Self {
        Self::Rejected(error.into())
    }
}
