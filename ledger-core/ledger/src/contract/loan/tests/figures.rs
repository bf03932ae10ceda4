//! Figures computed elsewhere: the handbook's annuity and loans, and how exact amounts become whole ones.

use super::*;

/// 800,000.00 at 0.5 % a month in six payments, of 135,676.36 by the agreement.
fn annuity() -> Vec<Term> {
    let changes = [
        ("contractType", "ANN"),
        ("notionalPrincipal", "800000"),
        ("cycleOfPrincipalRedemption", "P1ML1"),
        ("nextPrincipalRedemptionPayment", "135676.36"),
    ];
    with(bullet(), &changes)
}

#[test]
fn the_handbooks_annuity_is_paid_to_the_fen() {
    let mut scene = Scene::with(100_000_000);
    scene.open(annuity());
    for day in ["2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"] {
        assert_eq!(scene.on(day).repay(13_567_637), Err("LOAN_OVERPAID".to_owned()), "{day}");
        let after = scene.repay(13_567_636).unwrap().unwrap();
        assert_eq!(after.due, Parts::default(), "{day}");
    }
    let before = scene.read();
    let last = before.carried_out_to(date("2026-09-01")).unwrap().due;
    assert_eq!(last.total(), Ok(minor(13_567_639)));
    let paid = before.paid.checked_add(&last).unwrap();
    assert_eq!(paid, parts(0, 1_405_819, 80_000_000));
    assert_eq!(scene.on("2026-09-01").repay(13_567_639), Ok(None));
    assert!(scene.replays());
}

/// Where the amount follows from the terms nothing is lost either: no payment is further than a fen from the others.
#[test]
fn an_annuity_without_an_agreed_amount_comes_to_the_same_sum() {
    let mut scene = Scene::with(100_000_000);
    scene.open(with(annuity(), &[("nextPrincipalRedemptionPayment", "")]));
    let loan = scene.read();
    let postings = postings(&loan.schedule().unwrap(), loan.scale).unwrap();
    let totals: Vec<_> = postings.iter().map(|posting| posting.due.total().unwrap().minor()).collect();
    assert_eq!(totals.len(), 6);
    assert!(totals.iter().all(|total| [13_567_636, 13_567_637].contains(total)), "{totals:?}");
    assert_eq!(totals.iter().sum::<u64>(), 81_405_819);
}

/// Scenario A1: 800,000.00 at 6 % on 180 days of 360 is 24,000.00; by 365 it would be 23,671.23.
#[test]
fn interest_is_of_the_days_that_the_terms_count() {
    for (days, interest) in [("A360", 2_400_000), ("A365", 2_367_123)] {
        let mut scene = Scene::with(100_000_000);
        let changes = [
            ("notionalPrincipal", "800000"),
            ("maturityDate", "2026-08-28"),
            ("dayCountConvention", days),
            ("cycleOfInterestPayment", ""),
        ];
        scene.open(with(bullet(), &changes));
        let due = scene.read().carried_out_to(date("2026-08-28")).unwrap().due;
        assert_eq!(due, parts(0, interest, 80_000_000), "{days}");
        assert_eq!(scene.on("2026-08-28").repay(80_000_000 + interest), Ok(None));
    }
}

/// 10.00 at 0.6 % a year: half a cent a month. Half to even, with the rest carried on, pays 0, 1, 1, 0, 0, 1.
#[test]
fn what_rounding_leaves_is_carried_on() {
    let mut scene = Scene::with(100_000);
    scene.open(with(bullet(), &[("notionalPrincipal", "10"), ("nominalInterestRate", "0.006")]));
    let loan = scene.read();
    let postings = postings(&loan.schedule().unwrap(), loan.scale).unwrap();
    let due: Vec<_> = postings.iter().map(|posting| (posting.on.to_string(), posting.due)).collect();
    let expected = [("2026-05-01", parts(0, 1, 0)), ("2026-06-01", parts(0, 1, 0)), ("2026-09-01", parts(0, 1, 1_000))];
    assert_eq!(due, expected.map(|(on, due)| (on.to_owned(), due)));
}

/// 10.01 and a fee of half a cent are 10.015, whose even neighbour is 10.02; what was lent is 10.01 all the same.
#[test]
fn a_tie_adds_nothing_to_principal() {
    for (fee, due) in [("0.005", parts(0, 0, 1_001)), ("0.015", parts(2, 0, 1_001))] {
        let mut scene = Scene::with(100_000);
        let changes =
            [("notionalPrincipal", "10.01"), ("nominalInterestRate", "0"), ("feeBasis", "A"), ("feeRate", fee)];
        scene.open(with(bullet(), &changes));
        assert_eq!(scene.read().carried_out_to(date("2026-09-01")).unwrap().due, due, "{fee}");
    }
}

/// Interest over the payment is added to the principal; what is paid is the payment all the same.
#[test]
fn a_payment_that_does_not_cover_its_interest_is_still_what_falls_due() {
    let mut scene = Scene::with(1_000_000);
    let changes =
        [("contractType", "NAM"), ("cycleOfPrincipalRedemption", "P1ML1"), ("nextPrincipalRedemptionPayment", "10")];
    scene.open(with(bullet(), &changes));
    let loan = scene.read();
    let postings = postings(&loan.schedule().unwrap(), loan.scale).unwrap();
    assert!(postings[..5].iter().all(|posting| posting.due == parts(0, 1_000, 0)), "{postings:?}");
    let all: u64 = postings.iter().map(|posting| posting.due.total().unwrap().minor()).sum();
    let principal: u64 = postings.iter().map(|posting| posting.due.principal.minor()).sum();
    assert_eq!((principal, all > 309_000), (300_000, true));
}
