//! Exact decimals, checked and rounded in one place.
//!
//! Products and quotients on the way keep the 28 digits of a decimal. What an event leaves behind is rounded half-even: amounts
//! to [`AMOUNT_PLACES`], rates and multipliers to [`RATE_PLACES`].

use rust_decimal::{Decimal, RoundingStrategy};

use super::bounds::{AMOUNT_MAX, AMOUNT_PLACES, RATE_MAX, RATE_PLACES};
use super::error::{ActusError, clipped};
use crate::ratio::Ratio;

/// A number as it is written: decimal, or with an exponent.
pub(super) fn parse(text: &str, path: &str) -> Result<Decimal, ActusError> {
    let number = if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let number = number.ok().filter(|_| is_plain);
    let number = number.ok_or_else(|| ActusError::Number { path: path.to_owned(), text: clipped(text) })?;
    if number.abs() > Decimal::from(AMOUNT_MAX) {
        return Err(ActusError::NumberTooLarge { path: path.to_owned() });
    }
    Ok(number)
}

pub(super) fn negated(number: Decimal) -> Decimal {
    let mut negated = number;
    negated.set_sign_negative(number.is_sign_positive());
    negated
}

pub(super) fn sum(parts: &[Decimal]) -> Result<Decimal, ActusError> {
    let add = |total: Decimal, part: &Decimal| total.checked_add(*part).ok_or(ActusError::Overflow);
    parts.iter().try_fold(Decimal::ZERO, add)
}

pub(super) fn difference(from: Decimal, less: Decimal) -> Result<Decimal, ActusError> {
    from.checked_sub(less).ok_or(ActusError::Overflow)
}

pub(super) fn product(factors: &[Decimal]) -> Result<Decimal, ActusError> {
    let multiply = |total: Decimal, factor: &Decimal| total.checked_mul(*factor).ok_or(ActusError::Overflow);
    factors.iter().try_fold(Decimal::ONE, multiply)
}

/// Refused for a divisor of zero like any other quotient that is too large.
pub(super) fn quotient(number: Decimal, divisor: Decimal) -> Result<Decimal, ActusError> {
    number.checked_div(divisor).ok_or(ActusError::Overflow)
}

/// A number times an exact fraction.
pub(super) fn part(number: Decimal, fraction: Ratio) -> Result<Decimal, ActusError> {
    let whole = |integer: i128| Decimal::try_from_i128_with_scale(integer, 0).map_err(|_| ActusError::Overflow);
    quotient(product(&[number, whole(fraction.numerator())?])?, whole(fraction.denominator())?)
}

/// The whole number that is not below.
pub(super) fn ceiling(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(0, RoundingStrategy::ToPositiveInfinity)
}

/// An amount as it is kept.
pub(super) fn amount(number: Decimal) -> Result<Decimal, ActusError> {
    kept(number, AMOUNT_PLACES, AMOUNT_MAX)
}

/// A rate or a multiplier as it is kept.
pub(super) fn rate(number: Decimal) -> Result<Decimal, ActusError> {
    kept(number, RATE_PLACES, RATE_MAX)
}

fn kept(number: Decimal, places: u32, largest: i64) -> Result<Decimal, ActusError> {
    let kept = number.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    if kept.abs() > Decimal::from(largest) { Err(ActusError::Overflow) } else { Ok(kept) }
}

/// The one nearer to zero, with the sign of the first.
pub(super) fn at_most(number: Decimal, largest: Decimal) -> Decimal {
    let magnitude = number.abs().min(largest.abs());
    if number.is_sign_negative() { negated(magnitude) } else { magnitude }
}
