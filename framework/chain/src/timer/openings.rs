//! Closed chains that are opened for their deadlines: some side by side, so that one that takes long, or never comes, has its
//! own place and no other's.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::task::{Id, JoinSet};

use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::node::Node;

/// Chains that are opened at the same time, at most. How many of them read at once the node bounds for all that ask.
pub(super) const OPENINGS_MAX: usize = 8;

type Outcome = Result<Option<Arc<HostedChain>>, ChainError>;

/// Openings under way, and what waits for its place.
#[derive(Default)]
pub(super) struct Openings {
    /// Numbers of chains with a deadline that has passed, the earliest first.
    due: VecDeque<i64>,
    running: JoinSet<Outcome>,
    numbers: HashMap<Id, i64>,
}

impl Openings {
    /// From here on what is due is told anew.
    pub(super) fn forget_due(&mut self) {
        self.due.clear();
    }

    /// A chain is to be opened after those told before it, unless it is being opened.
    pub(super) fn tell(&mut self, number: i64) {
        if !self.numbers.values().any(|running| *running == number) {
            self.due.push_back(number);
        }
    }

    /// Opens what is due while there is a place.
    pub(super) fn begin(&mut self, node: &Node) {
        while self.running.len() < OPENINGS_MAX
            && let Some(number) = self.due.pop_front()
        {
            let node = node.clone();
            let task = self.running.spawn(async move { node.opened_by_number(number).await });
            self.numbers.insert(task.id(), number);
        }
    }

    /// The next chain that is open, or cannot be opened, by its number; never while none is under way.
    pub(super) async fn next(&mut self) -> (i64, Outcome) {
        loop {
            let (id, outcome) = match self.running.join_next_with_id().await {
                Some(Ok(done)) => done,
                Some(Err(error)) => (error.id(), Err(ChainError::Stopped(format!("it was not read: {error}")))),
                None => std::future::pending().await,
            };
            if let Some(number) = self.numbers.remove(&id) {
                return (number, outcome);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::market::Market;

    #[tokio::test(flavor = "multi_thread")]
    async fn so_many_are_opened_at_once_each_once_and_all_in_the_end() {
        let market = Market::open().await;
        market.node.close_chain(&market.chain).await.unwrap();
        let mut openings = Openings::default();
        let chains = i64::try_from(OPENINGS_MAX).unwrap() + 4;
        (1..=chains).for_each(|number| openings.tell(number));
        openings.begin(&market.node);
        assert_eq!((openings.running.len(), openings.due.len()), (OPENINGS_MAX, 4));
        openings.tell(1);
        assert_eq!(openings.due.len(), 4, "it is being opened");
        let mut seen = Vec::new();
        for _ in 0..chains {
            let (number, outcome) = openings.next().await;
            assert_eq!(outcome.unwrap().is_some(), number == 1, "the node has one chain");
            openings.begin(&market.node);
            assert!(openings.running.len() <= OPENINGS_MAX);
            seen.push(number);
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=chains).collect::<Vec<_>>());
        assert!(openings.running.is_empty() && openings.numbers.is_empty());
    }
}
