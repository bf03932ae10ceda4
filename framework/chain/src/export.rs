//! Writes a chain's archive: genesis, every block, and an end that says what the blocks give.

use std::sync::Arc;

use ledger_core::archive::{ArchiveError, End, MAGIC, Record};
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
/// Each block is verified on the way, without the parties' signatures; nothing is written to the database.
///
/// # Errors
/// There is no such database or chain, a block does not verify, or `write` fails.
pub async fn export(
    config: NodeConfig,
    chain: &ChainId,
    mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
    progress: impl FnMut(ExportProgress),
) -> Result<End, ExportError> {
    let database = Database::open_existing(&config.database_url).await.map_err(ChainError::from)?;
    let (_, events_written) = watch::channel(0);
    let (shared, _) = Shared::new(database, config, events_written);
    let shared = Arc::new(shared);
    let exported = chain_into(&shared, chain, &mut write, progress).await;
    shared.database.close().await.map_err(ChainError::from)?;
    exported
}

async fn chain_into(
    shared: &Arc<Shared>,
    chain: &ChainId,
    write: &mut impl FnMut(&[u8]) -> std::io::Result<()>,
    mut progress: impl FnMut(ExportProgress),
) -> Result<End, ExportError> {
    let stored = block_store::chains(shared.database.read()).await.map_err(ChainError::from)?;
    let row = stored.into_iter().find(|row| row.identity == chain.as_bytes().as_slice());
    let row = row.ok_or(ChainError::UnknownChain(*chain))?;
    let genesis: Genesis = ledger_core::encoding::decode(&row.genesis).map_err(ChainError::from)?;
    let blocks_total = block_store::height(shared.database.read(), row.number).await.map_err(ChainError::from)?;
    write(&MAGIC)?;
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
    write(&Record::End(end).framed()?)?;
    Ok(end)
}
