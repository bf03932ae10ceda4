//! Takes a chain from its archive into a node's database: every block is verified as an outsider would, written and folded by
//! the commit's own code into a database for the time being, and only the whole chain is copied into the node's, in one
//! transaction. One that was cut off has left nothing.
//!
//! An outsider's archive holds what blocks fold of a journal as hashes alone, so a chain with journal entries is taken only
//! from an archive that holds them, sealed.

mod error;
mod journal;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ledger_core::archive::{ArchiveError, End, Record};
use ledger_core::verify::Depth;
use ledger_core::{Block, Genesis, encoding, invariant};
use tokio::runtime::Handle;
use tokio::sync::watch;

pub use error::ImportError;
use journal::JournalImport;

use crate::backup::ChainTip;
use crate::commit;
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::node::Shared;
use crate::replay;
use crate::sequence::SequencedBlock;
use crate::storage::dump::{self, Pages, TableShape};
use crate::storage::entity::chain;
use crate::storage::{self, Database, DatabaseLock, WriteTransaction, block_store, outbox_store};
use crate::upgrade;

/// Records written into the database for the time being per transaction.
const RECORDS_PER_COMMIT: u64 = 256;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Blocks verified.
    pub blocks: u64,
    /// Transactions of those blocks.
    pub transactions: u64,
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The chain.
    pub chain: ChainTip,
    /// Transactions of all its blocks.
    pub transactions: u64,
    /// Entries of its journal.
    pub journal_entries: u64,
}

/// Imports the chain of an archive into a database that no node has open. `next` gives the archive's records, none at its
/// end; `scratch` is a path for the time being.
///
/// # Errors
/// A block does not verify, the archive is cut off or says other than its blocks give, the chain is there already, has a
/// contract that the node lacks, another recorder, a directory that is not here, or journal entries that are not in the archive,
/// do not fit its blocks or do not open with the node's key.
pub async fn import(
    config: NodeConfig,
    scratch: &Path,
    mut next: impl AsyncFnMut() -> Option<Record>,
    mut progress: impl FnMut(ImportProgress) + Send,
) -> Result<ImportReport, ImportError> {
    let url = config.database_url.clone();
    let lock = DatabaseLock::take(&url).await.map_err(ChainError::from)?;
    let live = Database::open_existing(&url).await.map_err(ChainError::from)?;
    upgrade::schema_is_current(&live, &config.projections).await?;
    storage::remove_file(scratch);
    let imported = import_by(&live, config, scratch, &mut next, &mut progress).await;
    storage::remove_file(scratch);
    live.close().await.map_err(ChainError::from)?;
    drop(lock);
    imported
}

async fn import_by(
    live: &Database,
    config: NodeConfig,
    scratch: &Path,
    next: &mut impl AsyncFnMut() -> Option<Record>,
    progress: &mut (impl FnMut(ImportProgress) + Send),
) -> Result<ImportReport, ImportError> {
    let genesis = match next().await {
        Some(Record::Genesis(genesis)) => *genesis,
        other => return Err(misplaced(0, other, "the genesis").into()),
    };
    is_welcome(live, &genesis, &config).await?;
    let database = Database::open(&format!("sqlite:{}", scratch.display())).await.map_err(ChainError::from)?;
    database.hurry().await.map_err(ChainError::from)?;
    storage::migrate(&database, &config.projections).await.map_err(ChainError::from)?;
    let (_, events_written) = watch::channel(0);
    let (shared, _) = Shared::new(database, config, events_written);
    let mut import = Import::begin(live, Arc::new(shared), genesis).await?;
    let end = import.blocks(next, progress).await?;
    import.ends_as(&end)?;
    import.copy_into(live).await?;
    import.shared.database.close().await.map_err(ChainError::from)?;
    let (transactions, journal_entries) = (import.done.transactions, import.journal.entries());
    Ok(ImportReport { chain: ChainTip::of(&import.chain), transactions, journal_entries })
}

/// The node can go on with the chain, and does not have it yet.
async fn is_welcome(live: &Database, genesis: &Genesis, config: &NodeConfig) -> Result<(), ChainError> {
    let chain = genesis.chain_id();
    if block_store::chain_of(live.read(), chain.as_bytes()).await?.is_some() {
        return Err(ChainError::ChainExists(chain));
    }
    if genesis.recorder != config.recorder.public() {
        return Err(ChainError::ForeignRecorder { chain });
    }
    if let Some(directory) = &genesis.directory
        && block_store::chain_of(live.read(), directory.chain.as_bytes()).await?.is_none()
    {
        return Err(ChainError::UnknownDirectory { directory: directory.chain });
    }
    Ok(())
}

/// A chain on its way from an archive.
struct Import {
    shared: Arc<Shared>,
    chain: Arc<HostedChain>,
    /// Of the last block written, over all chains of the node.
    sequence: i64,
    last_event: i64,
    standing: BTreeSet<(i64, String)>,
    journal: JournalImport,
    /// Records taken.
    records: u64,
    done: ImportProgress,
}

