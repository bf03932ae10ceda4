//! How far a chain is durable. Memory takes a block over before it is: the next one is formed while the database writes.
//! Whoever reads memory tells nobody what he read before that is durable too.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::verify::VerifiedBlock;
use ledger_core::{ResolvedState, StateRef};
use tokio::sync::watch;

use super::HostedChain;
use crate::error::ChainError;

/// What the database has of a chain in memory.
#[derive(Clone, Copy, Debug, Default)]
struct Durable {
    height: u64,
    /// How often a commit of the chain failed: what was read before may never have been.
    failures: u64,
    memory: Memory,
}

/// What memory is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Memory {
    /// It has what the database has or is about to have.
    #[default]
    Certain,
    /// A commit failed; it is made what the database has.
    ReadAgain,
    /// A commit failed, and the database cannot be read.
    Unreadable,
}

/// Tells whoever waits for it.
#[derive(Default)]
pub(super) struct Settling {
    durable: watch::Sender<Durable>,
    /// Blocks that memory has and the database not yet, in order.
    ahead: Mutex<VecDeque<Arc<VerifiedBlock>>>,
}

impl Settling {
    fn now(&self) -> Durable {
        *self.durable.borrow()
    }

    fn ahead(&self) -> MutexGuard<'_, VecDeque<Arc<VerifiedBlock>>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HostedChain {
    /// Reads memory, and answers once what was read is durable. Nothing that is locked may be among the answer.
    ///
    /// # Errors
    /// A commit failed meanwhile, and it is not known yet what it left.
    pub(crate) async fn read<R>(&self, read: impl FnOnce(&Self) -> R) -> Result<R, ChainError> {
        let is_usable = |durable: &Durable| durable.memory != Memory::ReadAgain;
        let failures = self.wait_until(is_usable).await.failures;
        let answer = read(self);
        self.settled_since(failures).await?;
        // Parties may have been looked for there.
        if let Some(directory) = &self.directory {
            directory.settled().await?;
        }
        Ok(answer)
    }

    /// Waits until what is in memory now is durable.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub(crate) async fn settled(&self) -> Result<(), ChainError> {
        self.settled_since(self.settling.now().failures).await
    }

    async fn settled_since(&self, failures: u64) -> Result<(), ChainError> {
        let height = self.ledger().height();
        let is_lost = |durable: &Durable| durable.memory != Memory::Certain || durable.failures != failures;
        let durable = self.wait_until(|durable| durable.height >= height || is_lost(durable)).await;
        if is_lost(&durable) {
            let unknown = || {
                format!("chain {}: a commit failed and what it left is not known yet; try again in a moment", self.id)
            };
            return Err(ChainError::Stopped(self.stopped().cloned().unwrap_or_else(unknown)));
        }
        Ok(())
    }

    async fn wait_until(&self, is_so: impl Fn(&Durable) -> bool) -> Durable {
        let durable = self.settling.now();
        if is_so(&durable) {
            return durable;
        }
        // The sender lives as long as this chain, so waiting does not fail.
        self.settling.durable.subscribe().wait_for(is_so).await.map_or(durable, |durable| *durable)
    }

    /// True where the database has all that memory has.
    pub(crate) fn is_settled(&self) -> bool {
        let (durable, height) = (self.settling.now(), self.ledger().height());
        durable.height >= height && durable.memory == Memory::Certain
    }

    /// Memory has this block, and the database not yet.
    pub(super) fn goes_ahead(&self, block: &Arc<VerifiedBlock>) {
        self.settling.ahead().push_back(Arc::clone(block));
    }

    /// A state that was spent by a block which is not durable yet.
    pub(crate) fn spent_ahead(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.settling.ahead().iter().find_map(|block| block.changes().spent.get(reference).cloned())
    }

    /// The database has the chain up to this height.
    pub(crate) fn settle(&self, height: u64) {
        self.settling.durable.send_modify(|durable| durable.height = height);
        self.settling.ahead().retain(|block| block.header().height > height);
    }

    /// A commit of the chain failed; memory is read again from here on.
    pub(crate) fn doubt(&self) {
        self.settling.durable.send_modify(|durable| {
            durable.failures = durable.failures.saturating_add(1);
            durable.memory = Memory::ReadAgain;
        });
    }

    /// True from a failed commit until it is known whether the database can be read.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.settling.now().memory == Memory::ReadAgain
    }

    /// The database cannot be read.
    pub(crate) fn is_unreadable(&self) {
        self.settling.durable.send_modify(|durable| durable.memory = Memory::Unreadable);
    }

    /// Memory is what the database has.
    pub(crate) fn is_certain(&self) {
        let height = self.ledger().height();
        self.settling.ahead().clear();
        self.settling.durable.send_modify(|durable| {
            durable.height = height;
            durable.memory = Memory::Certain;
        });
    }
}
