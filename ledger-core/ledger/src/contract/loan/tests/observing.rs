//! Rates that follow a feed.

use super::*;
use crate::contract::price::{self, PriceFeed, Quotation};

/// Resets every two months to the feed's rate and half a per cent, between nothing and twelve per cent.
fn following(feed: &Feed) -> [(&'static str, String); 5] {
    [
        ("cycleOfRateReset", "P2ML1".to_owned()),
        ("marketObjectCodeOfRateReset", feed.id.to_string()),
        ("rateSpread", "0.005".to_owned()),
        ("lifeFloor", "0".to_owned()),
        ("lifeCap", "0.12".to_owned()),
    ]
}

impl Scene {
    /// With a feed, of a rate unless the test changes it; nothing is lent yet.
    pub(super) fn with_feed(change: impl Fn(&mut PriceFeed)) -> Self {
        let mut scene = Scene::with(1_000_000);
        let mut feed = Feed::rate(&scene.world);
        change(&mut feed);
        scene.feed = Some(Feed::define(&mut scene.world, &feed));
        scene
    }

    /// The bullet with a rate that follows the feed, and some terms changed.
    pub(super) fn variable(&self, changes: &[(&str, &str)]) -> Vec<Term> {
        let following = following(self.feed.as_ref().unwrap());
        let following = following.each_ref().map(|(name, value)| (*name, value.as_str()));
        with(with(bullet(), &following), changes)
    }

    /// A bullet whose rate is the feed's and half a per cent, reset every two months.
    fn following() -> Self {
        let mut scene = Self::with_feed(|_| {});
        let terms = scene.variable(&[]);
        scene.open(terms);
        scene
    }

    /// Publishes now.
    pub(super) fn publish(&mut self, value: u64) -> StateRef {
        self.feed.as_mut().unwrap().publish(&mut self.world, value)
    }

    fn feed_state(&self) -> StateRef {
        self.feed.as_ref().unwrap().state
    }

    /// Builds an observation by a party who refers to states; of the loan unchanged where there is nothing to observe.
    pub(super) fn observation(&mut self, party: Who, references: &[StateRef]) -> TransactionBuilder {
        let before = self.read();
        let builder = self.world.build(party).input(self.loan);
        let builder = references.iter().copied().fold(builder, TransactionBuilder::past);
        let on = builder.clone().build().effective_on;
        let mut after = before.clone();
        if let Some(reset) = before.next_reset().unwrap() {
            let referred = references.first().and_then(|reference| self.world.ledger.unspent(reference));
            let price = referred.filter(|referred| referred.state.is(price::NAME, price::PRICE));
            let price = price.map(|referred| price::read_price(&referred.state));
            let value = price.map(|price| price.map(|price| (price.point.value, price.quotation.scale)).unwrap());
            after.rates.push(Rate { on: reset, value });
        }
        let after = after.carried_out_to(on).unwrap();
        let command = wire::LoanObserve { loan: before.loan.to_vec(), party: party.address().to_vec() };
        builder.output(loan_state(&after)).command(id(), OBSERVE, &command)
    }

    fn observe(&mut self, references: &[StateRef]) -> Loan {
        let builder = self.observation(LENDER, references);
        let observed = self.world.accept(builder, &[LENDER]);
        self.loan = super::last(&self.world, observed);
        self.read()
    }

    fn refused_to_observe(&mut self, party: Who, references: &[StateRef]) -> String {
        let builder = self.observation(party, references);
        self.world.refuse(builder, &[party])
    }
}

#[test]
fn the_rate_follows_its_feed_and_nothing_falls_due_past_a_reset_before() {
    let mut scene = Scene::following();
    let stale = scene.publish(300);
    let early = scene.on("2026-04-30").publish(340);
    let last = scene.publish(350);
    let later = scene.on("2026-05-02").publish(400);
    assert_eq!(scene.refused_to_observe(BORROWER, &[]), "LOAN_PRICE_NOT_REFERRED");
    assert_eq!(scene.refused_to_observe(BORROWER, &[last, early]), "LOAN_PRICE_NOT_REFERRED");
    assert_eq!(scene.refused_to_observe(BORROWER, &[later]), "LOAN_PRICE_LATER");
    assert_eq!(scene.refused_to_observe(BORROWER, &[stale]), "LOAN_PRICE_STALE");
    assert_eq!(scene.refused_to_observe(BORROWER, &[early]), "PRICE_SUPERSEDED");
    assert_eq!(scene.refused_to_observe(BankA, &[last]), "LOAN_OBSERVER_IS_STRANGER");
    let forged = scene.observation(BORROWER, &[last]);
    assert_eq!(scene.world.refuse(forged, &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");

    // Two months at the rate of the terms; of June nothing is known before the reset of May is observed.
    let after = scene.on("2026-06-02").repay(3_000).unwrap().unwrap();
    assert_eq!((after.paid, after.due), (parts(0, 3_000, 0), Parts::default()));
    assert_eq!(scene.repay(1), Err("LOAN_OVERPAID".to_owned()));
    let builder = scene.observation(BORROWER, &[last]);
    let scale = Scale::new(2).unwrap();
    let cheaper = changing(builder.clone(), |loan| loan.rates[0].value = Some((minor(100), scale)));
    assert_eq!(scene.world.refuse(cheaper, &[BORROWER]), "DEBT_CHANGED");
    let observed = scene.world.accept(builder, &[BORROWER]);
    scene.loan = super::last(&scene.world, observed);
    // 3.50 % and half a per cent are 4 %: 10.00 a month.
    assert_eq!(scene.read().due, parts(0, 1_000, 0));
    scene.repay(1_000).unwrap().unwrap();
    let next = scene.on("2026-06-30").publish(400);
    scene.on("2026-07-02").observe(&[next]);
    assert_eq!(scene.refused_to_observe(LENDER, &[next]), "LOAN_NO_RESET_PENDING");
    // July at 4 %, August and September's end at 4.5 %.
    let due = scene.read().carried_out_to(date("2026-09-01")).unwrap().due;
    assert_eq!(due, parts(0, 1_000 + 2 * 1_125, 300_000));
    assert_eq!(scene.on("2026-09-01").repay(303_250), Ok(None));
    assert!(scene.replays());
}

/// A price is published within a day of its time, so only a day after the reset's begin is it settled which was the latest.
#[test]
fn nobody_observes_while_a_price_of_before_the_reset_can_come() {
    let mut scene = Scene::following();
    let dear = scene.on("2026-04-30").publish(900);
    let midnight = scene.on("2026-05-01").world.now_ms - 1_000;
    let (day, minute) = (86_400_000, 60_000);
    // The publishers quoted just before midnight; what they signed comes to the chain after it.
    scene.world.now_ms = midnight - minute;
    let late = scene.feed.as_ref().unwrap().publication(&mut scene.world, 300);
    scene.world.now_ms = midnight + 30 * minute;
    assert_eq!(scene.refused_to_observe(LENDER, &[dear]), "LOAN_RESET_NOT_YET");
    let feed = scene.feed_state();
    assert_eq!(scene.refused_to_observe(BORROWER, &[feed]), "LOAN_RESET_NOT_YET");
    let late = scene.feed.as_mut().unwrap().accepted(&mut scene.world, late);
    scene.world.now_ms = midnight + day - 1;
    let early = scene.observation(BORROWER, &[late]).changed(|transaction| {
        transaction.time_window.until_ms = midnight + day;
    });
    assert_eq!(scene.world.refuse(early, &[BORROWER]), "LOAN_RESET_NOT_YET");
    scene.world.now_ms = midnight + day;
    assert_eq!(scene.refused_to_observe(LENDER, &[dear]), "PRICE_SUPERSEDED");
    assert_eq!(scene.observe(&[late]).rates[0].value.unwrap().0, minor(300));
}

/// A feed that is silent stops no loan: its rate stays until the next reset.
#[test]
fn without_a_price_that_counts_the_rate_stays() {
    let mut scene = Scene::following();
    // Exactly as old as a price may be is fresh; a millisecond more is not.
    scene.on("2026-04-30").world.now_ms -= 1_001;
    let stale = scene.publish(900);
    let feed = scene.feed_state();
    scene.on("2026-05-02");
    assert_eq!(scene.refused_to_observe(BORROWER, &[stale]), "LOAN_PRICE_STALE");
    assert_eq!(scene.refused_to_observe(BORROWER, &[stale, feed]), "LOAN_PRICE_STALE");
    let after = scene.observe(&[feed]);
    assert_eq!(after.rates[0], Rate { on: date("2026-05-01"), value: None });
    assert_eq!(after.carried_out_to(date("2026-07-01")).unwrap().due, parts(0, 4 * 1_500, 0), "6 % as before");

    let fresh = scene.on("2026-06-30").publish(350);
    scene.on("2026-07-02");
    let feed = scene.feed_state();
    assert_eq!(scene.refused_to_observe(BORROWER, &[feed]), "PRICE_SUPERSEDED", "there is one that counts");
    let after = scene.observe(&[fresh]);
    assert_eq!(after.carried_out_to(date("2026-09-01")).unwrap().due, parts(0, 4 * 1_500 + 2 * 1_000, 300_000));
    assert!(scene.replays());
}

/// Past the cap is the cap, whatever the publishers quote.
#[test]
fn no_price_stops_a_loan() {
    let mut scene = Scene::following();
    let highest = scene.on("2026-04-30").publish(i64::MAX.unsigned_abs());
    let after = scene.on("2026-05-02").observe(&[highest]);
    assert_eq!(after.carried_out_to(date("2026-07-01")).unwrap().due, parts(0, 2 * 1_500 + 2 * 3_000, 0));
}

#[test]
fn a_rate_follows_a_feed_that_is_read_between_a_floor_and_a_cap() {
    let refused = |changes: &[(&str, &str)]| {
        let mut scene = Scene::with_feed(|_| {});
        let terms = scene.variable(changes);
        let builder = scene.opening("L-1", terms, |_| {});
        scene.world.submit(builder, &BOTH).err().map(|rejection| rejection.code)
    };
    let another = "00000000000000000000000000000000000000000000000000000000000000ff";
    let added = [
        ("contractType", "NAM"),
        ("cycleOfPrincipalRedemption", "P1ML1"),
        ("nextPrincipalRedemptionPayment", "25"),
        ("capitalizationEndDate", "2026-08-01"),
    ];
    let lower = [&added[..], &[("lifeCap", "0.07")]].concat();
    let annuity = [("contractType", "ANN"), ("cycleOfPrincipalRedemption", "P1ML1"), ("cycleOfRateReset", "P1ML1")];
    let long = [&annuity[..], &[("maturityDate", "2045-03-01")]].concat();
    let longer = [&long[..], &[("amortizationDate", "2055-03-01")]].concat();
    let cases: [Case; 14] = [
        (&[], None),
        (&[("marketObjectCodeOfRateReset", "LPR")], Some("LOAN_FEED_NOT_NAMED")),
        (&[("marketObjectCodeOfRateReset", another)], Some("LOAN_FEED_NOT_READ")),
        (&[("lifeFloor", "")], Some("LOAN_FLOOR_MISSING")),
        (&[("lifeFloor", "-0.01")], Some("LOAN_FLOOR_MISSING")),
        (&[("lifeCap", "")], Some("LOAN_CAP_MISSING")),
        (&[("lifeFloor", "0.13")], Some("LOAN_CAP_MISSING")),
        (&[("lifeCap", "10001")], Some("ACTUS_OVERFLOW")),
        (&[("businessDayConvention", "SCF")], Some("LOAN_RESET_MOVED")),
        (&[("maturityDate", "2027-03-01"), ("cycleOfRateReset", "P1DL1")], Some("LOAN_TOO_MANY_RESETS")),
        // At 12 % the interest that is added is 30.00 a month, and the borrower would get five of them.
        (&added, Some("LOAN_PAYS_OUT_LATER")),
        (&lower, None),
        (&long, None),
        (&longer, Some("ACTUS_TOO_MANY_PERIODS")),
    ];
    for (changes, code) in cases {
        assert_eq!(refused(changes).as_deref(), code, "{changes:?}");
    }
    let mut by_the_tonne =
        Scene::with_feed(|feed| feed.quotation = Quotation { unit: "TNE".to_owned(), ..feed.quotation.clone() });
    let builder = by_the_tonne.opening("L-1", by_the_tonne.variable(&[]), |_| {});
    assert_eq!(by_the_tonne.world.refuse(builder, &BOTH), "LOAN_PRICE_UNIT");
}

#[test]
fn a_loan_of_a_fixed_rate_has_nothing_to_observe() {
    let mut scene = Scene::opened(bullet());
    let builder = scene.observation(LENDER, &[]);
    assert_eq!(scene.world.refuse(builder, &[LENDER]), "LOAN_NO_RESET_PENDING");
}

/// Neither a rate nor a prepayment changes what fell due before it.
#[test]
fn what_has_fallen_due_stays_as_it_was() {
    let scene = Scene::following();
    let loan = scene.read();
    let before = |loan: &Loan, on: Date| {
        let all = postings(&loan.schedule().unwrap(), loan.scale).unwrap();
        all.into_iter().filter(|posting| posting.on <= on).collect::<Vec<_>>()
    };
    let reset = loan.next_reset().unwrap().unwrap();
    assert_eq!((reset, before(&loan, reset).len()), (date("2026-05-01"), 2));
    for value in [None, Some(350), Some(99_999)] {
        let rate = Rate { on: reset, value: value.map(|value| (minor(value), Scale::new(2).unwrap())) };
        let observed = Loan { rates: vec![rate], ..loan.clone() };
        assert_eq!(before(&observed, reset), before(&loan, reset), "{value:?}");
        assert_ne!(before(&observed, date("2026-09-01")), before(&loan, date("2026-09-01")), "{value:?}");
    }
    let mut early = loan.clone();
    early.terms = with(early.terms, &[("prepaymentEffect", "A")]);
    early.prepayments = vec![Prepayment { on: date("2026-04-15"), amount: minor(100_000) }];
    assert_eq!(before(&early, date("2026-04-14")), before(&loan, date("2026-04-14")));
}
