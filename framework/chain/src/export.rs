//! Writes a chain's archive: genesis, every block, and an end that says what the blocks give; for the operator's own move the
//! sealed journal besides.

mod journal;

use std::sync::Arc;

use journal::JournalExport;
use ledger_core::archive::{ArchiveError, End, Record, Version};
use ledger_core::{ChainId, Coded, Genesis, Ledger};
use thiserror::Error;
use tokio::sync::watch;

use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::node::Shared;
use crate::rebuilt::Rebuilt;
use crate::storage::{Database, block_store};

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportProgress {
    /// Blocks written.
    pub blocks: u64,
    /// Blocks in all.
    pub blocks_total: u64,
}

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportReport {
    /// What the archive says at its end.
    pub end: End,
    /// Journal entries in it.
    pub journal_entries: u64,
}

/// Why an archive was not written whole.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The database cannot be read, or a block does not verify.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A block is larger than an archive's record.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The file cannot be written.
    #[error("the archive cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

impl ExportError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Archive(error) => error.code(),
            Self::Write(_) => "ARCHIVE_NOT_WRITTEN",
        }
    }
}

/// Writes the archive of a chain up to its last block at the beginning, from the database of a node that runs or does not.
/// Each block is verified on the way, without the parties' signatures; nothing is written to the database. With its journal
/// the archive is for a node of the same keys: contents stay sealed, but who did what when is for the operator alone.
///
/// # Errors
/// There is no such database or chain, a block or an entry does not verify, or `write` fails.
pub async fn export(
    config: NodeConfig,
    chain: &ChainId,
    version: Version,
    mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
    progress: impl FnMut(ExportProgress),
) -> Result<ExportReport, ExportError> {
    let database = Database::open_existing(&config.database_url).await.map_err(ChainError::from)?;
    let (_, events_written) = watch::channel(0);
    let (shared, _) = Shared::new(database, config, events_written);
    let shared = Arc::new(shared);
    let exported = chain_into(&shared, (chain, version), &mut write, progress).await;
    shared.database.close().await.map_err(ChainError::from)?;
    exported
}

async fn chain_into(
    shared: &Arc<Shared>,
    (chain, version): (&ChainId, Version),
    write: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    mut progress: impl FnMut(ExportProgress),
) -> Result<ExportReport, ExportError> {
    let stored = block_store::chains(shared.database.read()).await.map_err(ChainError::from)?;
    let row = stored.into_iter().find(|row| row.identity == chain.as_bytes().as_slice());
    let row = row.ok_or(ChainError::UnknownChain(*chain))?;
    let genesis: Genesis = ledger_core::encoding::decode(&row.genesis).map_err(ChainError::from)?;
    let blocks_total = block_store::height(shared.database.read(), row.number).await.map_err(ChainError::from)?;
    let mut journal = match version {
        Version::Blocks => None,
        Version::WithJournal => Some(JournalExport::begin(shared, *chain, row.number).await?),
    };
    write(&version.magic())?;
    write(&Record::Genesis(Box::new(genesis.clone())).framed()?)?;
    let mut rebuilt = Rebuilt::new(shared, row.number, genesis, blocks_total)?;
    let mut transactions = 0_u64;
    loop {
        let page = rebuilt.next_page().await?;
        if page.is_empty() {
            break;
        }
        for block in page {
            transactions = transactions.saturating_add(u64::from(block.header.transaction_count));
            if let Some(journal) = &mut journal {
                journal.before(&block, write).await?;
            }
            write(&Record::Block(Box::new(block)).framed()?)?;
        }
        progress(ExportProgress { blocks: rebuilt.read(Ledger::height), blocks_total });
    }
    let end = rebuilt.read(|ledger| End {
        height: ledger.height(),
        tip: ledger.tip(),
        transactions,
        state_root: ledger.state_root(),
    });
    if let Some(journal) = &mut journal {
        journal.waiting(end.height, write).await?;
    }
    write(&Record::End(end).framed()?)?;
    Ok(ExportReport { end, journal_entries: journal.map_or(0, |journal| journal.entries()) })
}
