//! A backup becomes a node's database: everything in it is verified first, as an outsider would, and only then is it given.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::PublicKey;
use tokio::sync::watch;

use super::{BackupError, BackupManifest, ChainTip, file, manifest};
use crate::audit::{self, AuditProgress, AuditReport};
use crate::clock::Stopwatch;
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::node::Shared;
use crate::projection::Projection;
use crate::storage::dump::{self, Pages, Pair, SideBySide, TableShape};
use crate::storage::{self, Database, DatabaseLock, ReadTransaction, WriteTransaction, migrate};

/// What a restore is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreProgress {
    /// Verifying everything that the backup holds.
    Audit(AuditProgress),
    /// Copying into a server's database.
    Rows {
        /// Rows copied.
        rows: u64,
    },
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreReport {
    /// What the backup says of itself.
    pub manifest: BackupManifest,
    /// Migrations that this release has added to what the backup holds.
    pub migrations: Vec<String>,
    /// The audit of what it holds.
    pub audit: AuditReport,
    /// Milliseconds it took.
    pub elapsed_ms: u64,
}

/// Restores a backup into the configuration's database, which holds nothing yet. `scratch` is a path for the time being, in
/// the folder of an SQLite database that is restored.
///
/// # Errors
/// The file is no backup, is damaged or another node's, does not pass the audit, or the target holds something.
pub async fn restore(
    config: NodeConfig,
    node_id: &str,
    backup: &Path,
    scratch: &Path,
    progress: impl FnMut(RestoreProgress) + Send,
) -> Result<RestoreReport, BackupError> {
    let stopwatch = Stopwatch::start(Arc::clone(&config.clock));
    let url = config.database_url.clone();
    let target = storage::file_of(&url);
    if target.as_ref().is_some_and(|path| path.exists()) {
        return Err(BackupError::NotEmpty);
    }
    let lock = DatabaseLock::take(&url).await.map_err(ChainError::from)?;
    if target.is_none() {
        is_empty(&url).await?;
    }
    let restoring = Restoring { node_id, backup, scratch, target };
    let restored = restoring.run(config, &url, progress).await;
    storage::remove_file(scratch);
    drop(lock);
    let (manifest, migrations, audit) = restored?;
    Ok(RestoreReport { manifest, migrations, audit, elapsed_ms: stopwatch.elapsed_ms() })
}

struct Restoring<'a> {
    node_id: &'a str,
    backup: &'a Path,
    scratch: &'a Path,
    target: Option<PathBuf>,
}

impl Restoring<'_> {
    async fn run(
        &self,
        config: NodeConfig,
        url: &str,
        mut progress: impl FnMut(RestoreProgress) + Send,
    ) -> Result<(BackupManifest, Vec<String>, AuditReport), BackupError> {
        storage::remove_file(self.scratch);
        file::unseal(self.backup, self.scratch)?;
        let copy = Database::open_existing(&file::url(self.scratch)).await.map_err(ChainError::from)?;
        let manifest = manifest::take(&copy).await?;
        self.is_of_this_node(&manifest, &config.recorder.public())?;
        let level = migrate::level(copy.read(), &config.projections).await.map_err(ChainError::from)?;
        if !level.unknown.is_empty() {
            return Err(ChainError::SchemaNewer { migrations: level.unknown }.into());
        }
        storage::migrate(&copy, &config.projections).await.map_err(ChainError::from)?;
        let (_, events_written) = watch::channel(0);
        let (shared, _) = Shared::new(copy, config, events_written);
        let shared = Arc::new(shared);
        let report = audit::audit(&shared, None, |told| progress(RestoreProgress::Audit(told))).await?;
        passes(&report, &manifest.chains)?;
        if self.target.is_none() {
            let rows = &mut |rows| progress(RestoreProgress::Rows { rows });
            let moment = shared.database.begin_read().await.map_err(ChainError::from)?;
            into_server(&moment, url, &shared.projections, rows).await?;
        }
        shared.database.gather().await.map_err(ChainError::from)?;
        shared.database.close().await.map_err(ChainError::from)?;
        if let Some(target) = &self.target {
            self.give_name(target)?;
        }
        Ok((manifest, level.pending, report))
    }

    fn is_of_this_node(&self, manifest: &BackupManifest, recorder: &PublicKey) -> Result<(), BackupError> {
        if manifest.node == self.node_id && manifest.recorder == recorder.to_string() {
            return Ok(());
        }
        Err(BackupError::ForeignNode { backup: manifest.node.clone(), here: self.node_id.to_owned() })
    }

    fn give_name(&self, target: &Path) -> Result<(), BackupError> {
        let refused = |source| BackupError::File { path: target.to_owned(), source };
        File::open(self.scratch).and_then(|file| file.sync_all()).map_err(refused)?;
        fs::rename(self.scratch, target).map_err(refused)?;
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(refused)
    }
}

/// A server's database holds nothing yet.
async fn is_empty(url: &str) -> Result<(), BackupError> {
    let server = Database::open_existing(url).await.map_err(ChainError::from)?;
    let tables = dump::tables(server.read()).await.map_err(ChainError::from)?;
    server.close().await.map_err(ChainError::from)?;
    if tables.is_empty() { Ok(()) } else { Err(BackupError::NotEmpty) }
}

/// The content holds, and gives the chains that the manifest says.
fn passes(report: &AuditReport, chains: &[ChainTip]) -> Result<(), BackupError> {
    if let Some(first) = report.findings.first() {
        let findings = u64::try_from(report.findings.len()).unwrap_or(u64::MAX).saturating_add(report.findings_omitted);
        return Err(BackupError::AuditFailed { findings, first: first.to_string() });
    }
    if report.tips != chains {
        return Err(BackupError::Differs { what: "chains" });
    }
    Ok(())
}

/// All rows in one transaction of the server, compared with where they come from before it is committed.
async fn into_server(
    moment: &ReadTransaction,
    url: &str,
    projections: &[Box<dyn Projection>],
    progress: &mut (impl FnMut(u64) + Send),
) -> Result<(), BackupError> {
    let server = Database::open_existing(url).await.map_err(ChainError::from)?;
    let transaction = server.begin_write().await.map_err(ChainError::from)?;
    migrate::within(&transaction, projections).await.map_err(ChainError::from)?;
    let mut rows = 0_u64;
    for table in dump::tables(moment.orm()).await.map_err(ChainError::from)? {
        let shape = TableShape::of(moment.orm(), &table).await.map_err(ChainError::from)?;
        dump::clear(transaction.orm(), &table).await.map_err(ChainError::from)?;
        let mut pages = Pages::new(moment.orm(), &shape);
        while let Some(page) = pages.next().await.map_err(ChainError::from)? {
            dump::insert(transaction.orm(), &shape, &page).await.map_err(ChainError::from)?;
            rows = rows.saturating_add(page.rows());
            progress(rows);
        }
        if !is_equal(moment, &transaction, &shape).await? {
            return Err(BackupError::Differs { what: "rows" });
        }
    }
    dump::go_on_counting(transaction.orm()).await.map_err(ChainError::from)?;
    transaction.commit().await.map_err(ChainError::from)?;
    Ok(server.close().await.map_err(ChainError::from)?)
}

async fn is_equal(moment: &ReadTransaction, copy: &WriteTransaction, shape: &TableShape) -> Result<bool, ChainError> {
    let mut both = SideBySide::new(moment.orm(), copy.orm(), shape);
    while let Some(pair) = both.next().await? {
        if !matches!(pair, Pair::Both(left, right) if left.values == right.values) {
            return Ok(false);
        }
    }
    Ok(true)
}
