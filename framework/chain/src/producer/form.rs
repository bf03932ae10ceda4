//! Forms blocks: cut, sealed, their rows worked out, and taken over in memory at once, so that the next is formed while the
//! database writes. Nobody hears of them before they are durable.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;
use std::time::Instant;

use crate::commit::{self, Prepared};
use crate::error::{ChainError, SubmitError};
use crate::hosted::HostedChain;
use crate::node::Shared;
use crate::producer::Producer;
use crate::producer::queue::Proposal;
use crate::sequence::SequencedBlock;
use crate::storage::entity::{journal_entry, journal_reader};
use crate::storage::signed;

/// Transactions of a chain from which on a block is formed while the database still writes. Fewer wait for it, so that blocks
/// stay large: what is folded once a block costs less for each of many.
const AHEAD_MIN: usize = if cfg!(test) { 16 } else { 2_048 };

/// A chain's part of a commit; memory holds its block.
pub(super) struct Formed {
    pub(super) proposal: Proposal,
    pub(super) block: Option<SequencedBlock>,
}

/// What the next commit writes.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(super) formed: Vec<Formed>,
    pub(super) prepared: Vec<Prepared>,
    pub(super) journal: JournalRows,
    transactions: usize,
    /// When the first part was formed.
    pub(super) began: Option<Instant>,
}

/// What a commit writes of journals.
#[derive(Default)]
pub(super) struct JournalRows {
    pub(super) entries: Vec<journal_entry::Model>,
    pub(super) readers: Vec<journal_reader::Model>,
    /// How many entries of a chain, by its number, wait for a block after the commit.
    pub(super) waiting: BTreeMap<i64, i64>,
}

impl Gathered {
    pub(super) fn is_empty(&self) -> bool {
        self.formed.is_empty()
    }

    /// True where the database has nothing to do.
    pub(super) fn writes_nothing(&self) -> bool {
        self.prepared.is_empty() && self.journal.entries.is_empty()
    }

    /// Tells everybody that nothing came of it.
    pub(super) fn refuse_all(self, error: &SubmitError) {
        self.formed.into_iter().for_each(|formed| formed.proposal.refuse_all(error));
    }

    /// Numbers of the chains that have a part.
    pub(super) fn chains(&self) -> impl Iterator<Item = i64> {
        self.formed.iter().map(|formed| formed.proposal.chain.number)
    }
}

impl Producer {
    /// Forms what is ready; while the database writes, only where enough has come for a block.
    pub(super) async fn form(&mut self) -> Result<(), ChainError> {
        let numbers = self.due();
        if numbers.is_empty() {
            return Ok(());
        }
        for number in numbers {
            if self.gathered.transactions >= self.commit_transactions_max {
                break;
            }
            self.learn_ahead(number).await?;
            self.gathered.began.get_or_insert_with(Instant::now);
            self.form_of(number).await?;
        }
        Ok(())
    }

    /// True where a block can be formed now.
    pub(super) fn has_due(&self) -> bool {
        !self.due().is_empty()
    }

    /// Numbers of the chains whose block is to be formed now, in turn: a commit that is full ends the round where the next one
    /// goes on, so that no chain waits for ever. Where one is formed ahead, those of which little waits are too.
    fn due(&self) -> Vec<i64> {
        if self.gathered.transactions >= self.commit_transactions_max {
            return Vec::new();
        }
        let mut waiting = self.ready.iter().filter_map(|number| self.queues.get(number));
        if self.storing.is_some() && !waiting.any(|queue| queue.transactions.len() >= AHEAD_MIN) {
            return Vec::new();
        }
        let now_ms = self.shared.now_ms();
        let is_due = |number: &&i64| {
            self.queues.get(number).is_some_and(|queue| {
                queue.has_pending() || queue.journal_due_ms().is_some_and(|due_ms| due_ms <= now_ms)
            })
        };
        let in_turn = self.ready.range((Excluded(self.served), Unbounded)).chain(self.ready.range(..=self.served));
        in_turn.filter(is_due).copied().collect()
    }

