//! What each purpose command allows: the states after it follow from those before, and nothing else moves.

mod admission;

use crate::amount::Amount;
use crate::contract::party;
use crate::contract::purpose::flow::{Movement, Place, only_this_moves};
use crate::contract::purpose::{
    BIND, NAME, OPEN, PURPOSE, Purpose, PurposeError, PurposeTerms, REFUND, RETURN, SPEND, SPENT, Spend, UNBIND,
    purpose_state, read_purpose, read_spend, spend_state,
};
use crate::contract::token;
use crate::encoding::plain_text;
use crate::id::{Address, PurposeId, SpendId};
use crate::party::PartyRecord;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), PurposeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        OPEN => opens_one(transaction, command),
        BIND => binds_more(transaction, command),
        UNBIND => unbinds(transaction, command),
        SPEND => spends_as_lent(transaction, command),
        REFUND => refunds_one_spend(transaction, command),
        RETURN => returns_to_lender(transaction, command),
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
    if after.len() != purposes.len().saturating_add(records.len()) {
        return Err(PurposeError::Differs { command, kind: "number of states" });
    }
    if !of_kind(PURPOSE).eq(purposes.iter().map(purpose_state).collect::<Vec<_>>().iter()) {
        return Err(PurposeError::Differs { command, kind: PURPOSE });
    }
    if !of_kind(SPENT).eq(records.iter().map(spend_state).collect::<Vec<_>>().iter()) {
        return Err(PurposeError::Differs { command, kind: SPENT });
    }
    Ok(())
}

/// The one purpose that the command names, as it is before.
fn purpose_before(
    transaction: &LedgerTransaction,
    command: &'static str,
    named: &[u8],
) -> Result<Purpose, PurposeError> {
    let named: PurposeId = named.try_into()?;
    let before = states_before(transaction, PURPOSE);
    let rule = PurposeError::States { command, rule: "consumes the one purpose that it names and no record" };
    let ([state], []) = (before.as_slice(), states_before(transaction, SPENT).as_slice()) else { return Err(rule) };
    let purpose = read_purpose(state)?;
    if purpose.terms.purpose == named { Ok(purpose) } else { Err(rule) }
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
    let rule = PurposeError::States { command: OPEN, rule: "creates one purpose and consumes none" };
    let opened: Vec<_> = transaction.outputs_of(NAME, PURPOSE).collect();
    let [(_, state)] = opened.as_slice() else { return Err(rule) };
    if !states_before(transaction, PURPOSE).is_empty() || !states_before(transaction, SPENT).is_empty() {
        return Err(rule);
    }
    let (terms, amount) = (read_purpose(state)?.terms, amount(minor)?);
    admission::terms_are_sound(transaction, &terms)?;
    is_not_over(transaction, &terms)?;
    only_this_moves(transaction, &Movement { from: source(transaction, &terms), to: bound(&terms), amount })?;
    states_after_are(transaction, OPEN, &[Purpose::opened(terms, amount)], &[])
}

fn binds_more(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeBind { purpose, amount: minor, from } = command.message()?;
    let amount = amount(minor)?;
    if !from.is_empty() {
        return binds_from_another(transaction, (&purpose, &from), amount);
    }
    let before = purpose_before(transaction, BIND, &purpose)?;
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
    let rule = PurposeError::States {
        command: BIND,
        rule: "consumes the purpose that it binds to, then the other, of the same lender, borrower and asset",
    };
    let states = states_before(transaction, PURPOSE);
    let ([to, from], []) = (states.as_slice(), states_before(transaction, SPENT).as_slice()) else { return Err(rule) };
    let (to, from) = (read_purpose(to)?, read_purpose(from)?);
    let parties = |terms: &PurposeTerms| (terms.lender, terms.borrower, terms.asset);
    if (to.terms.purpose, from.terms.purpose) != (target, source) || parties(&to.terms) != parties(&from.terms) {
        return Err(rule);
    }
    is_not_over(transaction, &to.terms)?;
    is_not_over(transaction, &from.terms)?;
    only_this_moves(transaction, &Movement { from: Some(bound(&from.terms)), to: bound(&to.terms), amount })?;
    states_after_are(transaction, BIND, &[to.after_bind(amount)?, from.after_unbind(amount)?], &[])
}

