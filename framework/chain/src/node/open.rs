//! Opens a node: schema, what chains there are, the producer. Chains are read into memory when somebody asks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, RwLock};

use ledger_core::{ChainId, Coded, Genesis, PublicKey, SigningKey};
use tokio::sync::{Notify, watch};

use super::closed::Openings;
use super::{Broken, Known, Node, OpenBounds, Parked, Shared, idle, log};
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::executor::Executor;
use crate::executor::threads::Threads;
use crate::fault::{self, Point};
use crate::hosted::HostedChain;
use crate::journal;
use crate::membership::Memberships;
use crate::mempool::Mempool;
use crate::meter::Meter;
use crate::present::{self, Attestor, Restored};
use crate::producer::Producer;
use crate::producer::form::Gathered;
use crate::producer::queue::Queue;
use crate::producer::recovery::Recovery;
use crate::replay;
use crate::sequence::Solo;
use crate::storage::block_store::StoredChain;
use crate::storage::{
    Database, DatabaseLock, block_store, journal_store, outbox_store, present_store, signed, unsigned,
};
use crate::timer::Timers;
use crate::upgrade;

/// Chains' rows read per statement.
const CHAINS_PER_PAGE: u64 = 256;
/// Chains that are read into memory at the same time, at most.
const OPENINGS_MAX: usize = 8;

impl Node {
    /// Opens the database and starts accepting. Chains stay out of memory until somebody or a deadline asks for them; only those
    /// whose journal waits for a block are read in. One that does not hold is stopped, and the others go on.
    ///
    /// # Errors
    /// The database cannot be opened, a chain's genesis names a contract or recorder the node lacks, or the journals were
    /// sealed with another key.
    pub async fn open(config: NodeConfig) -> Result<Self, ChainError> {
        let lock = DatabaseLock::take(&config.database_url).await?;
        let recovery = Recovery::new(config.recovery_pause);
        let database = Database::open_as(&config.database_url, config.durability).await?;
        upgrade::schema_is_current(&database, &config.projections).await?;
        fault::point(Point::OpenMigrated)?;
        let last_event = outbox_store::last_sequence(database.read()).await?;
        let (events_written, written) = watch::channel(last_event);
        let (mempool, outlets) = Mempool::new(config.mempool_max, config.verifiers_max);
        let commit_transactions_max = config.commit_transactions_max.max(1);
        let (shared, recorder) = Shared::new(database, config, written);
        let shared = Arc::new(shared);
        let last_number = know_chains_after(&shared, &recorder.public(), 0).await?;
        journal::key_fits(&shared).await?;
        let standing = load_parked(&shared).await?;
        let producer = Producer {
            recorder: recorder.public(),
            sequencer: Box::new(Solo::sharing(recorder)),
            last_sequence: block_store::last_sequence(shared.database.read()).await?,
            requests: outlets.requests,
            last_number,
            served: 0,
            commit_transactions_max,
            gathered: Gathered::default(),
            storing: None,
            queues: BTreeMap::new(),
            ready: BTreeSet::new(),
            last_event,
            events_written,
            standing,
            lock: Arc::new(lock),
            recovery,
            shared: Arc::clone(&shared),
        };
        let executor =
            Executor { shared: Arc::clone(&shared), submissions: outlets.submissions, requests: outlets.to_producer };
        tokio::spawn(producer.run());
        tokio::spawn(Timers::new(Arc::clone(&shared), mempool.downgrade()).run());
        tokio::spawn(executor.run());
        tokio::spawn(idle::tend(Arc::clone(&shared), mempool.downgrade()));
        if shared.database.has_log() {
            tokio::spawn(log::tend(Arc::clone(&shared)));
        }
        let node = Self { shared, mempool };
        node.complete_rows().await?;
        node.open_waiting_journals().await?;
        Ok(node)
    }

