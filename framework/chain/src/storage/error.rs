//! What can go wrong between the node and its database.

use std::path::PathBuf;

use sea_orm::DbErr;
use thiserror::Error;

/// A failure of the database, or a row in it that cannot be read.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The database answered with an error.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// A stored number lies outside what its field can hold.
    #[error("{table}.{column} holds {value}, which is out of range")]
    NumberOutOfRange {
        /// Table of the number.
        table: &'static str,
        /// Column of the number.
        column: &'static str,
        /// The number found.
        value: i128,
    },
    /// A stored value is not in the form its column promises.
    #[error("{table}.{column} is malformed: {reason}")]
    Malformed {
        /// Table of the value.
        table: &'static str,
        /// Column of the value.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The table has no column that separates chains.
    #[error("table {table} has no column chain_id")]
    TableWithoutChain {
        /// The table.
        table: String,
    },
    /// Another node runs on the database.
    #[error("another node runs on this database ({} is locked); stop it first, or ask it over HTTP", path.display())]
    InUse {
        /// The lock's file.
        path: PathBuf,
    },
    /// Another node runs on the server's database.
    #[error("another node runs on this database; stop it first, or ask it over HTTP")]
    ServerInUse,
    /// The session that held the server's lock has ended, so that another node may run.
    #[error("the connection that kept other nodes from this database is lost ({reason}); start the node again")]
    LockLost {
        /// What the connection says.
        reason: String,
    },
    /// The lock's file cannot be opened or locked.
    #[error("{} cannot be locked: {reason}; check that the folder exists and is writable", path.display())]
    LockUnusable {
        /// The lock's file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The address of a PostgreSQL database is none.
    #[error("the database's address cannot be used: {reason}; give it as postgres://USER@HOST:PORT/NAME")]
    PlaceUnclear {
        /// What is wrong with it, without what it says.
        reason: String,
    },
    /// No connection to the server's database.
    #[error(
        "{place} cannot be opened: {reason}; check that the server runs, that it has this database (createdb), and the \
         password in HIVE_DATABASE, PGPASSWORD or ~/.pgpass"
    )]
    Unreachable {
        /// The database, without a password.
        place: String,
        /// What server or system say.
        reason: String,
    },
    /// A value is not what its column holds.
    #[error("{table} holds what cannot be copied: {reason}; run hive audit")]
    NotCopied {
        /// The table.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// A file beside the database cannot be used.
    #[error("{} cannot be used: {reason}", path.display())]
    FileUnusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The URL names a kind of database this release cannot use.
    #[error(
        "databases of kind {scheme:?} are not supported; use sqlite:PATH, sqlite::memory: or postgres://USER@HOST/NAME"
    )]
    UnsupportedUrl {
        /// What stands before the first colon.
        scheme: String,
    },
}

/// A stored i64 as an unsigned number.
pub(crate) fn unsigned<T: TryFrom<i64>>(
    table: &'static str,
    column: &'static str,
    value: i64,
) -> Result<T, StorageError> {
    T::try_from(value).map_err(|_| StorageError::NumberOutOfRange { table, column, value: i128::from(value) })
}

/// An unsigned number as the i64 that a column holds.
pub(crate) fn signed(table: &'static str, column: &'static str, value: u64) -> Result<i64, StorageError> {
    i64::try_from(value).map_err(|_| StorageError::NumberOutOfRange { table, column, value: i128::from(value) })
}
