//! The chains that a node has in memory, and which of them the timers are to look at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLockReadGuard, RwLockWriteGuard};

use ledger_core::ChainId;

use super::Shared;
use crate::hosted::HostedChain;

/// Chains in memory.
#[derive(Default)]
pub(crate) struct Hosts {
    by_id: BTreeMap<ChainId, Arc<HostedChain>>,
    by_number: BTreeMap<i64, Arc<HostedChain>>,
    /// Numbers of those with steps that wait for no deadline.
    working: BTreeSet<i64>,
}

impl Shared {
    fn hosts(&self) -> RwLockReadGuard<'_, Hosts> {
        self.hosts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn hosts_mut(&self) -> RwLockWriteGuard<'_, Hosts> {
        self.hosts.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// A hosted chain.
    pub(crate) fn hosted(&self, chain: &ChainId) -> Option<Arc<HostedChain>> {
        self.hosts().by_id.get(chain).cloned()
    }

    /// The hosted chain of a number.
    pub(crate) fn hosted_by_number(&self, number: i64) -> Option<Arc<HostedChain>> {
        self.hosts().by_number.get(&number).cloned()
    }

    /// All hosted chains, ascending by id.
    pub(crate) fn all_hosted(&self) -> Vec<Arc<HostedChain>> {
        self.hosts().by_id.values().cloned().collect()
    }

    pub(crate) fn host(&self, chain: Arc<HostedChain>) {
        let mut hosts = self.hosts_mut();
        hosts.by_number.insert(chain.number, Arc::clone(&chain));
        hosts.by_id.insert(chain.id, Arc::clone(&chain));
        drop(hosts);
        self.wake_timers_for(&chain);
    }

    pub(crate) fn close(&self, chain: &ChainId) {
        let mut hosts = self.hosts_mut();
        if let Some(closed) = hosts.by_id.remove(chain) {
            hosts.by_number.remove(&closed.number);
            hosts.working.remove(&closed.number);
        }
    }

    /// Wakes the timers up if the chain waits for something.
    pub(crate) fn wake_timers_for(&self, chain: &HostedChain) {
        self.note_work_of(chain);
        if chain.waiting().is_waiting() {
            self.timers.notify_one();
        }
    }

    /// The timers are to look at the chain while it has steps that wait for no deadline.
    pub(crate) fn note_work_of(&self, chain: &HostedChain) {
        if chain.waiting().has_work() {
            self.hosts_mut().working.insert(chain.number);
        }
    }

    /// The chains with steps that wait for no deadline; whoever takes them notes those that still have some.
    pub(crate) fn take_working(&self) -> Vec<Arc<HostedChain>> {
        let mut hosts = self.hosts_mut();
        let working = std::mem::take(&mut hosts.working);
        working.iter().filter_map(|number| hosts.by_number.get(number).cloned()).collect()
    }
}
