//! Money lent for a purpose (专款专用): disbursed by binding it, repaid by giving it back.

use crate::amount::Amount;
use crate::contract::debt;
use crate::contract::loan::{CANCEL, Loan, LoanError, NAME, OBSERVE, REPAY, repayment};
use crate::contract::purpose::{self, OPEN, PURPOSE, Purpose, RETURN, UNBIND};
use crate::encoding::{EncodingError, Wire};
use crate::error::rule;
use crate::id::{ObligationId, PurposeId};
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

fn command<'t>(transaction: &'t LedgerTransaction, name: &str) -> Option<&'t Command> {
    transaction.command(purpose::NAME).filter(|command| command.name == name)
}

/// The purpose that is opened here to hold what the loan pays out.
pub(super) fn bound(transaction: &LedgerTransaction, loan: &Loan) -> Result<Option<PurposeId>, LoanError> {
    if command(transaction, OPEN).is_none() {
        return Ok(None);
    }
    let disbursed = loan.disbursed()?;
    for (_, state) in transaction.outputs_of(purpose::NAME, PURPOSE) {
        let opened = Purpose::from_wire(state.message()?)?;
        let parties = (opened.terms.lender, opened.terms.borrower, opened.terms.asset);
        if parties == (loan.lender, loan.borrower, loan.asset) && opened.disbursed == disbursed {
            return Ok(Some(opened.terms.purpose));
        }
    }
    Ok(None)
}

/// What is given back here out of the loan's own purpose.
pub(super) fn returned(transaction: &LedgerTransaction, loan: &Loan) -> Result<Option<Amount>, LoanError> {
    let (Some(own), Some(command)) = (loan.purpose, command(transaction, RETURN)) else { return Ok(None) };
    for input in transaction.inputs_of(purpose::NAME, PURPOSE) {
        let returning = Purpose::from_wire(input.state.message()?)?;
        // The purpose's lender gets it back, so after an assignment it pays nothing.
        if returning.terms.purpose == own && returning.terms.lender == loan.lender {
            let amount = Amount::from_minor(command.message::<wire::PurposeReturn>()?.amount)?;
            return Ok(Some(amount));
        }
    }
    Ok(None)
}

/// What a transaction does to a loan that was lent for a purpose.
pub(crate) struct BoundStep {
    /// The loan.
    pub(crate) loan: ObligationId,
    /// What repays it.
    pub(crate) repaid: Amount,
    /// True where nothing is owed any more.
    pub(crate) ends: bool,
}

/// What becomes of the loan that the transaction repays, observes or cancels; none = of none.
pub(crate) fn step(transaction: &LedgerTransaction) -> Result<Option<BoundStep>, EncodingError> {
    let Some(command) = transaction.command(NAME) else { return Ok(None) };
    let repaid = match command.name.as_str() {
        REPAY => repayment(command)?,
        OBSERVE | CANCEL => Amount::ZERO,
        _ => return Ok(None),
    };
    let ends = debt::outputs::<Loan>(transaction).next().is_none();
    let consumed = debt::consumed::<Loan>(transaction)?;
    Ok(consumed.first().map(|loan| BoundStep { loan: loan.loan, repaid, ends }))
}

/// The loan that is opened here for a purpose; none = the purpose is opened without one.
pub(crate) fn opened_for(
    transaction: &LedgerTransaction,
    purpose: PurposeId,
) -> Result<Option<ObligationId>, EncodingError> {
    let opened = debt::created::<Loan>(transaction)?.into_iter().map(|(_, loan)| loan);
    Ok(opened.filter(|loan| loan.purpose == Some(purpose)).map(|loan| loan.loan).next())
}

/// A loan ends with its purpose, which frees what is left bound: nobody need be asked for it afterwards.
pub(super) fn ends_with_its_purpose(transaction: &LedgerTransaction, loan: &Loan) -> Result<(), LoanError> {
    let Some(own) = loan.purpose else { return Ok(()) };
    let frees = command(transaction, RETURN).or_else(|| command(transaction, UNBIND)).is_some();
    let mut is_freed = false;
    for input in transaction.inputs_of(purpose::NAME, PURPOSE).filter(|_| frees) {
        is_freed |= Purpose::from_wire(input.state.message()?)?.terms.purpose == own;
    }
    rule(is_freed, || LoanError::LeavesBound { number: loan.number.clone() })
}
