//! Title against money in one step: nobody has both, nobody has neither.

use super::*;
use crate::contract::title::read_title;

fn goods() -> Token {
    Token { currency_symbol: String::new(), token_name: "WR-1".to_owned() }
}

/// The depositor sells a title to the supplier for 60: whoever comes last, both deposits settle at once.
fn delivery(now_ms: u64) -> Language {
    let swap =
        pay("seller", "buyer", goods(), constant(1), pay("buyer", "seller", cny(), constant(60), Language::Close));
    let money = when(vec![(deposits("buyer", cny(), constant(60)), swap)], now_ms + 2 * DAY_MS, Language::Close);
    when(vec![(deposits("seller", goods(), constant(1)), money)], now_ms + DAY_MS, Language::Close)
}

fn scene() -> (Scene, StateRef) {
    let mut world = World::new();
    let definition = world.define();
    let money = world.issue(definition, Supplier, 100);
    let title = world.issue_title("WR-1");
    let who = |name: &str, who: Who| (name.to_owned(), Actor::Party(who.address()));
    let names = Binding {
        roles: [who("buyer", Supplier), who("seller", Depositor)].into(),
        tokens: [(cny(), What::Asset(world.asset())), (goods(), What::Title(world.title("WR-1").title))].into(),
    };
    let contract = Arc::new(delivery(world.now_ms));
    let builder = open(&mut world, contract, names);
    let agreement = StateRef { transaction: world.accept(builder, &[Depositor, Supplier]), index: 0 };
    (Scene { world, money, agreement }, title)
}

fn title_of(scene: &Scene, who: Address) -> bool {
    scene.owned(who).iter().any(|owned| owned.state.is(title::NAME, title::TITLE))
}