    async fn form_of(&mut self, number: i64) -> Result<(), ChainError> {
        let (shared, now_ms) = (Arc::clone(&self.shared), self.shared.now_ms());
        let Some(queue) = self.queues.get_mut(&number) else { return Ok(()) };
        self.served = number;
        let chain = Arc::clone(&queue.chain);
        let mut proposal = {
            let (height, count) = (chain.ledger().height().saturating_add(1), queue.transactions.len());
            let _span = tracing::debug_span!("sequence", chain = %chain.id, height, count).entered();
            let _measured = shared.meter.sequence.measure();
            queue.propose(now_ms, &shared.journal_key)?
        };
        let block = match proposal.block.take() {
            Some(block) => {
                let transactions: Vec<_> = block.transactions().iter().map(|transaction| transaction.id()).collect();
                match self.sequencer.sequence(block).await {
                    Ok(block) => Some(block),
                    Err(error) => {
                        let error = ChainError::Stopped(format!("chain {}: {error}", chain.id));
                        proposal.leave(transactions.iter());
                        proposal.refuse_all(&SubmitError::Stopped(error.to_string()));
                        return Err(error);
                    }
                }
            }
            None => None,
        };
        self.gathered.transactions = self.gathered.transactions.saturating_add(proposal.accepted.len());
        // From here on the chain has a part in the commit, whatever becomes of it.
        self.gathered.formed.push(Formed { proposal, block });
        self.take_over_formed(number)
    }

    /// Works out the rows of what was formed last, and memory takes it over.
    fn take_over_formed(&mut self, number: i64) -> Result<(), ChainError> {
        let shared = Arc::clone(&self.shared);
        let (Some(queue), Some(formed)) = (self.queues.get_mut(&number), self.gathered.formed.last_mut()) else {
            return Ok(());
        };
        let Formed { proposal, block } = formed;
        let (chain, rows) = (Arc::clone(&proposal.chain), &mut self.gathered.journal);
        let entries = std::mem::take(&mut proposal.entries);
        let folded = block.as_ref().map_or(0, |block| block.block().journal.len());
        let changes_journal = folded > 0 || !entries.is_empty();
        for (entry, waiting) in entries {
            proposal.numbered.extend(waiting.map(|waiting| (entry.number, waiting)));
            let (row, readers) = queue.journal.append(entry);
            rows.entries.push(row);
            rows.readers.extend(readers);
        }
        queue.journal.fold(folded);
        if changes_journal {
            let waiting = u64::try_from(queue.journal.unfolded.len()).unwrap_or(u64::MAX);
            rows.waiting.insert(number, signed("chain_journal", "waiting", waiting)?);
        }
        let applied = match block {
            Some(block) => {
                self.last_sequence = self.last_sequence.saturating_add(1);
                take_over(&shared, &chain, (self.last_sequence, block))
                    .map(|prepared| self.gathered.prepared.push(prepared))
            }
            None => Ok(()),
        };
        let in_block = block.iter().flat_map(|block| block.verified().transactions());
        proposal.leave(in_block.map(|transaction| transaction.id()).collect::<Vec<_>>().iter());
        if !queue.has_pending() && queue.journal.unfolded.is_empty() {
            self.ready.remove(&number);
        }
        applied
    }
}

/// Memory takes a block over; answers with the block's rows.
fn take_over(
    shared: &Shared,
    chain: &HostedChain,
    (sequence, block): (i64, &SequencedBlock),
) -> Result<Prepared, ChainError> {
    let (prepared, change) = {
        let (holdings, waiting) = (chain.holdings(), chain.waiting());
        let before = commit::Before { holdings: &holdings, waiting: &waiting };
        let _measured = shared.meter.prepare.measure();
        commit::prepare(chain.number, sequence, block, before, &shared.contracts)?
    };
    let (height, count) = (block.verified().header().height, block.verified().transactions().len());
    let _span = tracing::debug_span!("apply", chain = %chain.id, height, count).entered();
    let _measured = shared.meter.apply.measure();
    chain.apply(block.verified(), change)?;
    Ok(prepared)
}
