//! Exact fractions, and the one place where they are rounded.

#[cfg(test)]
mod tests;

use thiserror::Error;

/// A fraction in lowest terms, such as a part of a year or an unrounded amount.
///
/// Invariant: the denominator is at least 1 and has no factor in common with the numerator, so equal fractions are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

/// Which whole number stands for a fraction. Each treats a negative fraction as its positive one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, the half to the even one: accrued interest.
    HalfEven,
    /// To the nearest, the half away from zero: invoices.
    HalfUp,
    /// Away from zero: collateral that is asked for.
    Up,
    /// Towards zero: what is released.
    Down,
}

/// Why there is no such fraction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RatioError {
    /// Division by zero.
    #[error("nothing can be divided by zero; give a denominator from 1")]
    ZeroDenominator,
    /// Numerator or denominator leaves an `i128`, in lowest terms or on the way there.
    #[error("the fraction needs more than 127 bits; round before going on")]
    Overflow,
}

impl RatioError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ZeroDenominator => "RATIO_ZERO_DENOMINATOR",
            Self::Overflow => "RATIO_OVERFLOW",
        }
    }
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// The fraction of two numbers, in lowest terms.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, RatioError> {
        if denominator == 0 {
            return Err(RatioError::ZeroDenominator);
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        let reduced =
            |number: i128| divisor.and_then(|divisor| number.checked_div(divisor)).ok_or(RatioError::Overflow);
        Ok(Self { numerator: reduced(numerator)?, denominator: reduced(denominator)? })
    }

    /// The number above the line; it carries the sign.
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// The number below the line, at least 1.
    pub fn denominator(self) -> i128 {
        self.denominator
    }

    /// The sum.
    pub fn checked_add(self, other: Self) -> Result<Self, RatioError> {
        let left = self.numerator.checked_mul(other.denominator);
        let right = other.numerator.checked_mul(self.denominator);
        let numerator = left.zip(right).and_then(|(left, right)| left.checked_add(right));
        let denominator = self.denominator.checked_mul(other.denominator);
        let (numerator, denominator) = numerator.zip(denominator).ok_or(RatioError::Overflow)?;
        Self::new(numerator, denominator)
    }

    /// The product. Common factors go first, so it is refused only where its lowest terms are too large.
    pub fn checked_mul(self, other: Self) -> Result<Self, RatioError> {
        let (one, two) = (Self::new(self.numerator, other.denominator)?, Self::new(other.numerator, self.denominator)?);
        let numerator = one.numerator.checked_mul(two.numerator);
        let denominator = one.denominator.checked_mul(two.denominator);
        let (numerator, denominator) = numerator.zip(denominator).ok_or(RatioError::Overflow)?;
        Ok(Self { numerator, denominator })
    }

    /// The whole number that stands for the fraction.
    pub fn round(self, rounding: Rounding) -> i128 {
        // The denominator is positive, and the quotient moves away from zero only where there is a remainder, so none of
        // this overflows.
        let quotient = self.numerator.checked_div(self.denominator).unwrap_or(0);
        let remainder = self.numerator.checked_rem(self.denominator).unwrap_or(0).abs();
        let rest = self.denominator.saturating_sub(remainder);
        let moves = match rounding {
            Rounding::HalfEven => remainder > rest || (remainder == rest && quotient & 1 == 1),
            Rounding::HalfUp => remainder >= rest,
            Rounding::Up => remainder > 0,
            Rounding::Down => false,
        };
        if moves { quotient.saturating_add(self.numerator.signum()) } else { quotient }
    }
}

/// With the sign of the second, which is not zero; none past an i128.
fn greatest_common_divisor(numerator: i128, denominator: i128) -> Option<i128> {
    let (mut left, mut right) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    while let Some(remainder) = left.checked_rem(right) {
        (left, right) = (right, remainder);
    }
    let divisor = i128::try_from(left).ok()?;
    if denominator < 0 { divisor.checked_neg() } else { Some(divisor) }
}
