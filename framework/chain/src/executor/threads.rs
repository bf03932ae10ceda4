//! Threads for work that falls into parts. They begin with the work and end with it; a single part needs none.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

use ledger_core::verify::Workers;

/// So many threads at most, the asking one included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threads(NonZeroUsize);

impl Threads {
    pub(crate) fn new(count: usize) -> Self {
        Self(NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN))
    }
}

impl Workers for Threads {
    fn width(&self) -> usize {
        self.0.get()
    }

    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        let helpers_max = self.0.get().min(parts.len()).saturating_sub(1);
        if helpers_max == 0 {
            return parts.into_iter().map(work).collect();
        }
        let waiting = Mutex::new(parts.into_iter().enumerate());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let run = || {
            let mut done = Vec::new();
            while let Some((place, part)) = next() {
                done.push((place, work(part)));
            }
            done
        };
        let mut done = thread::scope(|scope| {
            // Where the system gives no further thread, those that are there do all.
            let helpers: Vec<_> =
                (0..helpers_max).map_while(|_| Builder::new().spawn_scoped(scope, run).ok()).collect();
            let mut done = run();
            for helper in helpers {
                match helper.join() {
                    Ok(parts) => done.extend(parts),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_unstable_by_key(|(place, _)| *place);
        done.into_iter().map(|(_, result)| result).collect()
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
