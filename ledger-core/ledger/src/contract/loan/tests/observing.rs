//! Rates that follow a feed.

use super::*;
use crate::FeedId;
use crate::contract::price::{self, PriceFeed, Quotation, feed_state, price_state};

const PUBLISHERS: [Who; 3] = [BankA, Supplier, Attestor];

/// A feed of a rate, as the test likes it.
struct Feed {
    state: StateRef,
}

impl Feed {
    fn define(world: &mut World, code: &str, unit: &str) -> (Self, FeedId) {
        let mut publishers: Vec<_> = PUBLISHERS.iter().map(|who| who.address()).collect();
        publishers.sort();
        let feed = PriceFeed {
            feed: FeedId::derive(&world.ledger.chain(), &BankA.address(), code),
            owner: BankA.address(),
            code: code.to_owned(),
            quotation: Quotation { currency: "USD".to_owned(), unit: unit.to_owned(), scale: Scale::new(2).unwrap() },
            publishers,
            quorum: 3,
            max_age_ms: 86_400_000,
            jump_basis_points: 10_000,
            last: None,
        };
        let builder = world.build(BankA).output(feed_state(&feed));
        let builder = builder.command(ContractId::built_in(price::NAME), price::DEFINE, &wire::PriceDefine {});
        (Self { state: StateRef { transaction: world.accept(builder, &PUBLISHERS), index: 0 } }, feed.feed)
    }

    /// Publishes now; the price's state.
    fn publish(&mut self, world: &mut World, value: u64) -> StateRef {
        let before = price::read_feed(&world.state(self.state)).unwrap();
        let time_ms = world.now_ms;
        let (after, price) = before.published(time_ms, &[minor(value); 3]).unwrap();
        let quote = |who: &Who| wire::PriceQuote { publisher: who.address().to_vec(), value };
        let mut quotes: Vec<_> = PUBLISHERS.iter().map(quote).collect();
        quotes.sort_by(|one, other| one.publisher.cmp(&other.publisher));
        let command = wire::PricePublish { feed: before.feed.to_vec(), time_ms, quotes, override_breaker: true };
        let outputs = [feed_state(&after), price_state(&before, &price)];
        let builder = outputs.into_iter().fold(world.build(BankA).input(self.state), TransactionBuilder::output);
        let builder = builder.command(ContractId::built_in(price::NAME), price::PUBLISH, &command);
        let transaction = world.accept(builder, &PUBLISHERS);
        self.state = StateRef { transaction, index: 0 };
        StateRef { transaction, index: 1 }
    }
}

impl Scene {
    /// A bullet whose rate is the feed's and half a per cent, reset every two months.
    fn following(unit: &str) -> (Self, Feed) {
        let mut scene = Scene::with(1_000_000);
        let (feed, id) = Feed::define(&mut scene.world, "LPR-1Y", unit);
        let changes = [
            ("cycleOfRateReset", "P2ML1"),
            ("marketObjectCodeOfRateReset", &id.to_string()),
            ("rateSpread", "0.005"),
            ("lifeFloor", "0"),
        ];
        scene.open(with(bullet(), &changes));
        (scene, feed)
    }

    /// Builds an observation by a party; of the loan unchanged where there is nothing to observe.
    fn observation(&mut self, party: Who, prices: &[StateRef]) -> TransactionBuilder {
        let before = self.read();
        let builder = prices.iter().copied().fold(self.world.build(party).input(self.loan), TransactionBuilder::past);
        let on = builder.clone().build().effective_on;
        let mut after = before.clone();
        if let (Some(price), Some(reset)) = (prices.first(), before.next_reset().unwrap())
            && let Ok(price) = price::read_price(&self.world.state(*price))
        {
            after.rates.push(Rate { on: reset, value: price.point.value, scale: price.quotation.scale });
        }
        let after = after.carried_out_to(on).unwrap();
        let command = wire::LoanObserve { loan: before.loan.to_vec(), party: party.address().to_vec() };
        builder.output(loan_state(&after)).command(id(), OBSERVE, &command)
    }
}

