use proptest::prelude::*;

use super::*;

#[test]
fn dues_are_filled_in_their_order() {
    // Costs, interest, principal of a loan, paid in part, in full, and with something left.
    let dues = [1_500, 0, 12_000, 800_000];
    for (amount, parts, surplus) in [
        (0, [0, 0, 0, 0], 0),
        (1_499, [1_499, 0, 0, 0], 0),
        (1_500, [1_500, 0, 0, 0], 0),
        (13_501, [1_500, 0, 12_000, 1], 0),
        (813_500, [1_500, 0, 12_000, 800_000], 0),
        (813_501, [1_500, 0, 12_000, 800_000], 1),
    ] {
        let filled = fill(amount, &dues);
        assert_eq!((filled.parts(), filled.surplus()), (&parts[..], surplus), "{amount}");
    }
    assert_eq!(fill(7, &[]).surplus(), 7);
    assert_eq!(fill(u64::MAX, &[u64::MAX, u64::MAX]).parts(), [u64::MAX, 0]);
}

proptest! {
    /// Unit by unit: each goes to the first due that is not full.
    #[test]
    fn as_if_paid_unit_by_unit(amount in 0u64..60, dues in prop::collection::vec(0u64..12, 0..8)) {
        let (mut parts, mut surplus) = (vec![0; dues.len()], 0);
        for _ in 0..amount {
            match (0..dues.len()).find(|place| parts[*place] < dues[*place]) {
                Some(place) => parts[place] += 1,
                None => surplus += 1,
            }
        }
        let filled = fill(amount, &dues);
        prop_assert_eq!((filled.parts(), filled.surplus()), (parts.as_slice(), surplus));
    }

    #[test]
    fn nothing_is_lost(amount in any::<u64>(), dues in prop::collection::vec(any::<u64>(), 0..20)) {
        let filled = fill(amount, &dues);
        let paid: u128 = filled.parts().iter().map(|part| u128::from(*part)).sum();
        prop_assert_eq!(paid + u128::from(filled.surplus()), u128::from(amount));
        prop_assert!(filled.parts().iter().zip(&dues).all(|(part, due)| part <= due));
        let first_short = filled.parts().iter().zip(&dues).position(|(part, due)| part < due);
        let behind = first_short.map_or(&[][..], |place| &filled.parts()[place + 1..]);
        prop_assert!(behind.iter().all(|part| *part == 0));
        prop_assert!(first_short.is_none() || filled.surplus() == 0);
    }
}
