//! The handbook's tables, refusals, and day counts against going day by day.

use proptest::prelude::*;

use super::*;
use crate::calendar::Week;
use crate::ratio::Rounding;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(start: &str, end: &str) -> Period {
    Period::new(date(start), date(end)).unwrap()
}

/// A fraction times `factor`, to the nearest.
fn scaled(fraction: Ratio, factor: i128) -> i128 {
    fraction.checked_mul(Ratio::new(factor, 1).unwrap()).unwrap().round(Rounding::HalfEven)
}

/// Days by 30/360, 30E/360 and ACT; billionths of a year by ACT/360, ACT/365F and ACT/ACT ISDA.
fn check(start: &str, end: &str, days: [i64; 3], billionths: [i128; 3]) {
    let period = period(start, end);
    let counted = [DayCount::Thirty360, DayCount::ThirtyE360, DayCount::Actual360].map(|count| count.days(period));
    assert_eq!(counted, days, "{start} {end}");
    let fractions = [DayCount::Actual360, DayCount::Actual365Fixed, DayCount::ActualActualIsda]
        .map(|count| scaled(count.year_fraction(period).unwrap(), 1_000_000_000));
    assert_eq!(fractions, billionths, "{start} {end}");
}

#[test]
fn day_counts_give_the_figures_of_the_handbook() {
    check("2007-01-15", "2007-01-31", [16, 15, 16], [44_444_444, 43_835_616, 43_835_616]);
    check("2007-02-28", "2007-08-31", [183, 182, 184], [511_111_111, 504_109_589, 504_109_589]);
    check("2007-08-31", "2008-02-29", [179, 179, 182], [505_555_556, 498_630_137, 498_188_487]);
    check("2008-02-29", "2008-08-31", [182, 181, 184], [511_111_111, 504_109_589, 502_732_240]);
    check("2008-02-28", "2008-03-31", [33, 32, 32], [88_888_889, 87_671_233, 87_431_694]);
    check("2007-09-30", "2008-03-31", [180, 180, 183], [508_333_333, 501_369_863, 500_696_160]);
    check("2003-11-01", "2004-05-01", [180, 180, 182], [505_555_556, 498_630_137, 497_724_381]);
}

#[test]
fn months_of_28_days_make_years_of_336() {
    let days = |start, end| DayCount::TwentyEightE336.days(period(start, end));
    assert_eq!(days("2026-01-01", "2027-01-01"), 336);
    assert_eq!(days("2026-01-15", "2026-02-15"), 28);
    assert_eq!(days("2026-01-28", "2026-01-31"), 0);
    assert_eq!(days("2026-01-31", "2026-03-01"), 29);
    let half = DayCount::TwentyEightE336.year_fraction(period("2026-02-28", "2026-08-31"));
    assert_eq!(half, Ratio::new(1, 2));
}

#[test]
fn the_ends_of_february_count_as_each_market_says() {
    let us = |start, end| DayCount::Thirty360Us.days(period(start, end));
    assert_eq!(us("2007-02-28", "2007-08-31"), 180);
    assert_eq!(us("2007-08-31", "2008-02-29"), 179);
    assert_eq!(us("2007-02-28", "2008-02-29"), 360);
    assert_eq!(us("2008-02-28", "2008-03-31"), 33);
    assert_eq!(us("2007-01-15", "2007-01-31"), 16);
    assert_eq!(us("2007-01-30", "2007-01-31"), 0);
    assert_eq!(us("2007-02-28", "2007-03-01"), 1);

    let isda = |start, end, maturity: Option<&str>| {
        DayCount::ThirtyE360Isda { maturity: maturity.map(date) }.days(period(start, end))
    };
    assert_eq!(isda("2007-02-28", "2007-08-31", None), 180);
    assert_eq!(isda("2007-08-31", "2008-02-29", None), 180);
    assert_eq!(isda("2007-08-31", "2008-02-29", Some("2008-02-29")), 179);
    assert_eq!(isda("2008-02-29", "2008-08-31", Some("2008-08-31")), 180);
    assert_eq!(isda("2008-02-28", "2008-03-31", None), 32);
    assert_eq!(isda("2007-02-28", "2007-02-28", Some("2007-02-28")), 0);
    assert_eq!(isda("2007-02-27", "2007-02-28", Some("2007-02-28")), 1);
}

