//! The one task that makes blocks: it gathers what is verified, gives it a time, and commits the ready blocks of all chains
//! together. Alone it waits for nothing; under load everything that arrives during one commit goes into the next, whose blocks
//! are formed while the database writes.

mod exchange;
pub(crate) mod form;
pub(crate) mod queue;
pub(crate) mod recovery;
pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ledger_core::{ChainId, Genesis, PublicKey};
use tokio::sync::{mpsc, oneshot, watch};

use crate::commit::Written;
use crate::error::{ChainError, SubmitError};
use crate::fault::{self, Point};
use crate::hosted::HostedChain;
use crate::mempool::Request;
use crate::node::{Known, Shared};
use crate::producer::form::Gathered;
use crate::producer::queue::Queue;
use crate::producer::recovery::Recovery;
use crate::producer::store::Storing;
use crate::sequence::Sequencer;
use crate::storage::DatabaseLock;
use crate::storage::block_store;
use crate::storage::entity::chain;

/// The longest sleep before the clock is asked again whether a journal is due, milliseconds.
const SLEEP_MS_MAX: u64 = 1_000;

/// Makes and commits blocks until every handle to the node is gone.
pub(crate) struct Producer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sequencer: Box<dyn Sequencer>,
    pub(crate) recorder: PublicKey,
    pub(crate) requests: mpsc::UnboundedReceiver<Request>,
    /// By chain number.
    pub(crate) queues: BTreeMap<i64, Queue>,
    /// Numbers of chains with something to write or to fold.
    pub(crate) ready: BTreeSet<i64>,
    /// Number of the chain that was made last.
    pub(crate) last_number: i64,
    /// Number of the chain of which a block was formed last.
    pub(crate) served: i64,
    pub(crate) commit_transactions_max: usize,
    /// What is formed for the next commit.
    pub(crate) gathered: Gathered,
    /// The commit that is under way.
    pub(crate) storing: Option<Storing>,
    /// Number of the last block that was formed, over all chains.
    pub(crate) last_sequence: i64,
    pub(crate) last_event: i64,
    pub(crate) events_written: watch::Sender<i64>,
    /// Held to the last commit.
    pub(crate) lock: Arc<DatabaseLock>,
    pub(crate) recovery: Recovery,
    /// Projections that stand still: chain number and name.
    pub(crate) standing: BTreeSet<(i64, String)>,
}

/// What the producer wakes up for.
enum Wake {
    Request(Request),
    /// The commit that was under way is durable, or failed.
    Stored(Result<Written, ChainError>),
    /// Something is to be formed.
    Due,
    /// It may be tried whether the cause of a failure is gone.
    Recover,
    Closed,
}

impl Shared {
    /// Milliseconds UTC, from the node's clock.
    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }
}

impl Producer {
    /// Runs until the last node handle is dropped or shutdown is asked.
    pub(crate) async fn run(mut self) {
        let mut ended = None;
        loop {
            let woken = self.wake().await;
            fault::gate().await;
            match woken {
                Wake::Request(request) => ended = self.take(request).await,
                Wake::Stored(written) => self.stored(written),
                Wake::Due => {}
                Wake::Recover => self.try_to_go_on().await,
                Wake::Closed => break,
            }
            while ended.is_none() {
                let Ok(request) = self.requests.try_recv() else { break };
                ended = self.take(request).await;
            }
            self.commit().await;
            if ended.is_some() {
                break;
            }
        }
        self.requests.close();
        while let Some(request) = self.requests.recv().await {
            self.take(request).await;
        }
        self.settle().await;
        while self.has_pending() {
            self.commit().await;
            self.settle().await;
        }
        let has_failed = self.shared.stopped().is_some();
        self.shared.end();
        if !has_failed {
            self.shared.keep_all().await;
        }
        // Nobody else writes until here.
        drop(self.lock);
        if let Some(ended) = ended {
            // Whoever asked may be gone.
            let _unheard = ended.send(());
        }
    }

