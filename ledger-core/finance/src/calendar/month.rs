//! The same day some months later, and what that is at the end of a month.

use chrono::{Datelike, Months, NaiveDate};

use super::CalendarError;

/// What a schedule by months makes of an anchor at the end of its month (ACTUS term EOMC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfMonth {
    /// The day of the month stays, or is the last one where the month is shorter (`SD`).
    SameDay,
    /// From the last day of a month to the last day of each (`EOM`): 30 April, 31 May, 30 June. Any other anchor as `SD`.
    LastDay,
}

/// The day that is so many months after an anchor. Each is counted from the anchor and not from the one before, so 31
/// January, 28 February is followed by 31 March.
pub fn months_after(anchor: NaiveDate, months: u32, convention: EndOfMonth) -> Result<NaiveDate, CalendarError> {
    let out_of_dates = CalendarError::OutOfDates { date: anchor };
    let date = anchor.checked_add_months(Months::new(months)).ok_or(out_of_dates.clone())?;
    match convention {
        EndOfMonth::LastDay if is_last_of_month(anchor) => {
            let last = u32::from(date.num_days_in_month());
            date.with_day(last).ok_or(out_of_dates)
        }
        EndOfMonth::LastDay | EndOfMonth::SameDay => Ok(date),
    }
}

/// True on the last day of a month.
pub(crate) fn is_last_of_month(date: NaiveDate) -> bool {
    date.day() == u32::from(date.num_days_in_month())
}
