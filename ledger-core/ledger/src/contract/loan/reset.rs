//! Resets of a loan's rate: the price of a feed that the terms name, the latest one when the day of the reset begins.

use crate::condition::Condition;
use crate::contract::debt;
use crate::contract::loan::course::Course;
use crate::contract::loan::{Loan, LoanError, NAME, OBSERVE, Rate};
use crate::contract::price::{self, Price};
use crate::date::Date;
use crate::encoding::{EncodingError, Wire};
use crate::error::rule;
use crate::id::FeedId;
use crate::transaction::LedgerTransaction;

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;
/// UN/ECE Rec 20: per cent.
const PER_CENT: &str = "P1";

impl Loan {
    /// The feed that its terms name for resets of the rate; none where its rate does not follow one.
    pub fn feed(&self) -> Result<Option<FeedId>, LoanError> {
        let code = self.read_terms()?.market_object_code_of_rate_reset;
        Ok(code.and_then(|code| code.parse().ok()))
    }
}

fn begin_of(day: Date) -> Result<u64, EncodingError> {
    let days = u64::try_from(day.days()).ok().and_then(|days| days.checked_mul(DAY_MS));
    days.ok_or(EncodingError::OutOfRange { field: "date" })
}

/// What the transaction observes for the loan's next reset, and the condition under which that is the feed's latest.
pub(super) fn observed(transaction: &LedgerTransaction, loan: &Loan) -> Result<(Rate, Condition), LoanError> {
    let number = || loan.number.clone();
    let (Some(feed), Some(on)) = (loan.feed()?, Course::of(loan)?.reset) else {
        return Err(LoanError::NoResetPending { number: number() });
    };
    let (from_ms, reset_ms) = (transaction.transaction.time_window.from_ms, begin_of(on)?);
    rule(from_ms >= reset_ms, || LoanError::ResetNotYet { number: number(), on })?;
    let mut found = Vec::new();
    for referred in transaction.references.iter().filter(|referred| referred.state.is(price::NAME, price::PRICE)) {
        found.push(Price::from_wire(referred.state.message()?)?);
    }
    found.retain(|price| price.feed == feed);
    let [price]: [Price; 1] = found.try_into().map_err(|_| LoanError::PriceNotReferred { number: number(), feed })?;
    let price::PricePoint { value, time_ms } = price.point;
    rule(time_ms <= reset_ms, || LoanError::PriceLater { number: number(), time_ms, on })?;
    let unit = price.quotation.unit;
    rule(unit == PER_CENT, || LoanError::PriceUnit { number: number(), unit })?;
    let rate = Rate { on, value, scale: price.quotation.scale };
    Ok((rate, Condition::PriceIsLatest { feed, time_ms, until_ms: reset_ms }))
}

/// A price counts for a reset if its feed has no later one of that day's begin or before.
pub(super) fn conditions(transaction: &LedgerTransaction) -> Result<Vec<Condition>, LoanError> {
    let observes = transaction.command(NAME).is_some_and(|command| command.name == OBSERVE);
    let loans = if observes { debt::consumed::<Loan>(transaction)? } else { Vec::new() };
    loans.iter().map(|loan| Ok(observed(transaction, loan)?.1)).collect()
}
