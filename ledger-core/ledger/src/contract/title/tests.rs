mod split;

use super::*;
use crate::fixture::*;
use crate::{Coded, TransactionBuilder};

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

fn first(transaction: crate::TransactionId) -> StateRef {
    StateRef { transaction, index: 0 }
}

fn issue(change: impl Fn(&mut Title), holder: Who, signers: &[Who]) -> Result<(), String> {
    let mut world = World::new();
    let mut title = world.title("WR-1");
    change(&mut title);
    let builder = world.build(Operator).output(title_state(&title, holder.address()));
    let builder = builder.command(id(), ISSUE, &wire::TitleIssue {});
    world.submit(builder, signers).map(|_| ()).map_err(|rejection| rejection.code)
}

#[test]
fn titles_are_issued_by_custodian_and_holder() {
    let both = [Operator, Depositor];
    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(issue(|_| {}, Depositor, &both), Ok(()));
    assert_eq!(issue(|_| {}, Depositor, &[Operator]), refused("AUTHORITY_SIGNATURES_MISSING"));
    assert_eq!(issue(|title| title.number = "WR-2".to_owned(), Depositor, &both), refused("TITLE_ID_DIFFERS"));
    assert_eq!(issue(|title| title.quantity = Amount::ZERO, Depositor, &both), refused("TITLE_QUANTITY_ZERO"));
    assert_eq!(issue(|title| title.unit = String::new(), Depositor, &both), refused("TITLE_UNIT_MISSING"));
    assert_eq!(issue(|_| {}, Operator, &[Operator]), refused("TITLE_HOLDER_IS_CUSTODIAN"));
}

#[test]
fn a_number_stands_once_for_each_custodian_who_may_issue() {
    let mut world = World::new();
    world.issue_title("WR-1");
    let again = title_state(&world.title("WR-1"), Supplier.address());
    let builder = world.build(Operator).output(again).command(id(), ISSUE, &wire::TitleIssue {});
    assert_eq!(world.refuse(builder, &[Operator, Supplier]), "CLAIM_HELD");
    let spelled = world.title("ｗｒ 1");
    let builder = world.build(Operator).output(title_state(&spelled, Supplier.address()));
    let builder = builder.command(id(), ISSUE, &wire::TitleIssue {});
    assert_eq!(world.refuse(builder, &[Operator, Supplier]), "CLAIM_HELD");
    let chain = world.ledger.chain();
    let custodian = BankB.address();
    let by_bank_b = Title { title: TitleId::derive(&chain, &custodian, "WR-1"), custodian, ..world.title("WR-1") };
    let builder = world.build(BankB).output(title_state(&by_bank_b, Supplier.address()));
    let builder = builder.command(id(), ISSUE, &wire::TitleIssue {});
    assert_eq!(world.refuse(builder, &[BankB, Supplier]), "PERMISSION_MISSING");
}

const DAY_MS: u64 = 86_400_000;

/// A title offered to the supplier for two days.
fn offered() -> (World, StateRef) {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let builder = world.offer(title, Supplier, 2 * DAY_MS);
    let offered = first(world.accept(builder, &[Depositor]));
    (world, offered)
}

fn answer(world: &mut World, submitter: Who, title: StateRef, name: &str, holder: Who) -> TransactionBuilder {
    let state = world.state(title);
    let message = wire::TitleAccept { title: read_title(&state).unwrap().title.to_vec(), settlement: None };
    let after = moved(&state, holder.address(), Vec::new()).unwrap();
    world.build(submitter).input(title).output(after).command(id(), name, &message)
}

