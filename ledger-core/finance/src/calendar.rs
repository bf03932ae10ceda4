//! Which days are business days, and where a date goes that is none.
//!
//! Dates are `chrono`'s, proleptic Gregorian, as those of `ledger-core`, whose own date is a day number on the wire; there
//! is no third. Conventions and their codes are those of the ACTUS dictionary (terms BDC, CLDR and EOMC).

mod convention;
mod month;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};
use thiserror::Error;

pub use convention::{BusinessDayConvention, EventDays, Roll};
pub(crate) use month::is_last_of_month;
pub use month::{EndOfMonth, months_after};

/// The days of a week on which business is done, holidays aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Week {
    /// Every day: with no holidays, ACTUS `NoCalendar`.
    EveryDay,
    /// Not on Saturday and Sunday: with no holidays, ACTUS `MondayToFriday`.
    MondayToFriday,
}

/// The most listed days of one calendar: holidays and working weekends together.
pub const DAYS_MAX: usize = 20_000;

/// The business days of a place.
///
/// Invariant: listed holidays would else be business days, listed working days would not, so no day is both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    week: Week,
    holidays: BTreeSet<NaiveDate>,
    working: BTreeSet<NaiveDate>,
}

/// Why a calendar, a convention or a date cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// Past [`DAYS_MAX`].
    #[error("the calendar lists {count} days, at most {DAYS_MAX} are kept; leave out years that no date falls in")]
    TooManyDays {
        /// As many as are listed.
        count: usize,
    },
    /// One day in both lists.
    #[error("{date} is listed as a holiday and as a working day; list it once")]
    Contradiction {
        /// The day.
        date: NaiveDate,
    },
    /// A code that ACTUS does not have.
    #[error("{code:?} is no business-day convention; give one of NOS SCF SCMF CSF CSMF SCP SCMP CSP CSMP")]
    UnknownConvention {
        /// The code as given, cut after 32 characters.
        code: String,
    },
    /// Past the last date that can be written, or before the first.
    #[error("from {date} the calendar runs out of dates; begin nearer to the present")]
    OutOfDates {
        /// Where the search or the step began.
        date: NaiveDate,
    },
}

impl CalendarError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooManyDays { .. } => "CALENDAR_TOO_MANY_DAYS",
            Self::Contradiction { .. } => "CALENDAR_CONTRADICTION",
            Self::UnknownConvention { .. } => "CALENDAR_UNKNOWN_CONVENTION",
            Self::OutOfDates { .. } => "CALENDAR_OUT_OF_DATES",
        }
    }
}

impl Week {
    fn has(self, date: NaiveDate) -> bool {
        match self {
            Self::EveryDay => true,
            Self::MondayToFriday => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }
}

impl Calendar {
    /// A week without holidays.
    pub fn plain(week: Week) -> Self {
        Self { week, holidays: BTreeSet::new(), working: BTreeSet::new() }
    }

    /// A week with the holidays of a place, and with the weekend days on which it works to make up for them. A listed day
    /// that changes nothing, such as a holiday on a Sunday, is passed over.
    ///
    /// Refused, in this order: more than [`DAYS_MAX`] days; a day in both lists.
    pub fn new(week: Week, holidays: &[NaiveDate], working: &[NaiveDate]) -> Result<Self, CalendarError> {
        let count = holidays.len().saturating_add(working.len());
        if count > DAYS_MAX {
            return Err(CalendarError::TooManyDays { count });
        }
        let set = |days: &[NaiveDate]| days.iter().copied().collect::<BTreeSet<_>>();
        let (mut holidays, mut working) = (set(holidays), set(working));
        if let Some(date) = holidays.intersection(&working).next() {
            return Err(CalendarError::Contradiction { date: *date });
        }

        holidays.retain(|date| week.has(*date));
        working.retain(|date| !week.has(*date));
        Ok(Self { week, holidays, working })
    }

    /// True if business is done on the day.
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        if self.week.has(date) { !self.holidays.contains(&date) } else { self.working.contains(&date) }
    }

    /// Business days from the first day to before the second; zero if that is not later.
    pub fn business_days(&self, start: NaiveDate, end: NaiveDate) -> u64 {
        if end <= start {
            return 0;
        }
        let count = |days: &BTreeSet<NaiveDate>| days.range(start..end).map(|_| 1u64).fold(0, u64::saturating_add);
        // Holidays are days of the week's, so the difference is not negative.
        let of_week = days_of_week(self.week, start, end);
        of_week.saturating_sub(count(&self.holidays)).saturating_add(count(&self.working))
    }

    /// The first business day from a day on.
    fn following(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        self.nearest(date, |day| day.succ_opt())
    }

    /// The last business day up to a day.
    fn preceding(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        self.nearest(date, |day| day.pred_opt())
    }

    /// At most as many steps as there are holidays, and a weekend between any two.
    fn nearest(&self, date: NaiveDate, step: fn(&NaiveDate) -> Option<NaiveDate>) -> Result<NaiveDate, CalendarError> {
        let mut days = std::iter::successors(Some(date), step);
        days.find(|day| self.is_business_day(*day)).ok_or(CalendarError::OutOfDates { date })
    }
}

/// Days of the week's from one day to before a later one.
fn days_of_week(week: Week, start: NaiveDate, end: NaiveDate) -> u64 {
    let days = end.signed_duration_since(start).num_days().unsigned_abs();
    match week {
        Week::EveryDay => days,
        Week::MondayToFriday => {
            let (weeks, rest) = (days.div_euclid(7), days.rem_euclid(7));
            // What remains after whole weeks are the days before the end.
            let before_end = std::iter::successors(end.pred_opt(), |day| day.pred_opt());
            let rest = before_end.zip(0..rest).filter(|(day, _)| week.has(*day)).map(|_| 1u64);
            rest.fold(weeks.saturating_mul(5), u64::saturating_add)
        }
    }
}
