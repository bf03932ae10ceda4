//! Freezes and their end, entries by a legal order; and an order carried out on what it froze.

use std::collections::BTreeSet;

use crate::condition::{Condition, Effect};
use crate::contract::chain::{ChainError, EXECUTE, FREEZE, NAME, UNFREEZE};
use crate::contract::{Ground, title, token};
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text};
use crate::error::rule;
use crate::freeze::FreezeSubject;
use crate::id::StateRef;
use crate::transaction::{Command, LedgerTransaction, ResolvedState};
use crate::wire;

/// What an order names.
struct Order {
    subjects: Vec<FreezeSubject>,
    reference: String,
}

fn is_reference(reference: &str) -> Result<(), EncodingError> {
    plain_text(reference, 128, "freeze.reference")?;
    rule(!reference.is_empty(), || EncodingError::Missing { field: "freeze.reference" })
}

impl Order {
    fn new(subjects: Vec<wire::FreezeSubject>, reference: String) -> Result<Self, EncodingError> {
        is_reference(&reference)?;
        if subjects.is_empty() {
            return Err(EncodingError::Missing { field: "freeze.subjects" });
        }
        at_most(&subjects, FreezeSubject::PER_COMMAND_MAX, "freeze.subjects")?;
        let subjects = subjects.into_iter().map(FreezeSubject::from_wire).collect::<Result<Vec<_>, _>>()?;
        ascending(&subjects, "freeze.subjects")?;
        Ok(Self { subjects, reference })
    }

    fn freezing(command: &Command) -> Result<Self, EncodingError> {
        let wire::ChainFreeze { subjects, reference } = command.message()?;
        Self::new(subjects, reference)
    }

    fn lifting(command: &Command) -> Result<Self, EncodingError> {
        let wire::ChainUnfreeze { subjects, reference } = command.message()?;
        Self::new(subjects, reference)
    }

    fn each<T>(self, of: impl Fn(FreezeSubject, String) -> T) -> Vec<T> {
        let Self { subjects, reference } = self;
        subjects.into_iter().map(|subject| of(subject, reference.clone())).collect()
    }
}

pub(super) fn conditions(command: &Command) -> Result<Vec<Condition>, ChainError> {
    Ok(match command.name.as_str() {
        FREEZE => Order::freezing(command)?.each(Condition::OrderIsNew),
        UNFREEZE => Order::lifting(command)?.each(Condition::OrderStands),
        EXECUTE => {
            let (subject, reference) = asked(command)?;
            vec![Condition::OrderStandsAlone(subject, reference)]
        }
        _ => Vec::new(),
    })
}

/// What an order takes it takes from parties: what stands in an agreement is paid out first, where the freeze waits for it.
pub(super) fn takes_from_parties(transaction: &LedgerTransaction) -> Result<Vec<Condition>, ChainError> {
    let Some(executed) = executed(transaction)? else { return Ok(Vec::new()) };
    let taken = transaction.inputs.iter().filter(|input| executed.states.contains(&input.reference));
    let owners: BTreeSet<_> = taken.map(|input| input.state.owner).collect();
    Ok(owners.into_iter().map(Condition::OwnerIsParty).collect())
}

pub(super) fn effects(command: &Command) -> Result<Vec<Effect>, ChainError> {
    Ok(match command.name.as_str() {
        FREEZE => Order::freezing(command)?.each(Effect::Freeze),
        UNFREEZE => Order::lifting(command)?.each(Effect::Unfreeze),
        _ => Vec::new(),
    })
}

/// What an order that is carried out takes here.
pub(crate) struct Executed {
    /// What it had frozen.
    pub(crate) subject: FreezeSubject,
    /// The order.
    reference: String,
    /// Tokens and titles that it takes.
    pub(crate) states: Vec<StateRef>,
}

impl Executed {
    pub(super) fn grounds(&self) -> Vec<(StateRef, Ground)> {
        let ground = || Ground::LegalOrder { reference: self.reference.clone() };
        self.states.iter().map(|state| (*state, ground())).collect()
    }
}

fn asked(command: &Command) -> Result<(FreezeSubject, String), EncodingError> {
    let wire::ChainExecute { subject, reference } = command.message()?;
    is_reference(&reference)?;
    let subject = subject.ok_or(EncodingError::Missing { field: "execute.subject" })?;
    Ok((FreezeSubject::from_wire(subject)?, reference))
}

/// The order that the transaction carries out, if it does; value alone is taken, no record.
pub(crate) fn executed(transaction: &LedgerTransaction) -> Result<Option<Executed>, ChainError> {
    let Some(command) = transaction.command(NAME).filter(|command| command.name == EXECUTE) else { return Ok(None) };
    let (subject, reference) = asked(command)?;
    let tokens = transaction.inputs_of(token::NAME, token::HOLDING);
    let taken = |input: &&ResolvedState| is_under(&subject, input).unwrap_or_default();
    let states =
        tokens.chain(transaction.inputs_of(title::NAME, title::TITLE)).filter(taken).map(|input| input.reference);
    let states = states.collect();
    Ok(Some(Executed { subject, reference, states }))
}

/// True where the state is of what the subject names; none where its contract cannot read it, which that contract refuses.
fn is_under(subject: &FreezeSubject, ResolvedState { state, .. }: &ResolvedState) -> Option<bool> {
    let is_title = state.contract.name() == title::NAME;
    Some(match subject {
        FreezeSubject::Address(address) => state.owner == *address,
        FreezeSubject::Asset(asset) => !is_title && token::read_holding(state).ok()?.asset == *asset,
        FreezeSubject::Title(title) => is_title && title::read_title(state).ok()?.title == *title,
    })
}

/// Something is taken, and whoever looks later finds the order.
pub(super) fn is_carried_out(transaction: &LedgerTransaction, command: &Command) -> Result<(), ChainError> {
    let (_, reference) = asked(command)?;
    let takes = executed(transaction)?.is_some_and(|executed| !executed.states.is_empty());
    rule(takes, || ChainError::NothingExecuted { reference: reference.clone() })?;
    rule(!transaction.transaction.attachments.is_empty(), || ChainError::OrderNotAttached { reference })
}
