//! Verification of what is submitted: what waits of a chain is one batch, spread over threads.
//!
//! A lone submission is verified at once. What arrives while a batch is verified is the next batch, so batches grow with
//! the load and signatures are verified together. Submissions of a chain are taken in their order, so one may spend what an
//! earlier one creates, in the same batch or before. Chains take turns, so none waits for all that another has waiting.

mod backlog;
pub(crate) mod pending;
pub(crate) mod threads;

use std::sync::{Arc, OnceLock};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ledger_core::verify::{Batch, UnsignedError, VerifiedTransaction, Workers};
use ledger_core::{Address, CommandId, Rejection, TransactionId};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::error::SubmitError;
use crate::executor::backlog::Backlog;
use crate::executor::pending::Tip;
use crate::fault::{self, Point};
use crate::hosted::HostedChain;
use crate::mempool::{PendingTransaction, Request, Slot};
use crate::meter::CountedWorkers;
use crate::node::Shared;
use crate::past::Past;
use crate::submit::Accepted;

/// Chains that are verified at the same time, at least: a second one need not wait for a large batch of the first.
const CHAINS_AT_ONCE_MIN: usize = 2;

/// Signed transactions of one chain, in order.
pub(crate) struct Submission {
    pub(crate) chain: Arc<HostedChain>,
    pub(crate) transactions: Vec<Submitted>,
}

/// One of them.
pub(crate) struct Submitted {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) origin: Origin,
    /// Set once the bytes are read.
    pub(crate) sent: Arc<OnceLock<Sent>>,
    pub(crate) answer: oneshot::Sender<Result<Accepted, SubmitError>>,
    pub(crate) slot: Slot,
}

/// Whether a transaction came from outside or is a step of the node itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Outside,
    Node,
}

/// What a submission says it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) id: TransactionId,
    pub(crate) command: CommandId,
    pub(crate) submitter: Address,
}

/// Verifies until nobody can submit any more.
pub(crate) struct Executor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) submissions: mpsc::UnboundedReceiver<Submission>,
    pub(crate) requests: mpsc::UnboundedSender<Request>,
}

type Verified = Vec<Result<VerifiedTransaction, Rejection>>;

impl Executor {
    /// Batches of several chains are verified side by side, of one chain one behind the other.
    pub(crate) async fn run(mut self) {
        let mut backlog = Backlog::new(self.shared.threads.width().max(CHAINS_AT_ONCE_MIN));
        let mut verifying = FuturesUnordered::new();
        let (_, none) = mpsc::unbounded_channel();
        let mut submissions = std::mem::replace(&mut self.submissions, none);
        let executor = &self;
        let mut is_open = true;
        while is_open || !verifying.is_empty() {
            tokio::select! {
                received = submissions.recv(), if is_open => match received {
                    Some(submission) => backlog.put(submission),
                    None => is_open = false,
                },
                Some(number) = verifying.next() => backlog.done(number),
            }
            // What came meanwhile shares the batches that begin now.
            while let Ok(submission) = submissions.try_recv() {
                backlog.put(submission);
            }
            while let Some(Submission { chain, transactions }) = backlog.next() {
                verifying.push(async move {
                    let number = chain.number;
                    executor.verify(chain, transactions).await;
                    number
                });
            }
        }
    }

    async fn verify(&self, chain: Arc<HostedChain>, transactions: Vec<Submitted>) {
        fault::passed(Point::VerifyBegun);
        let verified = self.verified(&chain, &transactions).await;
        fault::passed(Point::VerifyDone);
        match verified {
            Ok(results) => self.deliver(&chain, transactions, results),
            // A rule that panics harms the transaction that made it panic and no other.
            Err(reason) if transactions.len() <= 1 => {
                let stopped = SubmitError::Stopped(format!("verification did not finish: {reason}"));
                transactions.into_iter().for_each(|submitted| submitted.tell(stopped.clone()));
            }
            Err(_) => {
                for submitted in transactions {
                    Box::pin(self.verify(Arc::clone(&chain), vec![submitted])).await;
                }
            }
        }
    }

    /// Both stages, away from the tasks that serve requests.
    async fn verified(&self, chain: &Arc<HostedChain>, transactions: &[Submitted]) -> Result<Verified, String> {
        let bytes = transactions.iter().map(|submitted| Arc::clone(&submitted.bytes)).collect();
        let sent: Vec<_> = transactions.iter().map(|submitted| Arc::clone(&submitted.sent)).collect();
        let (shared, chain, runtime) = (Arc::clone(&self.shared), Arc::clone(chain), Handle::current());
        let verify = move || {
            shared.meter.batch.record(u64::try_from(sent.len()).unwrap_or(u64::MAX));
            let _span = tracing::debug_span!("verify", chain = %chain.id, count = sent.len()).entered();
            let _measured = shared.meter.verify.measure();
            let workers = CountedWorkers { timer: &shared.meter.verify, workers: &shared.threads };
            let batch = Batch::read(bytes, chain.id, &workers);
            for (sent, read) in sent.iter().zip(batch.sent()) {
                let Some((id, transaction)) = read else { continue };
                let (command, submitter) = (transaction.command_id, transaction.submitter);
                sent.get_or_init(|| Sent { id, command, submitter });
            }
            let offers = chain.pending().offers(batch.named());
            let tip = Tip { offers, past: Past::new(&shared, &chain, runtime) };
            let results = batch.verify(shared.rules(), &tip, &workers);
            results.into_iter().map(|result| result.map_err(Rejection::from)).collect()
        };
        tokio::task::spawn_blocking(verify).await.map_err(|error| error.to_string())
    }

    /// Hands on what is verified, in order, and answers the rest.
    fn deliver(&self, chain: &Arc<HostedChain>, transactions: Vec<Submitted>, results: Verified) {
        let mut pending = chain.pending();
        for (submitted, result) in transactions.into_iter().zip(results) {
            let of_nobody = submitted.sent.get().is_some_and(|sent| sent.submitter == Address::NOBODY);
            if of_nobody && submitted.origin == Origin::Outside {
                submitted.tell(UnsignedError::NoSubmitter.into());
                continue;
            }
            let Submitted { bytes, sent, answer, slot, .. } = submitted;
            match result {
                Ok(verified) => {
                    pending.enter(&verified);
                    let chain = Arc::clone(chain);
                    let request = PendingTransaction { chain, verified, bytes: bytes.len(), answer, slot: Some(slot) };
                    // Nobody listens any more when the node has ended; the dropped answer says so.
                    let _ended = self.requests.send(Request::Transaction(Box::new(request)));
                }
                Err(rejection) => {
                    if let Some(sent) = sent.get() {
                        pending.refuse(sent.id);
                    }
                    // Whoever asked may be gone.
                    let _unheard = answer.send(Err(SubmitError::Rejected(rejection)));
                }
            }
        }
    }
}

impl Submitted {
    fn tell(self, error: SubmitError) {
        // Whoever asked may be gone.
        let _unheard = self.answer.send(Err(error));
    }
}
