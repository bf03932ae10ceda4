//! Rounding as the handbook has it, refusals, and fractions against whole-number arithmetic.

use proptest::prelude::*;

use super::*;

fn ratio(numerator: i128, denominator: i128) -> Ratio {
    Ratio::new(numerator, denominator).unwrap()
}

/// What a fraction rounds to: half to even, half up, up, down.
fn check(numerator: i128, denominator: i128, expected: [i128; 4]) {
    let modes = [Rounding::HalfEven, Rounding::HalfUp, Rounding::Up, Rounding::Down];
    assert_eq!(modes.map(|mode| ratio(numerator, denominator).round(mode)), expected, "{numerator}/{denominator}");
    let negated = expected.map(|rounded| -rounded);
    assert_eq!(modes.map(|mode| ratio(-numerator, denominator).round(mode)), negated, "-{numerator}/{denominator}");
}

#[test]
fn a_discount_of_half_a_fen_rounds_as_its_mode_says() {
    // 1,175,000.00 at 4.35 % over 90/360 is 12,778.125; 90 % of it is 11,500.3125.
    let discount = ratio(117_500_000 * 435 * 90, 10_000 * 360);
    check(discount.numerator(), discount.denominator(), [1_277_812, 1_277_813, 1_277_813, 1_277_812]);
    check(115_003_125, 100, [1_150_031, 1_150_031, 1_150_032, 1_150_031]);
}

#[test]
fn halves_and_their_neighbours_round_as_they_should() {
    check(0, 7, [0, 0, 0, 0]);
    check(1, 3, [0, 0, 1, 0]);
    check(1, 2, [0, 1, 1, 0]);
    check(3, 2, [2, 2, 2, 1]);
    check(5, 2, [2, 3, 3, 2]);
    check(5, 3, [2, 2, 2, 1]);
    check(4, 1, [4, 4, 4, 4]);
    check(i128::MAX, 1, [i128::MAX; 4]);
    check(1, i128::MAX, [0, 0, 1, 0]);
    check(i128::MAX, 2, [1 << 126, 1 << 126, 1 << 126, (1 << 126) - 1]);
}

#[test]
fn fractions_have_one_form() {
    assert_eq!(ratio(6, -4), ratio(-3, 2));
    assert_eq!((ratio(6, -4).numerator(), ratio(6, -4).denominator()), (-3, 2));
    assert_eq!(ratio(0, -5), Ratio::ZERO);
    assert_eq!(ratio(i128::MIN, 2), ratio(i128::MIN / 2, 1));
    assert_eq!(ratio(i128::MIN, 1).round(Rounding::HalfEven), i128::MIN);
}

#[test]
fn fractions_that_do_not_fit_are_refused() {
    let code = |result: Result<Ratio, RatioError>| result.unwrap_err().code();
    assert_eq!(code(Ratio::new(1, 0)), "RATIO_ZERO_DENOMINATOR");
    assert_eq!(code(Ratio::new(1, i128::MIN)), "RATIO_OVERFLOW");
    assert_eq!(code(Ratio::new(i128::MIN, -1)), "RATIO_OVERFLOW");
    let large = ratio(i128::MAX, 1);
    assert_eq!(code(large.checked_add(ratio(1, 1))), "RATIO_OVERFLOW");
    assert_eq!(code(large.checked_mul(ratio(2, 1))), "RATIO_OVERFLOW");
    assert_eq!(large.checked_mul(ratio(1, i128::MAX)), Ok(ratio(1, 1)));
}

proptest! {
    #[test]
    fn fractions_agree_with_whole_numbers(
        left in (any::<i32>(), 1i32..), right in (any::<i32>(), 1i32..),
    ) {
        let [a, b, c, d] = [left.0, left.1, right.0, right.1].map(i128::from);
        let sum = ratio(a, b).checked_add(ratio(c, d)).unwrap();
        prop_assert_eq!(sum.numerator() * b * d, (a * d + c * b) * sum.denominator());
        let product = ratio(a, b).checked_mul(ratio(c, d)).unwrap();
        prop_assert_eq!(product.numerator() * b * d, a * c * product.denominator());
        prop_assert_eq!(product, ratio(a * c, b * d));
    }

    #[test]
    fn rounding_is_the_nearest_on_its_side(numerator in any::<i64>(), denominator in 1i64..) {
        let (numerator, denominator) = (i128::from(numerator), i128::from(denominator));
        let error = |mode| (ratio(numerator, denominator).round(mode) * denominator - numerator) * numerator.signum();
        prop_assert!((-denominator + 1..=0).contains(&error(Rounding::Down)));
        prop_assert!((0..denominator).contains(&error(Rounding::Up)));
        prop_assert!((-denominator < 2 * error(Rounding::HalfUp)) && 2 * error(Rounding::HalfUp) <= denominator);
        prop_assert!(2 * error(Rounding::HalfEven).abs() <= denominator);
    }
}
