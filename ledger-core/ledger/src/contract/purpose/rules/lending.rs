//! Purposes of loans: what returns repays the loan, and when the loan ends, what is left bound is the borrower's own.

use crate::amount::Amount;
use crate::contract::loan::{self, BoundStep};
use crate::contract::purpose::flow::{Movement, only_these_move};
use crate::contract::purpose::rules::{bound, free, states_after_are};
use crate::contract::purpose::{NAME, PURPOSE, Purpose, PurposeError, PurposeTerms, UNBIND, read_purpose};
use crate::error::rule;
use crate::transaction::LedgerTransaction;

/// A new purpose names the loan that is opened for it, and no other.
pub(super) fn names_its_loan(transaction: &LedgerTransaction, terms: &PurposeTerms) -> Result<(), PurposeError> {
    let is_its = terms.loan == loan::opened_for(transaction, terms.purpose)?;
    rule(is_its, || PurposeError::LoanDiffers)
}

/// What is bound to a loan's purpose is what the loan paid out.
pub(super) fn is_lent_without_loan(terms: &PurposeTerms) -> Result<(), PurposeError> {
    rule(terms.loan.is_none(), || PurposeError::OfALoan)
}

/// The step that ends the loan of a purpose; none = the loan goes on, or there is none.
pub(super) fn step_that_ends(
    transaction: &LedgerTransaction,
    terms: &PurposeTerms,
) -> Result<Option<BoundStep>, PurposeError> {
    let step = loan::step(transaction)?;
    Ok(step.filter(|step| step.ends && terms.loan == Some(step.loan)))
}

/// True where the loan of a purpose that is consumed here ends.
pub(in crate::contract::purpose) fn ends_its_loan(transaction: &LedgerTransaction) -> Result<bool, PurposeError> {
    for input in transaction.inputs_of(NAME, PURPOSE) {
        if step_that_ends(transaction, &read_purpose(&input.state)?.terms)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// All that is left bound becomes the borrower's own, beside what it pays the lender in the same transaction.
pub(super) fn frees_what_is_left(
    transaction: &LedgerTransaction,
    before: Purpose,
    asked: Amount,
    repaid: Amount,
) -> Result<(), PurposeError> {
    let (after, left) = before.after_its_loan()?;
    let terms = &after.terms;
    rule(asked == left, || PurposeError::LeftDiffers { asked: asked.minor(), left: left.minor() })?;
    let payment = Movement { from: Some(free(terms.borrower, terms)), to: free(terms.lender, terms), amount: repaid };
    only_these_move(transaction, &[freed(terms, left), payment])?;
    states_after_are(transaction, UNBIND, &[after], &[])
}

/// What is left bound goes to the borrower.
pub(super) fn freed(terms: &PurposeTerms, left: Amount) -> Movement {
    Movement { from: Some(bound(terms)), to: free(terms.borrower, terms), amount: left }
}

/// What returns repays the loan it was lent under, to the last unit; true where the loan ends by it.
pub(super) fn repays_its_loan(
    transaction: &LedgerTransaction,
    terms: &PurposeTerms,
    amount: Amount,
) -> Result<bool, PurposeError> {
    let Some(loan) = terms.loan else { return Ok(false) };
    let step = loan::step(transaction)?.filter(|step| step.loan == loan && step.repaid == amount);
    let step = step.ok_or_else(|| PurposeError::LoanNotRepaid { amount: amount.minor() })?;
    Ok(step.ends)
}
