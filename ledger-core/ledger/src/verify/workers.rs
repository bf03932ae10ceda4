//! Who does work that falls into parts. Threads are the caller's; no result here depends on them.

use std::ops::RangeInclusive;

/// Does the parts of a piece of work, side by side or in turn.
pub trait Workers {
    /// How many parts it does at the same time.
    fn width(&self) -> usize;

    /// The results of all parts in the parts' order, whoever does them and when.
    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R>;
}

/// One part after another, by whoever asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct InTurn;

impl Workers for InTurn {
    fn width(&self) -> usize {
        1
    }

    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        parts.into_iter().map(work).collect()
    }
}

/// Transactions of one part: at least as many as are worth a thread, at most as many as gain by one signature batch.
const PART_TRANSACTIONS: RangeInclusive<usize> = 16..=256;

/// Cuts a list into parts for so many workers.
pub(super) fn parts<T>(list: Vec<T>, width: usize) -> Vec<Vec<T>> {
    let size = list.len().div_ceil(width.max(1)).clamp(*PART_TRANSACTIONS.start(), *PART_TRANSACTIONS.end());
    let mut rest = list.into_iter();
    let part = || Some(rest.by_ref().take(size).collect::<Vec<_>>()).filter(|part| !part.is_empty());
    std::iter::from_fn(part).collect()
}
