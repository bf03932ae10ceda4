//! Who keeps a chain in memory, and when it was used last.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::HostedChain;

/// Whether and how a chain is used.
#[derive(Default)]
pub(crate) struct Uses {
    holds: Mutex<Holds>,
    /// Places of the mempool that the chain has.
    places: AtomicUsize,
    is_wanted: AtomicBool,
    /// Counts the uses of all chains, so that the least recent is known whatever the clock says.
    last: AtomicU64,
    /// Milliseconds UTC.
    last_ms: AtomicU64,
}

#[derive(Default)]
struct Holds {
    count: usize,
    is_closed: bool,
}

/// Keeps a chain open: what is begun on it ends on it.
pub(crate) struct Hold(Arc<HostedChain>);

/// A place of the mempool, counted for its chain.
pub(crate) struct ChainPlace(Hold);

impl Uses {
    fn holds(&self) -> MutexGuard<'_, Holds> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HostedChain {
    /// Keeps the chain open; none where it is closed already, and to be opened again.
    pub(crate) fn hold(self: &Arc<Self>) -> Option<Hold> {
        let mut holds = self.uses.holds();
        if holds.is_closed {
            return None;
        }
        holds.count = holds.count.saturating_add(1);
        Some(Hold(Arc::clone(self)))
    }

    /// Nobody holds it from now on, if nobody does; else nothing happens.
    pub(crate) fn close_unheld(&self) -> bool {
        let mut holds = self.uses.holds();
        holds.is_closed = holds.count == 0;
        holds.is_closed
    }

    pub(crate) fn is_held(&self) -> bool {
        self.uses.holds().count > 0
    }

    /// Places of the mempool that the chain has.
    pub(crate) fn places(&self) -> usize {
        self.uses.places.load(Ordering::Relaxed)
    }

    /// Somebody other than the timers uses the chain.
    pub(crate) fn want(&self) {
        self.uses.is_wanted.store(true, Ordering::Relaxed);
    }

    /// True once somebody other than the timers has used it since it was opened.
    pub(crate) fn is_wanted(&self) -> bool {
        self.uses.is_wanted.load(Ordering::Relaxed)
    }

    /// It is used, as the so many-th use of any chain.
    pub(crate) fn used(&self, use_number: u64, now_ms: u64) {
        self.uses.last.fetch_max(use_number, Ordering::Relaxed);
        self.uses.last_ms.fetch_max(now_ms, Ordering::Relaxed);
    }

    /// The number of its last use, and its time in milliseconds UTC.
    pub(crate) fn last_use(&self) -> (u64, u64) {
        (self.uses.last.load(Ordering::Relaxed), self.uses.last_ms.load(Ordering::Relaxed))
    }
}

impl Hold {
    /// The same as a place of the mempool.
    pub(crate) fn with_place(self) -> ChainPlace {
        self.0.uses.places.fetch_add(1, Ordering::Relaxed);
        ChainPlace(self)
    }
}

impl Deref for Hold {
    type Target = Arc<HostedChain>;

    fn deref(&self) -> &Arc<HostedChain> {
        &self.0
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut holds = self.0.uses.holds();
        holds.count = holds.count.saturating_sub(1);
    }
}

impl Drop for ChainPlace {
    fn drop(&mut self) {
        self.0.uses.places.fetch_sub(1, Ordering::Relaxed);
    }
}
