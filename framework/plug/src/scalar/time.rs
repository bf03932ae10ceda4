//! Moments and days.

use chrono::{NaiveDate, SecondsFormat, TimeDelta};

use super::Text;

/// A moment: milliseconds UTC since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime(pub u64);

/// A calendar day. Invariant: its year has four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BusinessDate(NaiveDate);

impl BusinessDate {
    /// The day so many days after 1970-01-01; none past the year 9999.
    pub fn from_days(days: i32) -> Option<Self> {
        let date = NaiveDate::default().checked_add_signed(TimeDelta::try_days(i64::from(days))?)?;
        Self::read(&date.to_string()).ok()
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        // chrono's default day is 1970-01-01; four-digit years are at most 3.7 million days away.
        i32::try_from(self.0.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or_default()
    }
}

impl Text for DateTime {
    fn read(text: &str) -> Result<Self, String> {
        let refused = || "write a moment as in \"2026-11-23T06:00:00.000Z\"".to_owned();
        let moment = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| refused())?;
        u64::try_from(moment.timestamp_millis()).map(Self).map_err(|_| refused())
    }

    fn write(&self) -> String {
        let moment = i64::try_from(self.0).ok().and_then(chrono::DateTime::from_timestamp_millis);
        // Beyond the calendar's range the number itself is the honest text.
        moment.map_or_else(|| self.0.to_string(), |moment| moment.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Text for BusinessDate {
    fn read(text: &str) -> Result<Self, String> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text);
        date.filter(|_| text.len() == 10).map(Self).ok_or_else(|| "write a day as in \"2026-11-23\"".to_owned())
    }

    fn write(&self) -> String {
        self.0.to_string()
    }
}
