mod latest;

use proptest::prelude::*;

use super::*;
use crate::TransactionBuilder;
use crate::fixture::*;

const HOUR_MS: u64 = 3_600_000;
const ALL: [Who; 4] = [Depositor, Supplier, BankB, Attestor];

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

/// Bank A's feed of aluminium: four publishers, three of them make a price, 10 % is a jump.
fn feed(world: &World) -> PriceFeed {
    PriceFeed { publishers: publishers(&ALL), max_age_ms: 2 * HOUR_MS, ..Feed::aluminium(world) }
}

fn define(change: impl Fn(&mut PriceFeed), signers: &[Who]) -> Result<(World, StateRef), String> {
    let mut world = World::new();
    let mut feed = feed(&world);
    change(&mut feed);
    let builder = world.build(BankA).output(feed_state(&feed)).command(id(), DEFINE, &wire::PriceDefine {});
    let defined = world.submit(builder, signers).map_err(|rejection| rejection.code)?;
    Ok((world, StateRef { transaction: defined, index: 0 }))
}

fn defined() -> (World, StateRef) {
    define(|_| {}, &[BankA, Depositor, Supplier, BankB, Attestor]).unwrap()
}

/// A change of a feed and the code that refuses it.
type Unsound = (fn(&mut PriceFeed), &'static str);

fn refused_definition(change: impl Fn(&mut PriceFeed)) -> String {
    define(change, &[BankA, Depositor, Supplier, BankB, Attestor]).map(|_| ()).unwrap_err()
}

fn command(feed: &PriceFeed, time_ms: u64, quotes: &[(Who, u64)]) -> wire::PricePublish {
    let quote = |(who, value): &(Who, u64)| wire::PriceQuote { publisher: who.address().to_vec(), value: *value };
    let mut quotes: Vec<_> = quotes.iter().map(quote).collect();
    quotes.sort_by(|one, other| one.publisher.cmp(&other.publisher));
    wire::PricePublish { feed: feed.feed.to_vec(), time_ms, quotes, override_breaker: false }
}

/// The publication that a command makes, signed by whoever quotes.
fn publication(world: &mut World, before: StateRef, command: &wire::PricePublish) -> TransactionBuilder {
    let feed = read_feed(&world.state(before)).unwrap();
    let values: Vec<_> = command.quotes.iter().filter_map(|quote| Amount::from_minor(quote.value).ok()).collect();
    let (after, price) = feed.published(command.time_ms, &values).unwrap();
    let submitter =
        *ALL.iter().find(|who| command.quotes.iter().any(|q| q.publisher == who.address().to_vec())).unwrap();
    let builder = world.build(submitter).input(before).output(feed_state(&after)).output(price_state(&feed, &price));
    builder.command(id(), PUBLISH, command)
}

/// Publishes now; the feed and the price, or the refusal.
fn publish(world: &mut World, before: StateRef, quotes: &[(Who, u64)], all: bool) -> Result<(StateRef, u64), String> {
    let feed = read_feed(&world.state(before)).unwrap();
    let command = wire::PricePublish { override_breaker: all, ..command(&feed, world.now_ms, quotes) };
    let builder = publication(world, before, &command);
    let signers: Vec<_> = quotes.iter().map(|(who, _)| *who).collect();
    let transaction = world.submit(builder, &signers).map_err(|rejection| rejection.code)?;
    let price = read_price(&world.state(StateRef { transaction, index: 1 })).unwrap();
    Ok((StateRef { transaction, index: 0 }, price.point.value.minor()))
}

#[test]
fn a_feed_is_defined_by_its_owner_and_every_publisher_once() {
    let (mut world, _) = defined();
    let again = feed_state(&feed(&world));
    let builder = world.build(BankA).output(again).command(id(), DEFINE, &wire::PriceDefine {});
    assert_eq!(world.refuse(builder, &[BankA, Depositor, Supplier, BankB, Attestor]), "CLAIM_HELD");
    let unsigned = |signers: &[Who]| define(|_| {}, signers).map(|_| ()).unwrap_err();
    assert_eq!(unsigned(&[BankA, Depositor, Supplier, BankB]), "AUTHORITY_SIGNATURES_MISSING");
    assert_eq!(unsigned(&[Depositor, Supplier, BankB, Attestor]), "AUTHORITY_SIGNATURES_MISSING");
}

#[test]
fn feeds_that_are_not_sound_are_refused() {
    let changes: [Unsound; 14] = [
        (|feed| feed.code = "al".to_owned(), "PRICE_CODE_FORM"),
        (|feed| feed.code = String::new(), "PRICE_CODE_FORM"),
        (|feed| feed.feed = FeedId::default(), "PRICE_FEED_ID_DIFFERS"),
        (|feed| feed.quotation.currency = String::new(), "PRICE_CURRENCY_MISSING"),
        (|feed| feed.quotation.unit = String::new(), "PRICE_UNIT_MISSING"),
        (|feed| feed.publishers.truncate(2), "PRICE_PUBLISHERS_TOO_FEW"),
        (|feed| feed.quorum = 2, "PRICE_QUORUM_OUT_OF_RANGE"),
        (|feed| feed.quorum = 5, "PRICE_QUORUM_OUT_OF_RANGE"),
        (|feed| feed.max_age_ms = 0, "PRICE_MAX_AGE_OUT_OF_RANGE"),
        (|feed| feed.max_age_ms = TimeWindow::LONGEST_MS + 1, "PRICE_MAX_AGE_OUT_OF_RANGE"),
        (|feed| feed.jump_basis_points = 0, "PRICE_JUMP_OUT_OF_RANGE"),
        (|feed| feed.jump_basis_points = 10_001, "PRICE_JUMP_OUT_OF_RANGE"),
        (|feed| feed.last = Some(PricePoint { value: Amount::ZERO, time_ms: 1 }), "PRICE_NEW_FEED_HAS_PRICE"),
        (|feed| feed.publishers.reverse(), "ENCODING_UNORDERED"),
    ];
    for (change, code) in changes {
        assert_eq!(refused_definition(change), code);
    }
    assert_eq!(refused_definition(|feed| feed.publishers[1] = feed.publishers[0]), "ENCODING_UNORDERED");
    assert!(define(|feed| feed.quorum = 4, &[BankA, Depositor, Supplier, BankB, Attestor]).is_ok());
}

/// The bounds themselves are within: 30 days, a jump of the whole price.
#[test]
fn the_widest_feed_is_defined() {
    let widest = |feed: &mut PriceFeed| {
        feed.max_age_ms = TimeWindow::LONGEST_MS;
        feed.jump_basis_points = 10_000;
    };
    assert!(define(widest, &[BankA, Depositor, Supplier, BankB, Attestor]).is_ok());
}

#[test]
fn a_feed_is_alone_in_its_definition_and_seen_by_its_publishers() {
    let mut world = World::new();
    let signers = [BankA, Depositor, Supplier, BankB, Attestor];
    let state = feed_state(&feed(&world));
    let other = feed_state(&PriceFeed { code: "CU-A00".to_owned(), ..feed(&world) });
    let unseen = State { participants: Vec::new(), ..state.clone() };
    let definition = |world: &mut World, outputs: &[&State]| {
        let builder = world.build(BankA).command(id(), DEFINE, &wire::PriceDefine {});
        outputs.iter().fold(builder, |builder, state| builder.output((*state).clone()))
    };
    for (outputs, code) in
        [(&[][..], "PRICE_DEFINE_STATES"), (&[&state, &other], "PRICE_DEFINE_STATES"), (&[&unseen], "PRICE_FEED_FRAME")]
    {
        let builder = definition(&mut world, outputs);
        assert_eq!(world.refuse(builder, &signers), code);
    }
    let builder = definition(&mut world, &[&state]);
    world.accept(builder, &signers);
}

#[test]
fn the_median_is_published_without_the_owner() {
    let (mut world, feed) = defined();
    let odd = publish(&mut world, feed, &[(Depositor, 1_950_000), (Supplier, 1_960_000), (BankB, 1_940_000)], false);
    let (feed, value) = odd.unwrap();
    assert_eq!(value, 1_950_000);
    let even = [(Depositor, 1_951_000), (Supplier, 1_960_000), (BankB, 1_940_000), (Attestor, 1_952_000)];
    let (feed, value) = publish(&mut world, feed, &even, false).unwrap();
    assert_eq!(value, 1_951_000, "the lower of the two in the middle");
    assert_eq!(read_feed(&world.state(feed)).unwrap().last.unwrap().value.minor(), value);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_quorum_of_publishers_quotes_and_signs() {
    let (mut world, feed) = defined();
    let two = [(Depositor, 100), (Supplier, 100)];
    assert_eq!(publish(&mut world, feed, &two, false).unwrap_err(), "PRICE_QUORUM_MISSING");
    let strange = [(Depositor, 100), (Supplier, 100), (Operator, 100)];
    assert_eq!(publish(&mut world, feed, &strange, false).unwrap_err(), "PRICE_NOT_PUBLISHER");
    let nothing = [(Depositor, 100), (Supplier, 100), (BankB, 0)];
    assert_eq!(publish(&mut world, feed, &nothing, false).unwrap_err(), "PRICE_QUOTE_OUT_OF_RANGE");
    let twice = [(Depositor, 100), (Supplier, 100), (Supplier, 101)];
    assert_eq!(publish(&mut world, feed, &twice, false).unwrap_err(), "ENCODING_UNORDERED");
    let three = [(Depositor, 100), (Supplier, 100), (BankB, 100)];
    let made = command(&read_feed(&world.state(feed)).unwrap(), world.now_ms, &three);
    let builder = publication(&mut world, feed, &made);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier, BankA]), "AUTHORITY_SIGNATURES_MISSING");
    assert!(publish(&mut world, feed, &three, false).is_ok());
}

