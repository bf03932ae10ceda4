//! How long a large clearing takes: 100,000 obligations among 5,000 parties, in markets of several shapes.
//!
//! `cargo nextest run --release -p ledger-finance --run-ignored only --no-capture`; each test's own time is the figure. For
//! memory run the test binary that cargo names with `size --ignored` under `/usr/bin/time -v`.

use super::{Obligation, Obligations};

const OBLIGATIONS: u64 = 100_000;
const PARTIES: u64 = 5_000;

/// Numbers that look random and are the same each time (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Clears a market where `of` says who owes whom, as numbers to be taken around the circle of parties.
fn clear(of: impl Fn(&mut Numbers) -> (u64, u64)) {
    let mut numbers = Numbers(1);
    let mut rows = Vec::new();
    while rows.len() < OBLIGATIONS as usize {
        let (debtor, creditor) = of(&mut numbers);
        let (debtor, creditor) = (debtor % PARTIES, creditor % PARTIES);
        if debtor != creditor {
            rows.push(Obligation { debtor, creditor, amount: 1 + numbers.below(100_000_000) });
        }
    }
    let set = Obligations::new(rows).unwrap();
    let clearing = set.clear().unwrap();
    let thousandths = |amount: u64| u128::from(amount) * 1_000 / u128::from(set.gross());
    println!("cleared {} of 1000", thousandths(clearing.cleared()));
    assert_eq!(clearing.cleared() + clearing.residual(), set.gross());
    assert!(clearing.residual() >= set.multilateral());
}

#[test]
#[ignore = "measures: takes seconds, and minutes without --release"]
fn anybody_owes_anybody() {
    clear(|numbers| (numbers.below(PARTIES), numbers.below(PARTIES)));
}

#[test]
#[ignore = "measures: takes seconds, and minutes without --release"]
fn few_parties_have_most_debts() {
    let skewed = |numbers: &mut Numbers| {
        let bound = 1 + numbers.below(PARTIES);
        let bound = 1 + numbers.below(bound);
        numbers.below(bound)
    };
    clear(|numbers| (skewed(numbers), skewed(numbers)));
}

#[test]
#[ignore = "measures: takes seconds, and minutes without --release"]
fn everybody_owes_the_next_few() {
    clear(|numbers| {
        let debtor = numbers.below(PARTIES);
        (debtor, debtor + 1 + numbers.below(20))
    });
}

#[test]
#[ignore = "measures: takes seconds, and minutes without --release"]
fn chains_of_supply_with_few_debts_back() {
    clear(|numbers| {
        let tier = numbers.below(50);
        let next = if numbers.below(20) == 0 { tier + 45 } else { tier + 1 };
        (tier * 100 + numbers.below(100), next * 100 + numbers.below(100))
    });
}

#[test]
#[ignore = "measures: takes seconds, and minutes without --release"]
fn one_long_ring_of_thick_debts() {
    clear(|numbers| {
        let debtor = numbers.below(PARTIES);
        (debtor, debtor + 1 + numbers.below(2))
    });
}
