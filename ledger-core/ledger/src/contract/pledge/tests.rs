mod cover;
mod debt;
mod enforce;
mod exchange;
mod model;
mod money;
mod pairs;
mod publicity;

use super::*;
use crate::contract::title::{moved, read_title};
use crate::fixture::*;
use crate::{TransactionBuilder, TransactionId};

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

const ALL: [Who; 3] = [Depositor, BankA, Operator];

fn refs(transaction: TransactionId) -> (StateRef, StateRef) {
    (StateRef { transaction, index: 0 }, StateRef { transaction, index: 1 })
}

/// A title pledged to bank A: the title's state and the pledge's.
fn pledged() -> (World, StateRef, StateRef) {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let builder = world.pledge(title, Depositor, BankA);
    let (title, pledge) = refs(world.accept(builder, &ALL));
    (world, title, pledge)
}

fn release(world: &mut World, submitter: Who, title: StateRef, pledge: StateRef, quantity: u64) -> TransactionBuilder {
    let (titled, message) = (world.state(title), world.state(pledge));
    let command = wire::PledgeRelease { pledge: read_pledge(&message).unwrap().pledge.to_vec(), quantity };
    let free = moved(&titled, titled.owner, Vec::new()).unwrap();
    world.build(submitter).input(title).input(pledge).output(free).command(id(), RELEASE, &command)
}

#[test]
fn a_pledge_needs_pledgor_pledgee_and_custodian() {
    for absent in 0..3 {
        let mut world = World::new();
        let title = world.issue_title("WR-1");
        let signers: Vec<_> =
            ALL.iter().enumerate().filter(|(place, _)| *place != absent).map(|(_, who)| *who).collect();
        let builder = world.pledge(title, signers[0], BankA);
        assert_eq!(world.refuse(builder, &signers), "AUTHORITY_SIGNATURES_MISSING");
    }
    let (world, title, pledge) = pledged();
    assert_eq!(world.state(title).locks.len(), 1);
    assert_eq!(world.state(pledge).owner, BankA.address());
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_second_pledge_is_refused_without_naming_the_first() {
    let (mut world, title, _) = pledged();
    let builder = world.pledge(title, BankB, BankB);
    let rejection = world.submit(builder, &[Depositor, BankB, Operator]).unwrap_err();
    assert_eq!(rejection.code, "PLEDGE_EXISTS");
    assert!(rejection.message.contains("WR-1"));
    assert!(!rejection.message.contains(&BankA.address().to_string()));
    assert!(!rejection.message.contains("500000"));
}

#[test]
fn a_pledged_title_moves_for_nobody_but_the_pledgee() {
    let (mut world, title, _) = pledged();
    let builder = world.offer(title, Supplier, 86_400_000);
    assert_eq!(world.refuse(builder, &[Depositor, Operator, BankA]), "TITLE_LOCKED");
    // Beside a payment that is right in itself, the lock is dropped: the locker's signature is missing, and not named.
    let definition = world.define();
    let held = world.issue(definition, Depositor, 10);
    let free = moved(&world.state(title), Depositor.address(), Vec::new()).unwrap();
    let smuggled = world.transfer(Depositor, &[held], &[(Supplier, 10)]).input(title).output(free);
    assert_eq!(world.refuse(smuggled.clone(), &[Depositor]), "LOCK_WITHOUT_COMMAND");
    assert_eq!(world.refuse(smuggled, &[Depositor, BankA]), "LOCK_WITHOUT_COMMAND");
}

/// A lock that names a pledge which does not exist would break the ledger for everyone.
#[test]
fn nobody_puts_a_lock_on_a_title_past_its_contract() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let definition = world.define();
    let held = world.issue(definition, Depositor, 10);
    let pledge = world.pledge(title, Depositor, BankA).build().outputs;
    let beside_payment = world.transfer(Depositor, &[held], &[(Supplier, 10)]).input(title).output(pledge[0].clone());
    assert_eq!(world.refuse(beside_payment, &[Depositor, BankA, Operator]), "LOCK_WITHOUT_COMMAND");
}

/// A release takes off its own lock only, and whoever holds another is not named.
#[test]
fn a_missing_locker_is_not_named() {
    let (mut world, title, _) = pledged();
    let mut accept = world.build(Supplier).build();
    accept.inputs = vec![title];
    accept.outputs = vec![moved(&world.state(title), Supplier.address(), Vec::new()).unwrap()];
    let message =
        wire::TitleAccept { title: read_title(&world.state(title)).unwrap().title.to_vec(), settlement: None };
    let (contract, name) =
        (ContractId::built_in(crate::contract::title::NAME), crate::contract::title::ACCEPT.to_owned());
    accept.commands = vec![crate::Command { contract, name, arguments: prost::Message::encode_to_vec(&message) }];
    assert_eq!(submit(&mut world, accept, &[Supplier, Operator, Depositor]), "TITLE_NOT_OFFERED");
    let missing = vec![(BankA.address(), crate::Required::LOCKER)];
    let text = crate::verify::AuthorityError::Missing { missing }.to_string();
    assert!(!text.contains("hc1"), "{text}");
}

