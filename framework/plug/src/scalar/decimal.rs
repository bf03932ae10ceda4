//! Exact decimal text. What it means in smallest units, only the asset's scale can say.

use std::fmt;

use ledger_core::{Amount, AmountError, Scale};

use super::Text;

/// Longest text of a decimal, in characters.
const LENGTH_MAX: usize = 40;

/// An exact decimal number. Invariant: an optional minus, digits, at most one point with digits on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    /// The amount as people write it, with all places of its scale.
    pub fn of(amount: Amount, scale: Scale) -> Self {
        Self(amount.to_decimal(scale))
    }

    /// Reads decimal text; none if it is something else.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// The amount in smallest units.
    ///
    /// # Errors
    /// A negative number, more places than the scale, or more than an amount holds: each with a code of its own.
    pub fn to_amount(&self, scale: Scale) -> Result<Amount, AmountError> {
        Amount::parse_decimal(&self.0, scale)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Text for Decimal {
    fn read(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_decimal = match digits.split_once('.') {
            Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
            None => is_digits(digits),
        };
        if text.len() > LENGTH_MAX || !is_decimal {
            return Err(format!(
                "write digits with at most one point, at most {LENGTH_MAX} characters, such as \"1250.00\""
            ));
        }
        Ok(Self(text.to_owned()))
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}
