//! Why a backup is not written, or not restored.

use std::path::PathBuf;

use ledger_core::error::Coded;
use thiserror::Error;

use crate::error::ChainError;

/// Why a backup was not written whole, or not restored; what was there before is as it was.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The database cannot be read or written, or a chain does not replay.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The database has a table of nobody.
    #[error("the database has a table {table} that no part of this program made; use the program that made it")]
    UnknownTable {
        /// The table.
        table: String,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{} is no backup, or is cut off; give a file that hive backup wrote", path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
    },
    /// A byte of the file has changed.
    #[error("{} is damaged: its content has another hash than when it was written; use another backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The keys at hand are another node's.
    #[error(
        "the backup is of node {backup}, the keys here are of node {here}; put that node's keys/node.json here first"
    )]
    ForeignNode {
        /// The backup's node.
        backup: String,
        /// The node here.
        here: String,
    },
    /// Something is there already.
    #[error("the target holds a database already; restore into an empty folder or an empty database")]
    NotEmpty,
    /// The content does not hold.
    #[error("the backup does not pass the audit: {findings} findings, the first: {first}; use another backup")]
    AuditFailed {
        /// How many.
        findings: u64,
        /// The first.
        first: String,
    },
    /// The blocks give other chains than the backup says.
    #[error("the backup says other {what} than its blocks give; use another backup")]
    Differs {
        /// What differs.
        what: &'static str,
    },
}

impl BackupError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::UnknownTable { .. } => "BACKUP_TABLE_UNKNOWN",
            Self::File { .. } => "BACKUP_FILE",
            Self::NoBackup { .. } => "RESTORE_NO_BACKUP",
            Self::Damaged { .. } => "RESTORE_DAMAGED",
            Self::ForeignNode { .. } => "RESTORE_NODE_FOREIGN",
            Self::NotEmpty => "RESTORE_NOT_EMPTY",
            Self::AuditFailed { .. } => "RESTORE_AUDIT_FAILED",
            Self::Differs { .. } => "RESTORE_DIFFERS",
        }
    }
}
