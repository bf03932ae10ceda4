//! Business-day conventions: where an event goes whose day is no business day, and to which day interest is counted.

use chrono::{Datelike, NaiveDate};

use super::{Calendar, CalendarError};

/// Which business day stands for a day that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roll {
    /// The next.
    Following,
    /// The next, or the one before if the next is in another month.
    ModifiedFollowing,
    /// The one before.
    Preceding,
    /// The one before, or the next if the one before is in another month.
    ModifiedPreceding,
}

/// What happens to an event whose day is no business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusinessDayConvention {
    /// Nothing (`NOS`).
    NoShift,
    /// It moves, and interest is counted to where it has moved (`SC…`).
    ShiftCalculate(Roll),
    /// It moves, and interest is counted to the day that was scheduled (`CS…`).
    CalculateShift(Roll),
}

/// The two days of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventDays {
    /// When it happens, for example when money is paid.
    pub happens: NaiveDate,
    /// To which day it is calculated.
    pub calculated: NaiveDate,
}

use BusinessDayConvention::{CalculateShift, NoShift, ShiftCalculate};

/// Every convention by its ACTUS code.
const CODES: [(&str, BusinessDayConvention); 9] = [
    ("NOS", NoShift),
    ("SCF", ShiftCalculate(Roll::Following)),
    ("SCMF", ShiftCalculate(Roll::ModifiedFollowing)),
    ("CSF", CalculateShift(Roll::Following)),
    ("CSMF", CalculateShift(Roll::ModifiedFollowing)),
    ("SCP", ShiftCalculate(Roll::Preceding)),
    ("SCMP", ShiftCalculate(Roll::ModifiedPreceding)),
    ("CSP", CalculateShift(Roll::Preceding)),
    ("CSMP", CalculateShift(Roll::ModifiedPreceding)),
];

impl BusinessDayConvention {
    /// The convention of an ACTUS code, such as `SCMF`.
    pub fn from_code(code: &str) -> Result<Self, CalendarError> {
        let found = CODES.iter().find(|(known, _)| *known == code);
        let unknown = || CalendarError::UnknownConvention { code: code.chars().take(32).collect() };
        found.map(|(_, convention)| *convention).ok_or_else(unknown)
    }

    /// The days of an event that is scheduled for `date`. Only a calendar that runs out of dates is refused.
    pub fn apply(self, date: NaiveDate, calendar: &Calendar) -> Result<EventDays, CalendarError> {
        match self {
            NoShift => Ok(EventDays { happens: date, calculated: date }),
            ShiftCalculate(roll) => {
                calendar.roll(date, roll).map(|moved| EventDays { happens: moved, calculated: moved })
            }
            CalculateShift(roll) => {
                calendar.roll(date, roll).map(|moved| EventDays { happens: moved, calculated: date })
            }
        }
    }
}

impl Calendar {
    /// The business day that stands for a day: itself if it is one.
    pub fn roll(&self, date: NaiveDate, roll: Roll) -> Result<NaiveDate, CalendarError> {
        let is_same_month = |other: &NaiveDate| (other.year(), other.month()) == (date.year(), date.month());
        match roll {
            Roll::Following => self.following(date),
            Roll::Preceding => self.preceding(date),
            Roll::ModifiedFollowing => match self.following(date) {
                Ok(next) if is_same_month(&next) => Ok(next),
                _ => self.preceding(date),
            },
            Roll::ModifiedPreceding => match self.preceding(date) {
                Ok(last) if is_same_month(&last) => Ok(last),
                _ => self.following(date),
            },
        }
    }
}
