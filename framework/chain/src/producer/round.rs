//! One commit: the ready blocks of all chains, sealed, written together, and only then taken over in memory and answered.

use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use tracing::Instrument;

use crate::commit::{self, Prepared, Written};
use crate::config::Durability;
use crate::error::{ChainError, SubmitError};
use crate::fault::{self, Point};
use crate::holdings::HoldingsChange;
use crate::node::Parked;
use crate::producer::Producer;
use crate::producer::queue::{Proposal, Waiting};
use crate::sequence::SequencedBlock;
use crate::storage::entity::{journal_entry, journal_reader};
use crate::storage::{fold, present_store, signed, unsigned};
use crate::submit::Accepted;

/// A proposal on its way through the commit.
struct Sealed {
    proposal: Proposal,
    block: Option<SequencedBlock>,
}

/// What a commit writes of journals.
#[derive(Default)]
struct JournalRows {
    entries: Vec<journal_entry::Model>,
    readers: Vec<journal_reader::Model>,
    /// How many entries of a chain, by its number, wait for a block after the commit.
    waiting: Vec<(i64, i64)>,
}

impl Producer {
    /// Writes everything that is ready in one database transaction.
    pub(super) async fn commit_round(&mut self) -> Result<(), ChainError> {
        self.learn_ahead().await?;
        let shared = Arc::clone(&self.shared);
        let measured = shared.meter.commit.measure();
        let proposals = self.proposals()?;
        if proposals.is_empty() {
            measured.forget();
            return Ok(());
        }
        let mut sealed = Vec::with_capacity(proposals.len());
        for mut proposal in proposals {
            let block = match proposal.block.take() {
                Some(block) => self.sequencer.sequence(block).await.map(Some),
                None => Ok(None),
            };
            match block {
                Ok(block) => sealed.push(Sealed { proposal, block }),
                Err(error) => {
                    let error = ChainError::Stopped(format!("chain {}: {error}", proposal.chain.id));
                    sealed.push(Sealed { proposal, block: None });
                    return Err(self.stop(sealed, error));
                }
            }
        }
        self.recovery.doubt(sealed.iter().map(|sealed| sealed.proposal.chain.number));
        let (chains, count) = (sealed.len(), sealed.iter().map(|sealed| sealed.proposal.accepted.len()).sum::<usize>());
        match self.write(&sealed).instrument(tracing::debug_span!("store", chains, count)).await {
            Ok(done) => {
                self.take_over(sealed, done)?;
                self.recovery.succeeded();
                Ok(())
            }
            Err(error) => Err(self.stop(sealed, error)),
        }
    }

    /// Stops the node first, so that whoever reads a refusal finds it stopped.
    fn stop(&mut self, sealed: Vec<Sealed>, error: ChainError) -> ChainError {
        self.shared.stop(error.to_string());
        let stopped = SubmitError::Stopped(error.to_string());
        for Sealed { proposal, block } in sealed {
            proposal.refuse_all(block.as_ref().map(|block| block.verified().as_ref()), &stopped);
        }
        error
    }

    fn proposals(&mut self) -> Result<Vec<Proposal>, ChainError> {
        let now_ms = self.shared.now_ms();
        let mut proposals = Vec::new();
        let mut transactions = 0_usize;
        // A commit that is full ends the round where the next one goes on, so that no chain waits for ever.
        let in_turn = self.ready.range((Excluded(self.served), Unbounded)).chain(self.ready.range(..=self.served));
        for number in in_turn.copied().collect::<Vec<_>>() {
            if transactions >= self.commit_transactions_max {
                break;
            }
            let Some(queue) = self.queues.get_mut(&number) else { continue };
            let is_due = queue.journal_due_ms().is_some_and(|due_ms| due_ms <= now_ms);
            if queue.has_pending() || is_due {
                self.served = number;
                let (height, count) = (queue.chain.ledger().height().saturating_add(1), queue.transactions.len());
                let _span = tracing::debug_span!("sequence", chain = %queue.chain.id, height, count).entered();
                let _measured = self.shared.meter.sequence.measure();
                let proposal = queue.propose(now_ms, &self.shared.journal_key)?;
                transactions = transactions.saturating_add(proposal.accepted.len());
                proposals.push(proposal);
            }
        }
        proposals.sort_by_key(|proposal| proposal.chain.number);
        Ok(proposals)
    }

    /// The database transaction. Nothing in memory changes here.
    async fn write(&self, sealed: &[Sealed]) -> Result<(Written, Vec<HoldingsChange>), ChainError> {
        let mut journal = JournalRows::default();
        let mut prepared: Vec<Prepared> = Vec::new();
        let mut sequence = self.last_sequence;
        for Sealed { proposal, block } in sealed {
            journal.entries.extend(proposal.entries.iter().map(|(entry, _)| entry.row.clone()));
            journal.readers.extend(proposal.entries.iter().flat_map(|(entry, _)| entry.readers.iter().cloned()));
            let folded = block.as_ref().map_or(0, |block| block.block().journal.len());
            if folded > 0 || !proposal.entries.is_empty() {
                journal.waiting.push((proposal.chain.number, self.journal_waiting(proposal, folded)?));
            }
            let Some(block) = block else { continue };
            sequence = sequence.saturating_add(1);
            let (holdings, awaited) = (proposal.chain.holdings(), proposal.chain.waiting());
            let before = commit::Before { holdings: &holdings, waiting: &awaited };
            let (number, contracts) = (proposal.chain.number, &self.shared.contracts);
            let _measured = self.shared.meter.prepare.measure();
            prepared.push(commit::prepare(number, sequence, block, before, contracts)?);
        }
        if journal.entries.is_empty() && prepared.is_empty() {
            return Ok((Written { last_event: self.last_event, ..Written::default() }, Vec::new()));
        }
        self.shared.meter.store.follow(self.store(prepared, journal)).await
    }

