//! Which terms are sound, and which payees they admit.

use crate::amount::Amount;
use crate::claim::normalise;
use crate::contract::purpose::rules::record_of;
use crate::contract::purpose::{Payee, Purpose, PurposeError, PurposeTerms};
use crate::error::rule;
use crate::id::{Address, PurposeId};
use crate::transaction::LedgerTransaction;

/// Terms that can be kept, with the controllers that are registered.
pub(super) fn terms_are_sound(transaction: &LedgerTransaction, terms: &PurposeTerms) -> Result<(), PurposeError> {
    let frame = &transaction.transaction;
    let is_payee = |party: &Address| terms.payee(party).is_some();
    let follows = terms.purpose == PurposeId::derive(&frame.chain, &frame.command_id);
    rule(follows, || PurposeError::IdDiffers)?;
    rule(terms.lender != terms.borrower, || PurposeError::LenderIsBorrower)?;
    rule(!is_payee(&terms.borrower), || PurposeError::BorrowerIsPayee)?;
    let has_codes = !terms.codes.is_empty() && terms.codes.iter().all(|code| !code.is_empty());
    rule(has_codes, || PurposeError::CodesMissing)?;
    rule(!terms.payees.is_empty() || !terms.payee_role.is_empty(), || PurposeError::PayeesMissing)?;
    let caps_somebody = terms.payee_role_cap.is_none() || !terms.payee_role.is_empty();
    rule(caps_somebody, || PurposeError::RoleCapWithoutRole)?;
    rule(!terms.cap.is_zero(), || PurposeError::CapZero)?;
    rule(terms.valid_from_ms < terms.valid_to_ms, || PurposeError::EndsBeforeBegin)?;
    let (depth, maximum) = (terms.onward_depth, PurposeTerms::ONWARD_DEPTH_MAX);
    rule(depth <= maximum, || PurposeError::DepthExceeded { depth, maximum })?;
    let borrower = (terms.borrower, &terms.borrower_controller);
    let payees = terms.payees.iter().map(|payee| (payee.party, &payee.controller));
    for (party, controller) in std::iter::once(borrower).chain(payees) {
        let is_registered = record_of(transaction, &party)?.controller == *controller;
        rule(is_registered, || PurposeError::ControllerDiffers { party })?;
    }
    Ok(())
}

/// The payee as the terms admit it: listed, or registered in their role.
pub(super) fn admitted(
    transaction: &LedgerTransaction,
    terms: &PurposeTerms,
    payee: &Address,
) -> Result<Payee, PurposeError> {
    if let Some(listed) = terms.payee(payee) {
        return Ok(listed.clone());
    }
    if terms.payee_role.is_empty() || *payee == terms.borrower {
        return Err(PurposeError::Payee { payee: *payee });
    }
    let record = record_of(transaction, payee)?;
    if !record.roles.contains(&terms.payee_role) {
        return Err(PurposeError::Payee { payee: *payee });
    }
    Ok(Payee { party: *payee, cap: terms.payee_role_cap, controller: record.controller })
}

/// The payee has not the borrower's controller, however either is spelt.
pub(super) fn is_no_relation(terms: &PurposeTerms, payee: &Payee) -> Result<(), PurposeError> {
    let (borrowers, payees) = (normalise(&terms.borrower_controller), normalise(&payee.controller));
    if !borrowers.is_empty() && borrowers == payees {
        return Err(PurposeError::RelatedParty { payee: payee.party });
    }
    Ok(())
}

/// The payment stays within the payee's cap, whoever pays.
pub(super) fn payee_cap_holds(purpose: &Purpose, payee: &Payee, amount: Amount) -> Result<(), PurposeError> {
    let spent = purpose.spent_at(&payee.party).checked_add(amount)?;
    let cap = payee.cap.unwrap_or(spent);
    rule(spent <= cap, || PurposeError::PayeeCap { spent: spent.minor(), cap: cap.minor() })
}

/// The payment stays within the purpose's cap.
pub(super) fn cap_holds(purpose: &Purpose, amount: Amount) -> Result<(), PurposeError> {
    let (spent, cap) = (purpose.spent_in_all()?.checked_add(amount)?, purpose.terms.cap);
    rule(spent <= cap, || PurposeError::Cap { spent: spent.minor(), cap: cap.minor() })
}
