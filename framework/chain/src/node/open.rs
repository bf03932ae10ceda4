//! Opens a node: schema, replay of every chain into memory, the journals' tips, the producer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock, RwLock};

use ledger_core::{Genesis, PublicKey, SigningKey};
use tokio::sync::{Notify, watch};

use super::{Node, Parked, Shared};
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::executor::Executor;
use crate::executor::threads::Threads;
use crate::fault::{self, Point};
use crate::hosted::HostedChain;
use crate::mempool::Mempool;
use crate::producer::Producer;
use crate::producer::queue::Queue;
use crate::replay;
use crate::sequence::Solo;
use crate::storage::block_store::StoredChain;
use crate::storage::{self, Database, DatabaseLock, block_store, outbox_store, unsigned};
use crate::timer::Timers;

impl Node {
    /// Opens the database, replays every chain and starts accepting.
    ///
    /// # Errors
    /// The database cannot be opened, a chain does not replay, or a chain names a contract or recorder the node lacks.
    pub async fn open(config: NodeConfig) -> Result<Self, ChainError> {
        let lock = DatabaseLock::take(&config.database_url).await?;
        let database = Database::open(&config.database_url).await?;
        storage::migrate(&database, &config.projections).await?;
        fault::point(Point::OpenMigrated)?;
        let last_event = outbox_store::last_sequence(database.read()).await?;
        let (events_written, written) = watch::channel(last_event);
        let (mempool, outlets) = Mempool::new(config.mempool_max, config.verifiers_max);
        let (shared, recorder) = Shared::new(database, config, written);
        let shared = Arc::new(shared);
        let (queues, ready) = load(&shared, &recorder.public()).await?;
        let standing = load_parked(&shared, &queues).await?;
        let producer = Producer {
            recorder: recorder.public(),
            sequencer: Box::new(Solo::new(recorder)),
            last_sequence: block_store::last_sequence(shared.database.read()).await?,
            shared: Arc::clone(&shared),
            requests: outlets.requests,
            last_number: queues.keys().next_back().copied().unwrap_or(0),
            queues,
            ready,
            last_event,
            events_written,
            standing,
            lock,
        };
        let executor =
            Executor { shared: Arc::clone(&shared), submissions: outlets.submissions, requests: outlets.to_producer };
        tokio::spawn(producer.run());
        tokio::spawn(Timers::new(Arc::clone(&shared), mempool.downgrade()).run());
        tokio::spawn(executor.run());
        Ok(Self { shared, mempool })
    }
}

impl Shared {
    /// Without any chain yet; the recorder's key is not shared.
    pub(crate) fn new(
        database: Database,
        config: NodeConfig,
        events_written: watch::Receiver<i64>,
    ) -> (Self, SigningKey) {
        let shared = Self {
            database,
            contracts: config.contracts,
            claim_secret: config.claim_secret,
            journal_key: config.journal_key,
            projections: config.projections,
            clock: config.clock,
            threads: Threads::new(config.verifiers_max),
            hosts: RwLock::default(),
            opening: tokio::sync::Mutex::default(),
            timers: Notify::new(),
            parked: RwLock::new(Vec::new()),
            fault: OnceLock::new(),
            events_written,
        };
        (shared, config.recorder)
    }
}

/// The queues of all stored chains, each replayed to its tip, and the numbers of those whose journal waits.
async fn load(shared: &Arc<Shared>, recorder: &PublicKey) -> Result<(BTreeMap<i64, Queue>, BTreeSet<i64>), ChainError> {
    let (mut queues, mut ready) = (BTreeMap::new(), BTreeSet::new());
    for row in block_store::chains(shared.database.read()).await? {
        let number = row.number;
        let queue = read_in(shared, row).await?;
        if queue.chain.genesis.recorder != *recorder {
            return Err(ChainError::ForeignRecorder { chain: queue.chain.id });
        }
        if !queue.journal.unfolded.is_empty() {
            ready.insert(number);
        }
        shared.host(Arc::clone(&queue.chain));
        queues.insert(number, queue);
    }
    Ok((queues, ready))
}

/// A stored chain, replayed to its tip; not hosted yet.
pub(super) async fn read_in(shared: &Arc<Shared>, row: StoredChain) -> Result<Queue, ChainError> {
    let genesis: Genesis = ledger_core::encoding::decode(&row.genesis)?;
    // A directory is made before the chains that name it, so it is hosted already.
    let directory = shared.directory_of(&genesis)?;
    let hosted = Arc::new(HostedChain::new(row.number, genesis, &shared.contracts)?.with_directory(directory));
    if hosted.id.as_bytes().as_slice() != row.identity {
        return Err(hosted.broken(0, &"the genesis is not the chain's"));
    }
    let mut queue = Queue::new(Arc::clone(&hosted));
    let folded = replay::chain(shared, &hosted).await?;
    fault::point(Point::ReplayChain)?;
    hosted.stop_if_broken();
    queue.journal = replay::journal(shared, &hosted, folded).await?;
    Ok(queue)
}

async fn load_parked(shared: &Shared, queues: &BTreeMap<i64, Queue>) -> Result<BTreeSet<(i64, String)>, ChainError> {
    let mut standing = BTreeSet::new();
    for row in block_store::parked(shared.database.read()).await? {
        if let Some(queue) = queues.get(&row.chain_id) {
            let height = unsigned("parked_projection", "height", row.height)?;
            shared.park(Parked { chain: queue.chain.id, name: row.name.clone(), height, reason: row.reason });
        }
        standing.insert((row.chain_id, row.name));
    }
    Ok(standing)
}