    /// One database transaction with all that was worked out.
    async fn store(
        &self,
        prepared: Vec<Prepared>,
        journal: JournalRows,
    ) -> Result<(Written, Vec<HoldingsChange>), ChainError> {
        self.lock.is_held().await?;
        fault::point(Point::CommitBeforeBegin)?;
        let transaction = self.shared.database.begin_write().await?;
        fault::point(Point::CommitBegun)?;
        fold::write_journal(&transaction, journal.entries, journal.readers).await?;
        for (number, waiting) in journal.waiting {
            present_store::write_waiting(&transaction, number, waiting).await?;
        }
        fault::point(Point::CommitAfterJournal)?;
        let projections = &self.shared.projections;
        let done = commit::write(&transaction, prepared, projections, &self.standing, self.last_event).await?;
        fault::point(Point::CommitBeforeCommit)?;
        transaction.commit().await?;
        fault::point(Point::CommitDurable)?;
        Ok(done)
    }

    /// How many entries of a chain's journal wait once the proposal is committed.
    fn journal_waiting(&self, proposal: &Proposal, folded: usize) -> Result<i64, ChainError> {
        let before = self.queues.get(&proposal.chain.number).map_or(0, |queue| queue.journal.unfolded.len());
        let waiting = before.saturating_add(proposal.entries.len()).saturating_sub(folded);
        let waiting = u64::try_from(waiting).unwrap_or(u64::MAX);
        Ok(signed("chain_journal", "waiting", waiting)?)
    }

    /// Everything is durable: memory follows, then the answers go out.
    fn take_over(&mut self, sealed: Vec<Sealed>, done: (Written, Vec<HoldingsChange>)) -> Result<(), ChainError> {
        let ((written, changes), shared) = (done, Arc::clone(&self.shared));
        let mut changes = changes.into_iter();
        for Sealed { proposal, block } in sealed {
            let Some(queue) = self.queues.get_mut(&proposal.chain.number) else { continue };
            for (entry, waiting) in proposal.entries {
                let number = entry.number;
                queue.journal.append(entry);
                if let Some(waiting) = waiting {
                    waiting.tell(Ok(number));
                }
            }
            if let Some(block) = block {
                let (height, count) = (block.verified().header().height, block.verified().transactions().len());
                let _span = tracing::debug_span!("apply", chain = %proposal.chain.id, height, count).entered();
                let _measured = shared.meter.apply.measure();
                self.shared.meter.committed(proposal.chain.number, block.verified());
                self.last_sequence = self.last_sequence.saturating_add(1);
                queue.journal.fold(block.block().journal.len());
                let set = block.verified().changes();
                self.shared.memberships.forget(set.parties.keys().chain(set.permissions.keys()));
                proposal.chain.apply(block.verified(), changes.next().unwrap_or_default())?;
                self.shared.wake_timers_for(&proposal.chain);
                let mut pending = proposal.chain.pending();
                block.verified().transactions().iter().for_each(|transaction| pending.leave(&transaction.id()));
                drop(pending);
                tell_accepted(&block, self.shared.durability, proposal.accepted);
            }
            proposal.covered.into_iter().for_each(|waiting| waiting.tell(Ok(())));
            for (id, rejection, waiting) in proposal.refused {
                let mut pending = proposal.chain.pending();
                pending.leave(&id);
                pending.refuse(id);
                drop(pending);
                waiting.tell(Err(SubmitError::Rejected(rejection)));
            }
            if !queue.has_pending() && queue.journal.unfolded.is_empty() {
                self.ready.remove(&proposal.chain.number);
            }
        }
        for parked in written.parked {
            let hosted = self.queues.get(&parked.chain_id).map(|queue| Arc::clone(&queue.chain));
            self.standing.insert((parked.chain_id, parked.name.clone()));
            if let Some(hosted) = hosted {
                let height = unsigned("parked_projection", "height", parked.height)?;
                self.shared.park(Parked { chain: hosted.id, name: parked.name, height, reason: parked.reason });
            }
        }
        if written.last_event > self.last_event {
            self.last_event = written.last_event;
            self.events_written.send_replace(self.last_event);
        }
        fault::passed(Point::CommitAnswered);
        Ok(())
    }
}

fn tell_accepted(block: &SequencedBlock, durability: Durability, waiting: Vec<Waiting<Accepted>>) {
    let header = block.verified().header();
    let transactions = block.verified().transactions().iter().zip(block.verified().warnings());
    for ((position, (transaction, warnings)), waiting) in (0u32..).zip(transactions).zip(waiting) {
        waiting.tell(Ok(Accepted {
            chain: header.chain,
            height: header.height,
            position,
            transaction: transaction.id(),
            recorded_at_ms: header.time_ms,
            replayed: false,
            durability,
            warnings: warnings.clone(),
        }));
    }
}
