//! How long a stage takes on the way of transactions: by the wall, and of processors on whatever threads.
//!
//! A few readings of a thread's clock for a batch or a block, and for a poll of what waits for the database.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ledger_core::verify::Workers;
use rustix::time::{ClockId, clock_gettime};

use super::distribution::{Histogram, Measuring};

/// A stage on the way of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Bytes, signatures, rules: the first two stages of verification, over threads.
    Verify,
    /// Cutting the block: the third stage, against the tip in order.
    Contextual,
    /// Working out a block's rows.
    Prepare,
    /// The database transaction, as far as this process works for it; what a thread or server of the database does is its own.
    Store,
    /// Memory follows, and the answers go out.
    Apply,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Verify, Self::Contextual, Self::Prepare, Self::Store, Self::Apply];
}

/// What a stage has taken since the node was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTime {
    /// From begin to end, added up.
    pub wall: Duration,
    /// Of processors, on whatever threads.
    pub cpu: Duration,
}

/// Times one stage, from any thread.
pub(crate) struct Timer {
    pub(super) wall: Histogram,
    cpu_ns: AtomicU64,
}

/// A stage that runs on this thread until this is dropped.
pub(crate) struct Running<'t> {
    timer: &'t Timer,
    cpu: Duration,
    _wall: Measuring<'t>,
}

impl Timer {
    pub(super) fn new() -> Self {
        Self { wall: Histogram::of_microseconds(), cpu_ns: AtomicU64::new(0) }
    }

    /// Times what this thread does until the answer is dropped.
    pub(crate) fn measure(&self) -> Running<'_> {
        Running { timer: self, cpu: thread_cpu(), _wall: self.wall.measure() }
    }

    /// Times work that waits: its polls, on whatever thread each runs.
    pub(crate) async fn follow<F: Future>(&self, work: F) -> F::Output {
        let _wall = self.wall.measure();
        let mut work = pin!(work);
        poll_fn(|context| {
            let cpu = thread_cpu();
            let polled = work.as_mut().poll(context);
            self.add_cpu(cpu);
            polled
        })
        .await
    }

    /// What it has taken so far.
    pub(super) fn taken(&self) -> StageTime {
        StageTime {
            wall: Duration::from_micros(self.wall.sum()),
            cpu: Duration::from_nanos(self.cpu_ns.load(Ordering::Relaxed)),
        }
    }

    /// Adds this thread's processor time since it was this much.
    fn add_cpu(&self, since: Duration) {
        let taken = thread_cpu().saturating_sub(since);
        self.cpu_ns.fetch_add(u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.timer.add_cpu(self.cpu);
    }
}

/// Workers whose parts count for a stage that another thread runs; those that run on that thread count there already.
pub(crate) struct CountedWorkers<'w, W> {
    pub(crate) timer: &'w Timer,
    pub(crate) workers: &'w W,
}

impl<W: Workers> Workers for CountedWorkers<'_, W> {
    fn width(&self) -> usize {
        self.workers.width()
    }

    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        let (timer, home) = (self.timer, thread::current().id());
        self.workers.map(parts, |part| {
            if thread::current().id() == home {
                return work(part);
            }
            let cpu = thread_cpu();
            let result = work(part);
            timer.add_cpu(cpu);
            result
        })
    }
}

/// Processor time of this thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let part = |value: i64| u64::try_from(value).unwrap_or_default();
    Duration::from_secs(part(time.tv_sec)).saturating_add(Duration::from_nanos(part(time.tv_nsec)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::threads::Threads;

    /// Works for about this much processor time.
    fn burn(time: Duration) {
        let begun = thread_cpu();
        while thread_cpu().saturating_sub(begun) < time {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn work_counts_by_wall_and_processor() {
        let timer = Timer::new();
        assert_eq!(timer.taken(), StageTime::default());
        let running = timer.measure();
        burn(Duration::from_millis(2));
        drop(running);
        let StageTime { wall, cpu } = timer.taken();
        assert!(wall >= Duration::from_millis(2) && cpu >= Duration::from_millis(2), "{wall:?}, {cpu:?}");
    }

    #[tokio::test]
    async fn waiting_takes_no_processor() {
        let timer = Timer::new();
        timer.follow(tokio::time::sleep(Duration::from_millis(60))).await;
        let time = timer.taken();
        assert!(time.wall >= Duration::from_millis(60) && time.cpu < Duration::from_millis(30), "{time:?}");
    }

    #[test]
    fn parts_on_other_threads_count_too_and_none_counts_twice() {
        let (timer, threads) = (Timer::new(), Threads::new(4));
        let running = timer.measure();
        let workers = CountedWorkers { timer: &timer, workers: &threads };
        workers.map(vec![(); 8], |()| burn(Duration::from_millis(4)));
        drop(running);
        let time = timer.taken();
        assert!(time.cpu >= Duration::from_millis(32) && time.cpu < Duration::from_millis(48), "{time:?}");
    }
}
