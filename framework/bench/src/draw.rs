//! What is drawn: numbers from a seed, the same in every run; states without replacement; accounts by Zipf's law.

/// SplitMix64: numbers that look random and follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The bias of the remainder is below one in 2^40 for what is drawn here.
        self.next() % bound.max(1)
    }

    /// From 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.chunks_exact_mut(8).for_each(|part| part.copy_from_slice(&self.next().to_be_bytes()));
        bytes
    }
}

/// Numbers below a bound that grows, each drawn at most once.
#[derive(Debug, Default)]
pub(crate) struct Undrawn {
    bound: u64,
    /// How many were never drawn.
    left: u64,
    drawn: Vec<u64>,
}

impl Undrawn {
    /// Adds so many numbers at the end.
    pub(crate) fn grow(&mut self, count: u64) {
        self.bound += count;
        self.left += count;
        self.drawn.resize(self.bound.div_ceil(64) as usize, 0);
    }

    /// How many were never drawn.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// One of those that are left, each as likely; none when all are drawn.
    pub(crate) fn draw(&mut self, random: &mut Random) -> Option<u64> {
        if self.left == 0 {
            return None;
        }
        loop {
            let number = random.below(self.bound);
            let word = self.drawn.get_mut((number / 64) as usize)?;
            let bit = 1 << (number % 64);
            if *word & bit == 0 {
                *word |= bit;
                self.left -= 1;
                return Some(number);
            }
        }
    }
}

/// Zipf's law with exponent 1: the account of rank r is drawn in proportion to 1/r.
#[derive(Debug)]
pub(crate) struct Zipf {
    /// Shares of all ranks up to each.
    cumulative: Vec<f64>,
}

impl Zipf {
    pub(crate) fn new(accounts: usize) -> Self {
        let mut total = 0.0;
        let cumulative = (1..=accounts.max(1)).map(|rank| {
            total += 1.0 / rank as f64;
            total
        });
        Self { cumulative: cumulative.collect() }
    }

    /// A rank from 0.
    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        let point = random.unit() * self.cumulative.last().copied().unwrap_or_default();
        self.cumulative.partition_point(|share| *share <= point).min(self.cumulative.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_drawn_once_and_then_none() {
        let (mut undrawn, mut random) = (Undrawn::default(), Random::new(1));
        undrawn.grow(70);
        let mut first: Vec<u64> = (0..40).filter_map(|_| undrawn.draw(&mut random)).collect();
        undrawn.grow(60);
        assert_eq!(undrawn.left, 90);
        first.extend(std::iter::from_fn(|| undrawn.draw(&mut random)));
        first.sort_unstable();
        assert_eq!(first, (0..130).collect::<Vec<u64>>());
    }

    #[test]
    fn ranks_follow_zipfs_law() {
        let (zipf, mut random) = (Zipf::new(100), Random::new(2));
        let mut counts = [0_u32; 100];
        (0..100_000).for_each(|_| counts[zipf.draw(&mut random)] += 1);
        // Of 100 ranks the first has 1 / 5.187 of all, the tenth a tenth of that.
        assert!((18_700..19_900).contains(&counts[0]), "{}", counts[0]);
        assert!((1_700..2_200).contains(&counts[9]), "{}", counts[9]);
        assert!(counts.iter().all(|count| *count > 0));
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        assert_eq!(Random::new(3).bytes(), Random::new(3).bytes());
        assert_ne!(Random::new(3).bytes(), Random::new(4).bytes());
    }
}
