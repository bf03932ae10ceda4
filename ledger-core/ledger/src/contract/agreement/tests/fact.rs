//! Published prices are taken as they come: the first since the agreement's last step, by nobody's choice.

use super::*;
use crate::contract::price;

fn observed() -> ChoiceId {
    ChoiceId { choice_name: "price".to_owned(), choice_owner: role("fact:AL") }
}

/// The buyer pays in 60; when the price falls to 900 or below within two days the seller has it.
fn margin(now_ms: u64) -> Language {
    let below = Action::Choice {
        for_choice: observed(),
        choose_between: vec![Bound { from: BigInt::from(1), to: BigInt::from(900) }],
    };
    let called = pay("buyer", "seller", cny(), constant(60), Language::Close);
    let watched = when(vec![(below, called)], now_ms + 2 * DAY_MS, Language::Close);
    when(vec![(deposits("buyer", cny(), constant(60)), watched)], now_ms + DAY_MS, Language::Close)
}

/// The agreement, after the deposit, and the feed.
fn watching() -> (Scene, Feed) {
    let mut world = World::new();
    let definition = world.define();
    let money = world.issue(definition, Depositor, 100);
    let aluminium = Feed::aluminium(&world);
    let feed = Feed::define(&mut world, &aluminium);
    let mut names = binding(&world);
    names.roles.insert("fact:AL".to_owned(), Actor::Feed(feed.id));
    let contract = Arc::new(margin(world.now_ms));
    let builder = open(&mut world, contract, names);
    let agreement = StateRef { transaction: world.accept(builder, &[Depositor, Supplier]), index: 0 };
    let mut scene = Scene { world, money, agreement };
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
    (scene, feed)
}

#[test]
fn a_price_that_the_contract_waits_for_is_taken_without_anybody() {
    let (mut scene, mut feed) = watching();
    let price = feed.publish(&mut scene.world, 850);
    let step = scene.unsigned(Cause::Price(resolved(&scene.world, price))).unwrap();
    scene.submit_unsigned(step).unwrap();
    assert_eq!((scene.balance(Depositor), scene.balance(Supplier)), (40, 60));
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn a_price_outside_the_bounds_changes_nothing() {
    let (mut scene, mut feed) = watching();
    let price = feed.publish(&mut scene.world, 950);
    let own = scene.owned(scene.world.state(scene.agreement).owner);
    let cause = Cause::Price(resolved(&scene.world, price));
    let step = UnsignedStep { agreement: resolved(&scene.world, scene.agreement), own, cause };
    let refused = step.transaction(&scene.world.ledger.chain(), scene.world.now_ms);
    assert_eq!(refused.unwrap_err(), AgreementError::SomebodyMustSign);
}

/// Whoever sends the step picks neither the value nor the price.
#[test]
fn a_price_is_taken_as_published_and_the_first_one() {
    let (mut scene, mut feed) = watching();
    let own = scene.own();
    let unread = scene.builder(Supplier, &own, &[chooses(observed(), 800)]).unwrap();
    assert_eq!(scene.world.refuse(unread, &[Supplier]), "AGREEMENT_FACT_NOT_REFERRED");
    let first = feed.publish(&mut scene.world, 850);
    let second = feed.publish(&mut scene.world, 700);
    let invented = scene.builder(Supplier, &own, &[chooses(observed(), 800)]).unwrap().past(first);
    assert_eq!(scene.world.refuse(invented, &[Supplier]), "AGREEMENT_FACT_NOT_REFERRED");
    let picked = scene.builder(Supplier, &own, &[chooses(observed(), 700)]).unwrap().past(second);
    assert_eq!(scene.world.refuse(picked, &[Supplier]), "PRICE_NOT_FIRST");
    let sound = scene.builder(Supplier, &own, &[chooses(observed(), 850)]).unwrap().past(first);
    scene.world.accept(sound, &[Supplier]);
}

/// What was known when the agreement came to wait is no news.
#[test]
fn a_price_from_before_the_last_step_is_no_fact() {
    let (mut scene, mut feed) = watching();
    let time_ms = u64::try_from(&scene.read().state.min_time).unwrap();
    let now_ms = std::mem::replace(&mut scene.world.now_ms, time_ms);
    let price = feed.publish(&mut scene.world, 850);
    scene.world.now_ms = scene.world.now_ms.max(now_ms);
    let own = scene.own();
    let stale = scene.builder(Supplier, &own, &[chooses(observed(), 850)]).unwrap().past(price);
    assert_eq!(scene.world.refuse(stale, &[Supplier]), "AGREEMENT_FACT_OF_OTHER_TIME");
}

#[test]
fn a_feed_neither_pays_nor_is_paid() {
    let mut world = World::new();
    world.define();
    let mut names = binding(&world);
    names.roles.insert("fact:AL".to_owned(), Actor::Feed(Feed::aluminium(&world).feed));
    let paid = pay("buyer", "fact:AL", cny(), constant(1), Language::Close);
    let contract = when(vec![(deposits("seller", cny(), constant(1)), paid)], START_MS + 9 * DAY_MS, Language::Close);
    let builder = open(&mut world, Arc::new(contract), names);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), "AGREEMENT_FACT_IS_NO_PARTY");
}