    async fn wake(&mut self) -> Wake {
        if self.shared.stopped().is_none() && self.has_due() {
            return self.requests.try_recv().map_or(Wake::Due, Wake::Request);
        }
        let wait = self.journal_wait();
        let (has_failed, is_storing) = (self.shared.has_failed(), self.storing.is_some());
        let (storing, recovery_due) = (&mut self.storing, self.recovery.due());
        let stored = async {
            match storing {
                Some(storing) => storing.written().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            written = stored => Wake::Stored(written),
            received = self.requests.recv() => received.map_or(Wake::Closed, Wake::Request),
            () = tokio::time::sleep_until(recovery_due), if has_failed && !is_storing => Wake::Recover,
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() && !is_storing => Wake::Due,
        }
    }

    /// How long until a chain's journal is to be folded; none while no journal waits.
    fn journal_wait(&self) -> Option<Duration> {
        if self.shared.stopped().is_some() {
            return None;
        }
        let now_ms = self.shared.now_ms();
        let due = self.ready.iter().filter_map(|number| self.queues.get(number)?.journal_due_ms()).min()?;
        Some(Duration::from_millis(due.saturating_sub(now_ms).clamp(1, SLEEP_MS_MAX)))
    }

    fn has_pending(&self) -> bool {
        self.ready.iter().any(|number| self.queues.get(number).is_some_and(Queue::has_pending))
    }

    /// Puts a request into its chain's queue; answers with the sender of a shutdown.
    async fn take(&mut self, request: Request) -> Option<oneshot::Sender<()>> {
        match request {
            Request::Transaction(pending) => {
                let number = pending.chain.number;
                match self.stopped(number) {
                    Some(stopped) => pending.refuse(stopped),
                    None => self.queue(number, |queue| queue.transactions.push_back(*pending)),
                }
            }
            Request::Journal(pending) => {
                let number = pending.chain.number;
                match self.stopped(number) {
                    Some(stopped) => pending.refuse(stopped),
                    None => self.queue(number, |queue| queue.entries.push(pending)),
                }
            }
            Request::Cover(pending) => {
                let number = pending.number;
                match self.stopped(number) {
                    Some(stopped) => pending.refuse(stopped),
                    None => self.queue(number, |queue| queue.covers.push(pending)),
                }
            }
            Request::CreateChain(genesis, answer) => {
                let created = self.create_chain(*genesis).await;
                if let Err(error @ ChainError::Storage(_)) = &created {
                    self.fail(error);
                }
                // Whoever asked may be gone; the chain is there all the same.
                let _unheard = answer.send(created);
            }
            Request::OpenChain(queue, answer) => {
                let _unheard = answer.send(self.open_chain(*queue));
            }
            Request::CloseChain(chain, answer) => {
                let _unheard = answer.send(self.close_chain(&chain));
            }
            Request::Exchange(rebuild, answer) => {
                self.settle().await;
                let _unheard = answer.send(self.exchange(*rebuild).await);
            }
            Request::Shutdown(answer) => return Some(answer),
        }
        None
    }

    /// Why nothing is taken for the chain of this number: the node or the chain has stopped, or the chain was closed meanwhile.
    fn stopped(&self, number: i64) -> Option<SubmitError> {
        let Some(queue) = self.queues.get(&number) else { return Some(SubmitError::Busy) };
        self.shared.stopped().or_else(|| queue.chain.stopped().cloned()).map(SubmitError::Stopped)
    }

    fn queue(&mut self, number: i64, put: impl FnOnce(&mut Queue)) {
        if let Some(queue) = self.queues.get_mut(&number) {
            put(queue);
            self.ready.insert(number);
        }
    }

    /// Hosts a chain that was read in; one that is hosted already stays. None where its directory was closed meanwhile, so that
    /// it would learn from one that does not go on.
    fn open_chain(&mut self, queue: Queue) -> Option<Arc<HostedChain>> {
        if let Some(hosted) = self.shared.hosted(&queue.chain.id) {
            return Some(hosted);
        }
        let is_hosted = |directory: &Arc<HostedChain>| {
            self.shared.hosted(&directory.id).is_some_and(|hosted| Arc::ptr_eq(&hosted, directory))
        };
        if !queue.chain.directory.as_ref().is_none_or(is_hosted) {
            return None;
        }
        let (hosted, number) = (Arc::clone(&queue.chain), queue.chain.number);
        if !queue.journal.unfolded.is_empty() {
            self.ready.insert(number);
        }
        self.queues.insert(number, queue);
        self.shared.host(Arc::clone(&hosted));
        Some(hosted)
    }

    /// Lets go of a chain of which nothing is under way; what is stored stays, and its timer goes on.
    fn close_chain(&mut self, chain: &ChainId) -> Result<(), ChainError> {
        let hosted = self.shared.hosted(chain).ok_or(ChainError::UnknownChain(*chain))?;
        let teaches = |other: &Arc<HostedChain>| other.directory.as_ref().is_some_and(|of| of.id == *chain);
        let queue = self.queues.get(&hosted.number);
        let is_busy = queue.is_some_and(|queue| queue.has_pending() || !queue.journal.unfolded.is_empty());
        // Of a chain that has stopped nothing goes on.
        let has_work = hosted.stopped().is_none() && hosted.waiting().has_work();
        if is_busy
            || has_work
            || !hosted.is_settled()
            || self.shared.all_hosted().iter().any(teaches)
            || !hosted.close_unheld()
        {
            return Err(ChainError::InUse(*chain));
        }
        self.queues.remove(&hosted.number);
        self.ready.remove(&hosted.number);
        self.shared.close(chain);
        Ok(())
    }

    async fn create_chain(&mut self, genesis: Genesis) -> Result<Arc<HostedChain>, ChainError> {
        if let Some(reason) = self.shared.stopped() {
            return Err(ChainError::Stopped(reason));
        }
        let id: ChainId = genesis.chain_id();
        // A closed chain is there too.
        if self.shared.known(&id).is_some() {
            return Err(ChainError::ChainExists(id));
        }
        if genesis.recorder != self.recorder {
            return Err(ChainError::ForeignRecorder { chain: id });
        }
        let number = self.last_number.saturating_add(1);
        let directory = self.shared.directory_of(&genesis)?;
        let hosted = HostedChain::new(number, genesis, &self.shared.contracts)?;
        let hosted = Arc::new(hosted.with_directory(directory));
        let row = chain::Model {
            chain_id: number,
            identity: id.to_vec(),
            name: hosted.genesis.name.clone(),
            genesis: ledger_core::encoding::encode(&hosted.genesis),
        };
        let transaction = self.shared.database.begin_write().await?;
        let parties = hosted.party_rows();
        fault::point(Point::ChainBegun)?;
        block_store::write_chain(&transaction, row, parties).await?;
        fault::point(Point::ChainWritten)?;
        transaction.commit().await?;
        fault::point(Point::ChainDurable)?;

        self.last_number = number;
        let directory = hosted.directory.as_ref().map(|directory| directory.id);
        self.shared.know(id, Known { number, directory });
        let administrator = hosted.genesis.administrator_record().address;
        self.shared.memberships.forget([&administrator].into_iter());
        self.queues.insert(number, Queue::new(Arc::clone(&hosted)));
        self.shared.host(Arc::clone(&hosted));
        Ok(hosted)
    }

    /// A chain that has stopped since something was put into its queue.
    fn pass_over_stopped_chains(&mut self) {
        let queues = &mut self.queues;
        self.ready.retain(|number| match queues.get_mut(number) {
            Some(queue) => match queue.chain.stopped().cloned() {
                Some(reason) => {
                    queue.refuse_all(&SubmitError::Stopped(reason));
                    false
                }
                None => true,
            },
            None => false,
        });
    }

    /// Stops accepting, until it can go on.
    fn fail(&mut self, error: &ChainError) {
        self.shared.stop(error.to_string());
        self.recovery.failed();
    }

    /// Forms what is ready and begins to write it; a failure stops the node and answers everyone who waits.
    async fn commit(&mut self) {
        self.pass_over_stopped_chains();
        if self.shared.stopped().is_none()
            && let Err(error) = self.form().await
        {
            self.shared.meter.commit_failed();
            self.fail(&error);
        }
        if let Some(reason) = self.shared.stopped() {
            let stopped = SubmitError::Stopped(reason);
            self.give_up_gathered(&stopped);
            self.queues.values_mut().for_each(|queue| queue.refuse_all(&stopped));
            if self.storing.is_none() {
                self.read_doubtful().await;
            }
        }
        self.begin_to_store();
    }
}
