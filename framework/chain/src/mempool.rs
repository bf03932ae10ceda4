//! What is under way: bounded, so that a node under too much load says Busy instead of growing.

use std::sync::Arc;

use ledger_core::verify::VerifiedTransaction;
use ledger_core::{ChainId, Genesis};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::error::{ChainError, SubmitError};
use crate::executor::Submission;
use crate::hosted::{ChainPlace, HostedChain};
use crate::journal::JournalRecord;
use crate::producer::queue::Queue;
use crate::rebuild::{Exchanged, Rebuild, RebuildError};
use crate::submit::Accepted;

/// Places of one chain for each that is free.
const FREE_PLACES_TIMES: usize = 8;

/// A place in the mempool; while it is taken its chain stays open.
pub(crate) struct Slot {
    _place: OwnedSemaphorePermit,
    _chain: ChainPlace,
}

/// What the producer is asked to do.
pub(crate) enum Request {
    Transaction(Box<PendingTransaction>),
    Journal(PendingEntry),
    Cover(PendingCover),
    CreateChain(Box<Genesis>, oneshot::Sender<Result<Arc<HostedChain>, ChainError>>),
    /// A chain that is read into memory again; answers with the one that is hosted, or none where it is to be read again.
    OpenChain(Box<Queue>, oneshot::Sender<Option<Arc<HostedChain>>>),
    CloseChain(ChainId, oneshot::Sender<Result<(), ChainError>>),
    /// A rebuilt projection, whose tables are to become the live ones.
    Exchange(Box<Rebuild>, oneshot::Sender<Result<Exchanged, RebuildError>>),
    Shutdown(oneshot::Sender<()>),
}

/// A verified transaction that waits for its block.
pub(crate) struct PendingTransaction {
    pub(crate) chain: Arc<HostedChain>,
    pub(crate) verified: VerifiedTransaction,
    pub(crate) bytes: usize,
    pub(crate) answer: oneshot::Sender<Result<Accepted, SubmitError>>,
    /// Its place in the mempool; none for what the producer itself puts in front.
    pub(crate) slot: Option<Slot>,
}

/// A journal entry that waits to become durable.
pub(crate) struct PendingEntry {
    pub(crate) chain: Arc<HostedChain>,
    pub(crate) record: JournalRecord,
    pub(crate) answer: oneshot::Sender<Result<u64, SubmitError>>,
    pub(crate) slot: Slot,
}

/// A wish for a block on the tip, which carries the tip's state root.
pub(crate) struct PendingCover {
    /// The chain's number.
    pub(crate) number: i64,
    /// Height of the tip to be covered.
    pub(crate) tip: u64,
    pub(crate) answer: oneshot::Sender<Result<(), SubmitError>>,
    pub(crate) slot: Slot,
}

/// The way to the producer, and the bounds on it.
#[derive(Clone)]
pub(crate) struct Mempool {
    slots: Arc<Semaphore>,
    verifiers: Arc<Semaphore>,
    /// Proofs at past heights are made one at a time: each holds a second ledger.
    provers: Arc<Semaphore>,
    requests: mpsc::UnboundedSender<Request>,
    submissions: mpsc::UnboundedSender<Submission>,
}

/// The same way, which does not keep it open.
pub(crate) struct WeakMempool {
    slots: Arc<Semaphore>,
    verifiers: Arc<Semaphore>,
    provers: Arc<Semaphore>,
    requests: mpsc::WeakUnboundedSender<Request>,
    submissions: mpsc::WeakUnboundedSender<Submission>,
}

impl WeakMempool {
    /// The mempool, while somebody else has it.
    pub(crate) fn upgrade(&self) -> Option<Mempool> {
        Some(Mempool {
            slots: Arc::clone(&self.slots),
            verifiers: Arc::clone(&self.verifiers),
            provers: Arc::clone(&self.provers),
            requests: self.requests.upgrade()?,
            submissions: self.submissions.upgrade()?,
        })
    }
}

/// The other ends: of what the executor is asked to verify, and of what the producer is asked to do.
pub(crate) struct Outlets {
    pub(crate) submissions: mpsc::UnboundedReceiver<Submission>,
    pub(crate) requests: mpsc::UnboundedReceiver<Request>,
    /// For the executor, whose verified transactions go on to the producer.
    pub(crate) to_producer: mpsc::UnboundedSender<Request>,
}

impl Mempool {
    /// A mempool of so many slots, with its outlets.
    pub(crate) fn new(slots: usize, verifiers: usize) -> (Self, Outlets) {
        let (requests, requested) = mpsc::unbounded_channel();
        let (submissions, submitted) = mpsc::unbounded_channel();
        let to_producer = requests.clone();
        let slots = Arc::new(Semaphore::new(slots.clamp(1, Semaphore::MAX_PERMITS)));
        let verifiers = Arc::new(Semaphore::new(verifiers.clamp(1, Semaphore::MAX_PERMITS)));
        let provers = Arc::new(Semaphore::new(1));
        let outlets = Outlets { submissions: submitted, requests: requested, to_producer };
        (Self { slots, verifiers, provers, requests, submissions }, outlets)
    }

    /// A handle that keeps nothing running.
    pub(crate) fn downgrade(&self) -> WeakMempool {
        WeakMempool {
            slots: Arc::clone(&self.slots),
            verifiers: Arc::clone(&self.verifiers),
            provers: Arc::clone(&self.provers),
            requests: self.requests.downgrade(),
            submissions: self.submissions.downgrade(),
        }
    }

    /// A place in the mempool, held until the answer is given; none is Busy. A chain takes at most so many times as many
    /// places as are free after that: many for one alone, and some are left for the next one, however many flood it.
    pub(crate) fn slot(&self, chain: &Arc<HostedChain>) -> Result<Slot, SubmitError> {
        if chain.places() >= self.slots.available_permits().saturating_mul(FREE_PLACES_TIMES) {
            return Err(SubmitError::Busy);
        }
        let place = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| SubmitError::Busy)?;
        let chain = chain.hold().ok_or(SubmitError::Busy)?.with_place();
        Ok(Slot { _place: place, _chain: chain })
    }

    /// Places that are free.
    pub(crate) fn free(&self) -> usize {
        self.slots.available_permits()
    }

    /// Waits for a turn to verify on a blocking thread.
    pub(crate) async fn verifier(&self) -> Result<OwnedSemaphorePermit, SubmitError> {
        let turn = Arc::clone(&self.verifiers).acquire_owned().await;
        turn.map_err(|_| SubmitError::Stopped("the node is shutting down".to_owned()))
    }

    /// The turn to make a proof at a past height, if nobody has it.
    pub(crate) fn prover(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.provers).try_acquire_owned().ok()
    }

    /// Hands transactions to the executor; their answers are dropped when it is gone.
    pub(crate) fn submit(&self, submission: Submission) {
        let _gone = self.submissions.send(submission);
    }

    /// Hands a request to the producer; false when it is gone.
    pub(crate) fn send(&self, request: Request) -> bool {
        self.requests.send(request).is_ok()
    }
}
