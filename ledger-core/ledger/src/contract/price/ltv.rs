//! Loan to value: outstanding ÷ (quantity × price × (1 − haircut)), exact in integers.
//!
//! Thresholds are compared exactly, never after rounding. Only what leaves as a number is rounded: a ratio half to even,
//! a value down, what is asked of the debtor up, what is released to him down.

use std::cmp::Ordering;

use thiserror::Error;

use crate::amount::{Amount, AmountError};
use crate::codes;

/// One in basis points.
const WHOLE: u32 = 10_000;

/// Goods at a price. Invariant: its adjusted value is over zero and computable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Valuation {
    quantity: Amount,
    /// Numerator of the adjusted value of one smallest unit of quantity.
    rate: u128,
    /// Its denominator.
    divisor: u128,
}

/// What goods are valued by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pricing {
    /// In the currency's smallest unit.
    pub price: Amount,
    /// Smallest units of quantity that the price is for: 1,000 where it is for a tonne and goods are in kilograms.
    pub price_per: Amount,
    /// What is taken off the value, at most 9,999.
    pub haircut_basis_points: u32,
}

/// At which ratios something happens. Invariant: warning < call < liquidation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    warning_basis_points: u32,
    call_basis_points: u32,
    liquidation_basis_points: u32,
}

/// How a ratio stands to its thresholds; a threshold that is met counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarginLevel {
    /// Below the warning.
    Sound,
    /// From the warning on.
    Warning,
    /// From the margin call on.
    Call,
    /// From the liquidation on.
    Liquidation,
}

/// Why no ratio can be told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LtvError {
    /// A result past the bound of amounts.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Goods without value.
    #[error("quantity, price and what the price is for must be over zero, and the haircut under 10000 basis points")]
    NoValue,
    /// A target or a lot of nothing.
    #[error("the target ratio and the lot must be over zero")]
    NoTarget,
    /// Thresholds out of order.
    #[error("the thresholds {warning}, {call} and {liquidation} do not rise; warning < call < liquidation")]
    NotRising {
        /// In basis points.
        warning: u32,
        /// In basis points.
        call: u32,
        /// In basis points.
        liquidation: u32,
    },
    /// Numbers past 128 bits.
    #[error("the value of the goods is past what can be computed exactly; split them")]
    Overflow,
}

codes!(LtvError {
    NoValue => "LTV_NO_VALUE",
    NoTarget => "LTV_NO_TARGET",
    NotRising => "LTV_THRESHOLDS_NOT_RISING",
    Overflow => "LTV_OVERFLOW",
} inner { Amount });

fn product(factors: &[u128]) -> Result<u128, LtvError> {
    factors.iter().try_fold(1u128, |product, factor| product.checked_mul(*factor)).ok_or(LtvError::Overflow)
}

fn amount(minor: u128) -> Result<Amount, LtvError> {
    let minor = u64::try_from(minor).map_err(|_| AmountError::Overflow)?;
    Ok(Amount::from_minor(minor)?)
}

/// The lot as a number over zero.
fn step(lot: Amount) -> Result<u128, LtvError> {
    if lot.is_zero() { Err(LtvError::NoTarget) } else { Ok(u128::from(lot.minor())) }
}

impl Valuation {
    /// Goods of a quantity, in its smallest unit, at a price.
    pub fn new(quantity: Amount, pricing: Pricing) -> Result<Self, LtvError> {
        let Pricing { price, price_per, haircut_basis_points } = pricing;
        let kept = WHOLE.checked_sub(haircut_basis_points).ok_or(LtvError::NoValue)?;
        let rate = product(&[u128::from(price.minor()), u128::from(kept)])?;
        let divisor = product(&[u128::from(price_per.minor()), u128::from(WHOLE)])?;
        if rate == 0 || divisor == 0 || quantity.is_zero() {
            return Err(LtvError::NoValue);
        }
        Ok(Self { quantity, rate, divisor })
    }

    /// Quantity × price × (1 − haircut), rounded down.
    pub fn adjusted_value(&self) -> Result<Amount, LtvError> {
        self.value_at(WHOLE)
    }

    /// The most that may be outstanding at a ratio, rounded down.
    pub fn value_at(&self, basis_points: u32) -> Result<Amount, LtvError> {
        let worth = product(&[self.worth()?, u128::from(basis_points)])?;
        let divisor = product(&[self.divisor, u128::from(WHOLE)])?;
        amount(worth.checked_div(divisor).ok_or(LtvError::NoValue)?)
    }

