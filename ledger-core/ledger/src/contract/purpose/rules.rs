//! What each purpose command allows: the states after it follow from those before, and nothing else moves.

mod admission;
mod lending;
mod returning;
mod spending;

use crate::amount::Amount;
use crate::contract::party;
use crate::contract::purpose::flow::{Movement, Place, only_this_moves};
use crate::contract::purpose::{
    BIND, NAME, OPEN, PASS_ON, PURPOSE, Purpose, PurposeError, PurposeTerms, REFUND, RETURN, SPEND, SPENT, Spend,
    UNBIND, purpose_state, read_purpose, read_spend, spend_state,
};
use crate::contract::token;
use crate::error::rule;
use crate::id::{Address, PurposeId, SpendId};
use crate::party::PartyRecord;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

pub(super) use lending::ends_its_loan;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), PurposeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        OPEN => opens_one(transaction, command),
        BIND => binds_more(transaction, command),
        UNBIND => unbinds(transaction, command),
        SPEND => spending::spends_as_lent(transaction, command),
        PASS_ON => spending::passes_on(transaction, command),
        REFUND => returning::refunds_one_spend(transaction, command),
        RETURN => returning::returns_to_lender(transaction, command),
        name => Err(PurposeError::CommandUnknown { name: name.to_owned() }),
    }
}

/// An amount over zero.
fn amount(minor: u64) -> Result<Amount, PurposeError> {
    let amount = Amount::from_minor(minor)?;
    if amount.is_zero() { Err(PurposeError::Zero) } else { Ok(amount) }
}

fn states_before<'t>(transaction: &'t LedgerTransaction, kind: &'static str) -> Vec<&'t State> {
    transaction.inputs_of(NAME, kind).map(|input| input.state.as_ref()).collect()
}

/// The contract's states after the command are exactly these, in this order.
fn states_after_are(
    transaction: &LedgerTransaction,
    command: &'static str,
    purposes: &[Purpose],
    records: &[Spend],
) -> Result<(), PurposeError> {
    let outputs = transaction.transaction.outputs.iter();
    let after: Vec<&State> = outputs.filter(|state| state.contract.name() == NAME).collect();
    let of_kind = |kind: &'static str| after.iter().copied().filter(move |state| state.kind == kind);
    let (expected, actual) = (purposes.len().saturating_add(records.len()), after.len());
    rule(actual == expected, || PurposeError::CountDiffers { command, expected, actual })?;
    let are_purposes = of_kind(PURPOSE).eq(purposes.iter().map(purpose_state).collect::<Vec<_>>().iter());
    rule(are_purposes, || PurposeError::PurposeDiffers { command })?;
    let are_records = of_kind(SPENT).eq(records.iter().map(spend_state).collect::<Vec<_>>().iter());
    rule(are_records, || PurposeError::RecordDiffers { command })
}

/// The one purpose that the command names, as it is before.
fn purpose_before(
    transaction: &LedgerTransaction,
    command: &'static str,
    named: &[u8],
) -> Result<Purpose, PurposeError> {
    let named: PurposeId = named.try_into()?;
    let before = states_before(transaction, PURPOSE);
    let ([state], []) = (before.as_slice(), states_before(transaction, SPENT).as_slice()) else {
        return Err(PurposeError::NotConsumed { command });
    };
    let purpose = read_purpose(state)?;
    if purpose.terms.purpose == named { Ok(purpose) } else { Err(PurposeError::NotConsumed { command }) }
}

/// The records consumed, the first of them named by the command, and their one purpose.
fn records_before(
    transaction: &LedgerTransaction,
    command: &'static str,
    named: &[u8],
) -> Result<(Purpose, Vec<Spend>), PurposeError> {
    let named: SpendId = named.try_into()?;
    let records = states_before(transaction, SPENT).into_iter().map(read_spend).collect::<Result<Vec<_>, _>>()?;
    let purposes = states_before(transaction, PURPOSE);
    let [purpose] = purposes.as_slice() else { return Err(PurposeError::RecordNotConsumed { command }) };
    let purpose = read_purpose(purpose)?;
    let is_named = records.first().is_some_and(|record| record.spend == named);
    let are_its = records.iter().all(|record| record.purpose == purpose.terms.purpose);
    rule(is_named && are_its, || PurposeError::RecordNotConsumed { command })?;
    Ok((purpose, records))
}

/// Where a payee holds what a record says it received.
fn place_of(record: &Spend, terms: &PurposeTerms) -> Place {
    let purpose = record.is_bound(terms).then_some(terms.purpose);
    Place { owner: record.payee, asset: terms.asset, purpose }
}

/// A party's record as it is now, among the references.
fn record_of(transaction: &LedgerTransaction, payee: &Address) -> Result<PartyRecord, PurposeError> {
    for resolved in transaction.current_references_of(party::NAME, party::RECORD) {
        if resolved.state.owner == *payee {
            return Ok(party::read(&resolved.state)?);
        }
    }
    Err(PurposeError::RecordMissing { payee: *payee })
}