#[test]
fn interest_of_published_contracts_comes_out() {
    // Interest in 10^-10 of the currency's unit, from principal, rate in percent and fraction of a year.
    let interest = |principal: i128, percent: i128, count: DayCount, start, end| {
        scaled(count.year_fraction(period(start, end)).unwrap(), principal * percent * 100_000_000)
    };
    let fixed = DayCount::Actual365Fixed;
    assert_eq!(interest(3_000, 10, fixed, "2013-01-01", "2013-02-01"), 254_794_520_548);
    assert_eq!(interest(3_000, 10, fixed, "2013-02-01", "2013-03-01"), 230_136_986_301);
    assert_eq!(interest(3_000, 10, DayCount::Actual360, "2013-01-01", "2013-03-01"), 491_666_666_667);
    assert_eq!(interest(3_000, 10, DayCount::Actual360, "2013-03-01", "2013-05-01"), 508_333_333_333);
    assert_eq!(interest(3_000, 10, DayCount::ThirtyE360, "2013-01-01", "2013-02-01"), 250_000_000_000);
    assert_eq!(interest(3_000, 10, DayCount::ThirtyE360, "2013-01-31", "2013-02-28"), 233_333_333_333);
    assert_eq!(interest(3_000, 10, DayCount::ThirtyE360, "2013-02-28", "2013-03-29"), 258_333_333_333);
    assert_eq!(interest(5_000, 8, fixed, "2013-01-01", "2013-02-01"), 339_726_027_397);
    assert_eq!(interest(4_500, 8, fixed, "2013-02-01", "2013-03-01"), 276_164_383_562);
    // A loan of 800,000.00 at 6 % over 180 days.
    assert_eq!(interest(800_000, 6, DayCount::Actual360, "2026-03-01", "2026-08-28"), 24_000 * 10_000_000_000);
    assert_eq!(scaled(fixed.year_fraction(period("2026-03-01", "2026-08-28")).unwrap(), 4_800_000), 2_367_123);
}

#[test]
fn business_days_over_252_follow_their_calendar() {
    let calendar = Calendar::new(Week::MondayToFriday, &[date("2025-10-01"), date("2025-10-02")], &[]).unwrap();
    let count = DayCount::Business252 { calendar: &calendar };
    assert_eq!(count.year_fraction(period("2025-09-29", "2025-10-06")), Ratio::new(3, 252));
}

#[test]
fn days_that_make_no_period_are_refused() {
    let code = |start, end| Period::new(date(start), date(end)).map_err(|error| error.code()).map(Period::days);
    assert_eq!(code("2026-01-02", "2026-01-01"), Err("PERIOD_REVERSED"));
    assert_eq!(code("2026-01-01", "2026-01-01"), Ok(0));
    assert_eq!(code("1582-12-31", "2026-01-01"), Err("PERIOD_YEAR"));
    assert_eq!(code("1583-01-01", "9999-12-31"), Ok(3_074_245));
    assert_eq!(code("2026-01-01", "+10000-01-01"), Err("PERIOD_YEAR"));
}

proptest! {
    #[test]
    fn actual_days_are_counted_as_going_day_by_day_counts_them(from in -140_000i32..2_900_000, length in 0i32..3_000) {
        let day = |offset| NaiveDate::from_epoch_days(from + offset).unwrap();
        let period = Period::new(day(0), day(length)).unwrap();
        let leap = (0..length).filter(|offset| day(*offset).leap_year()).count() as i128;
        let slow = Ratio::new((i128::from(length) - leap) * 366 + leap * 365, 365 * 366);
        prop_assert_eq!(DayCount::ActualActualIsda.year_fraction(period), slow);
        prop_assert_eq!(DayCount::Actual365Fixed.year_fraction(period), Ratio::new(i128::from(length), 365));
    }

    /// Day by day, no 31st adds a day, and the first of a month adds what the month before lacks of 30.
    #[test]
    fn months_of_thirty_days_are_counted_as_going_day_by_day_counts_them(
        from in -140_000i32..2_900_000, length in 0i32..800,
    ) {
        let day = |offset| NaiveDate::from_epoch_days(from + offset).unwrap();
        let step = |offset| match (day(offset).day(), day(offset + 1).day()) {
            (_, 31) => 0,
            (last, 1) => 31 - i64::from(last.min(30)),
            _ => 1,
        };
        let period = Period::new(day(0), day(length)).unwrap();
        let slow: i64 = (0..length).map(step).sum();
        prop_assert_eq!(DayCount::ThirtyE360.days(period), slow);
        let counts_a_31st = day(length).day() == 31 && day(0).day() < 30;
        prop_assert_eq!(DayCount::Thirty360.days(period), slow + i64::from(counts_a_31st));
        // The others move an end of February by at most two days.
        for count in [DayCount::Thirty360Us, DayCount::ThirtyE360Isda { maturity: Some(day(length)) }] {
            let days = count.days(period);
            prop_assert!(days >= 0 && (slow - 2..=slow + 2).contains(&days), "{count:?} {days} {slow}");
        }
    }
}