    /// A database from before the tables of who stands on a chain gets their rows from the chains themselves.
    async fn complete_rows(&self) -> Result<(), ChainError> {
        for number in present_store::without_parties(self.shared.database.read()).await? {
            let chain = match self.opened_by_number(number).await {
                Ok(Some(chain)) => chain,
                // Nobody stands on a chain that does not hold.
                Ok(None) | Err(ChainError::BrokenHistory { .. }) => continue,
                Err(error) => return Err(error),
            };
            let last = journal_store::last_number(self.shared.database.read(), number).await?;
            let waiting = signed("chain_journal", "waiting", last.saturating_sub(chain.entries_folded()))?;
            let configuration = chain.configuration_row();
            let transaction = self.shared.database.begin_write().await?;
            present_store::write_parties(&transaction, chain.party_rows()).await?;
            present_store::write_configurations(&transaction, configuration.into_iter().collect()).await?;
            present_store::write_waiting(&transaction, number, waiting).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Journals are folded whether anybody asks for their chains or not.
    async fn open_waiting_journals(&self) -> Result<(), ChainError> {
        for number in present_store::waiting(self.shared.database.read()).await? {
            match self.opened_by_number(number).await {
                // Of a chain that does not hold nothing is folded; it is noted as stopped.
                Ok(_) | Err(ChainError::BrokenHistory { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Shared {
    /// Without any chain yet; the recorder's key is shared for attesting presents alone.
    pub(crate) fn new(
        database: Database,
        config: NodeConfig,
        events_written: watch::Receiver<i64>,
    ) -> (Self, Arc<SigningKey>) {
        let recorder = Arc::new(config.recorder);
        let shared = Self {
            database,
            database_url: config.database_url,
            contracts: config.contracts,
            durability: config.durability,
            claim_secret: config.claim_secret,
            journal_key: config.journal_key,
            attestor: Attestor::new(Arc::clone(&recorder)),
            projections: config.projections,
            clock: config.clock,
            threads: Threads::new(config.verifiers_max),
            meter: Meter::new(config.mempool_max),
            hosts: RwLock::default(),
            openings: Openings::new(config.verifiers_max.clamp(2, OPENINGS_MAX)),
            memberships: Memberships::default(),
            bounds: OpenBounds { chain_idle: config.chain_idle, chains_open_max: config.chains_open_max.max(1) },
            uses: AtomicU64::new(0),
            crowded: Notify::new(),
            timers: Notify::new(),
            rebuilding: tokio::sync::Mutex::default(),
            parked: RwLock::new(Vec::new()),
            fault: RwLock::default(),
            recoveries: AtomicU64::default(),
            events_written,
        };
        (shared, recorder)
    }
}

/// Takes note of the stored chains above a number, from their rows alone; answers with the highest number.
pub(crate) async fn know_chains_after(
    shared: &Shared,
    recorder: &PublicKey,
    mut after: i64,
) -> Result<i64, ChainError> {
    loop {
        let rows = block_store::chains_after(shared.database.read(), after, CHAINS_PER_PAGE).await?;
        let Some(last) = rows.last() else { return Ok(after) };
        after = last.number;
        for row in rows {
            note(shared, recorder, row)?;
        }
    }
}

/// What is damaged stops its chain; what belongs to another node stops this one.
fn note(shared: &Shared, recorder: &PublicKey, row: StoredChain) -> Result<(), ChainError> {
    let number = row.number;
    let decoded = ledger_core::encoding::decode::<Genesis>(&row.genesis);
    let genesis = decoded.as_ref().ok();
    let identity = ChainId::try_from(row.identity.as_slice()).ok();
    let Some(chain) = identity.or_else(|| genesis.map(Genesis::chain_id)) else {
        tracing::error!(number, "neither id nor genesis of a chain can be read; it is left out; run hive audit");
        return Ok(());
    };
    let directory = genesis.and_then(|genesis| genesis.directory.map(|directory| directory.chain));
    shared.know(chain, Known { number, directory });
    let genesis = match decoded {
        Ok(genesis) if genesis.chain_id() == chain && Some(chain) == identity => genesis,
        Ok(_) => {
            shared.note_broken(chain, Broken { height: 0, reason: "the genesis is not the chain's".to_owned() });
            return Ok(());
        }
        Err(error) => {
            shared.note_broken(chain, Broken { height: 0, reason: format!("the genesis does not decode: {error}") });
            return Ok(());
        }
    };
    if genesis.recorder != *recorder {
        return Err(ChainError::ForeignRecorder { chain });
    }
    match genesis.contracts.iter().find(|contract| shared.contracts.get(contract).is_none()) {
        Some(contract) => Err(ChainError::UnknownContract { contract: contract.clone() }),
        None => Ok(()),
    }
}

/// A stored chain at its tip; not hosted yet. It opens from what is kept of it, or where that is of no use from its genesis.
pub(crate) async fn read_in(shared: &Arc<Shared>, row: StoredChain) -> Result<Queue, ChainError> {
    let hosted = at_genesis(shared, &row)?;
    match present::read(shared.database.read(), &hosted, &shared.threads).await {
        Ok(None) => {}
        Ok(Some(restored)) => match from_present(shared, Arc::clone(&hosted), restored).await {
            Ok(queue) => return Ok(queue),
            Err(error @ ChainError::BrokenHistory { .. }) => not_used(&hosted, &error),
            Err(error) => return Err(error),
        },
        Err(ignored) => not_used(&hosted, &ignored),
    }
    from_blocks(shared, &row).await
}

fn not_used(hosted: &HostedChain, reason: &(impl Coded + ?Sized)) {
    let code = reason.code();
    tracing::warn!(chain = %hosted.id, code, %reason, "what is kept of the chain is not used; it is replayed from its blocks");
}

fn at_genesis(shared: &Shared, row: &StoredChain) -> Result<Arc<HostedChain>, ChainError> {
    let genesis: Genesis = ledger_core::encoding::decode(&row.genesis)?;
    // Whoever reads a chain in has its directory in memory.
    let directory = shared.directory_of(&genesis)?;
    let hosted = Arc::new(HostedChain::new(row.number, genesis, &shared.contracts)?.with_directory(directory));
    if hosted.id.as_bytes().as_slice() != row.identity {
        return Err(hosted.broken(0, &"the genesis is not the chain's"));
    }
    Ok(hosted)
}

/// The chain as it was kept, with the blocks above replayed. Of the invariants the sums over accounts alone are looked at again:
/// the root says that all entries are those of the blocks, and what else they must fulfil takes every state, as in hive audit.
async fn from_present(shared: &Arc<Shared>, hosted: Arc<HostedChain>, restored: Restored) -> Result<Queue, ChainError> {
    let (journal, bytes) = (restored.mark.journal.clone(), restored.bytes);
    hosted.restore(restored);
    shared.meter.restored(hosted.number, bytes);
    replay::chain(shared, &hosted).await?;
    hosted.let_go_of_plain();
    hosted.stop_if_supplies_differ();
    let mut queue = Queue::new(Arc::clone(&hosted));
    queue.journal = replay::journal_behind(shared, &hosted, journal).await?;
    Ok(queue)
}

/// The chain replayed from its genesis to its tip.
pub(crate) async fn from_blocks(shared: &Arc<Shared>, row: &StoredChain) -> Result<Queue, ChainError> {
    let hosted = at_genesis(shared, row)?;
    let mut queue = Queue::new(Arc::clone(&hosted));
    replay::chain(shared, &hosted).await?;
    fault::point(Point::ReplayChain)?;
    hosted.stop_if_broken();
    hosted.let_go_of_plain();
    queue.journal = replay::journal(shared, &hosted).await?;
    Ok(queue)
}

async fn load_parked(shared: &Shared) -> Result<BTreeSet<(i64, String)>, ChainError> {
    let mut standing = BTreeSet::new();
    for row in block_store::parked(shared.database.read()).await? {
        if let Some(chain) = shared.chain_numbered(row.chain_id) {
            let height = unsigned("parked_projection", "height", row.height)?;
            shared.park(Parked { chain, name: row.name.clone(), height, reason: row.reason });
        }
        standing.insert((row.chain_id, row.name));
    }
    Ok(standing)
}
