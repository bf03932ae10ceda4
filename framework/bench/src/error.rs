//! Why a measurement came to no end.

use hive_chain::{ChainError, RebuildError, StorageError, SubmitError};
use ledger_core::{Coded, EncodingError};
use thiserror::Error;

/// Why a measurement came to no end.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The node does not open, or cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The node does not take what the workload submits.
    #[error("the node does not take a transaction of the workload: {0}")]
    Submit(#[from] SubmitError),
    /// Projections cannot be built anew.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
    /// A file, a folder or a process fails.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A signature that is sound does not verify.
    #[error("signatures cannot be measured: {reason}")]
    Signature {
        /// What the library says.
        reason: String,
    },
    /// The PostgreSQL server cannot be used.
    #[error("the PostgreSQL server cannot be used: {reason}; give another --postgres, or none")]
    Server {
        /// Why.
        reason: String,
    },
}

impl BenchError {
    /// The stable code, of the rule when a rule refused.
    pub fn code(&self) -> &str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Submit(error) => error.code(),
            Self::Rebuild(error) => error.code(),
            Self::System { .. } => "BENCH_SYSTEM",
            Self::Signature { .. } => "BENCH_SIGNATURE",
            Self::Server { .. } => "BENCH_SERVER",
        }
    }

    pub(crate) fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { what, source }
    }

    pub(crate) fn signature(reason: impl std::fmt::Display) -> Self {
        Self::Signature { reason: reason.to_string() }
    }

    pub(crate) fn server(reason: impl std::fmt::Display) -> Self {
        Self::Server { reason: reason.to_string() }
    }
}

impl From<StorageError> for BenchError {
    fn from(error: StorageError) -> Self {
        Self::Chain(error.into())
    }
}

impl From<EncodingError> for BenchError {
    fn from(error: EncodingError) -> Self {
        Self::Submit(error.into())
    }
}
