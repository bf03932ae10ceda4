//! Quantities as integers, and their exact decimal text.

use thiserror::Error;

use crate::codes;

/// A quantity in the asset's smallest unit (CNY: fen; USD: cents; grain: kilograms). Invariant: at most `i64::MAX`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

/// Decimal places of an asset. Invariant: at most 9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scale(u8);

/// Why a number is no amount.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    /// Past `i64::MAX` smallest units.
    #[error("the amount is over {}, the largest the ledger holds; split it", Amount::MAX_MINOR)]
    Overflow,
    /// A difference below zero.
    #[error("{available} is {} short of {needed}", needed.saturating_sub(*available))]
    Insufficient {
        /// What there is, in smallest units.
        available: u64,
        /// What is asked, in smallest units.
        needed: u64,
    },
    /// A minus sign.
    #[error("the amount {text} is negative; give the positive amount and choose the direction by the command")]
    Negative {
        /// The text as given.
        text: String,
    },
    /// More decimal places than the asset has.
    #[error("the amount {text} has more than {scale} decimal places, the scale of the asset; round it first")]
    BelowScale {
        /// The text as given.
        text: String,
        /// Decimal places of the asset.
        scale: u8,
    },
    /// Not digits with at most one point.
    #[error("{text:?} is not a decimal number; write digits with at most one point, such as 1250.00")]
    NotANumber {
        /// The text as given, cut after 32 characters.
        text: String,
    },
    /// A scale past 9.
    #[error("the scale {scale} is over 9 decimal places")]
    Scale {
        /// The scale as given.
        scale: u32,
    },
}

codes!(AmountError {
    Overflow => "AMOUNT_OVERFLOW",
    Insufficient => "AMOUNT_INSUFFICIENT",
    Negative => "AMOUNT_NEGATIVE",
    BelowScale => "AMOUNT_BELOW_SCALE",
    NotANumber => "AMOUNT_NOT_A_NUMBER",
    Scale => "AMOUNT_SCALE",
});

impl Scale {
    /// A scale of 0 to 9 decimal places.
    pub fn new(places: u32) -> Result<Self, AmountError> {
        u8::try_from(places).ok().filter(|places| *places <= 9).map(Self).ok_or(AmountError::Scale { scale: places })
    }

    /// Decimal places.
    pub fn places(self) -> u8 {
        self.0
    }
}

impl Amount {
    /// The largest amount, in smallest units.
    pub const MAX_MINOR: u64 = i64::MAX.unsigned_abs();
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of so many smallest units.
    pub fn from_minor(minor: u64) -> Result<Self, AmountError> {
        if minor > Self::MAX_MINOR { Err(AmountError::Overflow) } else { Ok(Self(minor)) }
    }

    /// Smallest units.
    pub fn minor(self) -> u64 {
        self.0
    }

