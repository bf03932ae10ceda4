//! Which terms are sound, and which payees they admit.

use crate::amount::Amount;
use crate::claim::normalise;
use crate::contract::purpose::rules::record_of;
use crate::contract::purpose::{Payee, Purpose, PurposeError, PurposeTerms};
use crate::id::{Address, PurposeId};
use crate::transaction::LedgerTransaction;

/// Terms that can be kept, with the controllers that are registered.
pub(super) fn terms_are_sound(transaction: &LedgerTransaction, terms: &PurposeTerms) -> Result<(), PurposeError> {
    let frame = &transaction.transaction;
    let is_payee = |party: &Address| terms.payee(party).is_some();
    let checks = [
        ("its id follows from chain and command", terms.purpose == PurposeId::derive(&frame.chain, &frame.command_id)),
        ("lender and borrower are two parties", terms.lender != terms.borrower),
        ("the borrower is no payee", !is_payee(&terms.borrower)),
        (
            "it has at least one purpose code",
            !terms.codes.is_empty() && terms.codes.iter().all(|code| !code.is_empty()),
        ),
        ("it has payees or a role of payees", !terms.payees.is_empty() || !terms.payee_role.is_empty()),
        ("a cap of the role has its role", terms.payee_role_cap.is_none() || !terms.payee_role.is_empty()),
        ("the cap is over zero", !terms.cap.is_zero()),
        ("it ends after it begins", terms.valid_from_ms < terms.valid_to_ms),
        ("payees hold free tokens: the onward depth is 0", terms.onward_depth == 0),
    ];
    if let Some((field, _)) = checks.into_iter().find(|(_, holds)| !holds) {
        return Err(PurposeError::Terms { field });
    }
    let borrower = (terms.borrower, &terms.borrower_controller);
    let payees = terms.payees.iter().map(|payee| (payee.party, &payee.controller));
    for (party, controller) in std::iter::once(borrower).chain(payees) {
        if record_of(transaction, &party)?.controller != *controller {
            return Err(PurposeError::Terms { field: "controllers are those registered" });
        }
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

/// The payment stays within the payee's cap and the purpose's.
pub(super) fn caps_hold(purpose: &Purpose, payee: &Payee, amount: Amount) -> Result<(), PurposeError> {
    let at_payee = purpose.spent_at(&payee.party).checked_add(amount)?;
    let in_all = purpose.spent_in_all()?.checked_add(amount)?;
    let of_payee = payee.cap.map(|cap| (at_payee, cap, "at this payee"));
    for (spent, cap, at) in of_payee.into_iter().chain([(in_all, purpose.terms.cap, "in all")]) {
        if spent > cap {
            return Err(PurposeError::Cap { spent: spent.minor(), cap: cap.minor(), at });
        }
    }
    Ok(())
}
