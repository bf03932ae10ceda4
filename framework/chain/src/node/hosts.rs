//! The chains that a node stores, which of them it has in memory, and which of those the timers are to look at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLockReadGuard, RwLockWriteGuard};

use ledger_core::ChainId;

use super::Shared;
use crate::error::ChainError;
use crate::hosted::HostedChain;

/// A stored chain, whether it is in memory or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The value of `chain_id` in its rows.
    pub(crate) number: i64,
    /// Where its parties are registered, if that is another chain.
    pub(crate) directory: Option<ChainId>,
}

/// Why a chain cannot be read into memory: what is stored of it does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) height: u64,
    pub(crate) reason: String,
}

/// How many chains a node has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainCounts {
    /// In its database.
    pub stored: usize,
    /// In memory.
    pub open: usize,
    /// Those that commit nothing any more, as far as that has shown.
    pub stopped: usize,
}

/// A chain that commits nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedChain {
    /// The chain.
    pub chain: ChainId,
    /// Why, for people.
    pub reason: String,
}

/// All chains of the node.
#[derive(Default)]
pub(crate) struct Hosts {
    known: BTreeMap<ChainId, Known>,
    ids: BTreeMap<i64, ChainId>,
    broken: BTreeMap<ChainId, Broken>,
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

    /// Takes note of a stored chain.
    pub(crate) fn know(&self, chain: ChainId, known: Known) {
        let mut hosts = self.hosts_mut();
        hosts.ids.insert(known.number, chain);
        hosts.known.insert(chain, known);
    }

    /// A stored chain.
    pub(crate) fn known(&self, chain: &ChainId) -> Option<Known> {
        self.hosts().known.get(chain).copied()
    }

    /// All stored chains, ascending by number.
    pub(crate) fn all_known(&self) -> Vec<ChainId> {
        self.hosts().ids.values().copied().collect()
    }

    /// The stored chain of a number.
    pub(crate) fn chain_numbered(&self, number: i64) -> Option<ChainId> {
        self.hosts().ids.get(&number).copied()
    }

    pub(crate) fn counts(&self) -> ChainCounts {
        let hosts = self.hosts();
        let stopped = hosts.by_id.values().filter(|chain| chain.stopped().is_some()).count();
        ChainCounts {
            stored: hosts.known.len(),
            open: hosts.by_id.len(),
            stopped: stopped.saturating_add(hosts.broken.len()),
        }
    }

    /// The chains that commit nothing any more, at most so many, ascending by id.
    pub(crate) fn stopped_chains(&self, most: usize) -> Vec<StoppedChain> {
        let hosts = self.hosts();
        let open = hosts.by_id.values().filter_map(|chain| Some((chain.id, chain.stopped()?.clone())));
        let broken = hosts.broken.iter().map(|(chain, broken)| {
            let error =
                ChainError::BrokenHistory { chain: *chain, height: broken.height, reason: broken.reason.clone() };
            (*chain, error.to_string())
        });
        let reasons: BTreeMap<_, _> = open.chain(broken).collect();
        reasons.into_iter().take(most).map(|(chain, reason)| StoppedChain { chain, reason }).collect()
    }

    /// From now on the chain is not read into memory any more; the first reason stays.
    pub(crate) fn note_broken(&self, chain: ChainId, broken: Broken) {
        tracing::error!(%chain, height = broken.height, reason = %broken.reason, "the chain does not hold; it is not opened");
        self.hosts_mut().broken.entry(chain).or_insert(broken);
    }

    /// Why the chain is not read into memory, if it is not.
    pub(crate) fn broken(&self, chain: &ChainId) -> Option<ChainError> {
        let Broken { height, reason } = self.hosts().broken.get(chain)?.clone();
        Some(ChainError::BrokenHistory { chain: *chain, height, reason })
    }

    /// A chain in memory.
    pub(crate) fn hosted(&self, chain: &ChainId) -> Option<Arc<HostedChain>> {
        self.hosts().by_id.get(chain).cloned()
    }

    /// The chain of a number, if it is in memory.
    pub(crate) fn hosted_by_number(&self, number: i64) -> Option<Arc<HostedChain>> {
        self.hosts().by_number.get(&number).cloned()
    }

    /// All chains in memory, ascending by id.
    pub(crate) fn all_hosted(&self) -> Vec<Arc<HostedChain>> {
        self.hosts().by_id.values().cloned().collect()
    }

    pub(crate) fn host(&self, chain: Arc<HostedChain>) {
        self.touch(&chain);
        let mut hosts = self.hosts_mut();
        hosts.by_number.insert(chain.number, Arc::clone(&chain));
        hosts.by_id.insert(chain.id, Arc::clone(&chain));
        let is_crowded = hosts.by_id.len() > self.bounds.chains_open_max;
        drop(hosts);
        self.wake_timers_for(&chain);
        if is_crowded {
            self.crowded.notify_one();
        }
    }

    /// Somebody uses the chain now.
    pub(crate) fn touch(&self, chain: &HostedChain) {
        let use_number = self.uses.fetch_add(1, Ordering::Relaxed);
        chain.used(use_number, self.now_ms());
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
