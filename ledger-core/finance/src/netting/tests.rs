//! The handbook's figures, refusals, and models that are slow and plain.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Row = (char, char, u64);

fn rows<P>(rows: impl IntoIterator<Item = (P, P, u64)>) -> Vec<Obligation<P>> {
    rows.into_iter().map(|(debtor, creditor, amount)| Obligation { debtor, creditor, amount }).collect()
}

fn obligations<P: Ord + Clone>(given: impl IntoIterator<Item = (P, P, u64)>) -> Obligations<P> {
    Obligations::new(rows(given)).unwrap()
}

/// What remains of obligations after a clearing.
fn remaining<P: Ord + Clone>(before: &Obligations<P>) -> Obligations<P> {
    let clearing = before.clear().unwrap();
    assert_eq!(clearing.cleared() + clearing.residual(), before.gross());
    let left = before.rows().iter().zip(clearing.parts()).filter(|(_, part)| part.residual > 0);
    obligations(left.map(|(row, part)| (row.debtor.clone(), row.creditor.clone(), part.residual)))
}

/// Gross, bilateral, multilateral, cleared, and what remains of each row.
fn check(given: &[Row], sums: [u64; 4], residual: &[u64]) {
    let set = obligations(given.iter().copied());
    let clearing = set.clear().unwrap();
    let found = [set.gross(), set.bilateral().gross(), set.multilateral(), clearing.cleared()];
    assert_eq!(found, sums);
    assert_eq!(clearing.parts().iter().map(|part| part.residual).collect::<Vec<_>>(), residual);
    let kept = |(party, position): (&char, &i64)| {
        remaining(&set).positions().get(party).copied().unwrap_or_default() == *position
    };
    assert!(set.positions().iter().all(kept));
}

const RING_NETTING: [Row; 6] = [
    ('A', 'B', 1_200_000),
    ('B', 'C', 900_000),
    ('C', 'D', 1_100_000),
    ('D', 'A', 700_000),
    ('B', 'A', 200_000),
    ('D', 'B', 300_000),
];

#[test]
fn ring_netting_clears_what_the_handbook_says() {
    check(&RING_NETTING, [4_400_000, 4_000_000, 500_000, 3_800_000], &[300_000, 0, 200_000, 0, 0, 100_000]);
    let set = obligations(RING_NETTING);
    let positions = BTreeMap::from([('A', -300_000), ('B', 400_000), ('C', -200_000), ('D', 100_000)]);
    assert_eq!(set.positions(), positions);
    let bilateral = [('A', 'B', 1_000_000), RING_NETTING[1], RING_NETTING[2], RING_NETTING[3], RING_NETTING[5]];
    let mut bilateral = rows(bilateral);
    bilateral.sort_unstable();
    assert_eq!(set.bilateral().rows(), bilateral);
}

#[test]
fn a_pure_ring_clears_its_smallest_debt() {
    let ring = [('A', 'B', 500), ('B', 'C', 400), ('C', 'D', 450), ('D', 'A', 300)];
    check(&ring, [1_650, 1_650, 250, 1_200], &[200, 100, 150, 0]);
}

#[test]
fn two_overlapping_cycles_clear_together() {
    let given = [('A', 'B', 100), ('B', 'C', 60), ('B', 'D', 60), ('C', 'A', 50), ('D', 'A', 70)];
    let clearing = obligations(given).clear().unwrap();
    assert_eq!((obligations(given).gross(), clearing.cleared()), (340, 300));
}

#[test]
fn the_shortest_cycle_is_not_taken_where_a_longer_one_clears_more() {
    let given = ["AB", "BC", "CA", "BD", "DE", "EA"];
    let edge = |names: &str| (names.chars().next().unwrap(), names.chars().nth(1).unwrap(), 100);
    check(&given.map(edge), [600, 600, 100, 400], &[0, 100, 100, 0, 0, 0]);
}

#[test]
fn what_two_parties_clear_goes_to_the_oldest_first() {
    check(&[('A', 'B', 30), ('A', 'B', 20), ('B', 'A', 40), ('A', 'B', 5)], [95, 15, 15, 80], &[0, 10, 0, 5]);
}

#[test]
fn without_a_cycle_nothing_is_cleared() {
    check(&[('A', 'B', 10), ('B', 'C', 10), ('A', 'C', 10)], [30, 30, 20, 0], &[10, 10, 10]);
    check(&[], [0; 4], &[]);
}

/// Of equal clearings always the same: a change here is another algorithm and needs another name.
#[test]
fn ties_fall_as_this_algorithm_lets_them() {
    assert_eq!(ALGORITHM, "maximum-circulation/unit-cost-primal-dual/1");
    let given = [('A', 'B', 100), ('B', 'C', 100), ('C', 'A', 100), ('B', 'D', 100), ('D', 'A', 100)];
    check(&given, [500, 500, 100, 300], &[0, 100, 100, 0, 0]);
}

#[test]
fn the_largest_amounts_are_netted_exactly() {
    let half = AMOUNT_MAX / 2;
    check(&[('A', 'B', half), ('B', 'A', half), ('A', 'B', 1)], [AMOUNT_MAX, 1, 1, 2 * half], &[0, 0, 1]);
}

