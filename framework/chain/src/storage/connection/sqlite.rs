//! How SQLite is opened: what is acknowledged is on the disk, unless that is relaxed.

use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::config::Durability;

const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
// At 32,000 pages between checkpoints indexed inserts are nearly twice as fast as at SQLite's 1,000.
const WAL_AUTOCHECKPOINT_PAGES: &str = "32000";
// What a commit changes is spread over the indexes of hashes; SQLite's own 2 MiB would be written and read again within one.
const CACHE_KIBIBYTES: &str = "-131072";

pub(super) fn configure(options: &mut ConnectOptions, durability: Durability, create: bool) {
    let synchronous = match durability {
        Durability::Durable => SqliteSynchronous::Full,
        Durability::Relaxed => SqliteSynchronous::Normal,
    };
    options.test_before_acquire(false).map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("wal_autocheckpoint", WAL_AUTOCHECKPOINT_PAGES)
            .pragma("cache_size", CACHE_KIBIBYTES)
    });
}
