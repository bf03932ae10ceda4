//! Of what a chain waits for, what no unspent state says; and the whole made of both.

use std::collections::BTreeMap;

use ledger_core::contract::netting_round::read_round;
use ledger_core::ledger::present::{Packer, PresentError, Unpacker};
use ledger_core::{State, StateRef, Transaction, TransactionId};

use super::{Rounds, Waiting};

const PART: &str = "waiting";

/// What is kept of it beside the states.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// Agreements with the price that each may take.
    facts: BTreeMap<StateRef, StateRef>,
    /// Rounds by their states, each with the transactions that its book is made of.
    pub(crate) rounds: Vec<(StateRef, Vec<TransactionId>)>,
}

fn put_reference(packer: &mut Packer, reference: &StateRef) {
    packer.fixed(reference.transaction.as_bytes());
    packer.short(reference.index);
}

fn reference(from: &mut Unpacker<'_>) -> Result<StateRef, PresentError> {
    Ok(StateRef { transaction: TransactionId::from_bytes(from.fixed()?), index: from.short()? })
}

impl Kept {
    /// The record.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, PresentError> {
        let mut from = Unpacker::new(bytes, PART);
        let facts = (0..from.count(72)?).map(|_| Ok((reference(&mut from)?, reference(&mut from)?)));
        let facts = facts.collect::<Result<_, PresentError>>()?;
        let mut rounds = Vec::new();
        for _ in 0..from.count(40)? {
            let state = reference(&mut from)?;
            let made_of = (0..from.count(32)?).map(|_| from.fixed().map(TransactionId::from_bytes));
            rounds.push((state, made_of.collect::<Result<_, _>>()?));
        }
        from.end()?;
        Ok(Self { facts, rounds })
    }
}

impl Waiting {
    /// What no unspent state says, as a record.
    pub(crate) fn kept(&self) -> Vec<u8> {
        let mut packer = Packer::default();
        let facts = self.prices.facts();
        packer.count(facts.len());
        for (agreement, price) in facts {
            put_reference(&mut packer, agreement);
            put_reference(&mut packer, price);
        }
        let rounds = self.rounds.made_of();
        packer.count(rounds.len());
        for (state, made_of) in rounds {
            put_reference(&mut packer, &state);
            packer.count(made_of.len());
            made_of.iter().for_each(|id| packer.fixed(id.as_bytes()));
        }
        packer.into_bytes()
    }

    /// What a chain with these unspent states waits for. `books` are the rounds' transactions, in the order of the rounds.
    pub(crate) fn restored(
        states: &[(&StateRef, &State)],
        kept: Kept,
        books: &[Vec<(TransactionId, Transaction)>],
    ) -> Result<Self, PresentError> {
        let mut waiting = Self::default();
        let mut rounds = Rounds::default();
        let mut books: BTreeMap<&StateRef, _> = kept.rounds.iter().map(|(state, _)| state).zip(books).collect();
        for (place, state) in states {
            waiting.prices.was_published(**place, state);
            if let Some(book) = books.remove(*place) {
                let unfit = |_| PresentError::Unfit { part: PART, field: "round" };
                rounds.stands(**place, read_round(state).map_err(unfit)?, book);
            }
        }
        if !books.is_empty() {
            return Err(PresentError::Unfit { part: PART, field: "round" });
        }
        for (place, state) in states {
            waiting.wait(**place, state);
            rounds.holds(**place, state);
        }
        rounds.settle_all();
        waiting.prices = waiting.prices.with_facts(kept.facts);
        waiting.rounds = rounds;
        Ok(waiting)
    }
}

impl Waiting {
    /// The first thing that differs from what a replay gives, in words. A price that an agreement was found not to take is
    /// not offered to it again, which no replay knows.
    pub(crate) fn first_difference(&self, replayed: &Self) -> Option<&'static str> {
        let facts = self.prices.facts();
        let known = replayed.prices.facts();
        let are_known = facts.iter().all(|(agreement, price)| known.get(agreement) == Some(price));
        let fields = [
            ("deadlines", self.due_ms == replayed.due_ms && self.deadlines == replayed.deadlines),
            ("prices to be taken", are_known),
            ("awaited prices", self.prices == replayed.prices.clone().with_facts(facts.clone())),
            ("netting rounds", self.rounds == replayed.rounds),
        ];
        fields.into_iter().find(|(_, agrees)| !agrees).map(|(field, _)| field)
    }
}