#[test]
fn obligations_that_cannot_be_netted_are_refused() {
    let refused = |given: Vec<Obligation<char>>| {
        let error = Obligations::new(given).unwrap_err();
        (error.code(), error.to_string())
    };
    let of = |given: &[Row]| refused(rows(given.iter().copied()));
    let sound = ('A', 'B', 1);
    assert_eq!(of(&[sound, ('A', 'B', 0)]).0, "NETTING_AMOUNT_ZERO");
    assert_eq!(of(&[('A', 'B', AMOUNT_MAX + 1)]).0, "NETTING_AMOUNT_OVERFLOW");
    assert_eq!(
        of(&[sound, ('A', 'A', 1)]),
        ("NETTING_OWN_CREDITOR", "obligation 1 is owed by its own creditor; leave it out".into())
    );
    assert_eq!(of(&[('A', 'B', AMOUNT_MAX), sound]).0, "NETTING_GROSS_OVERFLOW");
    assert_eq!(of(&[('A', 'B', AMOUNT_MAX); 3]).0, "NETTING_GROSS_OVERFLOW");
    assert_eq!(refused(rows(vec![sound; OBLIGATIONS_MAX + 1])).0, "NETTING_TOO_MANY");
    assert!(Obligations::new(rows(vec![sound; OBLIGATIONS_MAX])).is_ok());
    // A chain of debts with a party more than there are debts.
    let chain = |debts: usize| Obligations::new(rows((0..debts).map(|debtor| (debtor, debtor + 1, 1))));
    assert_eq!(chain(PARTIES_MAX).unwrap_err().code(), "NETTING_TOO_MANY_PARTIES");
    assert!(chain(PARTIES_MAX - 1).is_ok());
    assert_eq!(NettingError::Unproven.code(), "NETTING_UNPROVEN");
}

/// The largest clearing by trying every one: what each row clears, from nothing to all of it.
fn largest_by_trial(given: &[(u8, u8, u64)], flow: &mut Vec<u64>) -> u64 {
    let Some((_, _, amount)) = given.get(flow.len()) else {
        let mut balance = [0i64; 8];
        for ((debtor, creditor, _), cleared) in given.iter().zip(&*flow) {
            balance[usize::from(*debtor)] += *cleared as i64;
            balance[usize::from(*creditor)] -= *cleared as i64;
        }
        return if balance == [0; 8] { flow.iter().sum() } else { 0 };
    };
    let mut largest = 0;
    for cleared in 0..=*amount {
        flow.push(cleared);
        largest = largest.max(largest_by_trial(given, flow));
        flow.pop();
    }
    largest
}

fn graph(
    parties: u8,
    most: usize,
    amounts: std::ops::RangeInclusive<u64>,
) -> impl Strategy<Value = Vec<(u8, u8, u64)>> {
    let edge = (0..parties, 1..parties, amounts);
    let other = move |(debtor, step, amount)| (debtor, (debtor + step) % parties, amount);
    prop::collection::vec(edge.prop_map(other), 0..=most)
}

/// What each two parties clear in each direction.
fn by_pair(set: &Obligations<u8>) -> BTreeMap<(u8, u8), u64> {
    let mut sums = BTreeMap::new();
    for (row, part) in set.rows().iter().zip(set.clear().unwrap().parts()) {
        *sums.entry((row.debtor, row.creditor)).or_default() += part.cleared;
    }
    sums
}

proptest! {
    #[test]
    fn no_clearing_is_larger(given in graph(5, 8, 1..=2)) {
        let largest = largest_by_trial(&given, &mut Vec::new());
        prop_assert_eq!(obligations(given).clear().unwrap().cleared(), largest);
    }

    #[test]
    fn no_clearing_of_few_large_debts_is_larger(given in graph(4, 5, 1..=6)) {
        let largest = largest_by_trial(&given, &mut Vec::new());
        prop_assert_eq!(obligations(given).clear().unwrap().cleared(), largest);
    }

    #[test]
    fn every_way_of_netting_keeps_positions(given in graph(12, 60, 1..=1_000_000)) {
        let set = obligations(given);
        let (rest, bilateral) = (remaining(&set), set.bilateral());
        for (party, position) in set.positions() {
            prop_assert_eq!(rest.positions().get(&party).copied().unwrap_or_default(), position);
            prop_assert_eq!(bilateral.positions().get(&party).copied().unwrap_or_default(), position);
        }
        prop_assert_eq!(rest.clear().unwrap().cleared(), 0);
        prop_assert!(set.multilateral() <= rest.gross() && rest.gross() <= bilateral.gross());
        // Set off two by two first, less is left for longer cycles.
        prop_assert!(rest.gross() <= bilateral.clear().unwrap().residual());
        for (row, part) in set.rows().iter().zip(set.clear().unwrap().parts()) {
            prop_assert_eq!(part.cleared + part.residual, row.amount);
        }
    }

    #[test]
    fn the_order_of_rows_decides_nothing_between_pairs(given in graph(6, 30, 1..=100).prop_flat_map(|given| {
        (Just(given.clone()), Just(given).prop_shuffle())
    })) {
        let (given, shuffled) = (obligations(given.0), obligations(given.1));
        prop_assert_eq!(by_pair(&given), by_pair(&shuffled));
        prop_assert_eq!(given.bilateral(), shuffled.bilateral());
        prop_assert_eq!(given.positions(), shuffled.positions());
    }
}
