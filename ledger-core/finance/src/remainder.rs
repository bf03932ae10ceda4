//! Sharing an amount out by weights so that nothing is lost: the method of the largest remainder (Hamilton 1792).

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use thiserror::Error;

use crate::AMOUNT_MAX;

/// The most shares of one amount.
pub const SHARES_MAX: usize = 1_000_000;

/// Why an amount cannot be shared out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShareError {
    /// Past [`AMOUNT_MAX`].
    #[error("the amount is over {AMOUNT_MAX} smallest units; share out parts of it")]
    AmountOverflow,
    /// Past [`SHARES_MAX`].
    #[error("there are {count} shares, at most {SHARES_MAX} are made; share out by groups first")]
    TooMany {
        /// As many as there are.
        count: usize,
    },
    /// No weight above zero.
    #[error("no share has a weight, so nobody gets the amount; give a weight from 1")]
    NoWeight,
}

impl ShareError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AmountOverflow => "SHARE_AMOUNT_OVERFLOW",
            Self::TooMany { .. } => "SHARE_TOO_MANY",
            Self::NoWeight => "SHARE_NO_WEIGHT",
        }
    }
}

/// What each gets of an amount in smallest units, by weight, in the order of the weights. The shares sum to the amount.
///
/// Each gets the whole units of amount × weight ÷ sum of weights; what is left goes unit by unit to the largest fractions, of
/// equal ones to the first. A weight of zero gets nothing.
///
/// Refused, in this order: an amount past [`AMOUNT_MAX`]; more than [`SHARES_MAX`] weights; no weight above zero.
pub fn share(amount: u64, weights: &[u64]) -> Result<Vec<u64>, ShareError> {
    if amount > AMOUNT_MAX {
        return Err(ShareError::AmountOverflow);
    }
    if weights.len() > SHARES_MAX {
        return Err(ShareError::TooMany { count: weights.len() });
    }
    // A million weights of 64 bits, and an amount times a weight, stay inside 127 bits.
    let sum = weights.iter().map(|weight| u128::from(*weight)).fold(0, u128::saturating_add);
    if sum == 0 {
        return Err(ShareError::NoWeight);
    }

    let exact = weights.iter().map(|weight| u128::from(amount).saturating_mul(u128::from(*weight)));
    let mut shares: Vec<Share> = exact.map(|exact| Share::of(exact, sum)).collect();
    let given = shares.iter().map(|share| share.whole).fold(0, u64::saturating_add);
    let mut left = amount.saturating_sub(given);
    // The sort is stable, so equal fractions keep their order. Less than one unit each is left.
    let mut by_fraction: Vec<&mut Share> = shares.iter_mut().collect();
    by_fraction.sort_by_key(|share| Reverse(share.fraction));
    for share in by_fraction {
        let unit = left.min(1);
        share.whole = share.whole.saturating_add(unit);
        left = left.saturating_sub(unit);
    }
    Ok(shares.into_iter().map(|share| share.whole).collect())
}

struct Share {
    /// Smallest units.
    whole: u64,
    /// What is past them, over the sum of weights.
    fraction: u128,
}

impl Share {
    /// The quotient is at most the amount, so it fits.
    fn of(exact: u128, sum: u128) -> Self {
        let whole = exact.checked_div(sum).and_then(|whole| u64::try_from(whole).ok()).unwrap_or(0);
        Self { whole, fraction: exact.checked_rem(sum).unwrap_or(0) }
    }
}
