//! A node: the chains it hosts, one database, one producer. Cheap to clone; the last clone dropped ends the producer.

mod closed;
mod fault;
mod hosts;
mod idle;
mod log;
mod lookup;
pub(crate) mod open;
mod summary;

pub(crate) use hosts::{Broken, Known};
pub use hosts::{ChainCounts, StoppedChain};
pub use lookup::CommittedTransaction;

use closed::Openings;
use fault::Fault;
use hosts::Hosts;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::stream::BoxStream;
use ledger_core::{ChainId, ClaimSecret, ContractSet, Genesis, Ledger};
use tokio::sync::{Notify, oneshot, watch};

use crate::audit::{AuditProgress, AuditReport};
use crate::clock::Clock;
use crate::config::Durability;
use crate::error::{ChainError, SubmitError};
use crate::executor::threads::Threads;
use crate::journal::{JournalKey, JournalRecord};
use crate::membership::Memberships;
use crate::mempool::{Mempool, PendingEntry, Request};
use crate::meter::{Meter, Stage, StageTime};
use crate::outbox::{self, OutboxEvent};
use crate::present::Attestor;
use crate::projection::Projection;
use crate::rebuild::{RebuildError, RebuildProgress, RebuildReport};
use crate::storage::{Database, ReadView};

/// What all parts of a node share.
pub(crate) struct Shared {
    pub(crate) database: Database,
    pub(crate) database_url: String,
    pub(crate) contracts: ContractSet,
    pub(crate) durability: Durability,
    pub(crate) claim_secret: ClaimSecret,
    pub(crate) journal_key: JournalKey,
    pub(crate) attestor: Attestor,
    pub(crate) projections: Vec<Box<dyn Projection>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) threads: Threads,
    pub(crate) meter: Meter,
    hosts: RwLock<Hosts>,
    openings: Openings,
    pub(crate) memberships: Memberships,
    pub(crate) bounds: OpenBounds,
    /// Counts the uses of all chains.
    uses: AtomicU64,
    /// More chains are in memory than there should be.
    pub(crate) crowded: Notify,
    /// Wakes the timers up: deadlines have changed, something is to be done, or the node ends.
    pub(crate) timers: Notify,
    parked: RwLock<Vec<Parked>>,
    /// One projection is rebuilt at a time: each rebuild holds a second ledger.
    pub(crate) rebuilding: tokio::sync::Mutex<()>,
    fault: RwLock<Fault>,
    /// How often it went on after a failure.
    recoveries: AtomicU64,
    /// Sequence of the last committed event.
    pub(crate) events_written: watch::Receiver<i64>,
}

/// Which chains stay in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenBounds {
    pub(crate) chain_idle: Duration,
    pub(crate) chains_open_max: usize,
}

/// A projection that failed on a block and stands still from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The chain.
    pub chain: ChainId,
    /// The projection's name.
    pub name: String,
    /// The block it failed on.
    pub height: u64,
    /// Why.
    pub reason: String,
}

/// A running node.
#[derive(Clone)]
pub struct Node {
    pub(crate) shared: Arc<Shared>,
    pub(crate) mempool: Mempool,
}

impl Shared {
    pub(crate) fn park(&self, parked: Parked) {
        self.parked.write().unwrap_or_else(PoisonError::into_inner).push(parked);
    }

    pub(crate) fn unpark(&self, chain: &ChainId, name: &str) {
        let mut parked = self.parked.write().unwrap_or_else(PoisonError::into_inner);
        parked.retain(|parked| parked.chain != *chain || parked.name != name);
    }