#[test]
fn a_price_is_of_its_window_and_later_than_the_last() {
    let (mut world, before) = defined();
    let three = [(Depositor, 100), (Supplier, 100), (BankB, 100)];
    let signers = [Depositor, Supplier, BankB];
    let feed = read_feed(&world.state(before)).unwrap();
    for (time_ms, is_inside) in [(world.now_ms - 1, false), (world.now_ms + HOUR_MS, false), (world.now_ms, true)] {
        let builder = publication(&mut world, before, &command(&feed, time_ms, &three));
        if is_inside {
            world.accept(builder, &signers);
        } else {
            assert_eq!(world.refuse(builder, &signers), "PRICE_OUTSIDE_WINDOW");
        }
    }
    let (mut world, before) = defined();
    let first_ms = world.now_ms;
    let (last, _) = publish(&mut world, before, &three, false).unwrap();
    for (time_ms, code) in [(first_ms, "PRICE_NOT_LATER"), (first_ms - 1, "PRICE_OUTSIDE_WINDOW")] {
        let made = command(&feed, time_ms, &three);
        let mut transaction = publication(&mut world, last, &made).build();
        transaction.time_window = TimeWindow { from_ms: first_ms, until_ms: first_ms + HOUR_MS };
        assert_eq!(submit(&mut world, transaction, &signers), code);
    }
    assert!(publish(&mut world, last, &three, false).is_ok());
}

