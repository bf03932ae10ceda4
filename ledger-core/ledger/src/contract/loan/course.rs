//! How far a loan's schedule is carried out, and what payments make of it.

use chrono::NaiveDateTime;
use ledger_finance::actus::{Event, EventType, PrepaymentEffect};
use ledger_finance::ratio::Rounding;
use ledger_finance::waterfall::fill;

use crate::amount::{Amount, AmountError};
use crate::contract::debt::DebtError;
use crate::contract::loan::posting::{exact, in_minor};
use crate::contract::loan::{Loan, LoanError, Parts, Prepayment, postings};
use crate::date::Date;
use crate::encoding::EncodingError;
use crate::error::rule;
use crate::id::Address;

/// The day of a time.
pub(super) fn day_of(time: NaiveDateTime) -> Result<Date, EncodingError> {
    Date::from_days(time.date().to_epoch_days())
}

/// A schedule, and how far it can be carried out.
pub(super) struct Course {
    /// All events.
    events: Vec<Event>,
    /// The next reset of the rate that is not observed; it and what comes after it wait.
    pub(super) reset: Option<Date>,
    /// Events before it.
    firm: usize,
}

impl Course {
    pub(super) fn of(loan: &Loan) -> Result<Self, LoanError> {
        let events = loan.schedule()?;
        let observed = loan.rates.last().map(|rate| rate.on);
        for (place, event) in (0..).zip(&events) {
            let on = day_of(event.time)?;
            if event.kind == EventType::RateResetVariable && Some(on) > observed {
                return Ok(Self { events, reset: Some(on), firm: place });
            }
        }
        Ok(Self { firm: events.len(), reset: None, events })
    }

    /// The events up to a day.
    fn up_to(&self, on: Date) -> Result<&[Event], LoanError> {
        let firm = self.events.get(..self.firm).unwrap_or_default();
        let days = firm.iter().map(|event| day_of(event.time)).collect::<Result<Vec<_>, _>>()?;
        let count = days.iter().take_while(|day| **day <= on).count();
        Ok(firm.get(..count).unwrap_or_default())
    }
}

/// All that falls due by some events.
fn posted(loan: &Loan, events: &[Event]) -> Result<Parts, LoanError> {
    let mut sum = Parts::default();
    for posting in postings(events, loan.scale)? {
        sum = sum.checked_add(&posting.due)?;
    }
    Ok(sum)
}

impl Loan {
    /// The day of the next reset of its rate that is not observed; nothing after it falls due until it is.
    pub fn next_reset(&self) -> Result<Option<Date>, LoanError> {
        Ok(Course::of(self)?.reset)
    }

    /// The same, carried out up to a day.
    pub fn carried_out_to(&self, on: Date) -> Result<Self, LoanError> {
        self.carried_out_by(&Course::of(self)?, on)
    }

    fn carried_out_by(&self, course: &Course, on: Date) -> Result<Self, LoanError> {
        let events = course.up_to(on)?;
        let due = posted(self, events)?.checked_sub(&self.paid)?;
        let carried_out = u32::try_from(events.len()).map_err(|_| AmountError::Overflow)?;
        Ok(Self { as_of: on, carried_out, due, ..self.clone() })
    }

    /// The same after a payment; none where nothing is owed and nothing falls due any more.
    ///
    /// What is due is filled first: fees, interest, principal, of each what is due longest first. What is over is principal paid
    /// before it is due, where the terms allow that.
    pub fn repaid(&self, amount: Amount, on: Date) -> Result<Option<Self>, LoanError> {
        self.paid_on(amount, on, self.may_prepay()?)
    }

    /// The same after the enforcement of a pledge, or after value came back out of the loan's purpose: what is over is principal
    /// paid before it is due, whatever the terms allow the borrower.
    pub fn satisfied(&self, amount: Amount, on: Date) -> Result<Option<Self>, LoanError> {
        self.paid_on(amount, on, true)
    }

