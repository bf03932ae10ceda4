//! Whole numbers as text.

use ledger_core::Amount;

use super::Text;

/// An amount in the asset's smallest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AmountMinor(pub Amount);

/// A whole number without sign: a height, a counter, a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BigInt(pub u64);

/// A rate in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BasisPoints(pub u32);

/// Digits without leading zeros, so that one number has one text.
fn digits<T: std::str::FromStr + ToString>(text: &str, largest: impl std::fmt::Display) -> Result<T, String> {
    text.parse::<T>()
        .ok()
        .filter(|number| number.to_string() == text)
        .ok_or_else(|| format!("write a whole number from 0 to {largest} in digits"))
}

impl Text for AmountMinor {
    fn read(text: &str) -> Result<Self, String> {
        let minor = digits::<u64>(text, Amount::MAX_MINOR)?;
        Amount::from_minor(minor).map(Self).map_err(|error| error.to_string())
    }

    fn write(&self) -> String {
        self.0.minor().to_string()
    }
}

impl Text for BigInt {
    fn read(text: &str) -> Result<Self, String> {
        digits(text, u64::MAX).map(Self)
    }

    fn write(&self) -> String {
        self.0.to_string()
    }
}

impl Text for BasisPoints {
    fn read(text: &str) -> Result<Self, String> {
        digits(text, u32::MAX).map(Self)
    }

    fn write(&self) -> String {
        self.0.to_string()
    }
}
