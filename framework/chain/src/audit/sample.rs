//! Which blocks a sampled audit looks at most closely: chosen by a seed, so that the same seed chooses the same blocks again.

use ledger_core::verify::Depth;
use sha2::{Digest, Sha256};

/// A sample of blocks.
///
/// Of every block the seal, the rules, the roots and all stored values are verified; of those in the sample the parties'
/// signatures too, which is what takes most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditSample {
    /// Of a hundred blocks, how many are in the sample on average.
    pub percent: u8,
    /// Chooses them.
    pub seed: u64,
}

impl AuditSample {
    /// How deep a block is verified.
    pub(super) fn depth(sample: Option<Self>, chain_number: i64, height: u64) -> Depth {
        if sample.is_none_or(|sample| sample.takes(chain_number, height)) { Depth::Everything } else { Depth::Sealed }
    }

    fn takes(&self, chain_number: i64, height: u64) -> bool {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(chain_number.to_be_bytes());
        hash.update(height.to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let number = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        number % 100 < u64::from(self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_chooses_about_its_share_and_the_same_again() {
        let chosen = |sample: AuditSample| (1..=10_000).filter(|height| sample.takes(1, *height)).collect::<Vec<_>>();
        for percent in [0, 1, 25, 50, 99, 100] {
            let sample = AuditSample { percent, seed: 7 };
            let count = chosen(sample).len();
            let expected = usize::from(percent) * 100;
            assert!(count.abs_diff(expected) < 300, "{percent} percent: {count} of 10,000");
            assert_eq!(chosen(sample), chosen(sample));
        }
        let of_seed = |seed| chosen(AuditSample { percent: 50, seed });
        assert_ne!(of_seed(1), of_seed(2));
    }
}
