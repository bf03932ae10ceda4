//! Why a node accepts nothing, for now or for good.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::Shared;

/// What keeps a node from accepting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Its database fails; it goes on once the cause is gone.
    Failed(String),
    /// It was asked to end.
    Ended,
}

impl Fault {
    fn reason(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Failed(reason) => Some(reason.clone()),
            Self::Ended => Some("the node was shut down".to_owned()),
        }
    }
}

impl Shared {
    /// Stops accepting; the first reason stays until the node goes on.
    pub(crate) fn stop(&self, reason: String) {
        let mut fault = self.fault.write().unwrap_or_else(PoisonError::into_inner);
        if *fault == Fault::None {
            tracing::error!(%reason, "the node stops accepting");
            *fault = Fault::Failed(reason);
        }
    }

    /// Accepts again what it stopped accepting for a failure.
    pub(crate) fn go_on(&self) {
        let mut fault = self.fault.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(*fault, Fault::Failed(_)) {
            tracing::info!("the node accepts again");
            *fault = Fault::None;
            self.recoveries.fetch_add(1, Ordering::Relaxed);
            self.timers.notify_one();
        }
    }

    /// How often it has gone on after a failure.
    pub(crate) fn recoveries(&self) -> u64 {
        self.recoveries.load(Ordering::Relaxed)
    }

    /// Accepts nothing any more because it was asked to end.
    pub(crate) fn end(&self) {
        *self.fault.write().unwrap_or_else(PoisonError::into_inner) = Fault::Ended;
        self.timers.notify_one();
        self.crowded.notify_one();
    }

    /// Why nothing is accepted.
    pub(crate) fn stopped(&self) -> Option<String> {
        self.fault.read().unwrap_or_else(PoisonError::into_inner).reason()
    }

    /// True once it was asked to end: nothing goes on.
    pub(crate) fn has_ended(&self) -> bool {
        *self.fault.read().unwrap_or_else(PoisonError::into_inner) == Fault::Ended
    }

    /// True while it waits for the cause of a failure to go away.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(*self.fault.read().unwrap_or_else(PoisonError::into_inner), Fault::Failed(_))
    }
}
