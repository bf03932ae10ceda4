//! How often values of which size came, in buckets; medians and percentiles follow within a bucket's width.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Upper bounds for durations, microseconds: 1, 2, 5 from 50 microseconds to 50 seconds.
const MICROSECONDS: [u64; 19] = [
    50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
    5_000_000, 10_000_000, 20_000_000, 50_000_000,
];
/// Upper bounds for counts of transactions.
const TRANSACTIONS: [u64; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768];

/// Counts values by size, from any thread, without a lock.
pub(crate) struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what is above the last.
    counts: Vec<AtomicU64>,
    sum: AtomicU64,
}

/// Values by size, as counted up to one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// Upper bounds of the buckets, each included, ascending.
    pub bounds: Vec<u64>,
    /// Values in each bucket; one more than bounds, for those above the last.
    pub counts: Vec<u64>,
    /// Sum of all values.
    pub sum: u64,
}

/// A stage that is measured until this is dropped.
pub(crate) struct Measuring<'h> {
    histogram: &'h Histogram,
    began: Instant,
}

impl Histogram {
    pub(crate) fn of_microseconds() -> Self {
        Self::new(&MICROSECONDS)
    }

    pub(crate) fn of_transactions() -> Self {
        Self::new(&TRANSACTIONS)
    }

    fn new(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, sum: AtomicU64::new(0) }
    }

    /// Counts a value.
    pub(crate) fn record(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Counts the microseconds until the answer is dropped.
    pub(crate) fn measure(&self) -> Measuring<'_> {
        Measuring { histogram: self, began: Instant::now() }
    }

    /// Counts the microseconds since something began.
    pub(crate) fn ended(&self, began: Instant) {
        drop(Measuring { histogram: self, began });
    }

    /// Sum of all values.
    pub(super) fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }

    pub(crate) fn snapshot(&self) -> Distribution {
        Distribution {
            bounds: self.bounds.to_vec(),
            counts: self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect(),
            sum: self.sum(),
        }
    }
}

impl Drop for Measuring<'_> {
    fn drop(&mut self) {
        let microseconds = microseconds(self.began.elapsed());
        self.histogram.record(microseconds);
        // The span around it says which stage of which chain it was.
        tracing::debug!(microseconds, "stage ended");
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Distribution {
    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// What came after an earlier moment of the same histogram.
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |place: usize| earlier.counts.get(place).copied().unwrap_or(0);
        let counts = self.counts.iter().enumerate();
        Self {
            bounds: self.bounds.clone(),
            counts: counts.map(|(place, count)| count.saturating_sub(before(place))).collect(),
            sum: self.sum.saturating_sub(earlier.sum),
        }
    }

    /// The value below which so many thousandths of all lie, as if a bucket's values were spread evenly over it; none
    /// without a value. Above the last bound it is that bound.
    pub fn quantile(&self, thousandths: u64) -> Option<u64> {
        let total = u128::from(self.count());
        let wanted = (total.checked_mul(u128::from(thousandths.min(1_000)))?).div_ceil(1_000).max(1);
        let (mut seen, mut lower) = (0_u128, 0_u64);
        for (count, bound) in self.counts.iter().zip(&self.bounds) {
            let count = u128::from(*count);
            if count > 0 && seen + count >= wanted {
                let width = u128::from(bound.saturating_sub(lower));
                let within = width * (wanted - seen) / count;
                return Some(lower.saturating_add(u64::try_from(within).unwrap_or(u64::MAX)));
            }
            seen += count;
            lower = *bound;
        }
        (total > 0).then_some(lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Distribution {
        let histogram = Histogram::of_transactions();
        values.iter().for_each(|value| histogram.record(*value));
        histogram.snapshot()
    }

    #[test]
    fn a_value_falls_into_the_bucket_of_the_bound_it_does_not_exceed() {
        let counted = of(&[0, 1, 2, 3, 4, 5, 32_768, 32_769, u64::MAX]);
        let filled = counted.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        assert_eq!(
            filled.map(|(place, count)| (place, *count)).collect::<Vec<_>>(),
            [(0, 2), (1, 1), (2, 2), (3, 1), (15, 1), (16, 2)]
        );
        assert_eq!((counted.count(), of(&[3, 4]).sum), (9, 7));
    }

    #[test]
    fn quantiles_lie_within_the_width_of_the_bucket_that_holds_the_true_value() {
        let values: Vec<u64> = (1..=1_000).collect();
        let counted = of(&values);
        for (thousandths, truth) in [(1, 1), (500, 500), (990, 990), (1_000, 1_000)] {
            let told = counted.quantile(thousandths).unwrap();
            let bucket = counted.bounds.partition_point(|bound| *bound < truth);
            let lower = if bucket == 0 { 0 } else { counted.bounds[bucket - 1] };
            assert!((lower..=counted.bounds[bucket]).contains(&told), "{thousandths}: {told} for {truth}");
        }
        assert_eq!(of(&[]).quantile(500), None);
        assert_eq!(of(&[40_000]).quantile(500), Some(32_768), "above the last bound nothing finer is known");
    }

    #[test]
    fn what_came_between_two_moments_is_their_difference() {
        let histogram = Histogram::of_microseconds();
        histogram.record(60);
        let before = histogram.snapshot();
        histogram.record(60);
        histogram.record(3_000);
        let between = histogram.snapshot().since(&before);
        assert_eq!((between.count(), between.sum), (2, 3_060));
        drop(histogram.measure());
        assert_eq!(histogram.snapshot().count(), 4, "a measured stage is one value");
    }
}