#[test]
fn the_pledgee_alone_releases_the_whole_once() {
    let (mut world, title, pledge) = pledged();
    let builder = release(&mut world, Depositor, title, pledge, 6_000);
    assert_eq!(world.refuse(builder, &[Depositor, Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = release(&mut world, BankA, title, pledge, 6_001);
    assert_eq!(world.refuse(builder, &[BankA]), "PLEDGE_OVER_RELEASE");
    let builder = release(&mut world, BankA, title, pledge, 5_999);
    assert_eq!(world.refuse(builder, &[BankA]), "PLEDGE_PARTIAL_RELEASE");
    let builder = release(&mut world, BankA, title, pledge, 6_000);
    let again = builder.clone();
    let (free, _) = refs(world.accept(builder, &[BankA]));
    assert_eq!(world.state(free).owner, Depositor.address());
    assert_eq!(world.refuse(again, &[BankA]), "STATE_NOT_UNSPENT");
    let builder = world.pledge(free, Depositor, BankB);
    world.accept(builder, &[Depositor, BankB, Operator]);
}

#[test]
fn a_release_cannot_hand_the_title_to_another_or_keep_the_pledge() {
    let (mut world, title, pledge) = pledged();
    let builder = release(&mut world, BankA, title, pledge, 6_000);
    let mut stolen = builder.clone().build();
    stolen.outputs[0] = moved(&world.state(title), BankA.address(), Vec::new()).unwrap();
    assert_eq!(submit(&mut world, stolen, &[BankA]), "CONTRACT_CHANGED_WITHOUT_COMMAND");
    let mut kept = builder.clone().build();
    kept.outputs.push(world.state(pledge));
    assert_eq!(submit(&mut world, kept, &[BankA]), "PLEDGE_WHOLE_GOES_ON");
    let mut still_locked = builder.build();
    still_locked.outputs[0] = world.state(title);
    assert_eq!(submit(&mut world, still_locked, &[BankA, Depositor]), "PLEDGE_LOCK_STAYS");
}

fn submit(world: &mut World, transaction: crate::Transaction, signers: &[Who]) -> String {
    let transaction = world.rules().fill_claims(transaction.clone(), &world.ledger).unwrap_or(transaction);
    world.submit_bytes(&World::sign(transaction, signers).encode()).unwrap_err().code
}

#[test]
fn a_pledge_must_say_what_its_title_says() {
    type Change = fn(&mut Pledge);
    let changes: [(Change, &str); 10] = [
        (|pledge| pledge.custodian = BankB.address(), "PLEDGE_CUSTODIAN_DIFFERS"),
        (|pledge| pledge.pledgee = Operator.address(), "PLEDGE_PLEDGEE_IS_PARTY"),
        (|pledge| pledge.pledge = PledgeId::default(), "PLEDGE_ID_DIFFERS"),
        (|pledge| pledge.number = "WR-2".to_owned(), "PLEDGE_NUMBER_DIFFERS"),
        (|pledge| pledge.quantity = Amount::ZERO, "PLEDGE_QUANTITY_DIFFERS"),
        (|pledge| pledge.unit = "C62".to_owned(), "PLEDGE_UNIT_DIFFERS"),
        (|pledge| pledge.secured_maximum = Amount::ZERO, "PLEDGE_SECURES_NOTHING"),
        (|pledge| pledge.rank = 2, "PLEDGE_RANK_DIFFERS"),
        (|pledge| pledge.title = TitleId::default(), "PLEDGE_TITLE_DIFFERS"),
        (|pledge| pledge.pledgor = Supplier.address(), "PLEDGE_PLEDGOR_DIFFERS"),
    ];
    for (change, code) in changes {
        let mut world = World::new();
        let title = world.issue_title("WR-1");
        let mut transaction = world.pledge(title, Depositor, BankA).build();
        let mut pledge = read_pledge(&transaction.outputs[1]).unwrap();
        change(&mut pledge);
        transaction.outputs[0] = moved(&world.state(title), Depositor.address(), vec![pledge_lock(&pledge)]).unwrap();
        transaction.outputs[1] = pledge_state(&pledge);
        assert_eq!(submit(&mut world, transaction, &[Depositor, BankA, Operator, Supplier, BankB]), code);
    }
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let title_id = read_title(&world.state(title)).unwrap().title;
    let mut unlocked = world.pledge(title, Depositor, BankA).build();
    unlocked.outputs[0] = world.state(title);
    assert_eq!(submit(&mut world, unlocked, &ALL), "PLEDGE_LOCK_DIFFERS");
    let mut seen = world.pledge(title, Depositor, BankA).build();
    seen.outputs[1].participants = vec![Supplier.address()];
    assert_eq!(submit(&mut world, seen, &ALL), "PLEDGE_FRAME_DIFFERS");
    let mut other = world.pledge(title, Depositor, BankA).build();
    let message = wire::PledgeCreate { title: TitleId::default().to_vec() };
    other.commands[0].arguments = prost::Message::encode_to_vec(&message);
    assert_eq!(submit(&mut world, other, &ALL), "PLEDGE_TITLE_NOT_NAMED");
    let lone_title = world.build(Depositor).input(title).output(world.state(title));
    let lone_title = lone_title.command(id(), CREATE, &wire::PledgeCreate { title: title_id.to_vec() }).build();
    assert_eq!(submit(&mut world, lone_title, &[Depositor]), "PLEDGE_CREATE_STATES");
}
