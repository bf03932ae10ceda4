//! Times of the standard: ISO 8601 without a zone, to the second.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::error::{ActusError, clipped};

/// A time such as `2026-09-28T00:00:00`; without a time of day it is midnight at the beginning of the day, and 24:00 is
/// midnight at its end.
///
/// Refused: another form; a year outside 1583 to 9999.
pub fn parse_time(text: &str, path: &str) -> Result<NaiveDateTime, ActusError> {
    let malformed = || ActusError::Date { path: path.to_owned(), text: clipped(text) };
    let (date, clock) = text.split_once('T').unwrap_or((text, "00:00"));
    let [year, month, day] = numbers(date, '-', &[4, 2, 2]).ok_or_else(malformed)?;
    let year = i32::try_from(year).map_err(|_| malformed())?;
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or_else(malformed)?;
    let seconds = clock.len() > 5;
    let [hour, minute, second] = match seconds {
        true => numbers(clock, ':', &[2, 2, 2]),
        false => numbers(clock, ':', &[2, 2]).map(|[hour, minute]| [hour, minute, 0]),
    }
    .ok_or_else(malformed)?;
    let time = if (hour, minute, second) == (24, 0, 0) {
        date.succ_opt().map(|next| next.and_time(NaiveTime::MIN))
    } else {
        date.and_hms_opt(hour, minute, second)
    };
    within_years(time.ok_or_else(malformed)?, path)
}

/// As many numbers as there are widths, each of so many digits.
fn numbers<const COUNT: usize>(text: &str, separator: char, widths: &[usize; COUNT]) -> Option<[u32; COUNT]> {
    let mut parts = text.split(separator);
    let mut found = [0; COUNT];
    for (place, width) in found.iter_mut().zip(widths) {
        let part =
            parts.next().filter(|part| part.len() == *width && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *place = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// The time, if it is in the years that are computed with.
pub(super) fn within_years(time: NaiveDateTime, path: &str) -> Result<NaiveDateTime, ActusError> {
    let is_within = (1583..=9999).contains(&time.year());
    is_within.then_some(time).ok_or_else(|| ActusError::Year { path: path.to_owned() })
}

/// The day that a time stands for in a day count: its date, and the next one for the last second of a day, with which many
/// write the end of the day.
pub(super) fn counted_day(time: NaiveDateTime) -> NaiveDate {
    let is_last_second = Some(time.time()) == NaiveTime::from_hms_opt(23, 59, 59);
    // The year after 9999 is refused where the day count is taken.
    if is_last_second { time.date().checked_add_days(Days::new(1)).unwrap_or(time.date()) } else { time.date() }
}

/// The time as it is written in results.
pub fn write_time(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}
