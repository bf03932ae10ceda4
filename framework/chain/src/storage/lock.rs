//! One node per database file: two writers would not know of each other's blocks.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use super::StorageError;

/// How often the lock is tried before the file counts as in use; a node that is closing needs a moment.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// Held while a node runs on the database; the system frees it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DatabaseLock {
    _file: Option<File>,
}

impl DatabaseLock {
    /// Takes the lock beside the database file; a database in memory needs none.
    pub(crate) async fn take(url: &str) -> Result<Self, StorageError> {
        let Some(path) = lock_path(url) else { return Ok(Self { _file: None }) };
        let unusable =
            |error: std::io::Error| StorageError::LockUnusable { path: path.clone(), reason: error.to_string() };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: Some(file) }),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
            }
        }
        Err(StorageError::InUse { path })
    }
}

fn lock_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && !path.contains(":memory:")).then(|| PathBuf::from(format!("{path}.lock")))
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
            ("postgres://x", None),
        ] {
            assert_eq!(lock_path(url), path.map(PathBuf::from), "{url}");
        }
    }
}
