//! Opens the database: one connection that writes, several that read.

mod postgres;
mod sqlite;

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::Connection;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::{ProjectionWriter, StorageError, server};
use crate::config::Durability;

const READERS_MAX: u32 = 4;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(60);

/// Which database a URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

/// A node's database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    #[cfg(test)]
    loses_answer: LosesAnswer,
}

/// Set by a test: the next commit holds, and fails all the same.
#[cfg(test)]
type LosesAnswer = std::sync::Arc<std::sync::atomic::AtomicBool>;

/// An open database transaction that may write; dropped without [`WriteTransaction::commit`] it leaves no trace.
#[derive(Debug)]
pub struct WriteTransaction(DatabaseTransaction, #[cfg(test)] LosesAnswer);

impl Database {
    /// Connects to SQLite, whose file is made when it does not exist, or to a database of a PostgreSQL server.
    ///
    /// # Errors
    /// A URL of another kind of database, or a database that cannot be opened.
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        Self::connect(url, Durability::Durable, true).await
    }

    /// As [`Self::open`], with commits that promise this much.
    pub(crate) async fn open_as(url: &str, durability: Durability) -> Result<Self, StorageError> {
        Self::connect(url, durability, true).await
    }

    /// Connects to a database that exists.
    ///
    /// # Errors
    /// As for [`Self::open`], and a file that does not exist.
    pub async fn open_existing(url: &str) -> Result<Self, StorageError> {
        Self::connect(url, Durability::Durable, false).await
    }

    async fn connect(url: &str, durability: Durability, create: bool) -> Result<Self, StorageError> {
        let kind = Kind::of(url)?;
        if kind == Kind::Postgres {
            server::reached(url).await?.close().await.map_err(server::failed)?;
        }
        let options = |connections_max| options(url, (kind, durability), connections_max, create);
        let writer = sea_orm::Database::connect(options(1)).await?;
        // Each connection to a memory database would see its own, so readers share the writer's.
        let reader = if url.contains(":memory:") {
            writer.clone()
        } else {
            sea_orm::Database::connect(options(READERS_MAX)).await?
        };
        Ok(Self {
            writer,
            reader,
            #[cfg(test)]
            loses_answer: LosesAnswer::default(),
        })
    }

    /// A connection for reading; each statement sees the last commit.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connection for writing, outside of any transaction.
    pub(super) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a transaction that holds the write lock from its first moment, so it cannot fail half-way for want of it.
    ///
    /// # Errors
    /// The lock was not free within 30 seconds, or the database failed.
    pub async fn begin_write(&self) -> Result<WriteTransaction, StorageError> {
        let immediate = (self.kind() == Kind::Sqlite).then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
        let begun = self.writer.begin_with_options(options).await?;
        Ok(WriteTransaction(
            begun,
            #[cfg(test)]
            self.loses_answer.clone(),
        ))
    }

    /// Begins a transaction that reads: every statement sees the same moment, whatever is committed meanwhile.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_read(&self) -> Result<ReadTransaction, StorageError> {
        let options = match self.kind() {
            Kind::Sqlite => TransactionOptions::default(),
            Kind::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        Ok(ReadTransaction(self.reader.begin_with_options(options).await?))
    }

    /// Writes without waiting for the disk, for a copy that is worth nothing until it is whole.
    pub(crate) async fn hurry(&self) -> Result<(), StorageError> {
        self.writer.execute_unprepared("PRAGMA synchronous = OFF").await?;
        Ok(())
    }

    /// True where commits go into a log that somebody has to bring into the file.
    pub(crate) fn has_log(&self) -> bool {
        self.kind() == Kind::Sqlite
    }

    /// Brings as much of SQLite's log into its file as goes without holding the writer up.
    pub(crate) async fn bring_in_log(&self) -> Result<(), StorageError> {
        self.reader.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await?;
        Ok(())
    }

    /// Brings everything of an SQLite database into its one file.
    pub(crate) async fn gather(&self) -> Result<(), StorageError> {
        self.reader.close_by_ref().await?;
        self.writer.execute_unprepared("PRAGMA journal_mode = DELETE").await?;
        Ok(())
    }

    pub(super) fn kind(&self) -> Kind {
        if self.reader.get_database_backend() == DbBackend::Postgres { Kind::Postgres } else { Kind::Sqlite }
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

/// Takes an SQLite file of the time being away, with what lies beside it; what is not there is gone already.
pub(crate) fn remove_file(path: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut path = path.to_owned().into_os_string();
        path.push(ending);
        let _gone = std::fs::remove_file(path);
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
        self.0.commit().await?;
        #[cfg(test)]
        if self.1.swap(false, std::sync::atomic::Ordering::Relaxed) {
            return Err(sea_orm::DbErr::Custom("the answer was lost".to_owned()).into());
        }
        Ok(())
    }
}

fn options(url: &str, (kind, durability): (Kind, Durability), connections_max: u32, create: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false);
    match kind {
        Kind::Sqlite => sqlite::configure(&mut options, durability, create),
        Kind::Postgres => postgres::configure(&mut options, durability),
    }
    options
}

impl Kind {
    pub(super) fn of(url: &str) -> Result<Self, StorageError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            // Of a URL that may hold a password only its kind is told.
            other => Err(StorageError::UnsupportedUrl {
                scheme: other.map(|(scheme, _)| scheme).unwrap_or_default().to_owned(),
            }),
        }
    }
}

#[cfg(test)]
impl Database {
    /// The next commit holds, and whoever commits hears of a failure.
    pub(crate) fn lose_the_next_answer(&self) {
        self.loses_answer.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// What the database itself says a commit waits for: `on`, `off`, or SQLite's number.
    pub(crate) async fn synchronous(&self) -> String {
        use sea_orm::{ConnectionTrait, Statement};
        let (backend, asked) = match self.kind() {
            Kind::Sqlite => (DbBackend::Sqlite, "PRAGMA synchronous"),
            Kind::Postgres => (DbBackend::Postgres, "SHOW synchronous_commit"),
        };
        let row = self.writer.query_one_raw(Statement::from_string(backend, asked)).await.unwrap().unwrap();
        match self.kind() {
            Kind::Sqlite => row.try_get_by_index::<i32>(0).unwrap().to_string(),
            Kind::Postgres => row.try_get_by_index(0).unwrap(),
        }
    }
}