#[test]
fn no_price_is_dated_further_ahead_than_it_counts() {
    let (mut world, before) = defined();
    let three = [(Depositor, 100), (Supplier, 100), (BankB, 100)];
    let feed = read_feed(&world.state(before)).unwrap();
    for (length_ms, code) in [(2 * HOUR_MS + 1, "PRICE_WINDOW_TOO_LONG"), (2 * HOUR_MS, "")] {
        let now_ms = world.now_ms;
        let mut transaction = publication(&mut world, before, &command(&feed, now_ms, &three)).build();
        transaction.time_window = TimeWindow { from_ms: now_ms, until_ms: now_ms + length_ms };
        assert_eq!(submit(&mut world, transaction, &[Depositor, Supplier, BankB]), code);
    }
}

fn submit(world: &mut World, transaction: crate::Transaction, signers: &[Who]) -> String {
    let transaction = world.rules().fill_claims(transaction.clone(), &world.ledger).unwrap_or(transaction);
    let result = world.submit_bytes(&World::sign(transaction, signers).encode());
    result.map_or_else(|rejection| rejection.code, |_| String::new())
}

#[test]
fn a_jump_needs_every_publisher() {
    let at = |value| [(Depositor, value), (Supplier, value), (BankB, value), (Attestor, value)];
    let (mut world, feed) = defined();
    let (feed, _) = publish(&mut world, feed, &at(10_000)[..3], false).unwrap();
    for jump in [11_001, 8_999] {
        assert_eq!(publish(&mut world, feed, &at(jump), false).unwrap_err(), "PRICE_JUMP");
    }
    assert_eq!(publish(&mut world, feed, &at(11_001)[..3], true).unwrap_err(), "PRICE_OVERRIDE_NEEDS_ALL");
    let (feed, value) = publish(&mut world, feed, &at(20_000), true).unwrap();
    assert_eq!(value, 20_000);
    let (feed, _) = publish(&mut world, feed, &at(22_000), false).unwrap();
    assert!(publish(&mut world, feed, &at(19_800), false).is_ok());
}

