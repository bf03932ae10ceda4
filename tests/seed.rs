//! Random choices that a failure can repeat: the seed is printed, and taken from `HIVE_TEST_SEED` if that is set.

/// A small generator, good enough to pick moments and bits.
pub(crate) struct Dice(u64);

impl Dice {
    /// A seeded generator; prints its seed.
    pub(crate) fn seeded() -> Self {
        let given = std::env::var("HIVE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| getrandom::u64().expect("the system gives randomness") | 1);
        println!("HIVE_TEST_SEED={seed}");
        Self(seed)
    }

    /// Another generator, for a thread of its own.
    pub(crate) fn fork(&mut self) -> Self {
        Self(u64::try_from(self.below(usize::MAX)).expect("a number of 64 bits") | 1)
    }

    /// A number from 0 up to below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).expect("a small bound")).expect("below the bound")
    }
}
