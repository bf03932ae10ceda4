//! How far a loan's schedule is carried out, and what payments make of it.

use chrono::NaiveDateTime;
use ledger_finance::actus::{Event, EventType, PrepaymentEffect, Terms};
use ledger_finance::waterfall::fill;

use crate::amount::{Amount, AmountError};
use crate::contract::debt::DebtError;
use crate::contract::loan::{Loan, LoanError, Parts, Prepayment, postings};
use crate::date::Date;
use crate::encoding::EncodingError;
use crate::error::rule;
use crate::id::Address;

/// The day of a time.
pub(super) fn day_of(time: NaiveDateTime) -> Result<Date, EncodingError> {
    Date::from_days(time.date().to_epoch_days())
}

/// A loan's schedule, computed once for all that is asked of it, and how far it can be carried out. It is of the loan's terms,
/// rates and prepayments: where one of these changes, there is another.
pub(super) struct Course {
    /// The terms, read.
    terms: Terms,
    /// All events.
    pub(super) events: Vec<Event>,
    /// Events before the next reset of the rate that is not observed; that one and what comes after it wait.
    firm: usize,
}

impl Course {
    pub(super) fn of(loan: &Loan) -> Result<Self, LoanError> {
        Self::by(loan.read_terms()?, loan)
    }

    /// By the loan's terms, read already.
    pub(super) fn by(terms: Terms, loan: &Loan) -> Result<Self, LoanError> {
        let events = loan.schedule_of(&terms)?;
        let observed = loan.rates.last().map(|rate| rate.on);
        let mut firm = events.len();
        for (place, event) in (0..).zip(&events) {
            if event.kind == EventType::RateResetVariable && Some(day_of(event.time)?) > observed {
                firm = place;
                break;
            }
        }
        Ok(Self { terms, events, firm })
    }

    fn may_prepay(&self) -> bool {
        !matches!(self.terms.prepayment_effect, None | Some(PrepaymentEffect::NotAllowed))
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
    /// The same, carried out up to a day.
    pub fn carried_out_to(&self, on: Date) -> Result<Self, LoanError> {
        self.carried_out_by(&Course::of(self)?, on)
    }

    pub(super) fn carried_out_by(&self, course: &Course, on: Date) -> Result<Self, LoanError> {
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
        self.paid_on(amount, on, false)
    }

    /// The same after the enforcement of a pledge, or after value came back out of the loan's purpose: what is over is principal
    /// paid before it is due, whatever the terms allow the borrower.
    pub fn satisfied(&self, amount: Amount, on: Date) -> Result<Option<Self>, LoanError> {
        self.paid_on(amount, on, true)
    }

    fn paid_on(&self, amount: Amount, on: Date, is_compelled: bool) -> Result<Option<Self>, LoanError> {
        rule(!amount.is_zero(), || DebtError::NothingPaid { number: self.number.clone() })?;
        let mut course = Course::of(self)?;
        let mut after = self.carried_out_by(&course, on)?;
        if let Ok(over) = amount.checked_sub(after.due.total()?)
            && !over.is_zero()
            && (is_compelled || course.may_prepay())
        {
            after = after.prepaid(over, on)?;
            course = Course::by(course.terms, &after)?;
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
    /// Nothing is, or what is paid out is no whole number of smallest units.
    pub fn disbursed(&self) -> Result<Amount, LoanError> {
        self.disbursed_by(&self.read_terms()?)
    }

    /// What the initial exchange of a lender's contract pays: the notional with a premium or less a discount.
    pub(super) fn disbursed_by(&self, terms: &Terms) -> Result<Amount, LoanError> {
        let (notional, premium) = (terms.notional_principal, terms.premium_discount_at_ied.unwrap_or_default());
        let paid = notional.unwrap_or_default().checked_add(premium).ok_or(AmountError::Overflow)?.normalize();
        let places = self.scale.places();
        let not_exact = || LoanError::AmountNotExact { number: self.number.clone(), places };
        let missing = u32::from(places).checked_sub(paid.scale()).ok_or_else(not_exact)?;
        let minor = 10_i128.checked_pow(missing).and_then(|unit| paid.mantissa().checked_mul(unit));
        let minor = u64::try_from(minor.ok_or(AmountError::Overflow)?).ok().filter(|minor| *minor > 0);
        let minor = minor.ok_or_else(|| LoanError::NothingLent { number: self.number.clone() })?;
        Ok(Amount::from_minor(minor)?)
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
