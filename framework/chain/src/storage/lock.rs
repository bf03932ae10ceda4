//! One node per database: two writers would not know of each other's blocks.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use sea_orm::sqlx::{Connection, PgConnection, query_scalar};
use tokio::sync::Mutex;

use super::connection::Kind;
use super::{StorageError, server};

/// How often the lock is tried before the database counts as in use; a node that is closing needs a moment.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);
/// Taken by the session, of the one database that it is connected to.
const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(7526768903561293615)";

/// Held while a node runs on the database; the system or the server frees it when the process ends, however it ends.
pub(crate) enum DatabaseLock {
    /// Of a database in memory.
    None,
    /// Beside the database file.
    File { _file: File },
    /// Of a session on the server.
    Session(Box<Session>),
}

/// The session that holds the lock, and where another is made when it has ended.
pub(crate) struct Session {
    connection: Mutex<PgConnection>,
    /// May hold a password, so nothing shows it.
    url: String,
}

impl DatabaseLock {
    /// Takes the lock.
    pub(crate) async fn take(url: &str) -> Result<Self, StorageError> {
        match Kind::of(url)? {
            Kind::Sqlite => Self::of_file(url).await,
            Kind::Postgres => Self::of_session(url).await,
        }
    }

    async fn of_file(url: &str) -> Result<Self, StorageError> {
        let Some(path) = file_of(url).map(lock_of) else { return Ok(Self::None) };
        let unusable =
            |error: std::io::Error| StorageError::LockUnusable { path: path.clone(), reason: error.to_string() };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self::File { _file: file }),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
            }
        }
        Err(StorageError::InUse { path })
    }

    async fn of_session(url: &str) -> Result<Self, StorageError> {
        let mut connection = server::reached(url).await?;
        for _ in 0..TRIES {
            if query_scalar(TRY_LOCK).fetch_one(&mut connection).await.map_err(server::failed)? {
                let (connection, url) = (Mutex::new(connection), url.to_owned());
                return Ok(Self::Session(Box::new(Session { connection, url })));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(StorageError::ServerInUse)
    }

    /// Takes a lost lock again, unless another node has it now.
    pub(crate) async fn take_again(&mut self) -> Result<(), StorageError> {
        let Self::Session(session) = self else { return Ok(()) };
        let mut connection = server::reached(&session.url).await?;
        if !query_scalar(TRY_LOCK).fetch_one(&mut connection).await.map_err(server::failed)? {
            return Err(StorageError::ServerInUse);
        }
        session.connection = Mutex::new(connection);
        Ok(())
    }

    /// Asks before each commit: a session may have ended without the node's doing.
    pub(crate) async fn is_held(&self) -> Result<(), StorageError> {
        let Self::Session(session) = self else { return Ok(()) };
        let answered = session.connection.lock().await.ping().await;
        answered.map_err(|error| StorageError::LockLost { reason: error.to_string() })
    }
}

/// The file of an SQLite database; none for one in memory or on a server.
pub(crate) fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && !path.contains(":memory:")).then(|| PathBuf::from(path))
}

fn lock_of(database: PathBuf) -> PathBuf {
    let mut path = database.into_os_string();
    path.push(".lock");
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_lies_beside_the_file() {
        for (url, path) in [
            ("sqlite:data/node.db", Some("data/node.db.lock")),
            ("sqlite:///var/node.db?mode=rwc", Some("/var/node.db.lock")),
            ("sqlite::memory:", None),
        ] {
            assert_eq!(file_of(url).map(lock_of), path.map(PathBuf::from), "{url}");
        }
    }
}
