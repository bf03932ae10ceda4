//! Resets of a loan's rate: the price of a feed that the terms name, the latest one when the day of the reset begins.
//!
//! A price is published within its feed's greatest age of its time (`price::rules`), so that long after the day's begin it is
//! settled which one was the latest then, or that none was that counted: nobody chooses by when a reset is observed.

use ledger_finance::actus::Terms;

use crate::condition::Condition;
use crate::contract::debt;
use crate::contract::loan::{Loan, LoanError, NAME, OBSERVE, Rate};
use crate::contract::price::{self, Price, PriceFeed, PricePoint};
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
        Ok(feed_of(&self.read_terms()?))
    }
}

fn feed_of(terms: &Terms) -> Option<FeedId> {
    terms.market_object_code_of_rate_reset.as_ref().and_then(|code| code.parse().ok())
}

fn begin_of(day: Date) -> Result<u64, EncodingError> {
    let days = u64::try_from(day.days()).ok().and_then(|days| days.checked_mul(DAY_MS));
    days.ok_or(EncodingError::OutOfRange { field: "date" })
}

/// The feed's own state, of any time: what is read of it here never changes.
fn feed_read(transaction: &LedgerTransaction, feed: FeedId) -> Result<Option<PriceFeed>, LoanError> {
    for referred in transaction.references.iter().filter(|referred| referred.state.is(price::NAME, price::FEED)) {
        let read = PriceFeed::from_wire(referred.state.message()?)?;
        if read.feed == feed {
            return Ok(Some(read));
        }
    }
    Ok(None)
}

/// The feed that a new loan's terms name is of this ledger and quotes in per cent.
pub(super) fn feed_quotes_a_rate(transaction: &LedgerTransaction, loan: &Loan, terms: &Terms) -> Result<(), LoanError> {
    let number = || loan.number.clone();
    let feed = feed_of(terms).ok_or_else(|| LoanError::FeedNotNamed { number: number() })?;
    let read = feed_read(transaction, feed)?.ok_or_else(|| LoanError::FeedNotRead { number: number(), feed })?;
    let unit = read.quotation.unit;
    rule(unit == PER_CENT, || LoanError::PriceUnit { number: number(), unit })
}

/// What is observed for a reset, and for how long after it a price of before it may still come.
struct Observed {
    rate: Rate,
    max_age_ms: u64,
    /// The feed has no price between this time, left out, and the day's begin.
    latest_ms: u64,
}

/// The price that counts when the day of the reset begins; of a feed that is referred to without one, that it has none.
fn read_here(transaction: &LedgerTransaction, loan: &Loan, feed: FeedId, on: Date) -> Result<Observed, LoanError> {
    let (number, reset_ms) = (|| loan.number.clone(), begin_of(on)?);
    let mut found = Vec::new();
    for referred in transaction.references.iter().filter(|referred| referred.state.is(price::NAME, price::PRICE)) {
        found.push(Price::from_wire(referred.state.message()?)?);
    }
    found.retain(|price| price.feed == feed);
    match (found.as_slice(), feed_read(transaction, feed)?) {
        ([price], _) => {
            let (PricePoint { value, time_ms }, max_age_ms) = (price.point, price.max_age_ms);
            rule(time_ms <= reset_ms, || LoanError::PriceLater { number: number(), time_ms, on })?;
            let counts = time_ms.saturating_add(max_age_ms) >= reset_ms;
            rule(counts, || LoanError::PriceStale { number: number(), time_ms, on, max_age_ms })?;
            let rate = Rate { on, value: Some((value, price.quotation.scale)) };
            Ok(Observed { rate, max_age_ms, latest_ms: time_ms })
        }
        ([], Some(PriceFeed { max_age_ms, .. })) => {
            let latest_ms = reset_ms.saturating_sub(max_age_ms).saturating_sub(1);
            Ok(Observed { rate: Rate { on, value: None }, max_age_ms, latest_ms })
        }
        _ => Err(LoanError::PriceNotReferred { number: number(), feed }),
    }
}

/// What the transaction observes for the loan's next reset, and the condition under which that is what the feed says.
pub(super) fn observed(
    transaction: &LedgerTransaction,
    loan: &Loan,
    terms: &Terms,
) -> Result<(Rate, Condition), LoanError> {
    let number = || loan.number.clone();
    let (Some(feed), Some(on)) = (feed_of(terms), loan.next_reset_of(terms)?) else {
        return Err(LoanError::NoResetPending { number: number() });
    };
    let Observed { rate, max_age_ms, latest_ms } = read_here(transaction, loan, feed, on)?;
    let reset_ms = begin_of(on)?;
    let settled_ms = reset_ms.saturating_add(max_age_ms);
    let is_settled = transaction.transaction.time_window.from_ms >= settled_ms;
    rule(is_settled, || LoanError::ResetNotYet { number: number(), on, settled_ms })?;
    Ok((rate, Condition::PriceIsLatest { feed, time_ms: latest_ms, until_ms: reset_ms }))
}

/// A price counts for a reset if its feed has no later one of that day's begin or before.
pub(super) fn conditions(transaction: &LedgerTransaction) -> Result<Vec<Condition>, LoanError> {
    let observes = transaction.command(NAME).is_some_and(|command| command.name == OBSERVE);
    let loans = if observes { debt::consumed::<Loan>(transaction)? } else { Vec::new() };
    loans.iter().map(|loan| Ok(observed(transaction, loan, &loan.read_terms()?)?.1)).collect()
}
