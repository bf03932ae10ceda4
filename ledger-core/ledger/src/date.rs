//! Calendar dates as days, read and written in ISO 8601.

use std::fmt;
use std::str::FromStr;

use crate::encoding::{EncodingError, Wire};
use crate::wire;

/// A business date: days since 1970-01-01, between the years 0001 and 9999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i32);

impl Date {
    const FIRST_DAYS: i32 = -719_162;
    const LAST_DAYS: i32 = 2_932_896;

    /// The date so many days after 1970-01-01.
    pub fn from_days(days: i32) -> Result<Self, EncodingError> {
        if (Self::FIRST_DAYS..=Self::LAST_DAYS).contains(&days) {
            Ok(Self(days))
        } else {
            Err(EncodingError::OutOfRange { field: "date" })
        }
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        self.0
    }

    /// The UTC date of a time in milliseconds since 1970-01-01.
    pub fn of_ms(ms: u64) -> Result<Self, EncodingError> {
        i32::try_from(ms.div_euclid(86_400_000))
            .map_err(|_| EncodingError::OutOfRange { field: "date" })
            .and_then(Self::from_days)
    }

    fn calendar(self) -> Option<chrono::NaiveDate> {
        chrono::NaiveDate::from_epoch_days(self.0)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.calendar() {
            Some(date) => write!(formatter, "{}", date.format("%Y-%m-%d")),
            None => Err(fmt::Error),
        }
    }
}

impl FromStr for Date {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = EncodingError::OutOfRange { field: "date" };
        if text.len() != 10 {
            return Err(refused);
        }
        let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| refused)?;
        Self::from_days(date.to_epoch_days())
    }
}

impl Wire for Date {
    type Message = wire::Date;

    fn to_wire(&self) -> wire::Date {
        wire::Date { days: self.0 }
    }

    fn from_wire(message: wire::Date) -> Result<Self, EncodingError> {
        Self::from_days(message.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written_as_iso_8601() {
        for text in ["1970-01-01", "2026-02-28", "2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in ["2026-02-29", "2026-2-1", "26-01-01", "2026-13-01", "", "10000-01-01"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert_eq!(Date::of_ms(86_400_000 * 31).unwrap().to_string(), "1970-02-01");
    }
}