    fn paid_on(&self, amount: Amount, on: Date, may_prepay: bool) -> Result<Option<Self>, LoanError> {
        rule(!amount.is_zero(), || DebtError::NothingPaid { number: self.number.clone() })?;
        let mut course = Course::of(self)?;
        let mut after = self.carried_out_by(&course, on)?;
        if let Ok(over) = amount.checked_sub(after.due.total()?)
            && !over.is_zero()
            && may_prepay
        {
            after = after.prepaid(over, on)?;
            course = Course::of(&after)?;
            after = after.carried_out_by(&course, on)?;
        }
        let due = after.due.total()?.minor();
        let overpaid = || LoanError::Overpaid { number: self.number.clone(), asked: amount.minor(), due, on };
        rule(amount.minor() <= due, overpaid)?;
        after = after.filled(amount)?;
        Ok(if after.is_over(&course)? { None } else { Some(after) })
    }

    /// What is due filled by a payment of at most that.
    fn filled(self, amount: Amount) -> Result<Self, LoanError> {
        let filled = fill(amount.minor(), &self.due.in_order().map(Amount::minor));
        let &[fees, interest, principal] = filled.parts() else { return Err(AmountError::Overflow.into()) };
        let part = Amount::from_minor;
        let paid = Parts { fees: part(fees)?, interest: part(interest)?, principal: part(principal)? };
        Ok(Self { due: self.due.checked_sub(&paid)?, paid: self.paid.checked_add(&paid)?, ..self })
    }

    fn may_prepay(&self) -> Result<bool, LoanError> {
        let effect = self.read_terms()?.prepayment_effect;
        Ok(!matches!(effect, None | Some(PrepaymentEffect::NotAllowed)))
    }

    /// What is paid on one day before it is due counts as one prepayment.
    fn prepaid(mut self, amount: Amount, on: Date) -> Result<Self, LoanError> {
        match self.prepayments.last_mut().filter(|last| last.on == on) {
            Some(last) => last.amount = last.amount.checked_add(amount)?,
            None => self.prepayments.push(Prepayment { on, amount }),
        }
        let number = || self.number.clone();
        rule(self.prepayments.len() <= Self::PREPAYMENTS_MAX, || LoanError::TooManyPrepayments { number: number() })?;
        Ok(self)
    }

    /// True when all that ever falls due is paid.
    pub(super) fn is_over(&self, course: &Course) -> Result<bool, LoanError> {
        Ok(posted(self, &course.events)?.total()? == self.paid.total()?)
    }

    /// What is paid out when it is opened.
    ///
    /// # Errors
    /// The schedule does not begin with the initial exchange, or what that pays out is no whole number of smallest units.
    pub fn disbursed(&self) -> Result<Amount, LoanError> {
        self.disbursed_by(&self.schedule()?)
    }

    pub(super) fn disbursed_by(&self, events: &[Event]) -> Result<Amount, LoanError> {
        let first = events.first().filter(|event| event.kind == EventType::InitialExchange);
        let first = first.ok_or_else(|| LoanError::NothingLent { number: self.number.clone() })?;
        let minor = in_minor(exact(first)?.checked_neg().ok_or(AmountError::Overflow)?, self.scale)?;
        let is_exact = minor.denominator() == 1;
        rule(is_exact, || LoanError::AmountNotExact { number: self.number.clone(), places: self.scale.places() })?;
        let lent = u64::try_from(minor.round(Rounding::Down)).ok().filter(|minor| *minor > 0);
        let lent = lent.ok_or_else(|| LoanError::NothingLent { number: self.number.clone() })?;
        Ok(Amount::from_minor(lent)?)
    }

    /// True for a loan that is carried out and paid as its schedule has it, with something left.
    pub fn is_as_scheduled(&self) -> Result<bool, LoanError> {
        let course = Course::of(self)?;
        Ok(*self == self.carried_out_by(&course, self.as_of)? && !self.is_over(&course)?)
    }

    /// The same in other hands.
    pub fn assigned(&self, lender: Address) -> Self {
        Self { lender, ..self.clone() }
    }
}
