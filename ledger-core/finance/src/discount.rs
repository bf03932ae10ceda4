//! What a claim due later is worth now: by bank discount, and by true yield. Simple interest within the period, exact.

#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::ratio::{Ratio, RatioError};

/// Why a claim is not discounted so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DiscountError {
    /// A rate below zero.
    #[error("the rate is below zero; give a rate from 0")]
    RateNegative,
    /// A period of less than nothing.
    #[error("the part of a year is below zero; give the later date as the due date")]
    PeriodNegative,
    /// The discount takes the whole claim.
    #[error("rate times time is one or more, so nothing would be left; take the true yield instead")]
    NothingLeft,
    /// A yield on nothing, or over no time.
    #[error("a yield needs something paid out and time until it comes back; both are over zero")]
    NothingInvested,
    /// Less comes back than was paid out.
    #[error("{face} comes back for {paid}, in smallest units, so there is no yield; exchange them")]
    Loss {
        /// What is paid out.
        paid: u64,
        /// What comes back.
        face: u64,
    },
    /// The fractions are too large.
    #[error(transparent)]
    Ratio(#[from] RatioError),
}

impl DiscountError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RateNegative => "DISCOUNT_RATE_NEGATIVE",
            Self::PeriodNegative => "DISCOUNT_PERIOD_NEGATIVE",
            Self::NothingLeft => "DISCOUNT_NOTHING_LEFT",
            Self::NothingInvested => "DISCOUNT_NOTHING_INVESTED",
            Self::Loss { .. } => "DISCOUNT_LOSS",
            Self::Ratio(error) => error.code(),
        }
    }
}

/// A rate a year and the part of a year until a claim is due.
///
/// Invariant: neither is below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    rate: Ratio,
    time: Ratio,
}

impl Term {
    /// A rate a year (0.0435 for 4.35 %) over a part of a year.
    pub fn new(rate: Ratio, time: Ratio) -> Result<Self, DiscountError> {
        if rate.numerator() < 0 {
            return Err(DiscountError::RateNegative);
        }
        if time.numerator() < 0 {
            return Err(DiscountError::PeriodNegative);
        }
        Ok(Self { rate, time })
    }

    /// The bank discount of a face amount in smallest units, not rounded: face × rate × time. What is paid out is the face
    /// less the discount, rounded once.
    pub fn bank_discount(self, face: u64) -> Result<Ratio, DiscountError> {
        self.is_less_than_all()?;
        Ok(Ratio::new(i128::from(face), 1)?.checked_mul(self.rate)?.checked_mul(self.time)?)
    }

    /// What a face amount in smallest units is worth now at the rate as true yield, not rounded: face ÷ (1 + rate × time).
    pub fn present_value(self, face: u64) -> Result<Ratio, DiscountError> {
        let growth = Ratio::new(1, 1)?.checked_add(self.interest()?)?;
        let divisor = Ratio::new(growth.denominator(), growth.numerator())?;
        Ok(Ratio::new(i128::from(face), 1)?.checked_mul(divisor)?)
    }

    /// The true yield a year that the rate, as a bank discount, comes to: rate ÷ (1 − rate × time).
    pub fn true_yield(self) -> Result<Ratio, DiscountError> {
        let left = self.is_less_than_all()?;
        Ok(self.rate.checked_mul(Ratio::new(left.denominator(), left.numerator())?)?)
    }

    fn interest(self) -> Result<Ratio, RatioError> {
        self.rate.checked_mul(self.time)
    }

    /// 1 − rate × time, over zero.
    fn is_less_than_all(self) -> Result<Ratio, DiscountError> {
        let interest = self.interest()?;
        let left = interest.denominator().checked_sub(interest.numerator()).filter(|left| *left > 0);
        Ok(Ratio::new(left.ok_or(DiscountError::NothingLeft)?, interest.denominator())?)
    }
}

/// The true yield a year of paying out so much for a face amount that comes back after a part of a year, not rounded:
/// (face ÷ paid − 1) ÷ time. Of what was rounded on payment it tells the yield that the payer really has.
pub fn realised_yield(paid: u64, face: u64, time: Ratio) -> Result<Ratio, DiscountError> {
    if paid == 0 || time.numerator() <= 0 {
        return Err(DiscountError::NothingInvested);
    }
    let gain = face.checked_sub(paid).ok_or(DiscountError::Loss { paid, face })?;
    let interest = Ratio::new(i128::from(gain), i128::from(paid))?;
    Ok(interest.checked_mul(Ratio::new(time.denominator(), time.numerator())?)?)
}
