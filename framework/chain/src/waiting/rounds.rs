//! Netting rounds that are not over: who is in them, how far they are, and their books as far as they are known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger_core::contract::netting_round::{self, Book, NettingRound, OBLIGATIONS_MAX, Phase, read_round};
use ledger_core::contract::obligation::{self, read_obligation};
use ledger_core::{LedgerTransaction, ObligationId, RoundId, State, StateRef, Transaction, TransactionId};

use super::{Cause, DueStep, Sought};

/// Whether the rows of a result under check can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// To be found out.
    Unknown,
    /// Being found out.
    Sought,
    /// They are in the book.
    Known,
    /// The result is not the algorithm's, or cannot be committed: whoever proposed it goes on, or the round ends at its time.
    Never,
}

/// A round that somebody is still in, or may join.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Live {
    state: StateRef,
    round: NettingRound,
    book: Arc<Book>,
    /// The transactions that the book was made of, in their order: no present state says all that they said.
    made_of: Vec<TransactionId>,
    shown: Shown,
    held: Held,
}

/// The obligations in a round, by their rows: neighbours need few hashes beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    states: BTreeMap<u32, StateRef>,
    rows: BTreeMap<ObligationId, u32>,
}

impl Held {
    fn insert(&mut self, row: u32, obligation: ObligationId, state: StateRef) {
        self.rows.insert(obligation, row);
        self.states.insert(row, state);
    }

    fn remove(&mut self, obligation: &ObligationId) {
        if let Some(row) = self.rows.remove(obligation) {
            self.states.remove(&row);
        }
    }

    fn is_empty(&self) -> bool {
        self.states.is_empty()
    }
}

/// The netting rounds of one chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rounds {
    live: BTreeMap<RoundId, Live>,
    /// Those that go on whatever the time.
    working: BTreeSet<RoundId>,
}

impl Live {
    /// Nothing becomes of it any more.
    fn is_over(&self) -> bool {
        matches!(self.round.phase, Phase::Committed { .. } | Phase::Voided) && self.held.is_empty()
    }

    fn works(&self) -> bool {
        match self.round.phase {
            Phase::Gathering { .. } => false,
            Phase::Checking(_) => self.shown != Shown::Never,
            Phase::Committed { .. } | Phase::Voided => !self.held.is_empty(),
        }
    }

    fn due(&self, id: RoundId, now_ms: u64) -> Vec<DueStep> {
        let step = |cause| DueStep { state: self.state, cause };
        match self.round.phase {
            Phase::Checking(_) if self.shown == Shown::Known && now_ms < self.round.void_after_ms => {
                vec![step(Cause::Check(id))]
            }
            Phase::Gathering { .. } | Phase::Checking(_) => Vec::new(),
            Phase::Committed { .. } | Phase::Voided => {
                self.held.states.keys().step_by(OBLIGATIONS_MAX).map(|first| step(Cause::Leave(id, *first))).collect()
            }
        }
    }
}

impl Rounds {
    pub(super) fn has_work(&self) -> bool {
        !self.working.is_empty()
    }

    pub(super) fn due(&self, now_ms: u64) -> impl Iterator<Item = DueStep> {
        let working = self.working.iter().filter_map(|id| Some((*id, self.live.get(id)?)));
        working.flat_map(move |(id, live)| live.due(id, now_ms))
    }

    /// Takes over a committed transaction.
    pub(super) fn apply(&mut self, transaction: &LedgerTransaction) {
        if transaction.command(netting_round::NAME).is_none() {
            return;
        }
        let mut touched = BTreeSet::new();
        for (index, state) in transaction.outputs_of(netting_round::NAME, netting_round::ROUND) {
            let Ok(round) = read_round(state) else { continue };
            touched.insert(round.round);
            self.take(StateRef { transaction: transaction.id, index }, round, transaction);
        }
        for input in transaction.inputs_of(obligation::NAME, obligation::OBLIGATION) {
            let Ok(left) = read_obligation(&input.state) else { continue };
            if let Some(id) = left.round {
                touched.insert(id);
                if let Some(live) = self.live.get_mut(&id) {
                    live.held.remove(&left.obligation);
                }
            }
        }
        for (index, state) in transaction.outputs_of(obligation::NAME, obligation::OBLIGATION) {
            let Ok(held) = read_obligation(state) else { continue };
            let Some(live) = held.round.and_then(|id| self.live.get_mut(&id)) else { continue };
            if let Some(row) = live.book.row_of(&held.obligation) {
                live.held.insert(row, held.obligation, StateRef { transaction: transaction.id, index });
            }
        }
        touched.into_iter().for_each(|id| self.settle(id));
    }

