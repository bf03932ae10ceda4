//! Limits how often a source may try: token buckets of bounded number. Reads no clock; the time is an argument.
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many tries a source has at once and how fast they come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Tries that may follow one another without a pause; at least 1.
    pub burst: u32,
    /// Time after which one try comes back, milliseconds; at least 1.
    pub refill_ms: u64,
}

/// Where a request comes from, as far as throttling cares: IPv6 neighbours of one /64 are one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source(u128);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(four) => Self(u128::from(u32::from(four))),
            IpAddr::V6(six) => match six.to_ipv4_mapped() {
                Some(four) => Self(u128::from(u32::from(four))),
                None => Self(u128::from(six) & !u128::from(u64::MAX)),
            },
        }
    }
}

/// A source has used up its tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// Wait at least this long, milliseconds.
    pub retry_after_ms: u64,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tries: u32,
    counted_at_ms: u64,
}

/// Token buckets by source. Invariant: never more than `sources_max` of them.
#[derive(Debug)]
pub struct Throttle {
    allowance: Allowance,
    sources_max: usize,
    buckets: BTreeMap<Source, Bucket>,
}

impl Throttle {
    /// An empty table.
    pub fn new(allowance: Allowance, sources_max: usize) -> Self {
        Self { allowance, sources_max: sources_max.max(1), buckets: BTreeMap::new() }
    }

    /// Uses up one try of the source, or says how long to wait.
    pub fn attempt(&mut self, source: Source, now_ms: u64) -> Result<(), Throttled> {
        let bucket = self.refilled(source, now_ms);
        if bucket.tries == 0 {
            let waited_ms = now_ms.saturating_sub(bucket.counted_at_ms);
            let retry_after_ms = self.allowance.refill_ms.saturating_sub(waited_ms).max(1);
            return Err(Throttled { retry_after_ms });
        }

        self.make_room(now_ms);
        self.buckets.insert(source, Bucket { tries: bucket.tries.saturating_sub(1), ..bucket });
        Ok(())
    }

    /// Gives tries back, because they led to success.
    pub fn forgive(&mut self, source: Source, tries: u32) {
        let burst = self.allowance.burst;
        if let Some(bucket) = self.buckets.get_mut(&source) {
            bucket.tries = bucket.tries.saturating_add(tries).min(burst);
        }
    }

    fn refilled(&self, source: Source, now_ms: u64) -> Bucket {
        let full = Bucket { tries: self.allowance.burst, counted_at_ms: now_ms };
        let Some(bucket) = self.buckets.get(&source) else { return full };
        let refill_ms = self.allowance.refill_ms.max(1);
        let steps = now_ms.saturating_sub(bucket.counted_at_ms).checked_div(refill_ms).unwrap_or(0);
        let back = u32::try_from(steps).unwrap_or(u32::MAX);
        let tries = bucket.tries.saturating_add(back);
        if tries >= self.allowance.burst {
            return full;
        }
        Bucket { tries, counted_at_ms: bucket.counted_at_ms.saturating_add(steps.saturating_mul(refill_ms)) }
    }

    /// Full buckets say nothing and go first; then the one that was counted longest ago.
    fn make_room(&mut self, now_ms: u64) {
        if self.buckets.len() < self.sources_max {
            return;
        }
        let full_after_ms = self.allowance.refill_ms.saturating_mul(u64::from(self.allowance.burst));
        self.buckets.retain(|_, bucket| now_ms.saturating_sub(bucket.counted_at_ms) < full_after_ms);
        if self.buckets.len() < self.sources_max {
            return;
        }
        let oldest = self.buckets.iter().min_by_key(|(_, bucket)| bucket.counted_at_ms).map(|(source, _)| *source);
        if let Some(source) = oldest {
            self.buckets.remove(&source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALLOWANCE: Allowance = Allowance { burst: 3, refill_ms: 100 };

    fn source(last: u8) -> Source {
        IpAddr::from([10, 0, 0, last]).into()
    }

    #[test]
    fn burst_is_allowed_and_the_next_try_waits() {
        let mut throttle = Throttle::new(ALLOWANCE, 10);
        for _ in 0..3 {
            assert_eq!(throttle.attempt(source(1), 1_000), Ok(()));
        }
        assert_eq!(throttle.attempt(source(1), 1_040), Err(Throttled { retry_after_ms: 60 }));
        assert_eq!(throttle.attempt(source(2), 1_040), Ok(()));
        assert_eq!(throttle.attempt(source(1), 1_100), Ok(()));
    }

    #[test]
    fn forgiven_try_comes_back() {
        let mut throttle = Throttle::new(ALLOWANCE, 10);
        for _ in 0..20 {
            assert_eq!(throttle.attempt(source(1), 5), Ok(()));
            throttle.forgive(source(1), 1);
        }
    }

    #[test]
    fn ipv6_neighbours_share_a_bucket() {
        let mut throttle = Throttle::new(Allowance { burst: 1, refill_ms: 100 }, 10);
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let two: IpAddr = "2001:db8::2".parse().unwrap();
        let far: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        assert_eq!(throttle.attempt(one.into(), 0), Ok(()));
        assert!(throttle.attempt(two.into(), 0).is_err());
        assert_eq!(throttle.attempt(far.into(), 0), Ok(()));
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        assert_eq!(Source::from(mapped), source(1));
    }

    proptest! {
        #[test]
        fn table_never_outgrows_its_bound(tries in prop::collection::vec((0u8..50, 0u64..30), 0..200)) {
            let mut throttle = Throttle::new(ALLOWANCE, 8);
            let mut now_ms = 0;
            for (last, step_ms) in tries {
                now_ms += step_ms;
                let _ = throttle.attempt(source(last), now_ms);
                prop_assert!(throttle.buckets.len() <= 8);
            }
        }

        #[test]
        fn no_source_gets_more_than_burst_and_refill(steps in prop::collection::vec(0u64..40, 1..200)) {
            let mut throttle = Throttle::new(ALLOWANCE, 8);
            let (mut now_ms, mut allowed) = (0u64, 0u64);
            for step_ms in steps {
                now_ms += step_ms;
                allowed += u64::from(throttle.attempt(source(1), now_ms).is_ok());
            }
            prop_assert!(allowed <= 3 + now_ms / 100);
        }
    }
}
