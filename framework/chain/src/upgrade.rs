//! What this release adds to the schema of a database that an earlier one has made: tried on a copy first, then done.
//!
//! A node brings a new database to its schema by itself. One that exists and lacks migrations it does not open.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use crate::audit::{self, AuditProgress, AuditReport};
use crate::backup::{BackupError, copy_database};
use crate::clock::Stopwatch;
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::node::Shared;
use crate::projection::Projection;
use crate::storage::{self, Database, DatabaseLock, migrate};

/// What a trial is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeProgress {
    /// Copying the database.
    Rows {
        /// Rows copied.
        rows: u64,
        /// Rows in all.
        rows_total: u64,
    },
    /// Verifying everything in the migrated copy.
    Audit(AuditProgress),
}

/// What an upgrade does, or did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpgradeReport {
    /// The migrations that were missing, in their order.
    pub migrations: Vec<String>,
    /// The audit of the migrated copy, where it was a trial.
    pub audit: Option<AuditReport>,
    /// Milliseconds that the migrations took.
    pub migration_ms: u64,
    /// Milliseconds that all of it took.
    pub elapsed_ms: u64,
}

/// Tries the upgrade on a copy, whether the node runs or not; the database itself is only read. `scratch` is a path for the
/// copy, which is removed.
///
/// # Errors
/// There is no such database, it is a later release's, there is no room for the copy, or a migration fails.
pub async fn check_upgrade(
    config: NodeConfig,
    scratch: &Path,
    progress: impl FnMut(UpgradeProgress) + Send,
) -> Result<UpgradeReport, BackupError> {
    storage::remove_file(scratch);
    let checked = check_copy(config, scratch, progress).await;
    storage::remove_file(scratch);
    checked
}

async fn check_copy(
    config: NodeConfig,
    scratch: &Path,
    mut progress: impl FnMut(UpgradeProgress) + Send,
) -> Result<UpgradeReport, BackupError> {
    let stopwatch = Stopwatch::start(Arc::clone(&config.clock));
    let told = |rows, rows_total| progress(UpgradeProgress::Rows { rows, rows_total });
    copy_database(&config.database_url, scratch, &config.projections, told).await?;
    let copied_ms = stopwatch.elapsed_ms();
    let copy = Database::open_existing(&format!("sqlite:{}", scratch.display())).await.map_err(ChainError::from)?;
    let level = migrate::level(copy.read(), &config.projections).await.map_err(ChainError::from)?;
    storage::migrate(&copy, &config.projections).await.map_err(ChainError::from)?;
    let migration_ms = stopwatch.elapsed_ms().saturating_sub(copied_ms);
    let (_, events_written) = watch::channel(0);
    let (shared, _) = Shared::new(copy, config, events_written);
    let shared = Arc::new(shared);
    let audit = audit::audit(&shared, None, |told| progress(UpgradeProgress::Audit(told))).await?;
    shared.database.close().await.map_err(ChainError::from)?;
    let elapsed_ms = stopwatch.elapsed_ms();
    Ok(UpgradeReport { migrations: level.pending, audit: Some(audit), migration_ms, elapsed_ms })
}

/// Adds what is missing, all of it or nothing.
///
/// # Errors
/// There is no such database, it is a later release's, a node runs on it, or a migration fails.
pub async fn upgrade(config: NodeConfig) -> Result<UpgradeReport, ChainError> {
    let stopwatch = Stopwatch::start(Arc::clone(&config.clock));
    let lock = DatabaseLock::take(&config.database_url).await?;
    let database = Database::open_existing(&config.database_url).await?;
    let level = migrate::level(database.read(), &config.projections).await?;
    if !level.unknown.is_empty() {
        return Err(ChainError::SchemaNewer { migrations: level.unknown });
    }
    let migrated = storage::migrate(&database, &config.projections).await;
    database.close().await?;
    drop(lock);
    migrated?;
    let elapsed_ms = stopwatch.elapsed_ms();
    Ok(UpgradeReport { migrations: level.pending, audit: None, migration_ms: elapsed_ms, elapsed_ms })
}

/// Brings a new database to this release's schema; one that exists has it, or is not opened.
pub(crate) async fn schema_is_current(
    database: &Database,
    projections: &[Box<dyn Projection>],
) -> Result<(), ChainError> {
    let level = migrate::level(database.read(), projections).await?;
    if !level.unknown.is_empty() {
        return Err(ChainError::SchemaNewer { migrations: level.unknown });
    }
    if level.is_new() {
        return Ok(storage::migrate(database, projections).await?);
    }
    match level.pending.as_slice() {
        [] => Ok(()),
        _ => Err(ChainError::UpgradePending { migrations: level.pending }),
    }
}
