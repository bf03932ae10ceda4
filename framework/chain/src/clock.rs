//! The one door through which time enters: the producer asks it, and hive-platform is given it. Nothing else reads a clock.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time; tests give their own.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds UTC since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        // A clock before 1970 reads as 0; every time window then refuses, so nothing wrong is recorded.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Measures how long work takes, for rates.
pub(crate) struct Stopwatch {
    clock: Arc<dyn Clock>,
    started_ms: u64,
}

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start(clock: Arc<dyn Clock>) -> Self {
        let started_ms = clock.now_ms();
        Self { clock, started_ms }
    }

    /// Milliseconds since the start.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.clock.now_ms().saturating_sub(self.started_ms)
    }
}