    /// True for nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, refused past the bound.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountError> {
        self.0.checked_add(other.0).ok_or(AmountError::Overflow).and_then(Self::from_minor)
    }

    /// The difference, refused below zero.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountError> {
        self.0.checked_sub(other.0).map(Self).ok_or(AmountError::Insufficient { available: self.0, needed: other.0 })
    }

    /// The sum of all, refused past the bound.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// Reads exact decimal text: digits, at most one point, no more places than `scale`; trailing zeros past it count.
    pub fn parse_decimal(text: &str, scale: Scale) -> Result<Self, AmountError> {
        let shown = || text.chars().take(32).collect::<String>();
        let not_a_number = || AmountError::NotANumber { text: shown() };
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || digits.ends_with('.') {
            return Err(not_a_number());
        }
        if negative {
            return Err(AmountError::Negative { text: shown() });
        }
        let places = usize::from(scale.0);
        if fraction.len() > places {
            return Err(AmountError::BelowScale { text: shown(), scale: scale.0 });
        }
        let minor = format!("{whole}{fraction:0<places$}");
        minor.parse::<u64>().map_err(|_| AmountError::Overflow).and_then(Self::from_minor)
    }

    /// Exact decimal text with all places of the scale, e.g. `1250.00`.
    pub fn to_decimal(self, scale: Scale) -> String {
        let places = usize::from(scale.0);
        if places == 0 {
            return self.0.to_string();
        }
        let width = places.saturating_add(1);
        let digits = format!("{:0>width$}", self.0);
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places));
        format!("{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, scale: u32, expected: Result<u64, &str>) {
        let scale = Scale::new(scale).unwrap();
        let parsed = Amount::parse_decimal(text, scale).map(Amount::minor).map_err(|error| crate::Coded::code(&error));
        assert_eq!(parsed, expected, "{text}");
    }

    #[test]
    fn decimal_text_is_read_exactly_or_refused() {
        check("1250.00", 2, Ok(125_000));
        check("0.1", 2, Ok(10));
        check("7", 0, Ok(7));
        check("92233720368547758.07", 2, Ok(Amount::MAX_MINOR));
        check("92233720368547758.08", 2, Err("AMOUNT_OVERFLOW"));
        check("-5", 2, Err("AMOUNT_NEGATIVE"));
        check("0.001", 2, Err("AMOUNT_BELOW_SCALE"));
        check("1.0", 0, Err("AMOUNT_BELOW_SCALE"));
        for text in ["", ".5", "5.", "1e3", "+1", "1,000", "--1", " 1", "1.2.3", "١"] {
            check(text, 2, Err("AMOUNT_NOT_A_NUMBER"));
        }
    }

    #[test]
    fn arithmetic_is_refused_past_its_bounds() {
        let largest = Amount::from_minor(Amount::MAX_MINOR).unwrap();
        let one = Amount::from_minor(1).unwrap();
        assert_eq!(largest.checked_add(one), Err(AmountError::Overflow));
        assert_eq!(Amount::ZERO.checked_sub(one), Err(AmountError::Insufficient { available: 0, needed: 1 }));
        assert_eq!(largest.checked_sub(one).unwrap().checked_add(one), Ok(largest));
        assert!(Amount::from_minor(Amount::MAX_MINOR + 1).is_err());
        assert_eq!(Scale::new(10), Err(AmountError::Scale { scale: 10 }));
    }

    /// What the text means in smallest units, by wide arithmetic; none where it is refused.
    fn wide(whole: u128, fraction: &[u8], places: u32) -> Option<u128> {
        let digits = fraction.iter().fold(0u128, |digits, digit| digits * 10 + u128::from(*digit));
        let missing = places.checked_sub(u32::try_from(fraction.len()).ok()?)?;
        let minor = whole * 10u128.pow(places) + digits * 10u128.pow(missing);
        (minor <= u128::from(Amount::MAX_MINOR)).then_some(minor)
    }

    /// Amounts of every size, and often at the bound.
    fn minors() -> impl proptest::strategy::Strategy<Value = u64> {
        use proptest::prelude::*;
        prop_oneof![0..=Amount::MAX_MINOR, 0..10u64, Amount::MAX_MINOR - 10..=Amount::MAX_MINOR]
    }

    proptest::proptest! {
        #[test]
        fn every_operation_agrees_with_wide_arithmetic(minors in proptest::collection::vec(minors(), 2..6)) {
            let amounts: Vec<_> = minors.iter().map(|minor| Amount::from_minor(*minor).unwrap()).collect();
            let within = |wide: u128| u64::try_from(wide).ok().filter(|minor| *minor <= Amount::MAX_MINOR);
            let (first, second) = (u128::from(minors[0]), u128::from(minors[1]));
            let minor = |amount: Result<Amount, AmountError>| amount.map(Amount::minor).ok();
            proptest::prop_assert_eq!(minor(amounts[0].checked_add(amounts[1])), within(first + second));
            let difference = first.checked_sub(second).and_then(within);
            proptest::prop_assert_eq!(minor(amounts[0].checked_sub(amounts[1])), difference);
            let total = within(minors.iter().map(|minor| u128::from(*minor)).sum());
            proptest::prop_assert_eq!(minor(Amount::sum(amounts.iter().copied())), total);
            proptest::prop_assert_eq!(amounts[0].cmp(&amounts[1]), first.cmp(&second));
            proptest::prop_assert_eq!(amounts[0].is_zero(), first == 0);
        }

        #[test]
        fn decimal_text_means_what_wide_arithmetic_says(
            whole in proptest::prelude::any::<u64>(),
            fraction in proptest::collection::vec(0u8..10, 0..12),
            places in 0u32..=9,
        ) {
            let point = if fraction.is_empty() { "" } else { "." };
            let digits: String = fraction.iter().map(u8::to_string).collect();
            let read = Amount::parse_decimal(&format!("{whole}{point}{digits}"), Scale::new(places).unwrap());
            let read = read.map(|amount| u128::from(amount.minor())).ok();
            proptest::prop_assert_eq!(read, wide(u128::from(whole), &fraction, places));
        }

        #[test]
        fn text_and_back_is_the_same(minor in 0..=Amount::MAX_MINOR, places in 0u32..=9) {
            let (amount, scale) = (Amount::from_minor(minor).unwrap(), Scale::new(places).unwrap());
            proptest::prop_assert_eq!(Amount::parse_decimal(&amount.to_decimal(scale), scale), Ok(amount));
        }
    }
}
