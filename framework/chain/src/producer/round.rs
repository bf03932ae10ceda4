//! One commit: the ready blocks of all chains, sealed, written together, and only then taken over in memory and answered.

use std::sync::Arc;

use crate::commit::{self, Prepared, Written};
use crate::error::{ChainError, SubmitError};
use crate::fault::{self, Point};
use crate::holdings::HoldingsChange;
use crate::node::Parked;
use crate::producer::Producer;
use crate::producer::queue::{Proposal, Waiting};
use crate::sequence::SequencedBlock;
use crate::storage::fold;
use crate::storage::unsigned;
use crate::submit::Accepted;

/// Transactions in one commit at most, over all chains; the rest waits for the next.
const COMMIT_TRANSACTIONS_MAX: usize = 32_768;

/// A proposal on its way through the commit.
struct Sealed {
    proposal: Proposal,
    block: Option<SequencedBlock>,
}

impl Producer {
    /// Writes everything that is ready in one database transaction.
    pub(super) async fn commit_round(&mut self) -> Result<(), ChainError> {
        self.learn_ahead().await?;
        let proposals = self.proposals()?;
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
        match self.write(&sealed).await {
            Ok(done) => self.take_over(sealed, done),
            Err(error) => Err(self.stop(sealed, error)),
        }
    }

    /// Stops the node first, so that whoever reads a refusal finds it stopped.
    fn stop(&self, sealed: Vec<Sealed>, error: ChainError) -> ChainError {
        self.shared.stop(error.to_string());
        let stopped = SubmitError::Stopped(error.to_string());
        sealed.into_iter().for_each(|sealed| sealed.proposal.refuse_all(&stopped));
        error
    }

    fn proposals(&mut self) -> Result<Vec<Proposal>, ChainError> {
        let now_ms = self.shared.now_ms();
        let mut proposals = Vec::new();
        let mut transactions = 0_usize;
        for number in &self.ready {
            let Some(queue) = self.queues.get_mut(number) else { continue };
            let is_due = queue.journal_due_ms().is_some_and(|due_ms| due_ms <= now_ms);
            if (queue.has_pending() || is_due) && transactions < COMMIT_TRANSACTIONS_MAX {
                let proposal = queue.propose(now_ms, &self.shared.journal_key)?;
                transactions = transactions.saturating_add(proposal.accepted.len());
                proposals.push(proposal);
            }
        }
        Ok(proposals)
    }

    /// The database transaction. Nothing in memory changes here.
    async fn write(&self, sealed: &[Sealed]) -> Result<(Written, Vec<HoldingsChange>), ChainError> {
        let (mut entries, mut readers) = (Vec::new(), Vec::new());
        let mut prepared: Vec<Prepared> = Vec::new();
        let mut sequence = self.last_sequence;
        for Sealed { proposal, block } in sealed {
            entries.extend(proposal.entries.iter().map(|(entry, _)| entry.row.clone()));
            readers.extend(proposal.entries.iter().flat_map(|(entry, _)| entry.readers.iter().cloned()));
            let Some(block) = block else { continue };
            sequence = sequence.saturating_add(1);
            let (holdings, waiting) = (proposal.chain.holdings(), proposal.chain.waiting());
            let before = commit::Before { holdings: &holdings, waiting: &waiting };
            prepared.push(commit::prepare(proposal.chain.number, sequence, block, before, &self.shared.contracts)?);
        }
        if entries.is_empty() && prepared.is_empty() {
            return Ok((Written { last_event: self.last_event, ..Written::default() }, Vec::new()));
        }
        self.lock.is_held().await?;
        fault::point(Point::CommitBeforeBegin)?;
        let transaction = self.shared.database.begin_write().await?;
        fault::point(Point::CommitBegun)?;
        fold::write_journal(&transaction, entries, readers).await?;
        fault::point(Point::CommitAfterJournal)?;
        let projections = &self.shared.projections;
        let done = commit::write(&transaction, prepared, projections, &self.standing, self.last_event).await?;
        fault::point(Point::CommitBeforeCommit)?;
        transaction.commit().await?;
        fault::point(Point::CommitDurable)?;
        Ok(done)
    }

    /// Everything is durable: memory follows, then the answers go out.
    fn take_over(&mut self, sealed: Vec<Sealed>, done: (Written, Vec<HoldingsChange>)) -> Result<(), ChainError> {
        let (written, changes) = done;
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
                self.last_sequence = self.last_sequence.saturating_add(1);
                queue.journal.fold(block.block().journal.len());
                proposal.chain.apply(block.verified(), changes.next().unwrap_or_default())?;
                self.shared.wake_timers_for(&proposal.chain);
                let mut pending = proposal.chain.pending();
                block.verified().transactions().iter().for_each(|transaction| pending.leave(&transaction.id()));
                drop(pending);
                tell_accepted(&block, proposal.accepted);
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

fn tell_accepted(block: &SequencedBlock, waiting: Vec<Waiting<Accepted>>) {
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
            warnings: warnings.clone(),
        }));
    }
}
