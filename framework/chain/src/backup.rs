//! One file with everything that a node's database holds, whatever kind it is, taken while the node runs or not.
//!
//! A backup is an SQLite file with the node's own tables, copied at one moment of the database, and what it says of itself:
//! node, framework, time, and each chain with height, tip and state root as replaying its blocks gives them. Behind the file
//! stand a mark and the SHA-256 of all before it, so that any byte that changes is found. The node's keys are not in it.

mod error;
pub(crate) mod file;
mod manifest;
mod restore;

use std::path::Path;
use std::sync::Arc;

use ledger_core::{Genesis, Ledger};
use tokio::sync::watch;

pub use error::BackupError;
pub use manifest::{BackupManifest, ChainTip};
pub use restore::{RestoreProgress, RestoreReport, restore};

use crate::clock::Stopwatch;
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::node::Shared;
use crate::projection::Projection;
use crate::rebuilt::Rebuilt;
use crate::storage::dump::{self, Pages, TableShape};
use crate::storage::{Database, ReadTransaction, block_store, migrate, part_store};

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    /// Rows copied.
    pub rows: u64,
    /// Rows in all.
    pub rows_total: u64,
    /// Blocks of the copy verified.
    pub blocks: u64,
    /// Blocks in all.
    pub blocks_total: u64,
}

/// What was backed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupReport {
    /// What the file says of itself.
    pub manifest: BackupManifest,
    /// Rows in it.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// Milliseconds it took.
    pub elapsed_ms: u64,
}

/// Writes a backup to a path where nothing, or an empty file, is; whoever calls gives it its name once it is whole. Every
/// block of the copy is verified on the way, without the parties' signatures.
///
/// # Errors
/// There is no such database, it has tables of another program, a chain in it does not replay, or the file cannot be written.
pub async fn backup(
    config: NodeConfig,
    node_id: &str,
    path: &Path,
    mut progress: impl FnMut(BackupProgress) + Send,
) -> Result<BackupReport, BackupError> {
    let stopwatch = Stopwatch::start(Arc::clone(&config.clock));
    let mut told = BackupProgress { rows: 0, rows_total: 0, blocks: 0, blocks_total: 0 };
    let mut manifest = BackupManifest::of(node_id, &config);
    copy_database(&config.database_url, path, &config.projections, |rows, rows_total| {
        told = BackupProgress { rows, rows_total, ..told };
        progress(told);
    })
    .await?;
    let copy = Database::open_existing(&file::url(path)).await.map_err(ChainError::from)?;
    let (_, events_written) = watch::channel(0);
    let (shared, _) = Shared::new(copy, config, events_written);
    let shared = Arc::new(shared);
    let chains = replayed(&shared, |blocks, blocks_total| {
        told = BackupProgress { blocks, blocks_total, ..told };
        progress(told);
    });
    manifest.chains = chains.await?;
    manifest::write(&shared.database, &manifest).await?;
    shared.database.gather().await.map_err(ChainError::from)?;
    shared.database.close().await.map_err(ChainError::from)?;
    let bytes = file::seal(path)?;
    Ok(BackupReport { manifest, rows: told.rows, bytes, elapsed_ms: stopwatch.elapsed_ms() })
}

/// Copies all tables of a database at one moment into a new SQLite file of the same schema.
pub(crate) async fn copy_database(
    url: &str,
    path: &Path,
    projections: &[Box<dyn Projection>],
    progress: impl FnMut(u64, u64) + Send,
) -> Result<(), BackupError> {
    let database = Database::open_existing(url).await.map_err(ChainError::from)?;
    let moment = database.begin_read().await.map_err(ChainError::from)?;
    let copy = Database::open(&file::url(path)).await.map_err(ChainError::from)?;
    // Only a whole copy gets a name, so nothing is lost when this one is cut off.
    copy.hurry().await.map_err(ChainError::from)?;
    let copied = copy_moment(&moment, &copy, projections, progress).await;
    drop(moment);
    copy.close().await.map_err(ChainError::from)?;
    database.close().await.map_err(ChainError::from)?;
    copied
}

async fn copy_moment(
    moment: &ReadTransaction,
    copy: &Database,
    projections: &[Box<dyn Projection>],
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<(), BackupError> {
    let level = migrate::level(moment.orm(), projections).await.map_err(ChainError::from)?;
    if !level.unknown.is_empty() {
        return Err(ChainError::SchemaNewer { migrations: level.unknown }.into());
    }
    let mut transaction = copy.begin_write().await.map_err(ChainError::from)?;
    migrate::up_to(&transaction, projections, &level).await.map_err(ChainError::from)?;
    let tables = dump::tables(transaction.orm()).await.map_err(ChainError::from)?;
    let mut rows_total = 0_u64;
    for table in dump::tables(moment.orm()).await.map_err(ChainError::from)? {
        if !tables.contains(&table) {
            return Err(BackupError::UnknownTable { table });
        }
        if table != part_store::TABLE {
            rows_total = rows_total.saturating_add(dump::count(moment.orm(), &table).await.map_err(ChainError::from)?);
        }
    }
    let mut rows = 0_u64;
    for table in tables {
        let shape = TableShape::of(transaction.orm(), &table).await.map_err(ChainError::from)?;
        dump::clear(transaction.orm(), &table).await.map_err(ChainError::from)?;
        // A cache: whoever restores the backup replays, and keeps the present anew.
        if table == part_store::TABLE {
            continue;
        }
        let mut pages = Pages::new(moment.orm(), &shape);
        while let Some(page) = pages.next().await.map_err(ChainError::from)? {
            dump::insert(transaction.orm(), &shape, &page).await.map_err(ChainError::from)?;
            transaction.commit().await.map_err(ChainError::from)?;
            transaction = copy.begin_write().await.map_err(ChainError::from)?;
            rows = rows.saturating_add(page.rows());
            progress(rows, rows_total);
        }
    }
    Ok(transaction.commit().await.map_err(ChainError::from)?)
}

/// Every chain of a database as its blocks give it.
async fn replayed(
    shared: &Arc<Shared>,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<Vec<ChainTip>, ChainError> {
    let stored = block_store::chains(shared.database.read()).await?;
    let mut blocks_total = 0_u64;
    for row in &stored {
        let height = block_store::height(shared.database.read(), row.number).await?;
        blocks_total = blocks_total.saturating_add(height);
    }
    let (mut chains, mut blocks) = (Vec::with_capacity(stored.len()), 0_u64);
    for row in stored {
        let genesis: Genesis = ledger_core::encoding::decode(&row.genesis)?;
        let (chain, name) = (genesis.chain_id(), genesis.name.clone());
        let mut rebuilt = Rebuilt::new(shared, row.number, genesis, u64::MAX)?;
        loop {
            let page = rebuilt.next_page().await?;
            if page.is_empty() {
                break;
            }
            blocks = blocks.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            progress(blocks, blocks_total);
        }
        let of = |ledger: &Ledger| (ledger.height(), ledger.tip(), ledger.state_root());
        let (height, tip, state_root) = rebuilt.read(of);
        chains.push(ChainTip { chain, name, height, tip, state_root });
    }
    Ok(chains)
}