#[test]
fn an_offer_is_accepted_under_the_custodians_seal() {
    let (mut world, title) = offered();
    let builder = answer(&mut world, Supplier, title, ACCEPT, Supplier);
    assert_eq!(world.refuse(builder, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = answer(&mut world, Depositor, title, ACCEPT, Supplier);
    assert_eq!(world.refuse(builder, &[Depositor, Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = answer(&mut world, Supplier, title, ACCEPT, BankB);
    assert_eq!(world.refuse(builder, &[Supplier, Operator]), "TITLE_HOLDER_DIFFERS");
    let builder = answer(&mut world, Supplier, title, ACCEPT, Supplier);
    let accepted = first(world.accept(builder, &[Supplier, Operator]));
    assert_eq!(world.state(accepted).owner, Supplier.address());
    assert!(world.state(accepted).locks.is_empty());
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_refused_offer_leaves_the_holder() {
    let (mut world, title) = offered();
    let builder = answer(&mut world, Depositor, title, REFUSE, Depositor);
    assert_eq!(world.refuse(builder, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = answer(&mut world, Supplier, title, REFUSE, Supplier);
    assert_eq!(world.refuse(builder, &[Supplier]), "TITLE_HOLDER_DIFFERS");
    let builder = answer(&mut world, Supplier, title, REFUSE, Depositor);
    let refused = first(world.accept(builder, &[Supplier]));
    assert_eq!(world.state(refused).owner, Depositor.address());
    let builder = answer(&mut world, Supplier, refused, ACCEPT, Supplier);
    assert_eq!(world.refuse(builder, &[Supplier, Operator, Depositor]), "TITLE_NOT_OFFERED");
}

#[test]
fn an_open_offer_binds_the_holder_and_an_ended_one_the_transferee() {
    let (mut world, title) = offered();
    let builder = world.offer(title, BankB, DAY_MS);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), "TITLE_LOCKED");
    let builder = answer(&mut world, Depositor, title, WITHDRAW, Depositor);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier]), "TITLE_OFFER_OPEN");
    let builder = world.pledge(title, Depositor, BankA);
    assert_eq!(world.refuse(builder, &[Depositor, Supplier, BankA, Operator]), "PLEDGE_TITLE_OFFERED");
    world.now_ms += 3 * DAY_MS;
    let builder = answer(&mut world, Supplier, title, ACCEPT, Supplier);
    assert_eq!(world.refuse(builder, &[Supplier, Operator, Depositor]), "TITLE_OFFER_ENDED");
    let builder = answer(&mut world, Depositor, title, WITHDRAW, Depositor);
    let free = first(world.accept(builder, &[Depositor]));
    assert!(world.state(free).locks.is_empty());
}

#[test]
fn an_ended_offer_gives_way_to_a_new_one() {
    let (mut world, title) = offered();
    world.now_ms += 3 * DAY_MS;
    let builder = world.offer(title, BankB, DAY_MS);
    let again = first(world.accept(builder, &[Depositor]));
    assert_eq!(offer_on(&world.state(again)).unwrap().locker, BankB.address());
}

#[test]
fn offers_must_be_as_commanded() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let to_custodian = world.offer(title, Operator, DAY_MS);
    assert_eq!(world.refuse(to_custodian, &[Depositor]), "TITLE_TO_PARTY");
    let to_self = world.offer(title, Depositor, DAY_MS);
    assert_eq!(world.refuse(to_self, &[Depositor]), "TITLE_TO_PARTY");
    let too_short = world.offer(title, Supplier, 1_000);
    assert_eq!(world.refuse(too_short, &[Depositor]), "TITLE_OFFER_ENDED");
    let unsigned = world.offer(title, Supplier, DAY_MS);
    assert_eq!(world.refuse(unsigned, &[Supplier]), "AUTHORITY_SIGNATURES_MISSING");
    let state = world.state(title);
    let lock = offer_lock(&world.ledger.chain(), &CommandId::default(), Supplier.address(), world.now_ms + DAY_MS);
    let message = wire::TitleOffer {
        title: read_title(&state).unwrap().title.to_vec(),
        to: Supplier.address().to_vec(),
        until_ms: world.now_ms + DAY_MS,
        settlement: None,
    };
    let other_context = moved(&state, Depositor.address(), vec![lock]).unwrap();
    let builder = world.build(Depositor).input(title).output(other_context).command(id(), OFFER, &message);
    assert_eq!(world.refuse(builder, &[Depositor]), "TITLE_OFFER_DIFFERS");
    let heavier = Title { quantity: Amount::from_minor(9_000).unwrap(), ..world.title("WR-1") };
    let builder = world.build(Depositor).input(title).output(title_state(&heavier, Depositor.address()));
    assert_eq!(world.refuse(builder.command(id(), OFFER, &message), &[Depositor]), "TITLE_CHANGED");
}

#[test]
fn a_title_cannot_be_copied_or_dropped() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let state = world.state(title);
    let message = wire::TitleWithdraw { title: read_title(&state).unwrap().title.to_vec() };
    let twice = world.build(Depositor).input(title).output(state.clone()).output(state);
    assert_eq!(world.refuse(twice.command(id(), WITHDRAW, &message), &[Depositor]), "TITLE_MOVE_STATES");
    let none = world.build(Depositor).input(title).command(id(), WITHDRAW, &message);
    assert_eq!(world.refuse(none, &[Depositor]), "TITLE_MOVE_STATES");
    let unknown = world.build(Depositor).input(title).command(id(), "burn", &message);
    assert_eq!(world.refuse(unknown, &[Depositor]), "TITLE_COMMAND_UNKNOWN");
    assert_eq!(TitleError::NotOffered { number: String::new() }.code(), "TITLE_NOT_OFFERED");
}

#[test]
fn a_title_is_moved_by_its_own_name_and_left_free() {
    let (mut world, title) = offered();
    let state = world.state(title);
    let other = wire::TitleRefuse { title: TitleId::default().to_vec() };
    let free = moved(&state, Depositor.address(), Vec::new()).unwrap();
    let builder = world.build(Supplier).input(title).output(free).command(id(), REFUSE, &other);
    assert_eq!(world.refuse(builder, &[Supplier]), "TITLE_NOT_NAMED");
    let named = wire::TitleRefuse { title: read_title(&state).unwrap().title.to_vec() };
    let mut kept = state.clone();
    kept.locks[0].until_ms = None;
    let builder = world.build(Supplier).input(title).output(kept).command(id(), REFUSE, &named);
    assert_eq!(world.refuse(builder, &[Supplier, Depositor]), "TITLE_OFFER_STAYS");
}

#[test]
fn new_titles_are_whole_and_free() {
    let check = |change: &dyn Fn(&mut Title, &mut State, ChainId), code: &str| {
        let mut world = World::new();
        let chain = world.ledger.chain();
        let mut title = world.title("WR-1");
        let mut state = title_state(&title, Depositor.address());
        change(&mut title, &mut state, chain);
        let builder = world.build(Operator).output(state).command(id(), ISSUE, &wire::TitleIssue {});
        assert_eq!(world.refuse(builder, &[Operator, Depositor]), code);
    };
    let unnumbered = |title: &mut Title, state: &mut State, chain: ChainId| {
        (title.number, title.title) = (String::new(), TitleId::derive(&chain, &title.custodian, ""));
        *state = title_state(title, Depositor.address());
    };
    check(&unnumbered, "TITLE_NUMBER_MISSING");
    check(&|_, state, _| state.participants.clear(), "TITLE_FRAME_DIFFERS");
    let locked = |_: &mut Title, state: &mut State, chain: ChainId| {
        state.locks = vec![offer_lock(&chain, &CommandId::default(), Supplier.address(), u64::MAX)];
    };
    check(&locked, "TITLE_NEW_LOCKED");
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let builder = world.build(Operator).input(title).output(world.state(title));
    let builder = builder.command(id(), ISSUE, &wire::TitleIssue {});
    assert_eq!(world.refuse(builder, &[Operator, Depositor]), "TITLE_ISSUE_STATES");
}
