//! Money lent for a purpose (专款专用): disbursed by binding it, repaid by giving it back.

use crate::amount::Amount;
use crate::contract::loan::{Loan, LoanError};
use crate::contract::purpose::{self, OPEN, PURPOSE, Purpose, RETURN};
use crate::encoding::{EncodingError, Wire};
use crate::id::PurposeId;
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

/// The purpose out of which its lender takes value back alone here.
pub(super) fn taken_back(transaction: &LedgerTransaction) -> Result<Option<PurposeId>, LoanError> {
    let ended = purpose::ended_for_lender(transaction);
    Ok(ended.map_err(|_| EncodingError::OutOfRange { field: "purpose" })?)
}
