//! What a chain's agreements wait for that needs nobody's signature: deadlines, and prices that have been published.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::contract::agreement::{self, Awaited};
use ledger_core::contract::price::{self, read_price};
use ledger_core::{FeedId, LedgerTransaction, StateRef};

/// A step that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueStep {
    /// The agreement's present state.
    pub(crate) agreement: StateRef,
    /// The price that it takes; none = its deadline has passed.
    pub(crate) price: Option<StateRef>,
}

/// The unspent agreements of one chain, by what they wait for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agreements {
    live: BTreeMap<StateRef, Awaited>,
    deadlines: BTreeSet<(u64, StateRef)>,
    /// Who waits for a feed.
    waiting: BTreeMap<FeedId, BTreeSet<StateRef>>,
    /// Published prices, by feed and time in milliseconds UTC.
    prices: BTreeMap<(FeedId, u64), StateRef>,
    /// The first price since its present state, of each agreement that may take it.
    facts: BTreeMap<StateRef, StateRef>,
}

impl Agreements {
    /// The earliest deadline once these transactions are committed, milliseconds UTC.
    pub(crate) fn deadline_after(&self, transactions: &[&LedgerTransaction]) -> Option<u64> {
        let mut consumed: BTreeSet<StateRef> = BTreeSet::new();
        let mut created = BTreeMap::new();
        for transaction in transactions {
            consumed.extend(&transaction.transaction.inputs);
            created.extend(opened(transaction).filter_map(|(state, awaited)| Some((state, awaited.deadline_ms?))));
        }
        let kept = self.deadlines.iter().find(|(_, state)| !consumed.contains(state)).map(|(due_ms, _)| *due_ms);
        let new = created.into_iter().filter(|(state, _)| !consumed.contains(state)).map(|(_, due_ms)| due_ms).min();
        kept.into_iter().chain(new).min()
    }

    /// The earliest deadline, milliseconds UTC.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.deadlines.first().map(|(due_ms, _)| *due_ms)
    }

    /// True when something is to be done without anybody, now or later.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.deadlines.is_empty() || self.has_facts()
    }

    /// True when an agreement may take a price that is published.
    pub(crate) fn has_facts(&self) -> bool {
        !self.facts.is_empty()
    }

    /// Takes over a committed transaction.
    pub(crate) fn apply(&mut self, transaction: &LedgerTransaction) {
        for input in &transaction.transaction.inputs {
            self.facts.remove(input);
            let Some(Awaited { deadline_ms, feeds, .. }) = self.live.remove(input) else { continue };
            if let Some(due_ms) = deadline_ms {
                self.deadlines.remove(&(due_ms, *input));
            }
            for feed in feeds {
                if let Some(waiting) = self.waiting.get_mut(&feed) {
                    waiting.remove(input);
                }
            }
        }
        for (state, awaited) in opened(transaction) {
            if let Some(due_ms) = awaited.deadline_ms {
                self.deadlines.insert((due_ms, state));
            }
            let first = awaited.feeds.iter().filter_map(|feed| self.first_price(*feed, awaited.since_ms)).min();
            if let Some((_, price)) = first {
                self.facts.insert(state, price);
            }
            for feed in &awaited.feeds {
                self.waiting.entry(*feed).or_default().insert(state);
            }
            self.live.insert(state, awaited);
        }
        for (index, state) in transaction.outputs_of(price::NAME, price::PRICE) {
            let Ok(published) = read_price(state) else { continue };
            let place = StateRef { transaction: transaction.id, index };
            let time_ms = published.point.time_ms;
            self.prices.insert((published.feed, time_ms), place);
            for agreement in self.waiting.get(&published.feed).into_iter().flatten() {
                let Some(Awaited { since_ms, .. }) = self.live.get(agreement) else { continue };
                // One that is not the first since then is nobody's to take, whatever became of the first.
                if self.first_price(published.feed, *since_ms) == Some((time_ms, place)) {
                    self.facts.insert(*agreement, place);
                }
            }
        }
    }

    fn first_price(&self, feed: FeedId, since_ms: u64) -> Option<(u64, StateRef)> {
        let later = self.prices.range((feed, since_ms.checked_add(1)?)..=(feed, u64::MAX));
        later.map(|((_, time_ms), price)| (*time_ms, *price)).next()
    }

    /// Steps that are due at a time, milliseconds UTC; those of prices first.
    pub(crate) fn due(&self, now_ms: u64) -> Vec<DueStep> {
        let facts = self.facts.iter().map(|(agreement, price)| DueStep { agreement: *agreement, price: Some(*price) });
        let past = self.deadlines.iter().take_while(|(due_ms, _)| *due_ms <= now_ms);
        facts.chain(past.map(|(_, agreement)| DueStep { agreement: *agreement, price: None })).collect()
    }

    /// The agreement does not take the price: it waits on for what else may happen.
    pub(crate) fn pass_over(&mut self, agreement: &StateRef) {
        self.facts.remove(agreement);
    }
}

/// The agreements that a transaction creates.
fn opened(transaction: &LedgerTransaction) -> impl Iterator<Item = (StateRef, Awaited)> {
    transaction.outputs_of(agreement::NAME, agreement::AGREEMENT).filter_map(|(index, state)| {
        Some((StateRef { transaction: transaction.id, index }, agreement::awaited(state)?))
    })
}
