//! Where the time of transactions goes on their way through a node: each stage's, by the wall and by the processor.
//!
//! A few readings of a thread's clock for a batch or a block, and for a poll of what waits for the database.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ledger_core::verify::Workers;
use rustix::time::{ClockId, clock_gettime};

/// A stage on the way of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Bytes, signatures, rules: the first two stages of verification, over threads.
    Verify,
    /// Cutting the block: the third stage, against the tip in order.
    Contextual,
    /// Sealing the block and working out its rows.
    Prepare,
    /// The database transaction, as far as this process works for it; what a thread or server of the database does is its own.
    Store,
    /// Memory follows, and the answers go out.
    Apply,
}

/// What a stage has taken since the node was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTime {
    /// From begin to end, added up.
    pub wall: Duration,
    /// Of processors, on whatever threads.
    pub cpu: Duration,
}

#[derive(Debug, Default)]
struct Counted {
    wall_ns: AtomicU64,
    cpu_ns: AtomicU64,
}

/// What all stages have taken.
#[derive(Debug, Default)]
pub(crate) struct Stages([Counted; Stage::ALL.len()]);

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Verify, Self::Contextual, Self::Prepare, Self::Store, Self::Apply];
}

impl Stages {
    /// What each stage has taken.
    pub(crate) fn read(&self) -> [(Stage, StageTime); Stage::ALL.len()] {
        Stage::ALL.map(|stage| {
            let counted = self.of(stage);
            let time = |ns: &AtomicU64| Duration::from_nanos(ns.load(Ordering::Relaxed));
            (stage, StageTime { wall: time(&counted.wall_ns), cpu: time(&counted.cpu_ns) })
        })
    }

    /// Counts work that runs on this thread to its end.
    pub(crate) fn run<R>(&self, stage: Stage, work: impl FnOnce() -> R) -> R {
        let (begun, cpu) = (Instant::now(), thread_cpu());
        let result = work();
        self.add(stage, begun.elapsed(), thread_cpu().saturating_sub(cpu));
        result
    }

    /// Counts work that waits: its polls, on whatever thread each runs.
    pub(crate) async fn follow<F: Future>(&self, stage: Stage, work: F) -> F::Output {
        let begun = Instant::now();
        let mut work = pin!(work);
        let output = poll_fn(|context| {
            let cpu = thread_cpu();
            let polled = work.as_mut().poll(context);
            self.add(stage, Duration::ZERO, thread_cpu().saturating_sub(cpu));
            polled
        });
        let output = output.await;
        self.add(stage, begun.elapsed(), Duration::ZERO);
        output
    }

    fn of(&self, stage: Stage) -> &Counted {
        let [verify, contextual, prepare, store, apply] = &self.0;
        match stage {
            Stage::Verify => verify,
            Stage::Contextual => contextual,
            Stage::Prepare => prepare,
            Stage::Store => store,
            Stage::Apply => apply,
        }
    }

    fn add(&self, stage: Stage, wall: Duration, cpu: Duration) {
        let counted = self.of(stage);
        let add = |total: &AtomicU64, time: Duration| {
            total.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        };
        add(&counted.wall_ns, wall);
        add(&counted.cpu_ns, cpu);
    }
}

/// Workers whose parts count for a stage that another thread runs; those that run on that thread count there already.
pub(crate) struct CountedWorkers<'w, W> {
    pub(crate) stages: &'w Stages,
    pub(crate) stage: Stage,
    pub(crate) workers: &'w W,
}

impl<W: Workers> Workers for CountedWorkers<'_, W> {
    fn width(&self) -> usize {
        self.workers.width()
    }

    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        let (stages, stage) = (self.stages, self.stage);
        let home = thread::current().id();
        self.workers.map(parts, |part| {
            if thread::current().id() == home {
                return work(part);
            }
            let cpu = thread_cpu();
            let result = work(part);
            stages.add(stage, Duration::ZERO, thread_cpu().saturating_sub(cpu));
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
    fn work_counts_for_its_stage_by_wall_and_processor() {
        let stages = Stages::default();
        stages.run(Stage::Prepare, || burn(Duration::from_millis(2)));
        for (stage, time) in stages.read() {
            assert_eq!(time.cpu >= Duration::from_millis(2), stage == Stage::Prepare, "{stage:?}: {time:?}");
            assert_eq!(time.wall >= Duration::from_millis(2), stage == Stage::Prepare, "{stage:?}: {time:?}");
        }
    }

    #[tokio::test]
    async fn waiting_takes_no_processor() {
        let stages = Stages::default();
        stages.follow(Stage::Store, tokio::time::sleep(Duration::from_millis(60))).await;
        let [.., (Stage::Store, time), _] = stages.read() else { panic!("the order of stages") };
        assert!(time.wall >= Duration::from_millis(60) && time.cpu < Duration::from_millis(30), "{time:?}");
    }

    #[test]
    fn parts_on_other_threads_count_too_and_none_counts_twice() {
        let (stages, threads) = (Stages::default(), Threads::new(4));
        let workers = CountedWorkers { stages: &stages, stage: Stage::Verify, workers: &threads };
        stages.run(Stage::Verify, || workers.map(vec![(); 8], |()| burn(Duration::from_millis(4))));
        let [(Stage::Verify, time), ..] = stages.read() else { panic!("the order of stages") };
        assert!(time.cpu >= Duration::from_millis(32) && time.cpu < Duration::from_millis(48), "{time:?}");
    }
}
