use proptest::prelude::*;

use super::*;
use crate::ratio::Rounding;

fn ratio(numerator: i128, denominator: i128) -> Ratio {
    Ratio::new(numerator, denominator).unwrap()
}

/// 4.35 % a year for 90 days of 360.
fn term() -> Term {
    Term::new(ratio(435, 10_000), ratio(90, 360)).unwrap()
}

/// The figures of the handbook: 1,175,000.00 for 90 days at 4.35 %.
#[test]
fn a_note_is_discounted_and_rounded_once() {
    let discount = term().bank_discount(117_500_000).unwrap();
    assert_eq!(discount, ratio(12_778_125, 10));
    assert_eq!(discount.round(Rounding::HalfEven), 1_277_812);
    assert_eq!(discount.round(Rounding::HalfUp), 1_277_813);
    assert_eq!(117_500_000 - discount.round(Rounding::HalfEven), 116_222_188);
    assert_eq!(term().present_value(117_500_000).unwrap().round(Rounding::HalfEven), 116_235_934);
    let billionths_of_a_percent =
        |rate: Ratio| rate.checked_mul(ratio(100_000_000_000, 1)).unwrap().round(Rounding::HalfEven);
    assert_eq!(billionths_of_a_percent(term().true_yield().unwrap()), 4_397_826_362);
    // On what is paid out, which is rounded.
    let realised = realised_yield(116_222_188, 117_500_000, ratio(90, 360)).unwrap();
    assert_eq!(billionths_of_a_percent(realised), 4_397_824_622);
    // Of an advance of 90 %.
    assert_eq!(term().bank_discount(105_750_000).unwrap(), ratio(115_003_125, 100));
}

#[test]
fn rates_and_times_that_are_none_are_refused() {
    let time = ratio(1, 4);
    assert_eq!(Term::new(ratio(-1, 100), time), Err(DiscountError::RateNegative));
    assert_eq!(Term::new(ratio(1, 100), ratio(-1, 4)), Err(DiscountError::PeriodNegative));
    assert!(Term::new(Ratio::ZERO, Ratio::ZERO).is_ok());
    // Four times a year's 100 %, and just below.
    let all = Term::new(ratio(1, 1), ratio(1, 1)).unwrap();
    assert_eq!(all.bank_discount(100), Err(DiscountError::NothingLeft));
    assert_eq!(all.true_yield(), Err(DiscountError::NothingLeft));
    assert_eq!(all.present_value(100), Ok(ratio(50, 1)));
    let nearly = Term::new(ratio(99, 100), ratio(1, 1)).unwrap();
    assert_eq!(nearly.bank_discount(100), Ok(ratio(99, 1)));
    assert_eq!(realised_yield(0, 100, time), Err(DiscountError::NothingInvested));
    assert_eq!(realised_yield(100, 100, Ratio::ZERO), Err(DiscountError::NothingInvested));
    assert_eq!(realised_yield(101, 100, time), Err(DiscountError::Loss { paid: 101, face: 100 }));
    assert_eq!(realised_yield(100, 100, time), Ok(Ratio::ZERO));
    let fine = Term::new(ratio(1, i128::MAX), ratio(1, i128::MAX)).unwrap();
    assert_eq!(fine.bank_discount(1).map_err(|error| error.code()), Err("RATIO_OVERFLOW"));
}

proptest! {
    /// The true yield of a discount gives what the discount pays out.
    #[test]
    fn discount_and_its_yield_agree(face in 1u64..1_000_000_000, basis_points in 0i128..5_000, days in 0i128..360) {
        let (rate, time) = (ratio(basis_points, 10_000), ratio(days, 360));
        let term = Term::new(rate, time).unwrap();
        let paid = ratio(i128::from(face), 1).checked_add(ratio(-1, 1).checked_mul(term.bank_discount(face).unwrap()).unwrap());
        let by_yield = Term::new(term.true_yield().unwrap(), time).unwrap().present_value(face);
        prop_assert_eq!(by_yield, Ok(paid.unwrap()));
    }
}