    pub(crate) fn parked(&self) -> Vec<Parked> {
        self.parked.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Node {
    /// Creates a chain; answers once it is durable.
    ///
    /// # Errors
    /// The genesis breaks a rule, names a contract or recorder the node does not have, or is hosted already.
    pub async fn create_chain(&self, genesis: Genesis) -> Result<ChainId, ChainError> {
        if let Some(reason) = self.shared.stopped() {
            return Err(ChainError::Stopped(reason));
        }
        // Its directory is in memory before it, and stays.
        let _directory = match genesis.directory.map(|directory| directory.chain) {
            Some(directory) => Some(self.held(&directory).await.map_err(|error| match error {
                ChainError::UnknownChain(directory) => ChainError::UnknownDirectory { directory },
                other => other,
            })?),
            None => None,
        };
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::CreateChain(Box::new(genesis), answer));
        let hosted = answered.await.map_err(|_| ChainError::Stopped("the node is shutting down".to_owned()))??;
        Ok(hosted.id)
    }

    /// Reads a chain's ledger at its tip, and answers once that is durable; commits wait while `read` runs, so it is short and
    /// never blocks.
    ///
    /// # Errors
    /// The node stores no such chain, or what is stored of it cannot be read.
    pub async fn read_ledger<R>(&self, chain: &ChainId, read: impl FnOnce(&Ledger) -> R) -> Result<R, ChainError> {
        self.opened(chain).await?.read(|chain| read(&chain.ledger())).await
    }

    /// Puts an entry into a chain's journal; answers with its number once it is durable.
    ///
    /// # Errors
    /// The chain is not hosted, the record is over its bounds, the node is busy or has stopped.
    pub async fn journal(&self, chain: &ChainId, record: JournalRecord) -> Result<u64, SubmitError> {
        let chain = self.held_to_submit(chain).await?;
        record.is_bounded()?;
        self.is_accepting()?;
        let slot = self.mempool.slot(&chain)?;
        let chain = Arc::clone(&chain);
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::Journal(PendingEntry { chain, record, answer, slot }));
        answered.await.unwrap_or_else(|_| Err(SubmitError::Stopped("the node is shutting down".to_owned())))
    }

    /// Reads projections' tables, restricted to chains; those the node does not store are left out.
    pub fn read_view(&self, chains: &[ChainId]) -> ReadView {
        let known = chains.iter().filter_map(|chain| Some((self.shared.known(chain)?.number, *chain)));
        ReadView::new(&self.shared.database, known.collect())
    }

    /// The node's database, for the framework's own tables.
    pub fn database(&self) -> &Database {
        &self.shared.database
    }

    /// Events above the sequence `after`, or those committed from now on; ends when the node shuts down.
    pub fn subscribe(&self, after: Option<i64>) -> BoxStream<'static, Result<OutboxEvent, ChainError>> {
        outbox::subscribe(self.shared.clone(), after)
    }

    /// Says why the node does not accept, if it does not.
    ///
    /// # Errors
    /// The reason, for people.
    pub fn ready(&self) -> Result<(), String> {
        self.shared.stopped().map_or(Ok(()), Err)
    }

    /// Projections that failed and stand still; the rest of the node goes on.
    pub fn parked(&self) -> Vec<Parked> {
        self.shared.parked()
    }

    /// What each stage of transactions' way has taken since the node was opened.
    pub fn stages(&self) -> [(Stage, StageTime); Stage::ALL.len()] {
        self.shared.meter.stages()
    }

    /// The clock the node was opened with.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.shared.clock)
    }

    /// The secret behind the chains' claim keys, for those who fill in claims of transactions.
    pub fn claim_secret(&self) -> &ClaimSecret {
        &self.shared.claim_secret
    }

    /// The contracts the node knows.
    pub fn contracts(&self) -> &ContractSet {
        &self.shared.contracts
    }

    /// Verifies everything from genesis and compares every column of every table with what the blocks give.
    ///
    /// # Errors
    /// The database cannot be read at all; damage is a finding, not an error.
    pub async fn audit(&self, progress: impl FnMut(AuditProgress) + Send) -> Result<AuditReport, ChainError> {
        crate::audit::audit(&self.shared, None, progress).await
    }

    /// Builds a projection's tables anew from the blocks, while reads and commits go on; where it stood still it goes on.
    /// What is done is kept when this is cut off, and the next one goes on from there.
    ///
    /// # Errors
    /// There is no such projection or chain, it fails on a block, or the database fails; the live tables are as before.
    pub async fn rebuild(
        &self,
        projection: &str,
        chain: Option<&ChainId>,
        progress: impl FnMut(RebuildProgress) + Send,
    ) -> Result<RebuildReport, RebuildError> {
        crate::rebuild::rebuild(self, projection, chain, progress).await
    }

    /// Finishes what is under way, stops accepting, and closes the database.
    pub async fn shutdown(&self) {
        let (answer, answered) = oneshot::channel();
        if self.mempool.send(Request::Shutdown(answer)) {
            // The producer drops the answer when it has already ended.
            let _ended = answered.await;
        }
        if let Err(error) = self.shared.database.close().await {
            tracing::warn!(%error, "the database did not close cleanly; what is committed stays");
        }
    }

    pub(crate) fn is_accepting(&self) -> Result<(), SubmitError> {
        self.shared.stopped().map_or(Ok(()), |reason| Err(SubmitError::Stopped(reason)))
    }
}
