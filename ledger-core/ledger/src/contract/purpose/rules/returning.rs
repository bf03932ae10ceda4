//! The way back: refunds to who paid, bound value to the lender.

use crate::contract::purpose::flow::{Movement, only_this_moves};
use crate::contract::purpose::rules::{
    amount, bound, free, place_of, purpose_before, records_before, states_after_are,
};
use crate::contract::purpose::{PurposeError, REFUND, RETURN};
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
    let to = parent.map_or_else(|| bound(terms), |parent| place_of(parent, terms));
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
        let terms = &before.terms;
        only_this_moves(transaction, &Movement { from: Some(bound(terms)), to: free(terms.lender, terms), amount })?;
        return states_after_are(transaction, RETURN, &[before.after_return(amount)?], &[]);
    }
    let (before, records) = records_before(transaction, RETURN, &spend)?;
    let [record] = records.as_slice() else { return Err(PurposeError::RecordNotConsumed { command: RETURN }) };
    let terms = &before.terms;
    rule(*terms.purpose.as_bytes() == *purpose, || PurposeError::NotConsumed { command: RETURN })?;
    rule(record.is_bound(terms), || PurposeError::NotBound { payee: record.payee })?;
    let from = Some(place_of(record, terms));
    only_this_moves(transaction, &Movement { from, to: free(terms.lender, terms), amount })?;
    let record = record.clone().after_return(amount)?;
    states_after_are(transaction, RETURN, &[before.after_return_by(record.payee, amount)?], &[record])
}