fn taking(value: u64) -> Input {
    chooses(observed(), value)
}

/// Two observations are two prices: one does not serve for both, nor for a choice made with it in hand.
#[test]
fn a_price_is_taken_alone_and_before_the_deadline() {
    let (mut scene, mut feed) = watching();
    let price = feed.publish(&mut scene.world, 850);
    let feed = feed.id;
    let own = scene.own();
    let twice = scene.builder(Supplier, &own, &[taking(850), taking(850)]);
    assert_eq!(twice.unwrap_err(), AgreementError::FactBeside { feed });
    let beside = scene.builder(Supplier, &own, &[Input::Notify, taking(850)]);
    assert_eq!(beside.unwrap_err(), AgreementError::FactBeside { feed });
    let deadline_ms = scene.read().deadline_ms().unwrap();
    scene.world.now_ms = deadline_ms - 1;
    let late = scene.builder(Supplier, &own, &[taking(850)]).map(|builder| builder.past(price));
    assert_eq!(late.unwrap_err(), AgreementError::FactAfterDeadline { feed });
}

/// A price that is published ahead of the clock is taken when its time comes.
#[test]
fn a_price_of_a_time_to_come_waits_for_it() {
    let (mut scene, mut feed) = watching();
    let price = feed.publish(&mut scene.world, 850);
    let own = scene.owned(scene.world.state(scene.agreement).owner);
    let cause = Cause::Price(resolved(&scene.world, price));
    let step = UnsignedStep { agreement: resolved(&scene.world, scene.agreement), own, cause };
    let time_ms = price::read_price(&scene.world.state(price)).unwrap().point.time_ms;
    let chain = scene.world.ledger.chain();
    assert_eq!(step.transaction(&chain, time_ms - 1), Ok(Due::At(time_ms)));
    assert_eq!(step.transaction(&chain, scene.read().deadline_ms().unwrap()), Ok(Due::Never));
    assert!(matches!(step.transaction(&chain, time_ms), Ok(Due::Now(_))));
}

/// Whoever pays in at a time of its choice would choose which price comes first.
#[test]
fn a_signed_step_begins_after_every_price_so_far() {
    let mut world = World::new();
    let definition = world.define();
    let money = world.issue(definition, Depositor, 100);
    let aluminium = Feed::aluminium(&world);
    let mut feed = Feed::define(&mut world, &aluminium);
    let mut names = binding(&world);
    names.roles.insert("fact:AL".to_owned(), Actor::Feed(feed.id));
    let contract = Arc::new(margin(world.now_ms));
    let builder = open(&mut world, contract, names);
    let agreement = StateRef { transaction: world.accept(builder, &[Depositor, Supplier]), index: 0 };
    let mut scene = Scene { world, money, agreement };
    // Built now, sent when a price is known: its window still holds, and the price would be one to come.
    let backdated = scene.builder(Depositor, &[money], &[deposit("buyer", cny(), 60)]).unwrap();
    scene.world.now_ms += 60_000;
    feed.publish(&mut scene.world, 850);
    assert_eq!(scene.world.refuse(backdated, &[Depositor]), "PRICE_SUPERSEDED");
    scene.step(Depositor, &[money], &[deposit("buyer", cny(), 60)]);
}

#[test]
fn a_contract_waits_for_one_price_at_a_time() {
    let mut world = World::new();
    world.define();
    let mut names = binding(&world);
    names.roles.insert("fact:AL".to_owned(), Actor::Feed(Feed::aluminium(&world).feed));
    let any = |name: &str| Action::Choice {
        for_choice: ChoiceId { choice_name: name.to_owned(), choice_owner: role("fact:AL") },
        choose_between: vec![Bound { from: BigInt::from(1), to: BigInt::from(900) }],
    };
    let paid = || pay("buyer", "seller", cny(), constant(1), Language::Close);
    let both = when(vec![(any("low"), paid()), (any("high"), paid())], START_MS + 9 * DAY_MS, Language::Close);
    let contract = when(vec![(deposits("buyer", cny(), constant(1)), both)], START_MS + 8 * DAY_MS, Language::Close);
    let builder = open(&mut world, Arc::new(contract), names);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), "AGREEMENT_SEVERAL_FACTS");
}