#[test]
fn the_rate_follows_its_feed_and_nothing_falls_due_past_a_reset_before() {
    let (mut scene, mut feed) = Scene::following("P1");
    let early = feed.publish(&mut scene.world, 300);
    let last = feed.publish(scene.on("2026-04-30").world_mut(), 350);
    let later = feed.publish(scene.on("2026-05-02").world_mut(), 400);
    let refused = |scene: &mut Scene, party: Who, prices: &[StateRef]| {
        let builder = scene.observation(party, prices);
        scene.world.refuse(builder, &[party])
    };
    assert_eq!(refused(&mut scene, BORROWER, &[]), "LOAN_PRICE_NOT_REFERRED");
    assert_eq!(refused(&mut scene, BORROWER, &[last, early]), "LOAN_PRICE_NOT_REFERRED");
    assert_eq!(refused(&mut scene, BORROWER, &[later]), "LOAN_PRICE_LATER");
    assert_eq!(refused(&mut scene, BORROWER, &[early]), "PRICE_SUPERSEDED");
    assert_eq!(refused(&mut scene, BankA, &[last]), "LOAN_OBSERVER_IS_STRANGER");
    let forged = scene.observation(BORROWER, &[last]);
    assert_eq!(scene.world.refuse(forged, &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");

    // Two months at the rate of the terms; of June nothing is known before the reset of May is observed.
    let after = scene.on("2026-06-02").repay(3_000).unwrap().unwrap();
    assert_eq!((after.paid, after.due), (parts(0, 3_000, 0), Parts::default()));
    assert_eq!(scene.repay(1), Err("LOAN_OVERPAID".to_owned()));
    let builder = scene.observation(BORROWER, &[last]);
    let cheaper = changing(builder.clone(), |loan| loan.rates[0].value = minor(100));
    assert_eq!(scene.world.refuse(cheaper, &[BORROWER]), "DEBT_CHANGED");
    let observed = scene.world.accept(builder, &[BORROWER]);
    scene.loan = super::last(&scene.world, observed);
    // 3.50 % and half a per cent are 4 %: 10.00 a month.
    assert_eq!(scene.read().due, parts(0, 1_000, 0));
    scene.repay(1_000).unwrap().unwrap();
    assert_eq!(refused(&mut scene, LENDER, &[last]), "LOAN_RESET_NOT_YET");
    let builder = scene.on("2026-07-01").observation(LENDER, &[later]);
    let observed = scene.world.accept(builder, &[LENDER]);
    scene.loan = super::last(&scene.world, observed);
    assert_eq!(refused(&mut scene, LENDER, &[later]), "LOAN_NO_RESET_PENDING");
    // July at 4 %, August and September's end at 4.5 %.
    let due = scene.read().carried_out_to(date("2026-09-01")).unwrap().due;
    assert_eq!(due, parts(0, 1_000 + 2 * 1_125, 300_000));
    assert_eq!(scene.on("2026-09-01").repay(303_250), Ok(None));
    assert!(scene.replays());
}

#[test]
fn a_rate_is_quoted_in_per_cent() {
    let (mut scene, mut feed) = Scene::following("TNE");
    let price = feed.publish(&mut scene.world, 350);
    let builder = scene.on("2026-05-01").observation(LENDER, &[price]);
    assert_eq!(scene.world.refuse(builder, &[LENDER]), "LOAN_PRICE_UNIT");
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
    let (scene, _) = Scene::following("P1");
    let loan = scene.read();
    let before = |loan: &Loan, on: Date| {
        let all = postings(&loan.schedule().unwrap(), loan.scale).unwrap();
        all.into_iter().filter(|posting| posting.on <= on).collect::<Vec<_>>()
    };
    let reset = loan.next_reset().unwrap().unwrap();
    assert_eq!((reset, before(&loan, reset).len()), (date("2026-05-01"), 2));
    for value in [0, 350, 99_999] {
        let rate = Rate { on: reset, value: minor(value), scale: Scale::new(2).unwrap() };
        let observed = Loan { rates: vec![rate], ..loan.clone() };
        assert_eq!(before(&observed, reset), before(&loan, reset), "{value}");
        assert_ne!(before(&observed, date("2026-09-01")), before(&loan, date("2026-09-01")), "{value}");
    }
    let mut early = loan.clone();
    early.terms = with(early.terms, &[("prepaymentEffect", "A")]);
    early.prepayments = vec![Prepayment { on: date("2026-04-15"), amount: minor(100_000) }];
    assert_eq!(before(&early, date("2026-04-14")), before(&loan, date("2026-04-14")));
}

impl Scene {
    fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }
}