fn is_valid(transaction: &LedgerTransaction, terms: &PurposeTerms) -> Result<(), PurposeError> {
    let window = transaction.transaction.time_window;
    if window.from_ms < terms.valid_from_ms {
        return Err(PurposeError::NotYet { valid_from_ms: terms.valid_from_ms });
    }
    is_not_over(transaction, terms)
}

fn is_not_over(transaction: &LedgerTransaction, terms: &PurposeTerms) -> Result<(), PurposeError> {
    if transaction.transaction.time_window.until_ms > terms.valid_to_ms {
        return Err(PurposeError::Expired { valid_to_ms: terms.valid_to_ms });
    }
    Ok(())
}

fn bound(terms: &PurposeTerms) -> Place {
    Place { owner: terms.borrower, asset: terms.asset, purpose: Some(terms.purpose) }
}

fn free(owner: Address, terms: &PurposeTerms) -> Place {
    Place { owner, asset: terms.asset, purpose: None }
}

/// Where newly bound value comes from: the lender's free tokens, or an issue in the same transaction.
fn source(transaction: &LedgerTransaction, terms: &PurposeTerms) -> Option<Place> {
    let is_issued = transaction.command(token::NAME).is_some_and(|command| command.name == token::ISSUE);
    if is_issued { None } else { Some(free(terms.lender, terms)) }
}

fn opens_one(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeOpen { amount: minor } = command.message()?;
    let opened: Vec<_> = transaction.outputs_of(NAME, PURPOSE).collect();
    let [(_, state)] = opened.as_slice() else { return Err(PurposeError::OpenStates) };
    let is_new = states_before(transaction, PURPOSE).is_empty() && states_before(transaction, SPENT).is_empty();
    rule(is_new, || PurposeError::OpenStates)?;
    let (terms, amount) = (read_purpose(state)?.terms, amount(minor)?);
    admission::terms_are_sound(transaction, &terms)?;
    is_not_over(transaction, &terms)?;
    only_this_moves(transaction, &Movement { from: source(transaction, &terms), to: bound(&terms), amount })?;
    lending::names_its_loan(transaction, &terms)?;
    states_after_are(transaction, OPEN, &[Purpose::opened(terms, amount)], &[])
}

fn binds_more(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeBind { purpose, amount: minor, from } = command.message()?;
    let amount = amount(minor)?;
    if !from.is_empty() {
        return binds_from_another(transaction, (&purpose, &from), amount);
    }
    let before = purpose_before(transaction, BIND, &purpose)?;
    lending::is_lent_without_loan(&before.terms)?;
    is_not_over(transaction, &before.terms)?;
    let from = source(transaction, &before.terms);
    only_this_moves(transaction, &Movement { from, to: bound(&before.terms), amount })?;
    states_after_are(transaction, BIND, &[before.after_bind(amount)?], &[])
}

/// Moves value from one purpose to another; the states stand in the order of the inputs, the target first.
fn binds_from_another(
    transaction: &LedgerTransaction,
    (target, source): (&[u8], &[u8]),
    amount: Amount,
) -> Result<(), PurposeError> {
    let (target, source): (PurposeId, PurposeId) = (target.try_into()?, source.try_into()?);
    let states = states_before(transaction, PURPOSE);
    let ([to, from], []) = (states.as_slice(), states_before(transaction, SPENT).as_slice()) else {
        return Err(PurposeError::BindStates);
    };
    let (to, from) = (read_purpose(to)?, read_purpose(from)?);
    let parties = |terms: &PurposeTerms| (terms.lender, terms.borrower, terms.asset);
    rule((to.terms.purpose, from.terms.purpose) == (target, source), || PurposeError::BindStates)?;
    rule(parties(&to.terms) == parties(&from.terms), || PurposeError::BindParties)?;
    lending::is_lent_without_loan(&to.terms)?;
    lending::is_lent_without_loan(&from.terms)?;
    is_not_over(transaction, &to.terms)?;
    is_not_over(transaction, &from.terms)?;
    only_this_moves(transaction, &Movement { from: Some(bound(&from.terms)), to: bound(&to.terms), amount })?;
    states_after_are(transaction, BIND, &[to.after_bind(amount)?, from.after_unbind(amount)?], &[])
}

fn unbinds(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeUnbind { purpose, amount: minor } = command.message()?;
    let before = purpose_before(transaction, UNBIND, &purpose)?;
    if let Some(step) = lending::step_that_ends(transaction, &before.terms)? {
        return lending::frees_what_is_left(transaction, before, Amount::from_minor(minor)?, step.repaid);
    }
    let amount = amount(minor)?;
    let terms = &before.terms;
    is_not_over(transaction, terms)?;
    only_this_moves(transaction, &Movement { from: Some(bound(terms)), to: free(terms.borrower, terms), amount })?;
    states_after_are(transaction, UNBIND, &[before.after_unbind(amount)?], &[])
}
