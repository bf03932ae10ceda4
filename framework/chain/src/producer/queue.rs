//! What waits for one chain's next block, and how a block is cut from it.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger_core::verify::{ProposedBlock, VerifiedBlock, VerifiedTransaction, contextual};
use ledger_core::{Bounds, Condition, Digest, Ledger, Rejection, TransactionId};
use tokio::sync::oneshot;

use crate::error::SubmitError;
use crate::hosted::HostedChain;
use crate::journal::{JournalKey, JournalTip, NewEntry};
use crate::mempool::{PendingCover, PendingEntry, PendingTransaction, Slot};
use crate::storage::StorageError;
use crate::submit::Accepted;

/// Journal entries folded by one block at most.
const JOURNAL_PER_BLOCK_MAX: usize = 10_000;

/// One chain's queue.
pub(crate) struct Queue {
    pub(crate) chain: Arc<HostedChain>,
    pub(crate) transactions: VecDeque<PendingTransaction>,
    pub(crate) entries: Vec<PendingEntry>,
    /// Who waits for a block that carries the present state root.
    pub(crate) covers: Vec<PendingCover>,
    pub(crate) journal: JournalTip,
}

/// Who waits for an answer, and the place in the mempool that the wait holds.
pub(crate) struct Waiting<T> {
    pub(crate) answer: oneshot::Sender<Result<T, SubmitError>>,
    pub(crate) _slot: Option<Slot>,
}

/// A journal entry with who waits for it; nobody waits for the node's own.
pub(crate) type Numbered = (NewEntry, Option<Waiting<u64>>);

/// What one chain contributes to a commit.
pub(crate) struct Proposal {
    pub(crate) chain: Arc<HostedChain>,
    pub(crate) entries: Vec<Numbered>,
    /// Waiting for journal entries, with their numbers, once those are on their way.
    pub(crate) numbered: Vec<(u64, Waiting<u64>)>,
    pub(crate) block: Option<VerifiedBlock>,
    /// Waiting for the block's transactions, in the block's order.
    pub(crate) accepted: Vec<Waiting<Accepted>>,
    pub(crate) refused: Vec<(TransactionId, Rejection, Waiting<Accepted>)>,
    /// Waiting for any block on the tip.
    pub(crate) covered: Vec<Waiting<()>>,
}

impl<T> Waiting<T> {
    pub(crate) fn tell(self, result: Result<T, SubmitError>) {
        // Whoever asked may be gone; what is committed stays committed.
        let _unheard = self.answer.send(result);
    }
}

impl PendingTransaction {
    pub(crate) fn refuse(self, error: SubmitError) {
        self.chain.pending().leave(&self.verified.id());
        Waiting { answer: self.answer, _slot: self.slot }.tell(Err(error));
    }
}

impl PendingEntry {
    pub(crate) fn refuse(self, error: SubmitError) {
        Waiting { answer: self.answer, _slot: Some(self.slot) }.tell(Err(error));
    }
}

impl PendingCover {
    pub(crate) fn refuse(self, error: SubmitError) {
        Waiting { answer: self.answer, _slot: Some(self.slot) }.tell(Err(error));
    }
}

impl Proposal {
    /// Its transactions wait for no block any more: memory holds the block in which these stand, the rest is refused.
    pub(crate) fn leave<'t>(&self, in_block: impl Iterator<Item = &'t TransactionId>) {
        let mut pending = self.chain.pending();
        in_block.for_each(|id| pending.leave(id));
        for (id, ..) in &self.refused {
            pending.leave(id);
            pending.refuse(*id);
        }
    }

    /// Tells everybody that nothing came of it.
    pub(crate) fn refuse_all(self, error: &SubmitError) {
        self.covered.into_iter().for_each(|waiting| waiting.tell(Err(error.clone())));
        let entries = self.entries.into_iter().filter_map(|(_, waiting)| waiting);
        let entries = entries.chain(self.numbered.into_iter().map(|(_, waiting)| waiting));
        entries.for_each(|waiting| waiting.tell(Err(error.clone())));
        let refused = self.refused.into_iter().map(|(.., waiting)| waiting);
        self.accepted.into_iter().chain(refused).for_each(|waiting| waiting.tell(Err(error.clone())));
    }
}

impl Queue {
    pub(crate) fn new(chain: Arc<HostedChain>) -> Self {
        let journal = JournalTip::new(chain.id);
        Self { chain, transactions: VecDeque::new(), entries: Vec::new(), covers: Vec::new(), journal }
    }

    /// Puts a transaction of the producer's own in front; nobody waits for its answer.
    pub(crate) fn put_first(&mut self, verified: VerifiedTransaction) {
        let (answer, _nobody) = oneshot::channel();
        let (chain, bytes) = (Arc::clone(&self.chain), verified.bytes().len());
        self.transactions.push_front(PendingTransaction { chain, verified, bytes, answer, slot: None });
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.transactions.is_empty() || !self.entries.is_empty() || !self.covers.is_empty()
    }

