//! Payments to admitted payees: by the borrower, and by payees out of what they hold bound.

use crate::amount::Amount;
use crate::contract::purpose::flow::{Movement, only_this_moves};
use crate::contract::purpose::rules::{
    admission, amount, bound, is_valid, place_of, purpose_before, records_before, states_after_are,
};
use crate::contract::purpose::{NAME, Origin, PASS_ON, Purpose, PurposeError, SPEND, SPENT, Spend};
use crate::encoding::plain_text;
use crate::error::rule;
use crate::id::{Address, ClaimKey, SpendId};
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// One payment as it is asked for.
struct Asked {
    payee: Address,
    amount: Amount,
    code: String,
    document: String,
    lender_consents: bool,
}

/// The payment is one that the money was lent for; its record.
fn record_of_admitted(
    transaction: &LedgerTransaction,
    purpose: &Purpose,
    asked: Asked,
    paid_out_of: Option<&Spend>,
) -> Result<Spend, PurposeError> {
    let Asked { payee, amount, code, document, lender_consents } = asked;
    plain_text(&document, Spend::DOCUMENT_BYTES_MAX, "spend.document")?;
    let terms = &purpose.terms;
    let admitted = admission::admitted(transaction, terms, &payee)?;
    rule(terms.codes.binary_search(&code).is_ok(), || {
        let code = code.chars().take(32).collect();
        PurposeError::Code { code, codes: terms.codes.clone() }
    })?;
    is_valid(transaction, terms)?;
    let has_document = !document.is_empty() && !transaction.transaction.attachments.is_empty();
    rule(has_document || !terms.documents_required, || PurposeError::DocumentMissing)?;
    if !lender_consents {
        admission::is_no_relation(terms, &admitted)?;
        admission::payee_cap_holds(purpose, &admitted, amount)?;
        // What is passed on was counted in all when the borrower paid it.
        if paid_out_of.is_none() {
            admission::cap_holds(purpose, amount)?;
        }
    }
    let frame = &transaction.transaction;
    Ok(Spend {
        spend: SpendId::derive(&frame.chain, &frame.command_id),
        purpose: terms.purpose,
        lender: terms.lender,
        borrower: terms.borrower,
        payee,
        asset: terms.asset,
        amount,
        refunded: Amount::ZERO,
        code,
        document,
        hop: paid_out_of.map_or(0, |record| record.hop.saturating_add(1)),
        origin: paid_out_of.map(|record| Origin { spend: record.spend, payer: record.payee }),
        passed_on: Amount::ZERO,
        returned: Amount::ZERO,
    })
}

pub(super) fn spends_as_lent(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposeSpend { purpose, payee, amount: minor, code, document, lender_consents } = command.message()?;
    let (before, amount) = (purpose_before(transaction, SPEND, &purpose)?, amount(minor)?);
    let payee: Address = payee.as_slice().try_into()?;
    let asked = Asked { payee, amount, code, document, lender_consents };
    let record = record_of_admitted(transaction, &before, asked, None)?;
    let terms = &before.terms;
    only_this_moves(transaction, &Movement { from: Some(bound(terms)), to: place_of(&record, terms), amount })?;
    states_after_are(transaction, SPEND, &[before.after_spend(payee, amount)?], &[record])
}

pub(super) fn passes_on(transaction: &LedgerTransaction, command: &Command) -> Result<(), PurposeError> {
    let wire::PurposePassOn { spend, payee, amount: minor, code, document, lender_consents } = command.message()?;
    let (before, records) = records_before(transaction, PASS_ON, &spend)?;
    let [parent] = records.as_slice() else { return Err(PurposeError::RecordNotConsumed { command: PASS_ON }) };
    let (payee, amount): (Address, _) = (payee.as_slice().try_into()?, amount(minor)?);
    rule(parent.is_bound(&before.terms), || PurposeError::NotBound { payee: parent.payee })?;
    rule(payee != parent.payee, || PurposeError::PaysItself { payee })?;
    let asked = Asked { payee, amount, code, document, lender_consents };
    let record = record_of_admitted(transaction, &before, asked, Some(parent))?;
    documents_are_new(transaction)?;
    let terms = &before.terms;
    let movement = Movement { from: Some(place_of(parent, terms)), to: place_of(&record, terms), amount };
    only_this_moves(transaction, &movement)?;
    let parent = parent.clone().after_pass(amount)?;
    let after = before.after_pass(parent.payee, payee, amount)?;
    states_after_are(transaction, PASS_ON, &[after], &[parent, record])
}

/// A claim passes from an input to an output that names it again; a document behind the record it is paid out of is no new one.
fn documents_are_new(transaction: &LedgerTransaction) -> Result<(), PurposeError> {
    let mut used = transaction.inputs_of(NAME, SPENT).flat_map(|record| &record.claims);
    let is_named = |key: &ClaimKey| transaction.transaction.claims.iter().any(|claim| claim.key == *key);
    rule(!used.any(is_named), || PurposeError::DocumentUsed)
}
