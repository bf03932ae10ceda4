//! What can go wrong between the platform and its tables. Shown to nobody outside the node.

use sea_orm::DbErr;
use thiserror::Error;

/// A failure of the database, or a row in it that cannot be read.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The node's database refused or failed.
    #[error(transparent)]
    Node(#[from] hive_chain::StorageError),
    /// A statement failed.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// A stored value is not in the form its column promises.
    #[error("{column} holds a value that cannot be read")]
    Malformed {
        /// Table and column, `table.column`.
        column: &'static str,
    },
}

ledger_core::codes!(StorageError {
    Node => "PLATFORM_DATABASE",
    Database => "PLATFORM_DATABASE",
    Malformed => "PLATFORM_ROW_MALFORMED",
});
