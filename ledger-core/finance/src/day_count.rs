//! Which part of a year a period is: day counts as exact fractions. The first day counts, the last does not.
//!
//! Sources: 2006 ISDA Definitions, section 4.16, but for 30/360 US (Securities Industry Association, Standard Securities
//! Calculation Methods, volume 1) and BUS/252 (Brazil's market, ACTUS `B/252`). Loans in renminbi are customarily ACT/360.

#[cfg(test)]
mod tests;

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

use crate::calendar::{Calendar, is_last_of_month};
use crate::ratio::{Ratio, RatioError};

/// How days are counted and how many make a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayCount<'a> {
    /// Days over 360 (ACTUS `A/360`).
    Actual360,
    /// Days over 365, in leap years too (ACTUS `A/365`).
    Actual365Fixed,
    /// Days in leap years over 366, others over 365 (ACTUS `A/AISDA`).
    ActualActualIsda,
    /// Months of 30 days: a 31st at the start is a 30th, one at the end only after a start on the 30th or 31st. Known as
    /// 30/360 and as bond basis.
    Thirty360,
    /// As [`Thirty360`](Self::Thirty360), and the end of February is a 30th: at the start, and at the end after such a
    /// start. Known as 30/360 US and SIA.
    Thirty360Us,
    /// Months of 30 days: each 31st is a 30th (ACTUS `30E/360`).
    ThirtyE360,
    /// Months of 30 days: each last day of a month is a 30th, but for the contract's last day in February (ACTUS
    /// `30E/360ISDA`).
    ThirtyE360Isda {
        /// The contract's last day, none for a contract without.
        maturity: Option<NaiveDate>,
    },
    /// Months of 28 days: each day after the 28th is a 28th, and a year has 336 (ACTUS `28E/336`).
    TwentyEightE336,
    /// Business days over 252 (ACTUS `B/252`).
    Business252 {
        /// Whose business days.
        calendar: &'a Calendar,
    },
}

/// The time between two days. Invariant: the first is not after the last, both in the years 1583 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

/// Why two days make no period.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// The end is before the start.
    #[error("the period ends on {end}, before it starts on {start}; exchange the dates")]
    Reversed {
        /// First day.
        start: NaiveDate,
        /// Last day, not counted.
        end: NaiveDate,
    },
    /// Before there was a whole year of the Gregorian calendar, or past four digits.
    #[error("{date} is not in the years 1583 to 9999; give a date of the Gregorian calendar")]
    Year {
        /// The day.
        date: NaiveDate,
    },
}

impl PeriodError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Reversed { .. } => "PERIOD_REVERSED",
            Self::Year { .. } => "PERIOD_YEAR",
        }
    }
}

impl Period {
    /// The time from one day to before another, which may be the same.
    ///
    /// Refused, in this order: a year outside 1583 to 9999; an end before the start.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, PeriodError> {
        if let Some(date) = [start, end].into_iter().find(|date| !(1583..=9999).contains(&date.year())) {
            return Err(PeriodError::Year { date });
        }
        if end < start { Err(PeriodError::Reversed { start, end }) } else { Ok(Self { start, end }) }
    }

    /// The first day.
    pub fn start(self) -> NaiveDate {
        self.start
    }

    /// The last day, not counted.
    pub fn end(self) -> NaiveDate {
        self.end
    }

    fn days(self) -> i64 {
        self.end.signed_duration_since(self.start).num_days()
    }
}

impl DayCount<'_> {
    /// The days of a period as they are counted: never negative, and none of an empty period.
    pub fn days(self, period: Period) -> i64 {
        match self {
            // The end of February would stand for two days if it were start and maturity.
            _ if period.start == period.end => 0,
            Self::Actual360 | Self::Actual365Fixed | Self::ActualActualIsda => period.days(),
            Self::Business252 { calendar } => {
                i64::try_from(calendar.business_days(period.start, period.end)).unwrap_or(i64::MAX)
            }
            Self::Thirty360 | Self::Thirty360Us | Self::ThirtyE360 | Self::ThirtyE360Isda { .. } => {
                days_of_months(period, 30, self.days_of_month(period))
            }
            Self::TwentyEightE336 => days_of_months(period, 28, (period.start.day().min(28), period.end.day().min(28))),
        }
    }

    /// The part of a year that a period is, exactly. No period leaves an `i128`, so none is refused.
    pub fn year_fraction(self, period: Period) -> Result<Ratio, RatioError> {
        let over = |year: i128| Ratio::new(i128::from(self.days(period)), year);
        match self {
            Self::Actual365Fixed => over(365),
            Self::ActualActualIsda => actual_actual(period),
            Self::Business252 { .. } => over(252),
            Self::TwentyEightE336 => over(336),
            Self::Actual360 | Self::Thirty360 | Self::Thirty360Us | Self::ThirtyE360 | Self::ThirtyE360Isda { .. } => {
                over(360)
            }
        }
    }

    /// The days of the month that stand for start and end where months have 30 days.
    fn days_of_month(self, period: Period) -> (u32, u32) {
        let (start, end) = (period.start.day(), period.end.day());
        let ends_february = |date: NaiveDate| date.month() == 2 && is_last_of_month(date);
        match self {
            Self::Thirty360Us if ends_february(period.start) => {
                (30, if ends_february(period.end) || end == 31 { 30 } else { end })
            }
            Self::Thirty360 | Self::Thirty360Us => (start.min(30), if start >= 30 { end.min(30) } else { end }),
            Self::ThirtyE360Isda { maturity } => {
                let is_thirtieth = |date| is_last_of_month(date) && !(maturity == Some(date) && date.month() == 2);
                let end = if is_thirtieth(period.end) { 30 } else { end };
                (if is_last_of_month(period.start) { 30 } else { start }, end)
            }
            _ => (start.min(30), end.min(30)),
        }
    }
}

/// Twelve months a year, all of one length, and the days between. Years have four digits, so nothing saturates.
fn days_of_months(period: Period, length: i64, (first, last): (u32, u32)) -> i64 {
    let days = |date: NaiveDate, day: u32| {
        let months = i64::from(date.year()).saturating_mul(12).saturating_add(i64::from(date.month()));
        months.saturating_mul(length).saturating_add(i64::from(day))
    };
    days(period.end, last).saturating_sub(days(period.start, first))
}

/// Years in full, and the days of the first and last one over their lengths.
fn actual_actual(period: Period) -> Result<Ratio, RatioError> {
    let (first, last) = (period.start.year(), period.end.year());
    // Days since New Year, over those of the year.
    let into_year = |date: NaiveDate| {
        let length = if date.leap_year() { 366 } else { 365 };
        Ratio::new(i128::from(date.ordinal0()), length)
    };
    let before_start = into_year(period.start)?.checked_mul(Ratio::new(-1, 1)?)?;
    let years = Ratio::new(i128::from(last.saturating_sub(first)), 1)?;
    years.checked_add(into_year(period.end)?)?.checked_add(before_start)
}