impl Import {
    /// The chain without blocks, under the number it gets in the node's database.
    async fn begin(live: &Database, shared: Arc<Shared>, genesis: Genesis) -> Result<Self, ChainError> {
        let chains = block_store::chains(live.read()).await?;
        let number = chains.last().map_or(0, |row| row.number).saturating_add(1);
        let chain = Arc::new(HostedChain::new(number, genesis, &shared.contracts)?);
        let transaction = shared.database.begin_write().await?;
        let row = chain::Model {
            chain_id: number,
            identity: chain.id.to_vec(),
            name: chain.genesis.name.clone(),
            genesis: encoding::encode(&chain.genesis),
        };
        block_store::write_chain(&transaction, row, chain.party_rows()).await?;
        transaction.commit().await?;
        Ok(Self {
            sequence: block_store::last_sequence(live.read()).await?,
            last_event: outbox_store::last_sequence(live.read()).await?,
            standing: BTreeSet::new(),
            journal: JournalImport::begin(&chain, &shared.journal_key),
            records: 1,
            done: ImportProgress { blocks: 0, transactions: 0 },
            shared,
            chain,
        })
    }

    async fn blocks(
        &mut self,
        next: &mut impl AsyncFnMut() -> Option<Record>,
        progress: &mut (impl FnMut(ImportProgress) + Send),
    ) -> Result<End, ImportError> {
        let mut transaction = self.shared.database.begin_write().await.map_err(ChainError::from)?;
        let end = loop {
            match next().await {
                Some(Record::Block(block)) => self.block(*block, &transaction).await?,
                Some(Record::Journal(journal)) => self.journal.take(journal, &transaction).await?,
                Some(Record::End(end)) => break end,
                other => return Err(misplaced(self.records, other, "a block or the end").into()),
            }
            self.records = self.records.saturating_add(1);
            // Past references are read from what is committed.
            if self.records.is_multiple_of(RECORDS_PER_COMMIT) {
                transaction.commit().await.map_err(ChainError::from)?;
                transaction = self.shared.database.begin_write().await.map_err(ChainError::from)?;
                progress(self.done);
            }
        };
        self.journal.end(&transaction).await.map_err(ChainError::from)?;
        transaction.commit().await.map_err(ChainError::from)?;
        progress(self.done);
        if next().await.is_some() {
            return Err(ArchiveError::BytesFollow.into());
        }
        Ok(end)
    }

    async fn block(&mut self, block: Block, transaction: &WriteTransaction) -> Result<(), ImportError> {
        self.journal.fold(&block)?;
        let (shared, chain, runtime) = (Arc::clone(&self.shared), Arc::clone(&self.chain), Handle::current());
        let verify = move || {
            let verified = replay::one(&shared, &chain, &block, &runtime, Depth::Everything)?;
            Ok::<_, ChainError>(SequencedBlock::replayed(verified, block))
        };
        let done = tokio::task::spawn_blocking(verify).await;
        let sequenced =
            done.map_err(|error| ChainError::Stopped(format!("verification did not finish: {error}")))??;
        self.sequence = self.sequence.saturating_add(1);
        let (prepared, change) = {
            let (holdings, waiting) = (self.chain.holdings(), self.chain.waiting());
            let before = commit::Before { holdings: &holdings, waiting: &waiting };
            commit::prepare(self.chain.number, self.sequence, &sequenced, before, &self.shared.contracts)?
        };
        let projections = &self.shared.projections;
        let written = commit::write(transaction, vec![prepared], projections, &self.standing, self.last_event).await;
        let written = written.map_err(ChainError::from)?;
        self.last_event = written.last_event;
        self.standing.extend(written.parked.into_iter().map(|parked| (parked.chain_id, parked.name)));
        self.chain.apply_whole(sequenced.verified(), change)?;
        self.done.blocks = self.done.blocks.saturating_add(1);
        let transactions = u64::from(sequenced.block().header.transaction_count);
        self.done.transactions = self.done.transactions.saturating_add(transactions);
        Ok(())
    }

    /// The chain is what the archive says at its end, and its invariants hold.
    fn ends_as(&self, end: &End) -> Result<(), ArchiveError> {
        let ledger = self.chain.ledger();
        let fields = [
            ("height", end.height == ledger.height()),
            ("tip", end.tip == ledger.tip()),
            ("transactions", end.transactions == self.done.transactions),
            ("state_root", end.state_root == ledger.state_root()),
        ];
        if let Some((field, _)) = fields.into_iter().find(|(_, agrees)| !agrees) {
            return Err(ArchiveError::EndDiffers { field });
        }
        match invariant::broken(&ledger).into_iter().next() {
            Some(broken) => Err(ArchiveError::Invariant(broken)),
            None => Ok(()),
        }
    }

    /// Everything of the chain into the node's database, in one transaction.
    async fn copy_into(&self, live: &Database) -> Result<(), ChainError> {
        let moment = self.shared.database.begin_read().await?;
        let transaction = live.begin_write().await?;
        for table in dump::tables(moment.orm()).await? {
            // What is applied of migrations the node's database says itself.
            if storage::migrate::is_record(&table, &self.shared.projections) {
                continue;
            }
            let shape = TableShape::of(moment.orm(), &table).await?;
            let mut pages = Pages::new(moment.orm(), &shape);
            while let Some(page) = pages.next().await? {
                dump::insert(transaction.orm(), &shape, &page).await?;
            }
        }
        Ok(transaction.commit().await?)
    }
}

fn misplaced(record: u64, found: Option<Record>, expected: &'static str) -> ArchiveError {
    match found {
        None => ArchiveError::CutOff { records: record },
        Some(found) => ArchiveError::OutOfOrder { record, found: found.name(), expected },
    }
}
