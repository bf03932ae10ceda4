//! What waits for one chain's next block, and how a block is cut from it.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger_core::verify::{ProposedBlock, VerifiedBlock, VerifiedTransaction, contextual};
use ledger_core::{Bounds, Digest, Ledger, Rejection};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::error::SubmitError;
use crate::hosted::HostedChain;
use crate::journal::{JournalTip, NewEntry};
use crate::mempool::{PendingEntry, PendingTransaction};
use crate::storage::StorageError;
use crate::submit::Accepted;

/// Journal entries folded by one block at most.
const JOURNAL_PER_BLOCK_MAX: usize = 10_000;

/// One chain's queue.
pub(crate) struct Queue {
    pub(crate) chain: Arc<HostedChain>,
    pub(crate) transactions: VecDeque<PendingTransaction>,
    pub(crate) entries: Vec<PendingEntry>,
    pub(crate) journal: JournalTip,
}

/// Who waits for an answer, and the place in the mempool that the wait holds.
pub(crate) struct Waiting<T> {
    pub(crate) answer: oneshot::Sender<Result<T, SubmitError>>,
    pub(crate) _slot: OwnedSemaphorePermit,
}

/// What one chain contributes to a commit.
pub(crate) struct Proposal {
    pub(crate) chain: Arc<HostedChain>,
    pub(crate) entries: Vec<(NewEntry, Waiting<u64>)>,
    pub(crate) block: Option<VerifiedBlock>,
    /// Waiting for the block's transactions, in the block's order.
    pub(crate) accepted: Vec<Waiting<Accepted>>,
    pub(crate) refused: Vec<(Rejection, Waiting<Accepted>)>,
}

impl<T> Waiting<T> {
    pub(crate) fn tell(self, result: Result<T, SubmitError>) {
        // Whoever asked may be gone; what is committed stays committed.
        let _unheard = self.answer.send(result);
    }
}

impl PendingTransaction {
    pub(crate) fn refuse(self, error: SubmitError) {
        Waiting { answer: self.answer, _slot: self.slot }.tell(Err(error));
    }
}

impl PendingEntry {
    pub(crate) fn refuse(self, error: SubmitError) {
        Waiting { answer: self.answer, _slot: self.slot }.tell(Err(error));
    }
}

impl Proposal {
    pub(crate) fn refuse_all(self, error: &SubmitError) {
        self.entries.into_iter().for_each(|(_, waiting)| waiting.tell(Err(error.clone())));
        let refused = self.refused.into_iter().map(|(_, waiting)| waiting);
        self.accepted.into_iter().chain(refused).for_each(|waiting| waiting.tell(Err(error.clone())));
    }
}

impl Queue {
    pub(crate) fn new(chain: Arc<HostedChain>) -> Self {
        let journal = JournalTip::new(chain.id);
        Self { chain, transactions: VecDeque::new(), entries: Vec::new(), journal }
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.transactions.is_empty() || !self.entries.is_empty()
    }

    /// When the waiting journal is to be folded by a block of its own, milliseconds UTC.
    pub(crate) fn journal_due_ms(&self) -> Option<u64> {
        let waits = !self.journal.unfolded.is_empty();
        waits.then(|| journal_due_ms(&self.chain.ledger()))
    }

    pub(crate) fn refuse_all(&mut self, error: &SubmitError) {
        self.transactions.drain(..).for_each(|pending| pending.refuse(error.clone()));
        self.entries.drain(..).for_each(|pending| pending.refuse(error.clone()));
    }

    /// Cuts the next block and takes the new journal entries. The queue's journal itself changes only after the commit.
    pub(crate) fn propose(&mut self, now_ms: u64) -> Result<Proposal, StorageError> {
        let entries = self.number_entries(now_ms)?;
        let unfolded = self.journal.unfolded.iter().copied().chain(entries.iter().map(|(entry, _)| entry.hash));
        let journal: Vec<Digest> = unfolded.take(JOURNAL_PER_BLOCK_MAX).collect();
        let ledger = self.chain.ledger();
        let journal_is_due = !journal.is_empty() && now_ms >= journal_due_ms(&ledger);
        let pending = cut(&mut self.transactions, &ledger.configuration().bounds);
        let mut proposal = Proposal {
            chain: Arc::clone(&self.chain),
            entries,
            block: None,
            accepted: Vec::new(),
            refused: Vec::new(),
        };
        if pending.is_empty() && !journal_is_due {
            return Ok(proposal);
        }
        let (transactions, waiting): (Vec<VerifiedTransaction>, Vec<_>) = pending
            .into_iter()
            .map(|pending| (pending.verified, Waiting { answer: pending.answer, _slot: pending.slot }))
            .unzip();
        let order: Vec<Arc<[u8]>> = transactions.iter().map(|transaction| Arc::clone(transaction.bytes())).collect();
        let (block, refused) = contextual(ProposedBlock { time_ms: now_ms, transactions, journal }, &ledger);
        drop(ledger);
        let mut refused = refused.into_iter().peekable();
        for (bytes, waiting) in order.iter().zip(waiting) {
            match refused.next_if(|(transaction, _)| Arc::ptr_eq(transaction.bytes(), bytes)) {
                Some((_, rejection)) => proposal.refused.push((rejection, waiting)),
                None => proposal.accepted.push(waiting),
            }
        }
        if !block.transactions().is_empty() || journal_is_due {
            proposal.block = Some(block);
        }
        Ok(proposal)
    }

    fn number_entries(&mut self, now_ms: u64) -> Result<Vec<(NewEntry, Waiting<u64>)>, StorageError> {
        let mut numbered: Vec<(NewEntry, Waiting<u64>)> = Vec::with_capacity(self.entries.len());
        for PendingEntry { record, answer, slot, .. } in self.entries.drain(..) {
            let mut salt = [0; 32];
            let waiting = Waiting { answer, _slot: slot };
            if let Err(error) = getrandom::fill(&mut salt) {
                waiting.tell(Err(SubmitError::Stopped(format!("the system gives no randomness: {error}"))));
                continue;
            }
            let behind = numbered.last().map(|(entry, _)| entry);
            let entry = self.journal.entry(behind, record, self.chain.number, now_ms, salt)?;
            numbered.push((entry, waiting));
        }
        Ok(numbered)
    }
}

/// When a journal that waits is to be folded, by the configuration in force, milliseconds UTC.
fn journal_due_ms(ledger: &Ledger) -> u64 {
    let interval_ms = u64::from(ledger.configuration().bounds.journal_interval_ms);
    ledger.time_ms().saturating_add(interval_ms)
}

/// Takes from the queue what one block may hold.
fn cut(transactions: &mut VecDeque<PendingTransaction>, bounds: &Bounds) -> Vec<PendingTransaction> {
    let count_max = usize::try_from(bounds.block_transactions_max).unwrap_or(usize::MAX);
    let bytes_max = usize::try_from(bounds.block_bytes_max).unwrap_or(usize::MAX);
    let (mut count, mut bytes) = (0_usize, 0_usize);
    for pending in transactions.iter().take(count_max) {
        bytes = bytes.saturating_add(pending.bytes);
        // One transaction always fits: its own bound may be above a small block's.
        if bytes > bytes_max && count > 0 {
            break;
        }
        count = count.saturating_add(1);
    }
    transactions.drain(..count).collect()
}
