//! What waits to be verified, chain by chain, and whose turn it is: every chain gets its share, whatever another has waiting.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use super::{Submission, Submitted};
use crate::hosted::HostedChain;

/// Transactions verified at the same time, over all chains.
const BATCH_TRANSACTIONS_MAX: usize = 1_024;

/// Submissions in the order of their arrival, by chain.
pub(super) struct Backlog {
    lines: BTreeMap<i64, Line>,
    /// Numbers of the chains of which a batch is being verified: the next one may build on it.
    verifying: BTreeSet<i64>,
    verifying_max: usize,
    /// Number of the chain that had its turn last.
    last: i64,
}

struct Line {
    chain: Arc<HostedChain>,
    transactions: VecDeque<Submitted>,
}

impl Backlog {
    /// Batches of so many chains are verified at the same time.
    pub(super) fn new(verifying_max: usize) -> Self {
        Self { lines: BTreeMap::new(), verifying: BTreeSet::new(), verifying_max, last: 0 }
    }

    pub(super) fn put(&mut self, Submission { chain, transactions }: Submission) {
        if transactions.is_empty() {
            return;
        }
        let line = self.lines.entry(chain.number);
        line.or_insert_with(|| Line { chain, transactions: VecDeque::new() }).transactions.extend(transactions);
    }

    /// The next chain's batch, until which is done no other of that chain is given.
    pub(super) fn next(&mut self) -> Option<Submission> {
        if self.verifying.len() >= self.verifying_max {
            return None;
        }
        let in_turn = self.lines.range((Excluded(self.last), Unbounded)).chain(self.lines.range(..=self.last));
        let number = in_turn.map(|(number, _)| *number).find(|number| !self.verifying.contains(number))?;
        let others = self.lines.keys().filter(|other| !self.verifying.contains(other)).count();
        let sharing = others.saturating_add(self.verifying.len()).max(1);
        let line = self.lines.get_mut(&number)?;
        let share = (BATCH_TRANSACTIONS_MAX / sharing).clamp(1, line.transactions.len());
        let batch =
            Submission { chain: Arc::clone(&line.chain), transactions: line.transactions.drain(..share).collect() };
        if line.transactions.is_empty() {
            self.lines.remove(&number);
        }
        self.verifying.insert(number);
        self.last = number;
        Some(batch)
    }

    /// A chain's batch is verified and handed on.
    pub(super) fn done(&mut self, number: i64) {
        self.verifying.remove(&number);
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::ContractSet;
    use tokio::sync::oneshot;

    use super::*;
    use crate::executor::Origin;
    use crate::mempool::Mempool;
    use crate::tests::market::genesis;

    fn chain(number: i64) -> Arc<HostedChain> {
        let genesis = genesis(&format!("chain {number}"));
        Arc::new(HostedChain::new(number, genesis, &ContractSet::built_in()).unwrap())
    }

    fn submission(mempool: &Mempool, chain: &Arc<HostedChain>, count: usize) -> Submission {
        let transaction = || Submitted {
            bytes: Arc::from([0; 4].as_slice()),
            origin: Origin::Outside,
            sent: Arc::default(),
            answer: oneshot::channel().0,
            slot: mempool.slot(chain).unwrap(),
        };
        Submission { chain: Arc::clone(chain), transactions: (0..count).map(|_| transaction()).collect() }
    }

    fn taken(backlog: &mut Backlog) -> Option<(i64, usize)> {
        backlog.next().map(|batch| (batch.chain.number, batch.transactions.len()))
    }

    #[test]
    fn a_lone_transaction_is_the_next_batch_beside_a_flood() {
        let (mempool, _outlets) = Mempool::new(10_000, 2);
        let (flooding, lone) = (chain(1), chain(2));
        let mut backlog = Backlog::new(2);
        backlog.put(submission(&mempool, &flooding, 5_000));
        assert_eq!(taken(&mut backlog), Some((1, BATCH_TRANSACTIONS_MAX)));
        assert_eq!(taken(&mut backlog), None, "one batch of a chain at a time");
        backlog.put(submission(&mempool, &lone, 1));
        assert_eq!(taken(&mut backlog), Some((2, 1)));
        backlog.done(2);
        assert_eq!(taken(&mut backlog), None);
        backlog.done(1);
        assert_eq!(taken(&mut backlog), Some((1, BATCH_TRANSACTIONS_MAX)));
    }

    #[test]
    fn floods_take_turns_and_share_a_batch() {
        let (mempool, _outlets) = Mempool::new(100_000, 2);
        let mut backlog = Backlog::new(2);
        for number in [1, 2, 3, 4] {
            backlog.put(submission(&mempool, &chain(number), 1_000));
        }
        let mut turns = Vec::new();
        for _ in 0..4 {
            let [first, second] = [taken(&mut backlog), taken(&mut backlog)].map(Option::unwrap);
            assert_eq!(taken(&mut backlog), None, "no more chains at a time");
            turns.extend([first, second]);
            backlog.done(first.0);
            backlog.done(second.0);
        }
        assert_eq!(turns.iter().map(|turn| turn.0).collect::<Vec<_>>(), [1, 2, 3, 4, 1, 2, 3, 4]);
        assert!(turns.iter().all(|turn| turn.1 == BATCH_TRANSACTIONS_MAX / 4), "{turns:?}");
    }
}
