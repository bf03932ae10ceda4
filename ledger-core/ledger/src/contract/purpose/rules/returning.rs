//! The way back: refunds to who paid, bound value to the lender.

use crate::amount::AmountError;
use crate::contract::purpose::flow::{Movement, only_these_move, only_this_moves};
use crate::contract::purpose::rules::{
    amount, bound, free, lending, place_of, purpose_before, records_before, states_after_are,
};
use crate::contract::purpose::{Purpose, PurposeError, REFUND, RETURN};
use crate::error::rule;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// A refund goes to who paid, bound to the same purpose: to the borrower, or to the payee who passed the value on.
pub(super) fn refunds_one_spend(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeRefund { spend, amount: minor } = command.message()?;
    let (purpose, records) = records_before(transaction, REFUND, &spend)?;
    let amount = amount(minor)?;
    let (record, parent) = match records.as_slice() {
        [record] if record.origin.is_none() => (record, None),
        [record, parent] if record.origin.is_some_and(|origin| origin.spend == parent.spend) => (record, Some(parent)),
        _ => return Err(PurposeError::ParentNotConsumed),
    };
    let terms = &purpose.terms;
    let to_borrower = || if purpose.freed { free(terms.borrower, terms) } else { bound(terms) };
    let to = parent.map_or_else(to_borrower, |parent| place_of(parent, terms));
    only_this_moves(transaction, &Movement { from: Some(place_of(record, terms)), to, amount })?;
    let payer = parent.map(|parent| parent.payee);
    let mut records = vec![record.clone().after_refund(amount)?];
    if let Some(parent) = parent {
        records.push(parent.clone().after_refund_of_passed(amount)?);
    }
    states_after_are(transaction, REFUND, &[purpose.after_refund(record.payee, payer, amount)?], &records)
}

/// Bound value returns to the lender, from the borrower or from the payee whose record the command names.
pub(super) fn returns_to_lender(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeReturn { purpose, amount: minor, spend } = command.message()?;
    let amount = amount(minor)?;
    if spend.is_empty() {
        let before = purpose_before(transaction, RETURN, &purpose)?;
        let to_lender =
            Movement { from: Some(bound(&before.terms)), to: free(before.terms.lender, &before.terms), amount };
        let after = moves_to_lender(transaction, &before, to_lender, |before| before.after_return(amount))?;
        return states_after_are(transaction, RETURN, &[after], &[]);
    }
    let (before, records) = records_before(transaction, RETURN, &spend)?;
    let [record] = records.as_slice() else { return Err(PurposeError::RecordNotConsumed { command: RETURN }) };
    let terms = &before.terms;
    rule(*terms.purpose.as_bytes() == *purpose, || PurposeError::NotConsumed { command: RETURN })?;
    rule(record.is_bound(terms), || PurposeError::NotBound { payee: record.payee })?;
    let to_lender = Movement { from: Some(place_of(record, terms)), to: free(terms.lender, terms), amount };
    let after =
        moves_to_lender(transaction, &before, to_lender, |before| before.after_return_by(record.payee, amount))?;
    let record = record.clone().after_return(amount)?;
    states_after_are(transaction, RETURN, &[after], &[record])
}

/// Nothing else moves, but where the loan is repaid by it, what is left bound, which is the borrower's.
fn moves_to_lender(
    transaction: &LedgerTransaction,
    before: &Purpose,
    to_lender: Movement,
    returned: impl Fn(Purpose) -> Result<Purpose, AmountError>,
) -> Result<Purpose, PurposeError> {
    if !lending::repays_its_loan(transaction, &before.terms, to_lender.amount)? {
        only_this_moves(transaction, &to_lender)?;
        return Ok(returned(before.clone())?);
    }
    let (after, left) = returned(before.clone())?.after_its_loan()?;
    only_these_move(transaction, &[to_lender, lending::freed(&before.terms, left)])?;
    Ok(after)
}
