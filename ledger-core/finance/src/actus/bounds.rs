//! How much is read and computed, so that no input takes without end.

use super::error::ActusError;

/// The largest amount and the largest number in terms, in units of the currency: ten to the fifteenth.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000_000;
/// The largest rate a year, as a fraction: ten thousand is a million per cent.
pub const RATE_MAX: i64 = 10_000;
/// Decimal places that amounts are kept to after each event, rounded half-even.
pub const AMOUNT_PLACES: u32 = 12;
/// Decimal places that rates and multipliers are kept to after each event, rounded half-even.
pub const RATE_PLACES: u32 = 18;
/// The most events of one schedule under [`Bound::WIDE`].
pub const EVENTS_MAX: usize = 10_000;
/// The most periods of annuities under [`Bound::WIDE`]: a rate that is new each month of thirty years has 65,000.
pub const PERIODS_MAX: usize = 500_000;
/// The most entries of an array of terms.
pub const LIST_MAX: usize = 1_000;
/// The most values and events observed, each.
pub const OBSERVATIONS_MAX: usize = 50_000;
/// The longest text of a term, in bytes.
pub const TEXT_BYTES_MAX: usize = 256;
/// The largest number in a cycle, such as 3 in P3M.
pub(super) const CYCLE_MAX: u32 = 99_999;

/// How much of a schedule is computed: who asks says it, and what is past it is refused before anything is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The most events, those before the status date and those of covered contracts included; also the most times of a cycle.
    pub events: usize,
    /// The most periods that amounts of annuities are computed over: each time that one is fixed, as many as payments are left.
    pub periods: usize,
}

impl Bound {
    /// For whoever computes on his own machine: at most a second.
    pub const WIDE: Self = Self { events: EVENTS_MAX, periods: PERIODS_MAX };

    /// What is left of it, after so much.
    pub(super) fn less(self, events: usize, periods: usize) -> Self {
        Self { events: self.events.saturating_sub(events), periods: self.periods.saturating_sub(periods) }
    }

    /// Refuses more events than it allows.
    pub(super) fn allows(self, events: usize) -> Result<(), ActusError> {
        let limit = self.events;
        if events > limit { Err(ActusError::TooManyEvents { limit }) } else { Ok(()) }
    }
}