/// The title goes in under the custodian's seal.
fn with_title_in() -> Scene {
    let (mut scene, title) = scene();
    let builder = scene.builder(Depositor, &[title], &[deposit("seller", goods(), 1)]).unwrap();
    assert_eq!(scene.world.refuse(builder.clone(), &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    assert_eq!(scene.world.refuse(builder.clone(), &[Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let transaction = scene.world.accept(builder, &[Depositor, Operator]);
    scene.agreement = StateRef { transaction, index: 0 };
    assert!(title_of(&scene, scene.world.state(scene.agreement).owner));
    scene
}

#[test]
fn title_and_money_change_hands_in_one_step() {
    let mut scene = with_title_in();
    let consumed: Vec<_> = [scene.money].into_iter().chain(scene.own()).collect();
    scene.step(Supplier, &consumed, &[deposit("buyer", cny(), 60)]);
    assert!(title_of(&scene, Supplier.address()));
    assert_eq!((scene.balance(Depositor), scene.balance(Supplier)), (60, 40));
    let held = scene.owned(Supplier.address()).into_iter().find(|owned| owned.state.is(title::NAME, title::TITLE));
    let held = held.unwrap().state;
    assert_eq!((read_title(&held).unwrap().number.as_str(), held.locks.len()), ("WR-1", 0));
    assert_eq!(scene.world.replayed().unwrap().state_root(), scene.world.ledger.state_root());
}

#[test]
fn a_title_nobody_pays_for_goes_back_without_anybody() {
    let mut scene = with_title_in();
    scene.world.now_ms = scene.read().deadline_ms().unwrap();
    scene.expire();
    assert!(title_of(&scene, Depositor.address()));
}

#[test]
fn titles_are_carried_by_steps_alone_and_whole() {
    let (mut scene, title) = scene();
    let halves = scene.builder(Depositor, &[title], &[deposit("seller", goods(), 2)]);
    assert!(matches!(halves.unwrap_err(), AgreementError::NoMatch { .. }));
    let none = scene.builder(Depositor, &[], &[deposit("seller", goods(), 1)]);
    assert_eq!(none.unwrap_err(), AgreementError::TitleNotConsumed);
    let moved = title::moved(&scene.world.state(title), Supplier.address(), Vec::new()).unwrap();
    let carried = scene.world.build(Depositor).input(title).output(moved);
    let carried = carried.command(ContractId::built_in(title::NAME), title::CARRY, &wire::TitleCarry {});
    assert_eq!(scene.world.refuse(carried, &[Depositor, Operator, Supplier]), "TITLE_NO_AGREEMENT");
}

/// Pledged or offered goods do not go into an agreement behind their lockers' backs.
#[test]
fn a_pledged_title_is_not_paid_in() {
    let (mut scene, title) = scene();
    let pledged = scene.world.pledge(title, Depositor, BankA);
    let title = StateRef { transaction: scene.world.accept(pledged, &[Depositor, BankA, Operator]), index: 0 };
    let builder = scene.builder(Depositor, &[title], &[deposit("seller", goods(), 1)]).unwrap();
    assert_eq!(scene.world.refuse(builder, &[Depositor, Operator]), "LOCK_WITHOUT_COMMAND");
}

/// Two of a title can be asked for by a contract; the ledger has one.
#[test]
fn a_title_in_parts_is_refused() {
    let mut world = World::new();
    let who = |name: &str, who: Who| (name.to_owned(), Actor::Party(who.address()));
    let contract =
        when(vec![(deposits("seller", goods(), constant(2)), Language::Close)], START_MS + 9 * DAY_MS, Language::Close);
    let names = Binding {
        roles: [who("seller", Depositor)].into(),
        tokens: [(goods(), What::Title(world.title("WR-1").title))].into(),
    };
    let title = world.issue_title("WR-1");
    let builder = open(&mut world, Arc::new(contract), names);
    let agreement = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let mut scene = Scene { world, money: title, agreement };
    let refused = scene.builder(Depositor, &[title], &[deposit("seller", goods(), 2)]);
    assert_eq!(refused.unwrap_err(), AgreementError::TitleInParts { amount: "2".to_owned() });
}

/// A contract that pays a title out and takes it in again at once would lose it.
#[test]
fn a_title_comes_or_goes_once_in_a_step() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let who = |name: &str, who: Who| (name.to_owned(), Actor::Party(who.address()));
    let again =
        when(vec![(deposits("seller", goods(), constant(1)), Language::Close)], START_MS + 9 * DAY_MS, Language::Close);
    let out = pay("seller", "seller", goods(), constant(1), again);
    let contract = when(vec![(deposits("seller", goods(), constant(1)), out)], START_MS + 8 * DAY_MS, Language::Close);
    let names = Binding {
        roles: [who("seller", Depositor)].into(),
        tokens: [(goods(), What::Title(world.title("WR-1").title))].into(),
    };
    let builder = open(&mut world, Arc::new(contract), names);
    let agreement = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let mut scene = Scene { world, money: title, agreement };
    let goes_in = deposit("seller", goods(), 1);
    let refused = scene.builder(Depositor, &[title], &[goes_in.clone(), goes_in]);
    assert_eq!(refused.unwrap_err(), AgreementError::TitleTwice);
}

#[test]
fn a_custodian_does_not_come_to_hold_its_own_document() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let who = |name: &str, who: Who| (name.to_owned(), Actor::Party(who.address()));
    let paid = pay("seller", "keeper", goods(), constant(1), Language::Close);
    let contract = when(vec![(deposits("seller", goods(), constant(1)), paid)], START_MS + 8 * DAY_MS, Language::Close);
    let names = Binding {
        roles: [who("seller", Depositor), who("keeper", Operator)].into(),
        tokens: [(goods(), What::Title(world.title("WR-1").title))].into(),
    };
    let builder = open(&mut world, Arc::new(contract), names);
    let agreement = StateRef { transaction: world.accept(builder, &[Depositor, Operator]), index: 0 };
    let mut scene = Scene { world, money: title, agreement };
    let refused = scene.builder(Depositor, &[title], &[deposit("seller", goods(), 1)]);
    assert_eq!(refused.unwrap_err(), AgreementError::CustodianIsParty);
}
