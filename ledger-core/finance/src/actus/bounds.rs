//! How much is read and computed, so that no input takes without end.

/// The largest amount and the largest number in terms, in units of the currency: ten to the fifteenth.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000_000;
/// The largest rate a year, as a fraction: ten thousand is a million per cent.
pub const RATE_MAX: i64 = 10_000;
/// Decimal places that amounts are kept to after each event, rounded half-even.
pub const AMOUNT_PLACES: u32 = 12;
/// Decimal places that rates and multipliers are kept to after each event, rounded half-even.
pub const RATE_PLACES: u32 = 18;
/// The most events of one schedule, those before the status date and those of covered contracts included.
pub const EVENTS_MAX: usize = 10_000;
/// The most entries of an array of terms.
pub const LIST_MAX: usize = 1_000;
/// The most values and events observed, each.
pub const OBSERVATIONS_MAX: usize = 50_000;
/// The longest text of a term, in bytes.
pub const TEXT_BYTES_MAX: usize = 256;
/// The largest number in a cycle, such as 3 in P3M.
pub(super) const CYCLE_MAX: u32 = 99_999;