    /// The ratio in basis points, rounded half to even.
    pub fn ratio_basis_points(&self, outstanding: Amount) -> Result<Amount, LtvError> {
        let (numerator, worth) = (self.owed(outstanding)?, self.worth()?);
        let (Some(whole), Some(rest)) = (numerator.checked_div(worth), numerator.checked_rem(worth)) else {
            return Err(LtvError::NoValue);
        };
        let is_odd = whole.checked_rem(2) == Some(1);
        let rounds_up = match product(&[rest, 2])?.cmp(&worth) {
            Ordering::Less => false,
            Ordering::Equal => is_odd,
            Ordering::Greater => true,
        };
        amount(whole.saturating_add(u128::from(rounds_up)))
    }

    /// How the exact ratio stands to one in basis points.
    pub fn compare(&self, outstanding: Amount, basis_points: u32) -> Result<Ordering, LtvError> {
        Ok(self.owed(outstanding)?.cmp(&product(&[self.worth()?, u128::from(basis_points)])?))
    }

    /// How the ratio stands to its thresholds.
    pub fn level(&self, outstanding: Amount, thresholds: Thresholds) -> Result<MarginLevel, LtvError> {
        let meets = |basis_points| Ok::<_, LtvError>(self.compare(outstanding, basis_points)?.is_ge());
        Ok(if meets(thresholds.liquidation_basis_points)? {
            MarginLevel::Liquidation
        } else if meets(thresholds.call_basis_points)? {
            MarginLevel::Call
        } else if meets(thresholds.warning_basis_points)? {
            MarginLevel::Warning
        } else {
            MarginLevel::Sound
        })
    }

    /// Cash that brings the ratio down to a target, rounded up; nothing where it is there already.
    pub fn cure_cash(&self, outstanding: Amount, target_basis_points: u32) -> Result<Amount, LtvError> {
        Ok(outstanding.checked_sub(self.value_at(target_basis_points)?).unwrap_or_default())
    }

    /// Goods of the same price that bring the ratio down to a target, rounded up to whole lots.
    pub fn cure_goods(&self, outstanding: Amount, target_basis_points: u32, lot: Amount) -> Result<Amount, LtvError> {
        let step = step(lot)?;
        let needed = self.quantity_for(outstanding, target_basis_points)?;
        let more = needed.saturating_sub(u128::from(self.quantity.minor()));
        amount(product(&[more.div_ceil(step), step])?)
    }

    /// Goods that can go while the ratio stays at a target, rounded down to whole lots.
    pub fn releasable(&self, outstanding: Amount, target_basis_points: u32, lot: Amount) -> Result<Amount, LtvError> {
        let step = step(lot)?;
        let needed = self.quantity_for(outstanding, target_basis_points)?;
        let free = u128::from(self.quantity.minor()).saturating_sub(needed);
        amount(product(&[free.checked_div(step).ok_or(LtvError::NoTarget)?, step])?)
    }

    /// The quantity that secures a debt at a target ratio, rounded up to the smallest unit.
    fn quantity_for(&self, outstanding: Amount, target_basis_points: u32) -> Result<u128, LtvError> {
        if target_basis_points == 0 {
            return Err(LtvError::NoTarget);
        }
        let per_unit = product(&[self.rate, u128::from(target_basis_points)])?;
        Ok(self.owed(outstanding)?.div_ceil(per_unit))
    }

    /// The goods' adjusted value, times the divisor.
    fn worth(&self) -> Result<u128, LtvError> {
        product(&[u128::from(self.quantity.minor()), self.rate])
    }

    /// The debt in basis points, times the divisor.
    fn owed(&self, outstanding: Amount) -> Result<u128, LtvError> {
        product(&[u128::from(outstanding.minor()), self.divisor, u128::from(WHOLE)])
    }
}

impl Thresholds {
    /// Thresholds in basis points, which must rise.
    pub fn new(warning: u32, call: u32, liquidation: u32) -> Result<Self, LtvError> {
        if warning >= call || call >= liquidation {
            return Err(LtvError::NotRising { warning, call, liquidation });
        }
        Ok(Self { warning_basis_points: warning, call_basis_points: call, liquidation_basis_points: liquidation })
    }
}

#[cfg(test)]
mod tests;