    /// When the waiting journal is to be folded by a block of its own, milliseconds UTC.
    pub(crate) fn journal_due_ms(&self) -> Option<u64> {
        let waits = !self.journal.unfolded.is_empty();
        waits.then(|| journal_due_ms(&self.chain.ledger()))
    }

    pub(crate) fn refuse_all(&mut self, error: &SubmitError) {
        self.transactions.drain(..).for_each(|pending| pending.refuse(error.clone()));
        self.entries.drain(..).for_each(|pending| pending.refuse(error.clone()));
        self.covers.drain(..).for_each(|pending| pending.refuse(error.clone()));
    }

    /// Cuts the next block and takes the new journal entries. The queue's journal itself does not change here.
    pub(crate) fn propose(&mut self, now_ms: u64, key: &JournalKey) -> Result<Proposal, StorageError> {
        let entries = self.number_entries(now_ms, key)?;
        let unfolded = self.journal.unfolded.iter().copied().chain(entries.iter().map(|(entry, _)| entry.hash));
        let journal: Vec<Digest> = unfolded.take(JOURNAL_PER_BLOCK_MAX).collect();
        let ledger = self.chain.ledger();
        let journal_is_due = !journal.is_empty() && now_ms >= journal_due_ms(&ledger);
        // One block covers the tip for everybody who waits; a tip that moved on is covered already.
        let covers: Vec<_> = self.covers.drain(..).collect();
        let is_bare = covers.iter().any(|cover| cover.tip == ledger.height());
        let pending = cut(&mut self.transactions, &ledger.configuration().bounds);
        let mut proposal = Proposal {
            chain: Arc::clone(&self.chain),
            entries,
            numbered: Vec::new(),
            block: None,
            accepted: Vec::new(),
            refused: Vec::new(),
            covered: covers
                .into_iter()
                .map(|cover| Waiting { answer: cover.answer, _slot: Some(cover.slot) })
                .collect(),
        };
        if pending.is_empty() && !journal_is_due && !is_bare {
            return Ok(proposal);
        }
        let (transactions, waiting): (Vec<VerifiedTransaction>, Vec<_>) = pending
            .into_iter()
            .map(|pending| (pending.verified, Waiting { answer: pending.answer, _slot: pending.slot }))
            .unzip();
        let order: Vec<Arc<[u8]>> = transactions.iter().map(|transaction| Arc::clone(transaction.bytes())).collect();
        let directory = self.chain.directory_tip();
        let proposed = ProposedBlock { time_ms: now_ms, transactions, journal, directory };
        let (block, refused) = contextual(proposed, &ledger);
        drop(ledger);
        let mut refused = refused.into_iter().peekable();
        for (bytes, waiting) in order.iter().zip(waiting) {
            match refused.next_if(|(transaction, _)| Arc::ptr_eq(transaction.bytes(), bytes)) {
                Some((transaction, rejection)) => proposal.refused.push((transaction.id(), rejection, waiting)),
                None => proposal.accepted.push(waiting),
            }
        }
        if !block.transactions().is_empty() || journal_is_due || is_bare {
            proposal.block = Some(block);
        }
        Ok(proposal)
    }

    /// Numbers and seals the new entries, behind one that names the readers where those have changed.
    fn number_entries(&mut self, now_ms: u64, key: &JournalKey) -> Result<Vec<Numbered>, StorageError> {
        let mut numbered = Vec::with_capacity(self.entries.len());
        let mut writer = self.journal.writer(self.chain.number, key, now_ms);
        for PendingEntry { record, answer, slot, .. } in self.entries.drain(..) {
            let waiting = Waiting { answer, _slot: Some(slot) };
            let (Ok(salt), Ok(rotation_salt)) = (salt(), salt()) else {
                waiting.tell(Err(SubmitError::Stopped("the system gives no randomness".to_owned())));
                continue;
            };
            if numbered.is_empty()
                && let Some(rotated) = writer.rotated(&self.chain, rotation_salt)?
            {
                numbered.push((rotated, None));
            }
            numbered.push((writer.entry(record, salt)?, Some(waiting)));
        }
        Ok(numbered)
    }
}

/// True for a freeze that builds on one of these transactions: it applies at the start of its block, so it waits for the next.
fn freezes_behind<'p>(
    verified: &VerifiedTransaction,
    mut before: impl Iterator<Item = &'p PendingTransaction>,
) -> bool {
    let is_parent = |id: TransactionId| {
        let names =
            |condition: &Condition| matches!(condition, Condition::ParentIsAccepted(parent, _) if *parent == id);
        verified.conditions().iter().any(names)
    };
    verified.freezes() && before.any(|pending| is_parent(pending.verified.id()))
}

fn salt() -> Result<[u8; 32], getrandom::Error> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map(|()| salt)
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
        if (bytes > bytes_max && count > 0) || freezes_behind(&pending.verified, transactions.iter().take(count)) {
            break;
        }
        count = count.saturating_add(1);
    }
    transactions.drain(..count).collect()
}
