//! Conventions by figures, refusals, and counting against going day by day.

use proptest::prelude::*;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn dates<const N: usize>(texts: [&str; N]) -> [NaiveDate; N] {
    texts.map(date)
}

/// China's National Day of 2025: closed from 1 to 8 October, open on the Sunday before and the Saturday after.
fn golden_week() -> Calendar {
    let holidays = ["2025-10-01", "2025-10-02", "2025-10-03", "2025-10-05", "2025-10-06", "2025-10-07", "2025-10-08"];
    Calendar::new(Week::MondayToFriday, &dates(holidays), &dates(["2025-09-28", "2025-10-11"])).unwrap()
}

/// The days of an event under conventions of the same roll: no shift, shift/calculate, calculate/shift.
fn check(calendar: &Calendar, roll: &str, scheduled: &str, moved: &str) {
    let (scheduled, moved) = (date(scheduled), date(moved));
    let days = |code: &str| {
        let days = BusinessDayConvention::from_code(code).unwrap().apply(scheduled, calendar).unwrap();
        (days.happens, days.calculated)
    };
    assert_eq!(days("NOS"), (scheduled, scheduled));
    assert_eq!(days(&format!("SC{roll}")), (moved, moved), "SC{roll} {scheduled}");
    assert_eq!(days(&format!("CS{roll}")), (moved, scheduled), "CS{roll} {scheduled}");
}

#[test]
fn events_on_a_weekend_move_as_their_convention_says() {
    let weekdays = Calendar::plain(Week::MondayToFriday);
    for (roll, scheduled, moved) in [
        // The Sunday at the end of March 2013.
        ("F", "2013-03-31", "2013-04-01"),
        ("MF", "2013-03-31", "2013-03-29"),
        ("P", "2013-03-31", "2013-03-29"),
        ("MP", "2013-03-31", "2013-03-29"),
        // A Saturday on the first of June.
        ("F", "2013-06-01", "2013-06-03"),
        ("MF", "2013-06-01", "2013-06-03"),
        ("P", "2013-06-01", "2013-05-31"),
        ("MP", "2013-06-01", "2013-06-03"),
        // A Wednesday.
        ("F", "2013-06-05", "2013-06-05"),
        ("MP", "2013-06-05", "2013-06-05"),
    ] {
        check(&weekdays, roll, scheduled, moved);
        check(&Calendar::plain(Week::EveryDay), roll, scheduled, scheduled);
    }
}

#[test]
fn listed_days_are_holidays_and_working_weekends() {
    let calendar = golden_week();
    for (day, expected) in [
        ("2025-09-27", false),
        ("2025-09-28", true),
        ("2025-09-30", true),
        ("2025-10-01", false),
        ("2025-10-04", false),
        ("2025-10-09", true),
        ("2025-10-11", true),
        ("2025-10-12", false),
    ] {
        assert_eq!(calendar.is_business_day(date(day)), expected, "{day}");
    }
    check(&calendar, "F", "2025-10-01", "2025-10-09");
    check(&calendar, "P", "2025-10-08", "2025-09-30");
    check(&calendar, "MP", "2025-10-08", "2025-10-09");
    let count = |start, end| calendar.business_days(date(start), date(end));
    assert_eq!(count("2025-09-28", "2025-10-12"), 6);
    assert_eq!(count("2025-10-12", "2025-09-28"), 0);
}

#[test]
fn months_end_as_their_convention_says() {
    let check = |anchor, months, same_day, last_day| {
        let after = |convention| months_after(date(anchor), months, convention).unwrap();
        assert_eq!([after(EndOfMonth::SameDay), after(EndOfMonth::LastDay)], dates([same_day, last_day]), "{anchor}");
    };
    check("2013-01-31", 1, "2013-02-28", "2013-02-28");
    check("2013-01-31", 2, "2013-03-31", "2013-03-31");
    check("2013-04-30", 1, "2013-05-30", "2013-05-31");
    check("2013-04-30", 2, "2013-06-30", "2013-06-30");
    check("2013-02-28", 12, "2014-02-28", "2014-02-28");
    check("2023-02-28", 12, "2024-02-28", "2024-02-29");
    check("2024-02-28", 12, "2025-02-28", "2025-02-28");
    check("2013-04-29", 1, "2013-05-29", "2013-05-29");
    check("2013-04-30", 0, "2013-04-30", "2013-04-30");
}

#[test]
fn calendars_that_cannot_be_are_refused() {
    let code = |result: Result<Calendar, CalendarError>| result.unwrap_err().code();
    let [day, other] = dates(["2025-10-01", "2025-10-11"]);
    assert_eq!(code(Calendar::new(Week::EveryDay, &[day, other], &[other])), "CALENDAR_CONTRADICTION");
    assert_eq!(code(Calendar::new(Week::EveryDay, &[day; DAYS_MAX], &[other])), "CALENDAR_TOO_MANY_DAYS");
    assert!(Calendar::new(Week::EveryDay, &[day; DAYS_MAX], &[]).is_ok());
    // A holiday on a weekend and a working day in the week change nothing.
    let same = Calendar::new(Week::MondayToFriday, &[other], &[day]);
    assert_eq!(same, Ok(Calendar::plain(Week::MondayToFriday)));
}

#[test]
fn unknown_conventions_and_the_end_of_dates_are_refused() {
    let unknown = BusinessDayConvention::from_code("scf").unwrap_err();
    assert_eq!(unknown.code(), "CALENDAR_UNKNOWN_CONVENTION");
    let last = NaiveDate::MAX;
    let closed = Calendar::new(Week::EveryDay, &[last], &[]).unwrap();
    assert_eq!(closed.roll(last, Roll::Following).unwrap_err().code(), "CALENDAR_OUT_OF_DATES");
    assert_eq!(closed.roll(last, Roll::ModifiedFollowing).ok(), last.pred_opt());
    assert_eq!(months_after(last, 1, EndOfMonth::LastDay).unwrap_err().code(), "CALENDAR_OUT_OF_DATES");
}

proptest! {
    #[test]
    fn business_days_are_counted_as_going_day_by_day_counts_them(
        from in -40_000i32..40_000, length in 0i32..900,
        holidays in prop::collection::btree_set(0i32..900, 0..40),
        working in prop::collection::btree_set(0i32..900, 0..40),
    ) {
        let day = |offset: &i32| NaiveDate::from_epoch_days(from + *offset).unwrap();
        let working: Vec<_> = working.difference(&holidays).map(day).collect();
        let holidays: Vec<_> = holidays.iter().map(day).collect();
        for week in [Week::EveryDay, Week::MondayToFriday] {
            let calendar = Calendar::new(week, &holidays, &working).unwrap();
            let slow = (0..length).map(|offset| day(&offset)).filter(|date| calendar.is_business_day(*date)).count();
            prop_assert_eq!(calendar.business_days(day(&0), day(&length)), slow as u64);
        }
    }

    #[test]
    fn a_date_rolls_to_a_business_day_and_stays_there(from in -40_000i32..40_000) {
        let start = NaiveDate::from_epoch_days(from).unwrap();
        for calendar in [golden_week(), Calendar::plain(Week::MondayToFriday)] {
            for roll in [Roll::Following, Roll::ModifiedFollowing, Roll::Preceding, Roll::ModifiedPreceding] {
                let moved = calendar.roll(start, roll).unwrap();
                prop_assert!(calendar.is_business_day(moved));
                prop_assert_eq!(calendar.roll(moved, roll), Ok(moved));
            }
        }
    }
}
