//! Integers of which the least and the greatest are known.

use num_bigint::BigInt;

use crate::evaluate::quotient;

/// All integers from `low` to `high`. Invariant: `low` is not above `high`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    low: BigInt,
    high: BigInt,
}

impl Interval {
    /// Nothing, if `low` is above `high`.
    pub(super) fn new(low: BigInt, high: BigInt) -> Option<Self> {
        (low <= high).then_some(Self { low, high })
    }

    pub(super) fn exactly(integer: BigInt) -> Self {
        Self { low: integer.clone(), high: integer }
    }

    pub(super) fn zero() -> Self {
        Self::exactly(BigInt::ZERO)
    }

    /// The smallest that holds all of these; `first` at least.
    fn around(first: BigInt, others: impl IntoIterator<Item = BigInt>) -> Self {
        let mut around = Self::exactly(first);
        for other in others {
            if other < around.low {
                around.low = other;
            } else if other > around.high {
                around.high = other;
            }
        }
        around
    }

    pub(super) fn low(&self) -> &BigInt {
        &self.low
    }

    pub(super) fn high(&self) -> &BigInt {
        &self.high
    }

    /// The longer end, in bits.
    pub(super) fn bits(&self) -> u64 {
        self.low.bits().max(self.high.bits())
    }

    pub(super) fn hull(&self, other: &Self) -> Self {
        Self { low: self.low.clone().min(other.low.clone()), high: self.high.clone().max(other.high.clone()) }
    }

    /// What lies in both.
    pub(super) fn meet(&self, other: &Self) -> Option<Self> {
        Self::new(self.low.clone().max(other.low.clone()), self.high.clone().min(other.high.clone()))
    }

    pub(super) fn at_most(&self, high: &BigInt) -> Option<Self> {
        Self::new(self.low.clone(), self.high.clone().min(high.clone()))
    }

    pub(super) fn at_least(&self, low: &BigInt) -> Option<Self> {
        Self::new(self.low.clone().max(low.clone()), self.high.clone())
    }

    /// The same with zero in place of what lies below it.
    pub(super) fn not_negative(&self) -> Self {
        let floor = |end: &BigInt| end.clone().max(BigInt::ZERO);
        Self { low: floor(&self.low), high: floor(&self.high) }
    }

    pub(super) fn negated(&self) -> Self {
        Self { low: -&self.high, high: -&self.low }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self { low: &self.low + &other.low, high: &self.high + &other.high }
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    pub(super) fn smaller(&self, other: &Self) -> Self {
        Self { low: self.low.clone().min(other.low.clone()), high: self.high.clone().min(other.high.clone()) }
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let corners = [&self.low * &other.high, &self.high * &other.low, &self.high * &other.high];
        Self::around(&self.low * &other.low, corners)
    }

    /// Rounded towards zero, and zero for a divisor of zero.
    pub(super) fn divided_by(&self, divisor: &Self) -> Self {
        let one = BigInt::from(1);
        // On each side of zero a quotient rises or falls with either operand, so the corners decide.
        let sides = [divisor.at_least(&one), divisor.at_most(&-one)];
        let corner = |divisor: &BigInt| [quotient(&self.low, divisor), quotient(&self.high, divisor)];
        let mut corners = sides.iter().flatten().flat_map(|side| [&side.low, &side.high]).flat_map(corner);
        let has_zero = divisor.low <= BigInt::ZERO && divisor.high >= BigInt::ZERO;
        match if has_zero { Some(BigInt::ZERO) } else { corners.next() } {
            Some(first) => Self::around(first, corners),
            None => Self::zero(),
        }
    }
}