#[test]
fn feed_and_price_are_what_the_quotes_make() {
    let (mut world, before) = defined();
    let three = [(Depositor, 100), (Supplier, 110), (BankB, 120)];
    let signers = [Depositor, Supplier, BankB];
    let feed = read_feed(&world.state(before)).unwrap();
    let made = command(&feed, world.now_ms, &three);
    let (after, price) = feed.published(made.time_ms, &[Amount::from_minor(120).unwrap(); 3]).unwrap();
    let mut dearer = publication(&mut world, before, &made).build();
    dearer.outputs[1] = price_state(&feed, &price);
    assert_eq!(submit(&mut world, dearer, &signers), "PRICE_DIFFERS");
    let mut widened = publication(&mut world, before, &made).build();
    widened.outputs[0] = feed_state(&PriceFeed { jump_basis_points: 9_999, ..after });
    assert_eq!(submit(&mut world, widened, &signers), "PRICE_FEED_CHANGED");
    let mut without_price = publication(&mut world, before, &made).build();
    without_price.outputs.truncate(1);
    assert_eq!(submit(&mut world, without_price, &signers), "PRICE_PUBLISH_STATES");
    let other = wire::PricePublish { feed: FeedId::default().to_vec(), ..made.clone() };
    let builder = publication(&mut world, before, &other);
    assert_eq!(world.refuse(builder, &signers), "PRICE_FEED_OTHER");
    let mut locked = publication(&mut world, before, &made).build();
    let lock = crate::contract::title::offer_lock(&world.ledger.chain(), &Default::default(), BankB.address(), 1);
    locked.outputs[1].locks = vec![lock];
    assert_eq!(submit(&mut world, locked, &[Depositor, Supplier, BankB, BankA]), "PRICE_LOCKED");
    let unknown = world.build(Depositor).input(before).command(id(), "retract", &made);
    assert_eq!(world.refuse(unknown, &[Depositor, BankA]), "PRICE_COMMAND_UNKNOWN");
}

/// A price that nobody quoted is not smuggled in beside a definition, or past the contract.
#[test]
fn prices_come_from_publications_alone() {
    let mut world = World::new();
    let feed = feed(&world);
    let (_, price) = feed.published(world.now_ms, &[Amount::from_minor(1).unwrap()]).unwrap();
    let beside = world.build(BankA).output(feed_state(&feed)).output(price_state(&feed, &price));
    let beside = beside.command(id(), DEFINE, &wire::PriceDefine {});
    assert_eq!(world.refuse(beside, &[BankA, Depositor, Supplier, BankB, Attestor]), "PRICE_DEFINE_STATES");
    let definition = world.define();
    let held = world.issue(definition, BankA, 10);
    let past = world.transfer(BankA, &[held], &[(Supplier, 10)]).output(price_state(&feed, &price));
    assert_eq!(world.refuse(past, &[BankA]), "CONTRACT_CHANGED_WITHOUT_COMMAND");
}

#[test]
fn a_price_counts_from_its_time_until_its_age() {
    let price = |time_ms| {
        let feed = feed(&World::empty());
        feed.published(time_ms, &[Amount::from_minor(1).unwrap()]).unwrap().1
    };
    let window = TimeWindow { from_ms: 10 * HOUR_MS, until_ms: 11 * HOUR_MS };
    assert!(counts(&price(10 * HOUR_MS), window));
    assert!(!counts(&price(10 * HOUR_MS + 1), window));
    assert!(counts(&price(9 * HOUR_MS), window));
    assert!(!counts(&price(9 * HOUR_MS - 1), window));
}

proptest! {
    /// As many quotes are at or below the median as half of them, rounded up; and it is one of them.
    #[test]
    fn the_median_is_a_quote_with_half_on_either_side(values in prop::collection::vec(1u64..50, 3..17)) {
        let amounts: Vec<_> = values.iter().map(|value| Amount::from_minor(*value).unwrap()).collect();
        let (after, price) = feed(&World::empty()).published(7, &amounts).unwrap();
        let median = price.point.value.minor();
        prop_assert!(values.contains(&median));
        prop_assert!(values.iter().filter(|value| **value < median).count() <= (values.len() - 1) / 2);
        prop_assert!(values.iter().filter(|value| **value > median).count() <= values.len() / 2);
        prop_assert_eq!(after.last, Some(price.point));
        prop_assert_eq!(usize::try_from(price.quotes).unwrap(), values.len());
    }
}
