//! Threads for work that falls into parts. They stay, so that memory that one part has used serves the next.

use std::num::NonZeroUsize;
use std::sync::Arc;

use ledger_core::verify::Workers;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// So many threads; a clone is the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Threads {
    width: NonZeroUsize,
    /// None where one part is done at a time: whoever asks does it.
    pool: Option<Arc<ThreadPool>>,
}

impl Threads {
    pub(crate) fn new(count: usize) -> Self {
        let width = NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN);
        if width == NonZeroUsize::MIN {
            return Self { width, pool: None };
        }
        let named = |number| format!("verify-{number}");
        match ThreadPoolBuilder::new().num_threads(width.get()).thread_name(named).build() {
            Ok(pool) => Self { width, pool: Some(Arc::new(pool)) },
            Err(error) => {
                tracing::warn!(%error, width, "the system gives no threads for verification; it goes on with one");
                Self { width: NonZeroUsize::MIN, pool: None }
            }
        }
    }
}

impl Workers for Threads {
    fn width(&self) -> usize {
        self.width.get()
    }

    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        match &self.pool {
            Some(pool) if parts.len() > 1 => pool.install(|| parts.into_par_iter().map(&work).collect()),
            _ => parts.into_iter().map(work).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_parts_order_whatever_the_count_of_threads() {
        for count in 0..9 {
            for parts in 0..20_u64 {
                let results = Threads::new(count).map((0..parts).collect(), |part| part * part);
                assert_eq!(results, (0..parts).map(|part| part * part).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn parts_run_side_by_side() {
        let meet = std::sync::Barrier::new(3);
        // Each part waits for the two others, so one thread alone would never end.
        assert_eq!(Threads::new(3).map(vec![(); 3], |()| meet.wait().is_leader() as u8).iter().sum::<u8>(), 1);
    }

    #[test]
    fn a_part_that_panics_is_heard_of() {
        let fails = |part: u8| assert_ne!(part, 2, "part of a test");
        let heard = std::panic::catch_unwind(|| Threads::new(2).map(vec![1, 2, 3, 4], fails));
        assert!(heard.is_err());
    }
}
