//! What each loan command allows.

use crate::contract::loan::bound::{ends_with_its_purpose, returned};
use crate::contract::loan::course::Course;
use crate::contract::loan::opening::opens_one_sound_loan;
use crate::contract::loan::reset::observed;
use crate::contract::loan::{ASSIGN, CANCEL, Loan, LoanError, NAME, OBSERVE, OPEN, REPAY, repayment};
use crate::contract::{debt, pledge};
use crate::date::Date;
use crate::error::rule;
use crate::id::Address;
use crate::transaction::LedgerTransaction;
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), LoanError> {
    debt::takes_no_locks::<Loan>(transaction)?;
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        OPEN => {
            command.message::<wire::LoanOpen>()?;
            opens_one_sound_loan(transaction)
        }
        REPAY => {
            let wire::LoanRepay { loan, .. } = command.message()?;
            let before = debt::named::<Loan>(transaction, REPAY, &loan)?;
            let (on, amount) = (goes_on(transaction, &before)?, repayment(command)?);
            let returned = returned(transaction, &before)?;
            let differs = || LoanError::ReturnDiffers {
                number: before.number.clone(),
                asked: amount.minor(),
                returned: returned.unwrap_or(amount).minor(),
            };
            rule(returned.is_none_or(|returned| returned == amount), differs)?;
            let is_compelled = returned.is_some() || pledge::pays(transaction, before.loan.as_bytes())?;
            let after = if is_compelled { before.satisfied(amount, on)? } else { before.repaid(amount, on)? };
            becomes(transaction, REPAY, &before, after)
        }
        OBSERVE => {
            let wire::LoanObserve { loan, party } = command.message()?;
            let before = debt::named::<Loan>(transaction, OBSERVE, &loan)?;
            let party = Address::try_from(party.as_slice())?;
            let is_of_it = party == before.lender || party == before.borrower;
            rule(is_of_it, || LoanError::ObserverIsStranger { number: before.number.clone() })?;
            let on = goes_on(transaction, &before)?;
            let terms = before.read_terms()?;
            let (rate, _) = observed(transaction, &before, &terms)?;
            let rates = before.rates.iter().copied().chain([rate]).collect();
            let observed = Loan { rates, ..before.clone() };
            let course = Course::by(terms, &observed)?;
            let after = observed.carried_out_by(&course, on)?;
            // With the rate known it may turn out that all is paid.
            let is_over = after.is_over(&course)?;
            becomes(transaction, OBSERVE, &before, (!is_over).then_some(after))
        }
        ASSIGN => {
            let wire::LoanAssign { loan, to } = command.message()?;
            let (before, to) = (debt::named::<Loan>(transaction, ASSIGN, &loan)?, Address::try_from(to.as_slice())?);
            if to == before.borrower || to == before.lender {
                return Err(LoanError::AssigneeIsParty { number: before.number });
            }
            // The purpose stays its lender's: what comes back out of it could not repay the loan in other hands.
            rule(before.purpose.is_none(), || LoanError::BoundStays { number: before.number.clone() })?;
            Ok(debt::becomes(transaction, ASSIGN, &before, Some(before.assigned(to)))?)
        }
        CANCEL => {
            let wire::LoanCancel { loan } = command.message()?;
            let before = debt::named::<Loan>(transaction, CANCEL, &loan)?;
            becomes(transaction, CANCEL, &before, None)
        }
        name => Err(LoanError::CommandUnknown { name: name.to_owned() }),
    }
}

/// The loan goes on as what the command makes of it, or ends together with its purpose.
fn becomes(
    transaction: &LedgerTransaction,
    command: &'static str,
    before: &Loan,
    after: Option<Loan>,
) -> Result<(), LoanError> {
    if after.is_none() {
        ends_with_its_purpose(transaction, before)?;
    }
    Ok(debt::becomes(transaction, command, before, after)?)
}

/// The day on which a step counts: the last one of its window, so that it is never dated before it stands in a block.
pub(super) fn takes_effect_on(transaction: &LedgerTransaction) -> Result<Date, LoanError> {
    let frame = &transaction.transaction;
    let (effective, last) = (frame.effective_on, Date::of_ms(frame.time_window.until_ms.saturating_sub(1))?);
    rule(effective == last, || LoanError::DateDiffers { effective, last })?;
    Ok(effective)
}

/// What was carried out stays as it was.
fn goes_on(transaction: &LedgerTransaction, before: &Loan) -> Result<Date, LoanError> {
    let on = takes_effect_on(transaction)?;
    rule(on >= before.as_of, || LoanError::Backdated { number: before.number.clone(), on, as_of: before.as_of })?;
    Ok(on)
}
