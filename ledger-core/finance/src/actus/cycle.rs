//! Cycles, periods and the times that follow from them.

use chrono::{Days, NaiveDateTime};

use super::bounds::{Bound, CYCLE_MAX};
use super::error::{ActusError, clipped};
use super::time::within_years;
use crate::calendar::{CalendarError, EndOfMonth, months_after};

/// A length of time such as `P1M` or `P10D`. Months are added before days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    months: u32,
    days: u32,
}

/// What becomes of the last part of a schedule that is shorter than the cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stub {
    /// It is added to the part before it (`L0`).
    Long,
    /// It stands for itself (`L1`).
    Short,
}

/// A cycle such as `P3ML1`. Invariant: longer than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// From one time to the next.
    pub span: Span,
    /// What becomes of a rest.
    pub stub: Stub,
}

/// The times of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// In order, all before the end.
    pub(super) before: Vec<NaiveDateTime>,
    /// The last one.
    pub(super) end: NaiveDateTime,
}

impl Span {
    /// A period such as `P1M`, `P1Y6M`, `P2W` or `P0D`. Quarters (Q) and half years (H) are understood too.
    pub(super) fn parse(text: &str, path: &str) -> Result<Self, ActusError> {
        let malformed = || ActusError::Cycle { path: path.to_owned(), text: clipped(text) };
        let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or_else(malformed)?;
        let (mut months, mut days) = (0_u32, 0_u32);
        while !rest.is_empty() {
            let unit = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(malformed)?;
            let (number, after) = rest.split_at(unit);
            let number = number.parse::<u32>().ok().filter(|number| *number <= CYCLE_MAX).ok_or_else(malformed)?;
            let mut letters = after.chars();
            let (sum, factor) = match letters.next() {
                Some('D') => (&mut days, 1),
                Some('W') => (&mut days, 7),
                Some('M') => (&mut months, 1),
                Some('Q') => (&mut months, 3),
                Some('H') => (&mut months, 6),
                Some('Y') => (&mut months, 12),
                _ => return Err(malformed()),
            };
            *sum = sum.saturating_add(number.saturating_mul(factor));
            rest = letters.as_str();
        }
        Ok(Self { months, days })
    }

    /// True for no time at all.
    pub(super) fn is_zero(self) -> bool {
        (self.months, self.days) == (0, 0)
    }

    /// The time so many spans after an anchor; each is counted from the anchor.
    pub(super) fn after(
        self,
        anchor: NaiveDateTime,
        times: u32,
        convention: EndOfMonth,
    ) -> Result<NaiveDateTime, ActusError> {
        let out_of_dates = || CalendarError::OutOfDates { date: anchor.date() };
        let months = self.months.checked_mul(times).ok_or_else(out_of_dates)?;
        let days = u64::from(self.days).saturating_mul(u64::from(times));
        let date = if months == 0 { anchor.date() } else { months_after(anchor.date(), months, convention)? };
        let date = date.checked_add_days(Days::new(days)).ok_or_else(out_of_dates)?;
        Ok(date.and_time(anchor.time()))
    }

    /// The time one span before, in the years that are computed with.
    pub(super) fn before(self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        let date = time.date().checked_sub_months(chrono::Months::new(self.months))?;
        let date = date.checked_sub_days(Days::new(u64::from(self.days)))?;
        within_years(date.and_time(time.time()), "").ok()
    }
}

impl Cycle {
    /// A cycle such as `P1ML0`; without a stub the last part is short.
    pub(super) fn parse(text: &str, path: &str) -> Result<Self, ActusError> {
        let (span, stub) = match (text.strip_suffix("L0"), text.strip_suffix("L1")) {
            (Some(span), _) => (span, Stub::Long),
            (_, Some(span)) => (span, Stub::Short),
            _ => (text, Stub::Short),
        };
        let span = Span::parse(span, path)?;
        if span.is_zero() {
            return Err(ActusError::CycleZero { path: path.to_owned() });
        }
        Ok(Self { span, stub })
    }
}

/// The schedule S(anchor, cycle, end) of the standard: from an anchor in cycles to an end that always belongs to it. Without a
/// cycle it is the anchor and the end. Refused as soon as there are more times than the bound has events.
pub(super) fn times(
    anchor: NaiveDateTime,
    cycle: Option<Cycle>,
    end: NaiveDateTime,
    convention: EndOfMonth,
    bound: Bound,
) -> Result<Times, ActusError> {
    let mut before = Vec::new();
    let Some(cycle) = cycle else {
        before.extend((anchor < end).then_some(anchor));
        return Ok(Times { before, end });
    };
    let mut next = anchor;
    for count in 1.. {
        if next >= end {
            break;
        }
        before.push(next);
        bound.allows(before.len())?;
        next = cycle.span.after(anchor, count, convention)?;
    }
    // A long stub never takes the anchor itself.
    if cycle.stub == Stub::Long && next != end && before.len() > 1 {
        before.pop();
    }
    Ok(Times { before, end })
}

impl Times {
    /// All times, the end included.
    pub(super) fn all(mut self) -> Vec<NaiveDateTime> {
        self.before.push(self.end);
        self.before
    }
}
