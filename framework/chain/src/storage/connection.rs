//! Opens the database: one connection that writes, several that read.

use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use super::{ProjectionWriter, StorageError};

const READERS_MAX: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(60);
// At 32,000 pages between checkpoints indexed inserts are nearly twice as fast as at SQLite's 1,000.
const WAL_AUTOCHECKPOINT_PAGES: &str = "32000";

/// A node's database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

/// An open database transaction that may write; dropped without [`WriteTransaction::commit`] it leaves no trace.
#[derive(Debug)]
pub struct WriteTransaction(DatabaseTransaction);

impl Database {
    /// Connects; creates the SQLite file when it does not exist.
    ///
    /// # Errors
    /// A URL of another kind of database, or a database that cannot be opened.
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        Self::connect(url, true).await
    }

    /// Connects to a database that exists.
    ///
    /// # Errors
    /// As for [`Self::open`], and a file that does not exist.
    pub async fn open_existing(url: &str) -> Result<Self, StorageError> {
        Self::connect(url, false).await
    }

    async fn connect(url: &str, create: bool) -> Result<Self, StorageError> {
        if !url.starts_with("sqlite:") {
            return Err(StorageError::UnsupportedUrl { url: url.to_owned() });
        }
        let writer = sea_orm::Database::connect(options(url, 1, create)).await?;
        // Each connection to a memory database would see its own, so readers share the writer's.
        let reader = if url.contains(":memory:") {
            writer.clone()
        } else {
            sea_orm::Database::connect(options(url, READERS_MAX, create)).await?
        };
        Ok(Self { writer, reader })
    }

    /// A connection for reading; each statement sees the last commit.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction that holds the write lock from its first moment, so it cannot fail half-way for want of it.
    ///
    /// # Errors
    /// The lock was not free within 30 seconds, or the database failed.
    pub async fn begin_write(&self) -> Result<WriteTransaction, StorageError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(WriteTransaction(self.writer.begin_with_options(options).await?))
    }

    /// Begins a transaction that reads: every statement sees the same moment, whatever is committed meanwhile.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_read(&self) -> Result<ReadTransaction, StorageError> {
        Ok(ReadTransaction(self.reader.begin().await?))
    }

    /// Closes every connection; what is committed stays.
    ///
    /// # Errors
    /// The database failed while closing.
    pub async fn close(&self) -> Result<(), StorageError> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await?;
        Ok(())
    }
}

/// One moment of the database.
#[derive(Debug)]
pub struct ReadTransaction(DatabaseTransaction);

impl ReadTransaction {
    /// The transaction for statements of the ORM.
    pub fn orm(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// A part of a [`WriteTransaction`] that can be undone alone.
#[derive(Debug)]
pub(crate) struct Savepoint(DatabaseTransaction);

impl Savepoint {
    pub(crate) fn projection_writer(
        &self,
        chain_number: i64,
        height: u64,
        tables: &'static [&'static str],
    ) -> ProjectionWriter<'_> {
        ProjectionWriter::new(&self.0, chain_number, height, tables)
    }

    pub(crate) async fn keep(self) -> Result<(), StorageError> {
        Ok(self.0.commit().await?)
    }

    pub(crate) async fn undo(self) -> Result<(), StorageError> {
        Ok(self.0.rollback().await?)
    }
}

impl WriteTransaction {
    pub(crate) async fn savepoint(&self) -> Result<Savepoint, StorageError> {
        Ok(Savepoint(self.0.begin().await?))
    }

    /// The transaction for statements of the ORM.
    pub fn orm(&self) -> &DatabaseTransaction {
        &self.0
    }

    /// Makes everything written durable, or nothing.
    ///
    /// # Errors
    /// The database failed; then it is unknown to the caller whether the transaction holds.
    pub async fn commit(self) -> Result<(), StorageError> {
        Ok(self.0.commit().await?)
    }
}

fn options(url: &str, connections_max: u32, create: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(create)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY_TIMEOUT)
                .foreign_keys(true)
                .pragma("wal_autocheckpoint", WAL_AUTOCHECKPOINT_PAGES)
        });
    options
}
