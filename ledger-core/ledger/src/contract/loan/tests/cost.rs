//! How often a schedule is computed for a transaction, and what the worst of them cost.

use std::cell::Cell;

use super::*;
use crate::verify::structural;

thread_local! {
    static SCHEDULES: Cell<u32> = const { Cell::new(0) };
}

/// A schedule is computed.
pub(in crate::contract::loan) fn counted() {
    SCHEDULES.set(SCHEDULES.get() + 1);
}

/// What is signed and sent of a builder.
fn sent(scene: &Scene, builder: TransactionBuilder, signers: &[Who]) -> Vec<u8> {
    World::sign(scene.world.fill(builder), signers).encode()
}

/// Verifies a transaction alone; how many schedules that takes, and the code where it is refused.
fn verified(scene: &Scene, bytes: &[u8]) -> (u32, Option<String>) {
    let before = SCHEDULES.get();
    let world = &scene.world;
    let resolved = structural(bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
    let refused = world.rules().semantic(resolved, &world.ledger).err();
    (SCHEDULES.get() - before, refused.map(|error| crate::Coded::code(&error).to_owned()))
}

#[test]
fn a_schedule_is_computed_once_for_what_it_is_and_once_for_what_it_becomes() {
    let mut scene = Scene::with(1_000_000);
    let terms = with(bullet(), &[("prepaymentEffect", "A")]);
    let opening = scene.opening("L-1", terms.clone(), |_| {});
    assert_eq!(verified(&scene, &sent(&scene, opening, &BOTH)), (1, None));
    scene.open(terms);
    let repayment = scene.on("2026-04-01").repayment(1_500);
    assert_eq!(verified(&scene, &sent(&scene, repayment, &[BORROWER])), (1, None));
    let early = scene.repayment(1_501);
    assert_eq!(verified(&scene, &sent(&scene, early, &[BORROWER])), (2, None), "a prepayment makes another one of it");
    let assignment = scene.assignment(BankA, |_| {});
    assert_eq!(verified(&scene, &sent(&scene, assignment, &[LENDER, BankA])), (0, None));
}

#[test]
fn a_rate_is_observed_with_one_schedule_and_opened_with_another_at_its_cap() {
    let mut scene = Scene::with_feed(|_| {});
    let terms = scene.variable(&[]);
    let opening = scene.opening("L-1", terms.clone(), |_| {});
    assert_eq!(verified(&scene, &sent(&scene, opening, &BOTH)), (2, None));
    scene.open(terms);
    let price = scene.on("2026-04-30").publish(350);
    let observation = scene.on("2026-05-02").observation(LENDER, &[price]);
    assert_eq!(verified(&scene, &sent(&scene, observation, &[LENDER])), (1, None));
}

/// `cargo nextest run --release -p ledger-core --run-ignored only --no-capture a_thousand_` prints what is verified; each test's own
/// time is that of a thousand.
fn a_thousand(changes: &[(&str, &str)], expected: Option<&str>) {
    let mut scene = Scene::with_feed(|_| {});
    let base = [
        ("contractType", "ANN"),
        ("cycleOfPrincipalRedemption", "P1ML1"),
        ("cycleOfRateReset", "P1ML1"),
        ("dayCountConvention", "AA"),
        ("maturityDate", "2045-03-01"),
        ("rateSpread", "0"),
        ("nominalInterestRate", "0.0012345678"),
    ];
    let terms = with(scene.variable(&base), changes);
    let opening = scene.opening("L-1", terms, |_| {});
    let bytes = sent(&scene, opening, &BOTH);
    for _ in 0..1_000 {
        assert_eq!(verified(&scene, &bytes).1.as_deref(), expected);
    }
}

const FIXED: [(&str, &str); 4] =
    [("cycleOfRateReset", ""), ("marketObjectCodeOfRateReset", ""), ("lifeFloor", ""), ("lifeCap", "")];

#[test]
#[ignore = "measures"]
fn a_thousand_openings_of_a_bullet() {
    a_thousand(&[&FIXED[..], &[("contractType", "PAM"), ("maturityDate", "2026-09-01")]].concat(), None);
}

#[test]
#[ignore = "measures"]
fn a_thousand_openings_of_an_annuity_of_thirty_years() {
    a_thousand(&[&FIXED[..], &[("maturityDate", "2056-03-01")]].concat(), None);
}

/// As many resets as may be for as many payments: the most that an opening costs.
#[test]
#[ignore = "measures"]
fn a_thousand_openings_of_an_annuity_with_a_new_rate_each_month() {
    a_thousand(&[], None);
}

#[test]
#[ignore = "measures"]
fn a_thousand_openings_that_are_amortised_long_after_their_end() {
    a_thousand(&[("amortizationDate", "2100-01-01")], Some("ACTUS_TOO_MANY_PERIODS"));
}

#[test]
#[ignore = "measures"]
fn a_thousand_openings_with_a_reset_each_day() {
    let daily =
        [("cycleOfInterestPayment", "P1DL1"), ("cycleOfPrincipalRedemption", "P1DL1"), ("cycleOfRateReset", "P1DL1")];
    a_thousand(&[&daily[..], &[("maturityDate", "9999-12-31")]].concat(), Some("ACTUS_TOO_MANY_EVENTS"));
}
