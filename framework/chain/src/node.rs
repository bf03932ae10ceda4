//! A node: the chains it hosts, one database, one producer. Cheap to clone; the last clone dropped ends the producer.

mod closed;
mod hosts;
mod lookup;
mod open;

pub use lookup::CommittedTransaction;

use hosts::Hosts;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use futures_util::stream::BoxStream;
use ledger_core::{ChainId, ClaimSecret, ContractSet, Genesis, Ledger};
use tokio::sync::{Notify, oneshot, watch};

use crate::audit::{AuditProgress, AuditReport};
use crate::clock::Clock;
use crate::error::{ChainError, SubmitError};
use crate::executor::threads::Threads;
use crate::hosted::ChainSummary;
use crate::journal::{JournalKey, JournalRecord};
use crate::mempool::{Mempool, PendingEntry, Request};
use crate::outbox::{self, OutboxEvent};
use crate::projection::Projection;
use crate::rebuild::{RebuildError, RebuildProgress, RebuildReport};
use crate::storage::{Database, ReadView};

/// What all parts of a node share.
pub(crate) struct Shared {
    pub(crate) database: Database,
    pub(crate) database_url: String,
    pub(crate) contracts: ContractSet,
    pub(crate) claim_secret: ClaimSecret,
    pub(crate) journal_key: JournalKey,
    pub(crate) projections: Vec<Box<dyn Projection>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) threads: Threads,
    hosts: RwLock<Hosts>,
    /// One chain is read in at a time: two readings of one chain would make two of it, and reading takes memory.
    pub(crate) opening: tokio::sync::Mutex<()>,
    /// Wakes the timers up: deadlines have changed, something is to be done, or the node ends.
    pub(crate) timers: Notify,
    parked: RwLock<Vec<Parked>>,
    /// One projection is rebuilt at a time: each rebuild holds a second ledger.
    pub(crate) rebuilding: tokio::sync::Mutex<()>,
    fault: OnceLock<String>,
    /// Sequence of the last committed event.
    pub(crate) events_written: watch::Receiver<i64>,
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

    /// Stops accepting, for good; the first reason stays.
    pub(crate) fn stop(&self, reason: String) {
        tracing::error!(%reason, "the node stops accepting");
        self.fault.get_or_init(|| reason);
    }

    /// Accepts nothing any more because it was asked to end.
    pub(crate) fn end(&self) {
        self.fault.get_or_init(|| "the node was shut down".to_owned());
        self.timers.notify_one();
    }

    pub(crate) fn stopped(&self) -> Option<&String> {
        self.fault.get()
    }
}

impl Node {
    /// Creates a chain; answers once it is durable.
    ///
    /// # Errors
    /// The genesis breaks a rule, names a contract or recorder the node does not have, or is hosted already.
    pub async fn create_chain(&self, genesis: Genesis) -> Result<ChainId, ChainError> {
        if let Some(reason) = self.shared.stopped() {
            return Err(ChainError::Stopped(reason.clone()));
        }
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::CreateChain(Box::new(genesis), answer));
        let hosted = answered.await.map_err(|_| ChainError::Stopped("the node is shutting down".to_owned()))??;
        Ok(hosted.id)
    }

    /// The hosted chains, in the order of their numbers.
    pub fn chains(&self) -> Vec<ChainSummary> {
        let mut chains: Vec<_> = self.shared.all_hosted().iter().map(|chain| chain.summary()).collect();
        chains.sort_by_key(|chain| chain.number);
        chains
    }

    /// One hosted chain.
    pub fn chain(&self, chain: &ChainId) -> Option<ChainSummary> {
        self.shared.hosted(chain).map(|chain| chain.summary())
    }

    /// A hosted chain's genesis.
    pub fn genesis(&self, chain: &ChainId) -> Option<Genesis> {
        self.shared.hosted(chain).map(|chain| chain.genesis.clone())
    }

    /// Reads a chain's ledger at its tip; commits wait while `read` runs, so it is short and never blocks.
    pub fn read_ledger<R>(&self, chain: &ChainId, read: impl FnOnce(&Ledger) -> R) -> Option<R> {
        let hosted = self.shared.hosted(chain)?;
        let ledger = hosted.ledger();
        Some(read(&ledger))
    }

    /// Puts an entry into a chain's journal; answers with its number once it is durable.
    ///
    /// # Errors
    /// The chain is not hosted, the record is over its bounds, the node is busy or has stopped.
    pub async fn journal(&self, chain: &ChainId, record: JournalRecord) -> Result<u64, SubmitError> {
        let chain = self.opened_to_submit(chain).await?;
        record.is_bounded()?;
        self.is_accepting()?;
        let slot = self.mempool.slot()?;
        let (answer, answered) = oneshot::channel();
        self.mempool.send(Request::Journal(PendingEntry { chain, record, answer, slot }));
        answered.await.unwrap_or_else(|_| Err(SubmitError::Stopped("the node is shutting down".to_owned())))
    }

    /// Reads projections' tables, restricted to chains; those the node does not host are left out.
    pub fn read_view(&self, chains: &[ChainId]) -> ReadView {
        let hosted = chains.iter().filter_map(|chain| self.shared.hosted(chain));
        ReadView::new(&self.shared.database, hosted.map(|chain| (chain.number, chain.id)).collect())
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
        self.shared.stopped().map_or(Ok(()), |reason| Err(reason.clone()))
    }

    /// Projections that failed and stand still; the rest of the node goes on.
    pub fn parked(&self) -> Vec<Parked> {
        self.shared.parked()
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
        self.shared.stopped().map_or(Ok(()), |reason| Err(SubmitError::Stopped(reason.clone())))
    }
}
