use proptest::prelude::*;

use super::*;
use crate::amount::Scale;

fn cny(text: &str) -> Amount {
    Amount::parse_decimal(text, Scale::new(2).unwrap()).unwrap()
}

fn kilograms(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

/// Aluminium at a price for a tonne, haircut 20 %.
fn aluminium(quantity_kilograms: u64, price: &str) -> Valuation {
    let pricing = Pricing { price: cny(price), price_per: kilograms(1_000), haircut_basis_points: 2_000 };
    Valuation::new(kilograms(quantity_kilograms), pricing).unwrap()
}

fn ratio(valuation: Valuation, outstanding: &str) -> u64 {
    valuation.ratio_basis_points(cny(outstanding)).unwrap().minor()
}

#[test]
fn a_pledged_receipt_is_worth_what_the_bank_lends_on() {
    let goods = aluminium(700_000, "19500.00");
    assert_eq!(goods.adjusted_value(), Ok(cny("10920000.00")));
    assert_eq!(ratio(goods, "9000000.00"), 8_242);
    assert_eq!(goods.value_at(8_500), Ok(cny("9282000.00")));
    assert_eq!(goods.compare(cny("9282000.00"), 8_500), Ok(Ordering::Equal));
    assert_eq!(goods.compare(cny("9282000.01"), 8_500), Ok(Ordering::Greater));
}

#[test]
fn falling_prices_warn_call_and_are_cured() {
    let thresholds = Thresholds::new(9_000, 9_500, 10_000).unwrap();
    let debt = cny("9000000.00");
    let warned = aluminium(700_000, "17000.00");
    assert_eq!(warned.adjusted_value(), Ok(cny("9520000.00")));
    assert_eq!(ratio(warned, "9000000.00"), 9_454);
    assert_eq!(warned.level(debt, thresholds), Ok(MarginLevel::Warning));
    let called = aluminium(700_000, "16500.00");
    assert_eq!(called.adjusted_value(), Ok(cny("9240000.00")));
    assert_eq!(ratio(called, "9000000.00"), 9_740);
    assert_eq!(called.level(debt, thresholds), Ok(MarginLevel::Call));
    assert_eq!(called.cure_cash(debt, 8_500), Ok(cny("1146000.00")));
    assert_eq!(ratio(called, "7854000.00"), 8_500);
    assert_eq!(called.cure_goods(debt, 8_500, kilograms(1)), Ok(kilograms(102_140)));
    assert_eq!(called.cure_goods(debt, 8_500, kilograms(25_000)), Ok(kilograms(125_000)));
    assert_eq!(called.level(cny("9240000.00"), thresholds), Ok(MarginLevel::Liquidation));
    assert_eq!(called.level(cny("7854000.00"), thresholds), Ok(MarginLevel::Sound));
    assert_eq!(called.cure_cash(cny("7854000.00"), 8_500), Ok(Amount::ZERO));
    assert_eq!(called.cure_goods(cny("7854000.00"), 8_500, kilograms(25_000)), Ok(Amount::ZERO));
}

#[test]
fn a_repayment_releases_whole_bundles() {
    let goods = aluminium(700_000, "19500.00");
    assert_eq!(goods.releasable(cny("6000000.00"), 8_500, kilograms(25_000)), Ok(kilograms(225_000)));
    assert_eq!(ratio(aluminium(475_000, "19500.00"), "6000000.00"), 8_097);
    assert_eq!(ratio(aluminium(450_000, "19500.00"), "6000000.00"), 8_547);
    assert_eq!(goods.releasable(cny("9282000.01"), 8_500, kilograms(25_000)), Ok(Amount::ZERO));
}

#[test]
fn ratios_are_rounded_half_to_even() {
    let pricing = Pricing { price: kilograms(1), price_per: kilograms(1), haircut_basis_points: 0 };
    let worth_20_000 = Valuation::new(kilograms(20_000), pricing).unwrap();
    let rounded = |outstanding| worth_20_000.ratio_basis_points(kilograms(outstanding)).unwrap().minor();
    assert_eq!([rounded(1), rounded(2), rounded(3), rounded(5)], [0, 1, 2, 2]);
}

#[test]
fn goods_without_value_and_numbers_past_the_bound_have_no_ratio() {
    let pricing = Pricing { price: cny("1.00"), price_per: kilograms(1), haircut_basis_points: 9_999 };
    assert!(Valuation::new(kilograms(1), pricing).is_ok());
    for worthless in [
        Pricing { price: Amount::ZERO, ..pricing },
        Pricing { price_per: Amount::ZERO, ..pricing },
        Pricing { haircut_basis_points: 10_000, ..pricing },
        Pricing { haircut_basis_points: 10_001, ..pricing },
    ] {
        assert_eq!(Valuation::new(kilograms(1), worthless), Err(LtvError::NoValue));
    }
    assert_eq!(Valuation::new(Amount::ZERO, pricing), Err(LtvError::NoValue));
    let largest = kilograms(Amount::MAX_MINOR);
    let vast = Pricing { price: largest, price_per: kilograms(1), haircut_basis_points: 0 };
    assert_eq!(Valuation::new(largest, vast).unwrap().adjusted_value(), Err(LtvError::Overflow));
    let dear = Pricing { price: largest, price_per: kilograms(1), haircut_basis_points: 0 };
    let doubled = Valuation::new(kilograms(2), dear).unwrap();
    assert_eq!(doubled.adjusted_value(), Err(AmountError::Overflow.into()));
    let sound = aluminium(1, "1.00");
    assert_eq!(sound.cure_goods(cny("1.00"), 0, kilograms(1)), Err(LtvError::NoTarget));
    assert_eq!(sound.releasable(cny("1.00"), 8_500, Amount::ZERO), Err(LtvError::NoTarget));
}

#[test]
fn thresholds_rise() {
    assert!(Thresholds::new(9_000, 9_500, 10_000).is_ok());
    for (warning, call, liquidation) in [(9_500, 9_500, 10_000), (9_000, 10_000, 10_000), (9_500, 9_000, 10_000)] {
        let refused = Err(LtvError::NotRising { warning, call, liquidation });
        assert_eq!(Thresholds::new(warning, call, liquidation), refused);
    }
}

proptest! {
    /// Against counting up one by one: a cure is enough and one less is not; a release leaves enough and one more does not.
    #[test]
    fn cures_and_releases_are_the_least_and_the_most(
        quantity in 1u64..60, price in 1u64..40, haircut in 0u32..10_000, debt in 0u64..900, target in 1u32..12_000,
    ) {
        let pricing = Pricing { price: kilograms(price), price_per: kilograms(7), haircut_basis_points: haircut };
        let goods = Valuation::new(kilograms(quantity), pricing).unwrap();
        let fits = |quantity: u128, debt: u64| {
            let limit = quantity * u128::from(price) * u128::from(10_000 - haircut) * u128::from(target);
            u128::from(debt) * 7 * 10_000 * 10_000 <= limit
        };
        let held = u128::from(quantity);
        let cash = (0..=debt).find(|cash| fits(held, debt - cash)).unwrap();
        prop_assert_eq!(goods.cure_cash(kilograms(debt), target), Ok(kilograms(cash)));
        let released = (0..=quantity).rev().find(|less| fits(held - u128::from(*less), debt)).unwrap_or(0);
        prop_assert_eq!(goods.releasable(kilograms(debt), target, kilograms(1)), Ok(kilograms(released)));
        let more = goods.cure_goods(kilograms(debt), target, kilograms(1)).unwrap().minor();
        prop_assert!(fits(held + u128::from(more), debt));
        prop_assert!(more == 0 || !fits(held + u128::from(more) - 1, debt));
        prop_assert_eq!(goods.compare(kilograms(debt), target).unwrap().is_le(), fits(held, debt));
    }
}
