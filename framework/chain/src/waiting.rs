//! What a chain waits for that needs nobody's signature: deadlines, published prices, and what follows of netting rounds.

mod packed;
mod prices;
mod rounds;

pub(crate) use packed::Kept;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger_core::contract::agreement;
use ledger_core::contract::netting_round::{self, Book, NettingRound};
use ledger_core::{LedgerTransaction, RoundId, State, StateRef};

use prices::Prices;
use rounds::Rounds;

/// A step that may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DueStep {
    /// The present state of the agreement or the round.
    pub(crate) state: StateRef,
    /// What allows it.
    pub(crate) cause: Cause,
}

/// What allows a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// An agreement takes this price.
    Price(StateRef),
    /// The next rows of a round's result are to be checked.
    Check(RoundId),
    /// Obligations of a committed or voided round leave it, from this row on.
    Leave(RoundId, u32),
    /// The deadline of the agreement, or of the round, has passed.
    Deadline,
}

/// What is to be computed before a round's rows can be shown.
#[derive(Clone, Debug)]
pub(crate) struct Sought {
    pub(crate) round: NettingRound,
    pub(crate) book: Arc<Book>,
}

/// The unspent agreements and netting rounds of one chain, by what they wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// When a state is due, milliseconds UTC; and the same in order.
    due_ms: BTreeMap<StateRef, u64>,
    deadlines: BTreeSet<(u64, StateRef)>,
    prices: Prices,
    rounds: Rounds,
}

impl Waiting {
    /// The earliest deadline once these transactions are committed, milliseconds UTC.
    pub(crate) fn deadline_after(&self, transactions: &[&LedgerTransaction]) -> Option<u64> {
        let mut consumed: BTreeSet<StateRef> = BTreeSet::new();
        let mut created = BTreeMap::new();
        for transaction in transactions {
            consumed.extend(&transaction.transaction.inputs);
            created.extend(outputs(transaction).filter_map(|(place, state)| Some((place, deadline_of(state)?))));
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
        !self.deadlines.is_empty() || self.has_work()
    }

    /// True when something is to be done whatever the time: a price is published, or a round goes on.
    pub(crate) fn has_work(&self) -> bool {
        self.prices.has_facts() || self.rounds.has_work()
    }

    /// Takes over a committed transaction.
    pub(crate) fn apply(&mut self, transaction: &LedgerTransaction) {
        for input in &transaction.transaction.inputs {
            self.prices.forget(input);
            if let Some(due_ms) = self.due_ms.remove(input) {
                self.deadlines.remove(&(due_ms, *input));
            }
        }
        outputs(transaction).for_each(|(place, state)| self.wait(place, state));
        self.prices.publish(transaction);
        self.rounds.apply(transaction);
    }

    /// A state stands from now on.
    fn wait(&mut self, place: StateRef, state: &State) {
        let awaited = agreement::awaited(state);
        let deadline_ms = awaited.as_ref().map_or_else(|| deadline_of(state), |awaited| awaited.deadline_ms);
        if let Some(due_ms) = deadline_ms {
            self.due_ms.insert(place, due_ms);
            self.deadlines.insert((due_ms, place));
        }
        if let Some(awaited) = awaited {
            self.prices.wait(place, awaited);
        }
    }

    /// Steps that are due at a time, milliseconds UTC; those that wait for no deadline first.
    pub(crate) fn due(&self, now_ms: u64) -> Vec<DueStep> {
        let past = self.deadlines.iter().take_while(|(due_ms, _)| *due_ms <= now_ms);
        let past = past.map(|(_, state)| DueStep { state: *state, cause: Cause::Deadline });
        self.prices.due().chain(self.rounds.due(now_ms)).chain(past).collect()
    }

    /// The agreement does not take the price: it waits on for what else may happen.
    pub(crate) fn pass_over(&mut self, agreement: &StateRef) {
        self.prices.pass_over(agreement);
    }

    pub(crate) fn rounds(&self) -> &Rounds {
        &self.rounds
    }

    pub(crate) fn rounds_mut(&mut self) -> &mut Rounds {
        &mut self.rounds
    }
}

fn outputs(transaction: &LedgerTransaction) -> impl Iterator<Item = (StateRef, &State)> {
    let place = |index| StateRef { transaction: transaction.id, index };
    (0u32..).zip(&transaction.transaction.outputs).map(move |(index, state)| (place(index), state))
}

/// When something becomes of a state without anybody, milliseconds UTC.
fn deadline_of(state: &State) -> Option<u64> {
    match agreement::awaited(state) {
        Some(awaited) => awaited.deadline_ms,
        None => netting_round::voidable_at(state),
    }
}
