//! The handbook's figures, refusals, and a model that hands out unit by unit.

use proptest::prelude::*;

use super::*;

fn check(amount: u64, weights: &[u64], shares: &[u64]) {
    assert_eq!(share(amount, weights).as_deref(), Ok(shares), "{amount} by {weights:?}");
}

#[test]
fn amounts_are_shared_out_as_the_handbook_says() {
    check(10_000, &[1, 1, 1], &[3_334, 3_333, 3_333]);
    check(100, &[1, 2, 3, 7], &[8, 15, 23, 54]);
    check(5, &[1; 7], &[1, 1, 1, 1, 1, 0, 0]);
    check(100_001, &[50, 30, 20], &[50_001, 30_000, 20_000]);
    // A fee of 5.00 by records 7:4:2, and a shortage: 650 of 700 tonnes in kilograms for 300, 250 and 150.
    check(500, &[7, 4, 2], &[269, 154, 77]);
    check(650_000, &[300, 250, 150], &[278_571, 232_143, 139_286]);
}

#[test]
fn no_weight_gets_nothing_and_the_largest_numbers_are_exact() {
    check(7, &[0, 1, 0], &[0, 7, 0]);
    check(0, &[3, 4], &[0, 0]);
    check(AMOUNT_MAX, &[u64::MAX, u64::MAX], &[AMOUNT_MAX / 2 + 1, AMOUNT_MAX / 2]);
    check(AMOUNT_MAX, &[u64::MAX, 0, 1], &[AMOUNT_MAX, 0, 0]);
}

#[test]
fn amounts_that_nobody_could_get_are_refused() {
    let code = |amount, weights: &[u64]| share(amount, weights).unwrap_err().code();
    assert_eq!(code(1, &[]), "SHARE_NO_WEIGHT");
    assert_eq!(code(0, &[0, 0]), "SHARE_NO_WEIGHT");
    assert_eq!(code(AMOUNT_MAX + 1, &[1]), "SHARE_AMOUNT_OVERFLOW");
    assert_eq!(code(1, &vec![1; SHARES_MAX + 1]), "SHARE_TOO_MANY");
    assert!(share(1, &vec![1; SHARES_MAX]).is_ok());
}

/// Each next unit to whoever is furthest below its exact share once whole units are given, the first of equals.
fn by_units(amount: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u64 = weights.iter().sum();
    let mut shares: Vec<u64> = weights.iter().map(|weight| amount * weight / sum).collect();
    while shares.iter().sum::<u64>() < amount {
        let short = |place: &usize| amount as i64 * weights[*place] as i64 - shares[*place] as i64 * sum as i64;
        let next = (0..weights.len()).rev().max_by_key(short).unwrap();
        shares[next] += 1;
    }
    shares
}

proptest! {
    #[test]
    fn shares_agree_with_handing_out_unit_by_unit(
        amount in 0u64..10_000, weights in prop::collection::vec(0u64..50, 1..12),
    ) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        prop_assert_eq!(share(amount, &weights).unwrap(), by_units(amount, &weights));
    }

    #[test]
    fn shares_sum_to_the_amount_and_miss_by_less_than_a_unit(
        amount in 0..=AMOUNT_MAX, weights in prop::collection::vec(any::<u64>(), 1..40),
    ) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let shares = share(amount, &weights).unwrap();
        prop_assert_eq!(shares.iter().sum::<u64>(), amount);
        let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        for (share, weight) in shares.iter().zip(&weights) {
            let whole = u128::from(amount) * u128::from(*weight) / sum;
            prop_assert!((whole..=whole + 1).contains(&u128::from(*share)));
        }
    }
}
