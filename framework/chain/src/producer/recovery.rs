//! Going on after a failure of the database, once its cause is gone.
//!
//! A commit that failed may hold or not: nobody was told that it does, and memory has its blocks already. So before anything
//! is accepted again, memory is made what the database has, by the blocks themselves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::ChainError;
use crate::node::{Parked, open};
use crate::producer::Producer;
use crate::replay;
use crate::storage::{StorageError, block_store, outbox_store, timer_store, unsigned};

/// The longest wait between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// What is known of a failure.
#[derive(Debug)]
pub(crate) struct Recovery {
    /// Numbers of chains of which the database may have more than memory.
    in_doubt: BTreeSet<i64>,
    first_pause: Duration,
    pause: Duration,
    due: Instant,
}

impl Recovery {
    /// No failure; after one the first try comes this much later, every further one twice as late as the one before.
    pub(crate) fn new(first_pause: Duration) -> Self {
        Self { in_doubt: BTreeSet::new(), first_pause, pause: first_pause, due: Instant::now() }
    }

    /// When the next try is due.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// A commit or a try failed.
    pub(super) fn failed(&mut self) {
        self.due = Instant::now() + self.pause;
    }

    /// The outcome of a commit that these chains took part in is unknown.
    pub(super) fn doubt(&mut self, numbers: impl IntoIterator<Item = i64>) {
        self.in_doubt.extend(numbers);
    }

    /// A commit came about.
    pub(super) fn succeeded(&mut self) {
        if self.in_doubt.is_empty() {
            self.pause = self.first_pause;
        }
    }

    fn tried(&mut self) {
        self.pause = self.pause.saturating_mul(2).min(PAUSE_MAX);
        self.failed();
    }
}

impl Producer {
    /// Tries to go on. The next try waits longer, until a commit succeeds: what fails at every commit and not at a try is a
    /// failure too.
    pub(super) async fn try_to_go_on(&mut self) {
        self.recovery.tried();
        match self.recover().await {
            Ok(()) => self.shared.go_on(),
            Err(error) => tracing::warn!(%error, "the cause of the failure is not gone"),
        }
    }

    async fn recover(&mut self) -> Result<(), ChainError> {
        if self.lock.is_held().await.is_err() {
            // No commit is under way, so nobody else has it.
            let lock = Arc::get_mut(&mut self.lock).ok_or(StorageError::ServerInUse)?;
            lock.take_again().await?;
            // Another node may have been there meanwhile.
            self.recovery.doubt(self.queues.keys().copied());
        }
        timer_store::try_to_write(&self.shared.database).await?;
        for number in self.recovery.in_doubt.clone() {
            self.read_again(number).await?;
        }
        self.shared.memberships.forget_all();
        let reader = self.shared.database.read();
        self.last_sequence = block_store::last_sequence(reader).await?;
        self.last_event = outbox_store::last_sequence(reader).await?;
        self.last_number = open::know_chains_after(&self.shared, &self.recorder, self.last_number).await?;
        self.park_what_stands().await?;
        self.events_written.send_replace(self.last_event);
        self.recovery.in_doubt.clear();
        Ok(())
    }

    /// Makes memory of doubtful chains what the database has of them, where it can still be read: so they can be looked at
    /// while nothing is accepted.
    pub(super) async fn read_doubtful(&mut self) {
        for number in self.recovery.in_doubt.clone() {
            let Some(chain) = self.queues.get(&number).map(|queue| Arc::clone(&queue.chain)) else { continue };
            if chain.is_doubtful()
                && let Err(error) = self.read_again(number).await
            {
                tracing::warn!(chain = %chain.id, %error, "the chain cannot be read while the database fails");
                chain.is_unreadable();
            }
        }
    }

    async fn read_again(&mut self, number: i64) -> Result<(), ChainError> {
        let Some(queue) = self.queues.get_mut(&number) else { return Ok(()) };
        match replay::again(&self.shared, &queue.chain).await {
            Ok(journal) => queue.journal = journal,
            // What is damaged stops its chain; the others go on.
            Err(ChainError::BrokenHistory { height, reason, .. }) => {
                queue.chain.stop(format!("at height {height}: {reason}; run hive audit"));
                queue.chain.is_unreadable();
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        if !queue.journal.unfolded.is_empty() {
            self.ready.insert(number);
        }
        self.shared.wake_timers_for(&queue.chain);
        Ok(())
    }

    async fn park_what_stands(&mut self) -> Result<(), ChainError> {
        for row in block_store::parked(self.shared.database.read()).await? {
            let chain = self.queues.get(&row.chain_id).map(|queue| queue.chain.id);
            if self.standing.insert((row.chain_id, row.name.clone()))
                && let Some(chain) = chain
            {
                let height = unsigned("parked_projection", "height", row.height)?;
                self.shared.park(Parked { chain, name: row.name, height, reason: row.reason });
            }
        }
        Ok(())
    }
}
