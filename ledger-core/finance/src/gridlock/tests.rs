//! The handbook's queue, refusals, and a model that tries every set.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn queue<P>(rows: impl IntoIterator<Item = (P, P, u64)>) -> Vec<Payment<P>> {
    rows.into_iter().map(|(sender, receiver, amount)| Payment { sender, receiver, amount }).collect()
}

#[test]
fn the_queue_of_the_handbook_settles_but_for_its_last_payment() {
    let balances = BTreeMap::from([('A', 100), ('B', 50), ('C', 40)]);
    let waiting = queue([('A', 'B', 300), ('B', 'C', 320), ('C', 'A', 310), ('B', 'A', 200)]);
    let resolution = resolve(&balances, &waiting).unwrap();
    assert_eq!(resolution.settles, [true, true, true, false]);
    assert_eq!(resolution.balances, BTreeMap::from([('A', 110), ('B', 30), ('C', 50)]));
    assert_eq!((resolution.gross, resolution.net, resolution.missing), (930, 20, 170));
    for alone in waiting {
        assert_eq!(resolve(&balances, &[alone]).unwrap().settles, [false]);
    }
}

#[test]
fn a_later_payment_waits_for_an_earlier_one_of_its_sender() {
    let balances = BTreeMap::from([('A', 10)]);
    let settles = |rows: &[(char, char, u64)]| resolve(&balances, &queue(rows.iter().copied())).unwrap().settles;
    assert_eq!(settles(&[('A', 'B', 11), ('A', 'B', 1)]), [false, false]);
    assert_eq!(settles(&[('A', 'B', 1), ('A', 'B', 11)]), [true, false]);
    assert_eq!(settles(&[('B', 'C', 10), ('A', 'B', 10)]), [true, true]);
    assert!(settles(&[]).is_empty());
}

#[test]
fn queues_that_cannot_be_resolved_are_refused() {
    let none = BTreeMap::new();
    let refused = |rows: &[(char, char, u64)]| resolve(&none, &queue(rows.iter().copied())).unwrap_err().code();
    assert_eq!(refused(&[('A', 'B', 1), ('A', 'B', 0)]), "GRIDLOCK_AMOUNT_ZERO");
    assert_eq!(refused(&[('A', 'B', AMOUNT_MAX + 1)]), "GRIDLOCK_AMOUNT_OVERFLOW");
    assert_eq!(refused(&[('A', 'A', 1)]), "GRIDLOCK_OWN_RECEIVER");
    assert_eq!(refused(&vec![('A', 'B', 1); PAYMENTS_MAX + 1]), "GRIDLOCK_TOO_MANY");
    let rich =
        |held| resolve(&BTreeMap::from([('A', held)]), &queue([('A', 'B', AMOUNT_MAX)])).map(|found| found.settles);
    assert_eq!(rich(AMOUNT_MAX), Ok(vec![true]));
    assert_eq!(rich(AMOUNT_MAX + 1).unwrap_err().code(), "GRIDLOCK_BALANCE_OVERFLOW");
}

/// True if the chosen payments settle: nobody below zero, nobody's later payment before an earlier one.
fn can_settle(balances: &BTreeMap<u8, u64>, waiting: &[Payment<u8>], chosen: u32) -> bool {
    let mut after: BTreeMap<u8, i64> = balances.iter().map(|(party, held)| (*party, *held as i64)).collect();
    let mut stopped = BTreeSet::new();
    for (place, payment) in waiting.iter().enumerate() {
        if chosen & (1 << place) == 0 {
            stopped.insert(payment.sender);
        } else if stopped.contains(&payment.sender) {
            return false;
        } else {
            *after.entry(payment.sender).or_default() -= payment.amount as i64;
            *after.entry(payment.receiver).or_default() += payment.amount as i64;
        }
    }
    after.values().all(|held| *held >= 0)
}

proptest! {
    #[test]
    fn no_other_set_that_settles_holds_a_payment_more(
        held in prop::collection::btree_map(0u8..4, 0u64..12, 0..4),
        rows in prop::collection::vec((0u8..4, 1u8..4, 1u64..15), 0..9),
    ) {
        let waiting = queue(rows.into_iter().map(|(sender, step, amount)| (sender, (sender + step) % 4, amount)));
        let found = resolve(&held, &waiting).unwrap();
        let bits = found.settles.iter().enumerate().map(|(place, settles)| u32::from(*settles) << place).sum::<u32>();
        prop_assert!(can_settle(&held, &waiting, bits));
        for other in 0..1u32 << waiting.len() {
            prop_assert!(!can_settle(&held, &waiting, other) || other & !bits == 0, "{other:b} past {bits:b}");
        }
        prop_assert_eq!(found.balances.values().sum::<u128>(), held.values().map(|held| u128::from(*held)).sum::<u128>());
    }
}
