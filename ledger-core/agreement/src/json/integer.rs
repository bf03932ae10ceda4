//! Integers of any length in JSON's numbers.

use num_bigint::BigInt;

use crate::evaluate::within_bits;

/// The most digits of an integer, its exponent written out.
pub const DIGITS_MAX: usize = 20_000;

/// Why a number is no integer.
pub(super) enum Refused {
    NotWhole,
    TooLarge,
}

/// The integer that a JSON number is: `1e3` and `10.0` are integers too, as in the specification.
pub(super) fn parse(number: &str) -> Result<BigInt, Refused> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if number.len() > DIGITS_MAX.saturating_add(1) {
        return Err(Refused::TooLarge);
    }
    let significant = format!("{whole}{fraction}");
    let trimmed = significant.trim_end_matches('0');
    if trimmed.is_empty() {
        return Ok(BigInt::ZERO);
    }
    // An exponent of more digits than that is past every bound, upwards or downwards.
    let exponent = exponent.parse::<i32>().map_err(|_| match exponent.starts_with('-') {
        true => Refused::NotWhole,
        false => Refused::TooLarge,
    })?;
    let cut = significant.len().abs_diff(trimmed.len());
    let zeros = i64::from(exponent)
        .saturating_sub_unsigned(u64::try_from(fraction.len()).unwrap_or(u64::MAX))
        .saturating_add_unsigned(u64::try_from(cut).unwrap_or(u64::MAX));
    let zeros = usize::try_from(zeros).map_err(|_| Refused::NotWhole)?;
    if trimmed.len().saturating_add(zeros) > DIGITS_MAX {
        return Err(Refused::TooLarge);
    }
    let digits = format!("{sign}{trimmed}{}", "0".repeat(zeros));
    let integer = digits.parse().map_err(|_| Refused::NotWhole)?;
    within_bits(integer).map_err(|_| Refused::TooLarge)
}