    fn take(&mut self, state: StateRef, round: NettingRound, transaction: &LedgerTransaction) {
        let id = round.round;
        let new = || Live {
            state,
            round: round.clone(),
            book: Arc::new(Book::new(id)),
            made_of: Vec::new(),
            shown: Shown::Unknown,
            held: Held::default(),
        };
        let live = self.live.entry(id).or_insert_with(new);
        // A check says nothing new of a result that is known; a book that somebody reads is not copied for it.
        let adds = transaction.command(netting_round::NAME).is_some_and(|command| {
            [netting_round::JOIN, netting_round::WITHDRAW, netting_round::CHECK].contains(&command.name.as_str())
        });
        if adds {
            live.made_of.push(transaction.id);
        }
        if adds
            && live.shown != Shown::Known
            && let Err(error) = Arc::make_mut(&mut live.book).take(&transaction.transaction)
        {
            tracing::error!(round = %id, %error, "an accepted transaction of a netting round cannot be read");
        }
        (live.state, live.round) = (state, round);
    }

    /// The rounds with their states and the transactions that their books are made of.
    pub(super) fn made_of(&self) -> impl ExactSizeIterator<Item = (StateRef, &[TransactionId])> {
        self.live.values().map(|live| (live.state, live.made_of.as_slice()))
    }

    /// A round as its state and the transactions of its book say.
    pub(super) fn stands(&mut self, state: StateRef, round: NettingRound, made_of: &[(TransactionId, Transaction)]) {
        let mut book = Book::new(round.round);
        for (_, transaction) in made_of {
            if let Err(error) = book.take(transaction) {
                tracing::error!(round = %round.round, %error, "an accepted transaction of a netting round cannot be read");
            }
        }
        let (id, made_of) = (round.round, made_of.iter().map(|(id, _)| *id).collect());
        let (book, shown, held) = (Arc::new(book), Shown::Unknown, Held::default());
        self.live.insert(id, Live { state, round, book, made_of, shown, held });
    }

    /// An obligation that is in a round stands there.
    pub(super) fn holds(&mut self, place: StateRef, state: &State) {
        if !state.is(obligation::NAME, obligation::OBLIGATION) {
            return;
        }
        let Ok(held) = read_obligation(state) else { return };
        let Some(live) = held.round.and_then(|id| self.live.get_mut(&id)) else { return };
        if let Some(row) = live.book.row_of(&held.obligation) {
            live.held.insert(row, held.obligation, place);
        }
    }

    /// Whether each of them goes on.
    pub(super) fn settle_all(&mut self) {
        let all: Vec<RoundId> = self.live.keys().copied().collect();
        all.into_iter().for_each(|id| self.settle(id));
    }

    /// Whether a round goes on, or is over.
    fn settle(&mut self, id: RoundId) {
        let Some(live) = self.live.get(&id) else { return };
        if live.works() {
            self.working.insert(id);
        } else {
            self.working.remove(&id);
        }
        if live.is_over() {
            self.live.remove(&id);
        }
    }

    /// What is to be computed, each once. Of a round that is over nothing is checked any more.
    pub(crate) fn seek(&mut self, now_ms: u64) -> Vec<Sought> {
        let mut sought = Vec::new();
        for id in self.working.clone() {
            let Some(live) = self.live.get_mut(&id) else { continue };
            if !matches!(live.round.phase, Phase::Checking(_)) {
                continue;
            }
            if live.round.void_after_ms <= now_ms {
                live.shown = Shown::Never;
                self.settle(id);
            } else if live.shown == Shown::Unknown {
                live.shown = Shown::Sought;
                sought.push(Sought { round: live.round.clone(), book: Arc::clone(&live.book) });
            }
        }
        sought
    }

    /// True while the rows of a round's result are waited for.
    pub(crate) fn is_sought(&self, id: &RoundId, now_ms: u64) -> bool {
        self.live.get(id).is_some_and(|live| {
            let is_open = matches!(live.round.phase, Phase::Checking(_)) && now_ms < live.round.void_after_ms;
            is_open && live.shown == Shown::Sought
        })
    }

    /// The book with the rows of a round's result; none where they are not to be had.
    pub(crate) fn found(&mut self, id: RoundId, book: Option<Arc<Book>>) {
        if let Some(live) = self.live.get_mut(&id).filter(|live| matches!(live.round.phase, Phase::Checking(_))) {
            live.shown = if book.is_some() { Shown::Known } else { Shown::Never };
            live.book = book.unwrap_or_else(|| Arc::clone(&live.book));
            self.settle(id);
        }
    }

    /// A round with its book, while somebody is in it or may join.
    pub(crate) fn round(&self, id: &RoundId) -> Option<(StateRef, NettingRound, Arc<Book>)> {
        self.live.get(id).map(|live| (live.state, live.round.clone(), Arc::clone(&live.book)))
    }

    /// States of obligations in a round, as many as one transaction takes, from this row on.
    pub(crate) fn held(&self, id: &RoundId, first: u32) -> Vec<StateRef> {
        let held = self.live.get(id).map(|live| live.held.states.range(first..).take(OBLIGATIONS_MAX));
        held.into_iter().flatten().map(|(_, state)| *state).collect()
    }
}
