//! What a node counts of itself while it works: plain numbers in memory, which whoever watches reads as [`Measured`].
//!
//! Counting takes no lock but for refusals and for the first block of a chain, and nothing here decides anything.

mod distribution;
mod lookups;
mod measured;
mod timer;

pub use distribution::Distribution;
pub(crate) use lookups::LookupMeter;
pub use lookups::{Lookups, LookupsMeasured};
pub use measured::{ChainMeasured, EventsMeasured, Measured};
pub(crate) use timer::CountedWorkers;
pub use timer::{Stage, StageTime};

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Instant;

use ledger_core::verify::VerifiedBlock;

use crate::error::SubmitError;
use distribution::Histogram;
use timer::Timer;

/// Codes are a closed set; should a vertical make some up, the rest counts as one.
const CODES_MAX: usize = 2_000;
/// The code that stands for those above [`CODES_MAX`].
const FURTHER_CODES: &str = "FURTHER";

/// Counts. Held by what all parts of a node share.
pub(crate) struct Meter {
    /// Transactions of a batch that is verified together.
    pub(crate) batch: Histogram,
    /// A batch's verification: structural and semantic stage.
    pub(crate) verify: Timer,
    /// A block's contextual stage, the cutting of the block included.
    pub(crate) sequence: Timer,
    /// The rows of a block, worked out.
    pub(crate) prepare: Timer,
    /// The database transaction of a commit.
    pub(crate) store: Timer,
    /// Memory takes over a block, and its answers go out.
    pub(crate) apply: Timer,
    /// A commit from the gathering of what is ready to the last answer.
    pub(crate) commit: Histogram,
    /// Where states were found.
    pub(crate) lookups: LookupMeter,
    /// Transactions of a block.
    block: Histogram,
    commit_failures: AtomicU64,
    accepted: AtomicU64,
    refused: Mutex<BTreeMap<String, u64>>,
    /// By chain number; a closed chain keeps its counts.
    chains: RwLock<BTreeMap<i64, Arc<ChainMeter>>>,
    readers: Mutex<Vec<Weak<AtomicI64>>>,
    queue_max: usize,
    began: Instant,
}

/// Counts of one chain.
#[derive(Default)]
struct ChainMeter {
    accepted: AtomicU64,
    refused: AtomicU64,
    blocks: AtomicU64,
    /// Of the transactions of all its blocks.
    bytes: AtomicU64,
}

/// How far a reader of events has come: the sequence of the last one it was given.
pub(crate) struct Position(Arc<AtomicI64>);

impl Position {
    pub(crate) fn is_at(&self, sequence: i64) {
        self.0.store(sequence, Ordering::Relaxed);
    }
}

fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl Meter {
    /// For a node on which so many transactions may be under way.
    pub(crate) fn new(queue_max: usize) -> Self {
        Self {
            batch: Histogram::of_transactions(),
            verify: Timer::new(),
            sequence: Timer::new(),
            prepare: Timer::new(),
            store: Timer::new(),
            apply: Timer::new(),
            commit: Histogram::of_microseconds(),
            lookups: LookupMeter::default(),
            block: Histogram::of_transactions(),
            commit_failures: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            refused: Mutex::default(),
            chains: RwLock::default(),
            readers: Mutex::default(),
            queue_max,
            began: Instant::now(),
        }
    }

    /// What each stage has taken.
    pub(crate) fn stages(&self) -> [(Stage, StageTime); Stage::ALL.len()] {
        Stage::ALL.map(|stage| {
            let timer = match stage {
                Stage::Verify => &self.verify,
                Stage::Contextual => &self.sequence,
                Stage::Prepare => &self.prepare,
                Stage::Store => &self.store,
                Stage::Apply => &self.apply,
            };
            (stage, timer.taken())
        })
    }

    /// A block is durable and in memory.
    pub(crate) fn committed(&self, chain_number: i64, block: &VerifiedBlock) {
        let count = block.transactions().len();
        self.block.record(u64::try_from(count).unwrap_or(u64::MAX));
        add(&self.accepted, count);
        let chain = self.chain(chain_number);
        add(&chain.accepted, count);
        add(&chain.blocks, 1);
        add(&chain.bytes, bytes(block));
    }

    /// A stored block was read in again: it adds to what the chain holds, not to what the node has done.
    pub(crate) fn read_in(&self, chain_number: i64, block: &VerifiedBlock) {
        let chain = self.chain(chain_number);
        if block.header().height == 1 {
            chain.bytes.store(0, Ordering::Relaxed);
        }
        add(&chain.bytes, bytes(block));
    }

    /// Stored blocks with transactions of so many bytes were not read in again: what they gave was kept.
    pub(crate) fn restored(&self, chain_number: i64, bytes: u64) {
        self.chain(chain_number).bytes.store(bytes, Ordering::Relaxed);
    }

    /// Bytes of the transactions in all blocks of a chain.
    pub(crate) fn bytes_of(&self, chain_number: i64) -> u64 {
        self.chain(chain_number).bytes.load(Ordering::Relaxed)
    }

    /// A submission is answered with a refusal.
    pub(crate) fn refused(&self, chain_number: i64, error: &SubmitError) {
        add(&self.chain(chain_number).refused, 1);
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let code =
            if refused.len() < CODES_MAX || refused.contains_key(error.code()) { error.code() } else { FURTHER_CODES };
        let count = refused.entry(code.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    /// How many commits there were.
    pub(crate) fn commits(&self) -> u64 {
        self.commit.snapshot().count()
    }

    /// A commit did not come about.
    pub(crate) fn commit_failed(&self) {
        add(&self.commit_failures, 1);
    }

    /// A reader of events begins behind this sequence; it counts until the answer is dropped.
    pub(crate) fn reader(&self, after: i64) -> Position {
        let position = Arc::new(AtomicI64::new(after));
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|reader| reader.strong_count() > 0);
        readers.push(Arc::downgrade(&position));
        Position(position)
    }

    /// How far each reader of events has come.
    fn positions(&self) -> Vec<i64> {
        let readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.iter().filter_map(Weak::upgrade).map(|at| at.load(Ordering::Relaxed)).collect()
    }

    fn chain(&self, number: i64) -> Arc<ChainMeter> {
        let known = self.chains.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        known.unwrap_or_else(|| {
            let mut chains = self.chains.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(chains.entry(number).or_default())
        })
    }
}

fn bytes(block: &VerifiedBlock) -> usize {
    block.transactions().iter().fold(0, |sum, transaction| sum.saturating_add(transaction.bytes().len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger_core::Rejection;

    #[test]
    fn codes_are_bounded_and_no_refusal_is_lost() {
        let meter = Meter::new(1);
        let refused = |code: &str| {
            let rejection = Rejection { code: code.to_owned(), message: String::new() };
            meter.refused(1, &SubmitError::Rejected(rejection));
        };
        (0..CODES_MAX + 5).for_each(|number| refused(&format!("CODE_{number}")));
        refused("CODE_1");
        let counts = meter.refused.lock().unwrap();
        assert_eq!((counts.len(), counts[FURTHER_CODES], counts["CODE_1"]), (CODES_MAX + 1, 5, 2));
        assert_eq!(counts.values().sum::<u64>(), u64::try_from(CODES_MAX).unwrap() + 6);
    }

    #[test]
    fn a_reader_counts_until_it_is_gone() {
        let meter = Meter::new(1);
        let (slow, quick) = (meter.reader(3), meter.reader(3));
        quick.is_at(9);
        assert_eq!(meter.positions(), [3, 9]);
        drop(slow);
        assert_eq!(meter.positions(), [9]);
    }
}