fn unbinds(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeUnbind { purpose, amount: minor } = command.message()?;
    let (before, amount) = (purpose_before(transaction, UNBIND, &purpose)?, amount(minor)?);
    let terms = &before.terms;
    is_not_over(transaction, terms)?;
    only_this_moves(transaction, &Movement { from: Some(bound(terms)), to: free(terms.borrower, terms), amount })?;
    states_after_are(transaction, UNBIND, &[before.after_unbind(amount)?], &[])
}

fn spends_as_lent(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let asked: wire::PurposeSpend = command.message()?;
    let (before, amount) = (purpose_before(transaction, SPEND, &asked.purpose)?, amount(asked.amount)?);
    let payee: Address = asked.payee.as_slice().try_into()?;
    plain_text(&asked.document, Spend::DOCUMENT_BYTES_MAX, "spend.document")?;
    let terms = &before.terms;
    let admitted = admission::admitted(transaction, terms, &payee)?;
    if terms.codes.binary_search(&asked.code).is_err() {
        let code = asked.code.chars().take(32).collect();
        return Err(PurposeError::Code { code, codes: terms.codes.clone() });
    }
    is_valid(transaction, terms)?;
    if terms.documents_required && (asked.document.is_empty() || transaction.transaction.attachments.is_empty()) {
        return Err(PurposeError::DocumentMissing);
    }
    if !asked.lender_consents {
        admission::is_no_relation(terms, &admitted)?;
        admission::caps_hold(&before, &admitted, amount)?;
    }
    only_this_moves(transaction, &Movement { from: Some(bound(terms)), to: free(payee, terms), amount })?;
    let frame = &transaction.transaction;
    let record = Spend {
        spend: SpendId::derive(&frame.chain, &frame.command_id),
        purpose: terms.purpose,
        lender: terms.lender,
        borrower: terms.borrower,
        payee,
        asset: terms.asset,
        amount,
        refunded: Amount::ZERO,
        code: asked.code,
        document: asked.document,
    };
    states_after_are(transaction, SPEND, &[before.after_spend(payee, amount)?], &[record])
}

fn refunds_one_spend(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeRefund { spend, amount: minor } = command.message()?;
    let (named, amount): (SpendId, _) = (spend.as_slice().try_into()?, amount(minor)?);
    let rule = PurposeError::States { command: REFUND, rule: "consumes the record that it names and its one purpose" };
    let (purposes, records) = (states_before(transaction, PURPOSE), states_before(transaction, SPENT));
    let ([purpose], [record]) = (purposes.as_slice(), records.as_slice()) else { return Err(rule) };
    let (purpose, record) = (read_purpose(purpose)?, read_spend(record)?);
    if record.spend != named || record.purpose != purpose.terms.purpose {
        return Err(rule);
    }
    let (payee, terms) = (record.payee, &purpose.terms);
    only_this_moves(transaction, &Movement { from: Some(free(payee, terms)), to: bound(terms), amount })?;
    let record = record.after_refund(amount)?;
    states_after_are(transaction, REFUND, &[purpose.after_refund(payee, amount)?], &[record])
}

fn returns_to_lender(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeReturn { purpose, amount: minor } = command.message()?;
    let (before, amount) = (purpose_before(transaction, RETURN, &purpose)?, amount(minor)?);
    let terms = &before.terms;
    only_this_moves(transaction, &Movement { from: Some(bound(terms)), to: free(terms.lender, terms), amount })?;
    states_after_are(transaction, RETURN, &[before.after_return(amount)?], &[])
}
