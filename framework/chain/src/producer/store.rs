//! One commit: what was gathered of all chains, written together, and answered once it is durable. One is under way at a time,
//! in a task of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::commit::{self, Prepared, Written};
use crate::config::Durability;
use crate::error::{ChainError, SubmitError};
use crate::fault::{self, Point};
use crate::node::{Parked, Shared};
use crate::producer::Producer;
use crate::producer::form::{Formed, JournalRows};
use crate::producer::queue::Waiting;
use crate::sequence::SequencedBlock;
use crate::storage::{fold, present_store, unsigned};
use crate::submit::Accepted;

/// A commit that is under way.
pub(crate) struct Storing {
    formed: Vec<Formed>,
    began: Option<Instant>,
    written: JoinHandle<Result<Written, ChainError>>,
}

/// What a commit writes.
struct Commit {
    prepared: Vec<Prepared>,
    journal: JournalRows,
    /// Projections that stand still: chain number and name.
    standing: BTreeSet<(i64, String)>,
    last_event: i64,
}

impl Storing {
    /// Waits for the database.
    pub(super) async fn written(&mut self) -> Result<Written, ChainError> {
        let written = (&mut self.written).await;
        written.map_err(|error| ChainError::Stopped(format!("the commit did not finish: {error}")))?
    }
}

impl Producer {
    /// Begins to write what was gathered, unless the last commit is still under way.
    pub(super) fn begin_to_store(&mut self) {
        if self.storing.is_some() || self.gathered.is_empty() {
            return;
        }
        let gathered = std::mem::take(&mut self.gathered);
        if gathered.writes_nothing() {
            gathered.formed.into_iter().for_each(|formed| self.tell(formed));
            return;
        }
        let chains = gathered.formed.len();
        let count = gathered.formed.iter().map(|formed| formed.proposal.accepted.len()).sum::<usize>();
        let (shared, lock) = (Arc::clone(&self.shared), Arc::clone(&self.lock));
        let commit = Commit {
            prepared: gathered.prepared,
            journal: gathered.journal,
            standing: self.standing.clone(),
            last_event: self.last_event,
        };
        let work = async move {
            lock.is_held().await?;
            shared.meter.store.follow(store(&shared, commit)).await
        };
        let written = tokio::spawn(work.instrument(tracing::debug_span!("store", chains, count)));
        self.storing = Some(Storing { formed: gathered.formed, began: gathered.began, written });
    }

    /// The commit that was under way is durable, or failed.
    pub(super) fn stored(&mut self, written: Result<Written, ChainError>) {
        let Some(storing) = self.storing.take() else { return };
        if let Some(began) = storing.began {
            tracing::debug_span!("commit").in_scope(|| self.shared.meter.commit.ended(began));
        }
        match written.and_then(|written| self.note(written)) {
            Ok(()) => {
                storing.formed.into_iter().for_each(|formed| self.tell(formed));
                self.recovery.succeeded();
                fault::passed(Point::CommitAnswered);
            }
            Err(error) => {
                self.shared.meter.commit_failed();
                // The node stops first, so that whoever reads a refusal finds it stopped.
                self.fail(&error);
                let stopped = SubmitError::Stopped(error.to_string());
                self.doubt(storing.formed.iter().map(|formed| formed.proposal.chain.number).collect());
                storing.formed.into_iter().for_each(|formed| formed.proposal.refuse_all(&stopped));
                self.give_up_gathered(&stopped);
            }
        }
    }

    /// Nothing comes of what was formed and is not on its way into the database.
    pub(super) fn give_up_gathered(&mut self, error: &SubmitError) {
        let gathered = std::mem::take(&mut self.gathered);
        self.doubt(gathered.chains().collect());
        gathered.refuse_all(error);
    }

    /// Memory has blocks of these chains that the database may not have.
    fn doubt(&mut self, numbers: Vec<i64>) {
        for number in &numbers {
            if let Some(queue) = self.queues.get(number) {
                queue.chain.doubt();
            }
        }
        self.recovery.doubt(numbers);
    }

    /// Writes all that is formed, and waits for it.
    pub(crate) async fn settle(&mut self) {
        loop {
            self.begin_to_store();
            let Some(storing) = &mut self.storing else { return };
            let written = storing.written().await;
            self.stored(written);
        }
    }

    /// Takes note of what a commit wrote besides blocks.
    fn note(&mut self, written: Written) -> Result<(), ChainError> {
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
        Ok(())
    }

    /// A part of a commit is durable: the answers go out.
    fn tell(&mut self, formed: Formed) {
        let Formed { proposal, block } = formed;
        for (number, waiting) in proposal.numbered {
            waiting.tell(Ok(number));
        }
        if let Some(block) = block {
            let _measured = self.shared.meter.apply.measure();
            self.shared.meter.committed(proposal.chain.number, block.verified());
            let set = block.verified().changes();
            self.shared.memberships.forget(set.parties.keys().chain(set.permissions.keys()));
            proposal.chain.settle(block.verified().header().height);
            self.shared.wake_timers_for(&proposal.chain);
            tell_accepted(&block, self.shared.durability, proposal.accepted);
        }
        proposal.covered.into_iter().for_each(|waiting| waiting.tell(Ok(())));
        for (_, rejection, waiting) in proposal.refused {
            waiting.tell(Err(SubmitError::Rejected(rejection)));
        }
    }
}

/// One database transaction with all that was gathered. Nothing in memory changes here.
async fn store(shared: &Shared, commit: Commit) -> Result<Written, ChainError> {
    let Commit { prepared, journal, standing, last_event } = commit;
    fault::point(Point::CommitBeforeBegin)?;
    let transaction = shared.database.begin_write().await?;
    fault::point(Point::CommitBegun)?;
    fold::write_journal(&transaction, journal.entries, journal.readers).await?;
    for (number, waiting) in journal.waiting {
        present_store::write_waiting(&transaction, number, waiting).await?;
    }
    fault::point(Point::CommitAfterJournal)?;
    let written = commit::write(&transaction, prepared, &shared.projections, &standing, last_event).await?;
    fault::point(Point::CommitBeforeCommit)?;
    transaction.commit().await?;
    fault::point(Point::CommitDurable)?;
    Ok(written)
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
