//! What is kept of a chain, held against what its blocks give.

use ledger_core::Ledger;

use super::Restored;
use crate::holdings::Holdings;
use crate::hosted::{Fold, HostedChain};
use crate::waiting::Waiting;

/// All that is in memory of a chain.
struct Memory<'m> {
    ledger: &'m Ledger,
    holdings: &'m Holdings,
    waiting: &'m Waiting,
    folds: &'m [Fold],
}

impl Memory<'_> {
    /// The first thing that is not as a replay to the same height gives it, in words.
    fn first_difference(&self, replayed: &HostedChain) -> Option<&'static str> {
        replayed.whole(|ledger, holdings, waiting, folds| {
            let of_ledger = self.ledger.first_difference(ledger);
            let of_holdings = || self.holdings.first_difference(holdings);
            let of_waiting = || self.waiting.first_difference(waiting);
            let of_folds = || (self.folds != folds).then_some("folds");
            of_ledger.or_else(of_holdings).or_else(of_waiting).or_else(of_folds)
        })
    }
}

impl Restored {
    /// The first thing that is not as a replay to the same height gives it, in words.
    pub(crate) fn first_difference(&self, replayed: &HostedChain) -> Option<&'static str> {
        let Self { ledger, holdings, waiting, folds, .. } = self;
        Memory { ledger, holdings, waiting, folds }.first_difference(replayed)
    }
}

#[cfg(test)]
impl HostedChain {
    /// The first thing that is not as another replay to the same height gives it, in words.
    pub(crate) fn first_difference(&self, replayed: &Self) -> Option<&'static str> {
        self.whole(|ledger, holdings, waiting, folds| {
            Memory { ledger, holdings, waiting, folds }.first_difference(replayed)
        })
    }
}
