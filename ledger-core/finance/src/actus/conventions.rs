//! How a contract counts days and moves dates.

use chrono::NaiveDateTime;

use super::choice::DayCountConvention;
use super::error::ActusError;
use super::event::{EventType, Planned};
use super::observations::Observations;
use super::terms::Terms;
use super::time::{counted_day, within_years};
use crate::calendar::{BusinessDayConvention, Calendar, EndOfMonth, Week};
use crate::day_count::{DayCount, Period};
use crate::ratio::Ratio;

/// The conventions of a contract's terms.
#[derive(Clone, Debug)]
pub(super) struct Conventions {
    calendar: Calendar,
    shift: BusinessDayConvention,
    pub(super) end_of_month: EndOfMonth,
    day_count: Option<DayCountConvention>,
    /// The contract's last day, which 30E/360 ISDA asks for.
    maturity: Option<NaiveDateTime>,
}

impl Conventions {
    pub(super) fn new(terms: &Terms, observations: &Observations) -> Result<Self, ActusError> {
        let calendar = match terms.calendar.as_deref() {
            None | Some("NC" | "NoCalendar" | "NoHoliday") => Calendar::plain(Week::EveryDay),
            Some("MF" | "MondayToFriday") => Calendar::plain(Week::MondayToFriday),
            Some(name) => {
                let unknown = || ActusError::CalendarUnknown { name: name.to_owned() };
                observations.calendar(name).cloned().ok_or_else(unknown)?
            }
        };
        Ok(Self {
            calendar,
            shift: terms.business_day_convention.unwrap_or(BusinessDayConvention::NoShift),
            end_of_month: terms.end_of_month_convention.unwrap_or(EndOfMonth::SameDay),
            day_count: terms.day_count_convention,
            maturity: terms.maturity_date,
        })
    }

    /// True if days are counted by the contract's last day, and the terms do not have it.
    pub(super) fn needs_maturity(&self) -> bool {
        self.maturity.is_none() && self.day_count == Some(DayCountConvention::ThirtyE360Isda)
    }

    /// Sets the contract's last day where it follows from the other terms.
    pub(super) fn end(&mut self, maturity: NaiveDateTime) {
        self.maturity = Some(maturity);
    }

    /// The part of a year between two times, negative if the second is the earlier one: an event that a convention moved behind
    /// another takes back what that one counted too much.
    pub(super) fn year_fraction(&self, start: NaiveDateTime, end: NaiveDateTime) -> Result<Ratio, ActusError> {
        let why = "interest and fees are counted in days";
        let missing = || ActusError::Missing { path: "terms.dayCountConvention".to_owned(), why };
        let day_count = match self.day_count.ok_or_else(missing)? {
            DayCountConvention::ActualActual => DayCount::ActualActualIsda,
            DayCountConvention::Actual360 => DayCount::Actual360,
            DayCountConvention::Actual365 => DayCount::Actual365Fixed,
            DayCountConvention::ThirtyE360Isda => DayCount::ThirtyE360Isda { maturity: self.maturity.map(counted_day) },
            DayCountConvention::ThirtyE360 => DayCount::ThirtyE360,
            DayCountConvention::TwentyEightE336 => DayCount::TwentyEightE336,
            DayCountConvention::Business252 => DayCount::Business252 { calendar: &self.calendar },
        };
        let (start, end, sign) = if start <= end { (start, end, 1) } else { (end, start, -1) };
        let left = |_| ActusError::Year { path: "the schedule".to_owned() };
        let period = Period::new(counted_day(start), counted_day(end)).map_err(left)?;
        Ok(day_count.year_fraction(period)?.checked_mul(Ratio::new(sign, 1)?)?)
    }

    /// An event of a cycle, moved where its day is no business day.
    pub(super) fn shifted(&self, kind: EventType, scheduled: NaiveDateTime) -> Result<Planned, ActusError> {
        let days = self.shift.apply(scheduled.date(), &self.calendar)?;
        let happens = within_years(days.happens.and_time(scheduled.time()), "the schedule")?;
        Ok(Planned { kind, happens, calculated: days.calculated.and_time(scheduled.time()), scheduled, value: None })
    }
}
