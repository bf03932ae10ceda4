//! Agreements that wait for prices, and the prices that were published.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use ledger_core::contract::agreement::Awaited;
use ledger_core::contract::price::{self, read_price};
use ledger_core::{FeedId, LedgerTransaction, State, StateRef};

use super::{Cause, DueStep};

/// The unspent agreements of one chain by the prices that they wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prices {
    live: BTreeMap<StateRef, Awaited>,
    /// Who waits for a feed.
    waiting: BTreeMap<FeedId, BTreeSet<StateRef>>,
    /// Published prices, by feed and time in milliseconds UTC.
    published: BTreeMap<(FeedId, u64), StateRef>,
    /// The first price since its present state, of each agreement that may take it.
    facts: BTreeMap<StateRef, StateRef>,
}

impl Prices {
    /// True when an agreement may take a price that is published.
    pub(super) fn has_facts(&self) -> bool {
        !self.facts.is_empty()
    }

    /// The agreement has another state, or has ended.
    pub(super) fn forget(&mut self, agreement: &StateRef) {
        self.facts.remove(agreement);
        let Some(Awaited { feeds, .. }) = self.live.remove(agreement) else { return };
        for feed in feeds {
            if let Entry::Occupied(mut waiting) = self.waiting.entry(feed) {
                waiting.get_mut().remove(agreement);
                if waiting.get().is_empty() {
                    waiting.remove();
                }
            }
        }
    }

    /// An agreement waits from now on.
    pub(super) fn wait(&mut self, agreement: StateRef, awaited: Awaited) {
        if awaited.feeds.is_empty() {
            return;
        }
        let first = awaited.feeds.iter().filter_map(|feed| self.first_since(*feed, awaited.since_ms)).min();
        if let Some((_, price)) = first {
            self.facts.insert(agreement, price);
        }
        for feed in &awaited.feeds {
            self.waiting.entry(*feed).or_default().insert(agreement);
        }
        self.live.insert(agreement, awaited);
    }

    /// Takes over the prices that a transaction publishes.
    pub(super) fn publish(&mut self, transaction: &LedgerTransaction) {
        for (index, state) in transaction.outputs_of(price::NAME, price::PRICE) {
            let Ok(published) = read_price(state) else { continue };
            let place = StateRef { transaction: transaction.id, index };
            let time_ms = published.point.time_ms;
            self.published.insert((published.feed, time_ms), place);
            for agreement in self.waiting.get(&published.feed).into_iter().flatten() {
                let Some(Awaited { since_ms, .. }) = self.live.get(agreement) else { continue };
                // One that is not the first since then is nobody's to take, whatever became of the first.
                if self.first_since(published.feed, *since_ms) == Some((time_ms, place)) {
                    self.facts.insert(*agreement, place);
                }
            }
        }
    }

    /// A price that was published before.
    pub(super) fn was_published(&mut self, place: StateRef, state: &State) {
        if let Some(published) = state.is(price::NAME, price::PRICE).then(|| read_price(state).ok()).flatten() {
            self.published.insert((published.feed, published.point.time_ms), place);
        }
    }

    /// The prices that agreements may take, each with its agreement; which of several prices one may take follows from the
    /// order in which they were published, and no present state says it.
    pub(super) fn facts(&self) -> &BTreeMap<StateRef, StateRef> {
        &self.facts
    }

    /// As [`Self::facts`] said of the same states.
    pub(super) fn with_facts(self, facts: BTreeMap<StateRef, StateRef>) -> Self {
        Self { facts, ..self }
    }

    fn first_since(&self, feed: FeedId, since_ms: u64) -> Option<(u64, StateRef)> {
        let later = self.published.range((feed, since_ms.checked_add(1)?)..=(feed, u64::MAX));
        later.map(|((_, time_ms), price)| (*time_ms, *price)).next()
    }

    /// Agreements that may take a price.
    pub(super) fn due(&self) -> impl Iterator<Item = DueStep> {
        self.facts.iter().map(|(agreement, price)| DueStep { state: *agreement, cause: Cause::Price(*price) })
    }

    /// The agreement does not take its price.
    pub(super) fn pass_over(&mut self, agreement: &StateRef) {
        self.facts.remove(agreement);
    }
}
