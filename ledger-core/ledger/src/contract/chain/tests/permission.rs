//! What each permission allows, and from when.

use super::*;
use crate::contract::party;
use crate::fixture::Who;

/// Replaces a party's permissions.
fn set(world: &mut World, of: Who, permissions: &[Permission]) -> TransactionBuilder {
    let mine = |state: &State| state.is(NAME, PERMISSIONS) && read(state).unwrap().party == of.address();
    let before = world.ledger.unspent_states().find(|(_, unspent)| mine(&unspent.state)).map(|(state, _)| *state);
    let builder = grant(world, Administrator, of, permissions);
    before.map(|state| builder.clone().input(state)).unwrap_or(builder)
}

fn accept_set(world: &mut World, of: Who, permissions: &[Permission]) {
    let builder = set(world, of, permissions);
    world.accept(builder, &[Administrator]);
}

#[test]
fn transact_is_needed_to_submit() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let pay = |world: &mut World| world.transfer(Depositor, &[held], &[(Supplier, 1_000)]);
    accept_set(&mut world, Depositor, &[Permission::Connect]);
    let builder = pay(&mut world);
    assert_eq!(world.refuse(builder, &[Depositor]), "PERMISSION_MISSING");
    accept_set(&mut world, Depositor, &[Permission::Connect, Permission::Transact]);
    let builder = pay(&mut world);
    world.accept(builder, &[Depositor]);
}

#[test]
fn issue_is_needed_to_define_tokens_and_to_issue_titles() {
    let mut world = World::new();
    let plain = [Permission::Connect, Permission::Transact];
    accept_set(&mut world, BankA, &plain);
    accept_set(&mut world, Operator, &plain);
    let state = crate::contract::token::definition_state(&world.definition());
    let define = |world: &mut World| {
        let token = ContractId::built_in(crate::contract::token::NAME);
        world.build(BankA).output(state.clone()).command(token, "define", &wire::TokenDefine {})
    };
    let builder = define(&mut world);
    assert_eq!(world.refuse(builder, &[BankA, Attestor]), "PERMISSION_MISSING");
    let title = crate::contract::title::title_state(&world.title("WR-1"), Depositor.address());
    let builder = world.build(Operator).output(title).command(
        ContractId::built_in(crate::contract::title::NAME),
        crate::contract::title::ISSUE,
        &wire::TitleIssue {},
    );
    assert_eq!(world.refuse(builder, &[Operator, Depositor]), "PERMISSION_MISSING");
    let issuer = [Permission::Connect, Permission::Transact, Permission::Issue];
    accept_set(&mut world, BankA, &issuer);
    accept_set(&mut world, Operator, &issuer);
    let builder = define(&mut world);
    world.accept(builder, &[BankA, Attestor]);
    world.issue_title("WR-1");
}

#[test]
fn administer_is_needed_to_register_grant_freeze_and_configure() {
    let mut world = World::new();
    accept_set(&mut world, BankB, &[Permission::Connect, Permission::Transact]);
    let register = |world: &mut World| {
        let record = party::record_state(&Stranger.record());
        world.build(BankB).output(record).command(
            ContractId::built_in(party::NAME),
            party::REGISTER,
            &wire::PartyRegister {},
        )
    };
    let builder = register(&mut world);
    assert_eq!(world.refuse(builder, &[BankB, Stranger]), "PERMISSION_MISSING");
    let builder = grant(&mut world, BankB, Stranger, &[]);
    assert_eq!(world.refuse(builder, &[BankB]), "PERMISSION_MISSING");
    accept_set(&mut world, BankB, &[Permission::Connect, Permission::Transact, Permission::Administer]);
    let builder = register(&mut world);
    world.accept(builder, &[BankB, Stranger]);
    let builder = grant(&mut world, BankB, Stranger, &[Permission::Connect]);
    world.accept(builder, &[BankB]);
}

/// Nothing new begins with a party that may not connect; what it has can be ended with it.
#[test]
fn connect_is_needed_to_become_a_party_of_a_state() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let unknown = world.transfer(Depositor, &[held], &[(Stranger, 1_000)]);
    assert_eq!(world.refuse(unknown, &[Depositor]), "PERMISSION_MISSING");
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 400), (Depositor, 600)]);
    let transaction = world.accept(builder, &[Depositor]);
    let [suppliers, rest] = [0, 1].map(|index| StateRef { transaction, index });
    accept_set(&mut world, Supplier, &[Permission::Transact]);
    let builder = world.transfer(Depositor, &[rest], &[(Supplier, 600)]);
    assert_eq!(world.refuse(builder, &[Depositor]), "PERMISSION_MISSING");
    let title = world.issue_title("WR-1");
    let offer = world.offer(title, Supplier, 3_600_000);
    assert_eq!(world.refuse(offer, &[Depositor]), "PERMISSION_MISSING");
    // It still pays out, change to itself included.
    let builder = world.transfer(Supplier, &[suppliers], &[(Depositor, 100), (Supplier, 300)]);
    world.accept(builder, &[Supplier]);
    accept_set(&mut world, Supplier, &[Permission::Connect, Permission::Transact]);
    let builder = world.transfer(Depositor, &[rest], &[(Supplier, 600)]);
    world.accept(builder, &[Depositor]);
    let offer = world.offer(title, Supplier, 3_600_000);
    world.accept(offer, &[Depositor]);
}

/// A locker without the permission to connect still releases what is locked for it.
#[test]
fn a_locker_that_may_no_longer_connect_still_releases() {
    let mut world = World::new();
    let title = world.issue_title("WR-1");
    let offer = world.offer(title, Supplier, 86_400_000);
    let offered = StateRef { transaction: world.accept(offer, &[Depositor]), index: 0 };
    accept_set(&mut world, Supplier, &[Permission::Transact]);
    let state = world.state(offered);
    let named = crate::contract::title::read_title(&state).unwrap().title.to_vec();
    let free = crate::contract::title::moved(&state, Depositor.address(), Vec::new()).unwrap();
    let builder = world.build(Supplier).input(offered).output(free).command(
        ContractId::built_in(crate::contract::title::NAME),
        crate::contract::title::REFUSE,
        &wire::TitleRefuse { title: named },
    );
    world.accept(builder, &[Supplier]);
}

#[test]
fn record_is_not_granted() {
    let mut world = World::new();
    assert!(!world.ledger.may(&Administrator.address(), Permission::Record));
    let builder = set(&mut world, BankB, &[Permission::Record]);
    assert_eq!(world.refuse(builder, &[Administrator]), "CHAIN_RECORD_GRANTED");
    accept_set(&mut world, BankB, &Permission::GRANTED);
}

/// A revocation counts from the next block on, wherever it stands in its own; so does a grant.
#[test]
fn permissions_change_with_the_next_block() {
    let mut world = World::new();
    let definition = world.define();
    let [first, second] = [500, 500].map(|amount| world.issue(definition, BankB, amount));
    let revoke = set(&mut world, BankB, &[Permission::Connect]);
    let pay = world.transfer(BankB, &[first], &[(Supplier, 500)]);
    let refused = world.accept_together(vec![(revoke, vec![Administrator]), (pay, vec![BankB])]);
    assert_eq!(refused, Vec::<String>::new());
    let pay = |world: &mut World| world.transfer(BankB, &[second], &[(Supplier, 500)]);
    let builder = pay(&mut world);
    assert_eq!(world.refuse(builder, &[BankB]), "PERMISSION_MISSING");
    let granted = set(&mut world, BankB, &[Permission::Connect, Permission::Transact]);
    let builder = pay(&mut world);
    let refused = world.accept_together(vec![(granted, vec![Administrator]), (builder, vec![BankB])]);
    assert_eq!(refused, ["PERMISSION_MISSING"]);
    let builder = pay(&mut world);
    world.accept(builder, &[BankB]);
    world.replayed().unwrap();
}

#[test]
fn the_last_administrator_stays() {
    let mut world = World::new();
    let full = [Permission::Connect, Permission::Transact, Permission::Administer];
    for weaker in [&[][..], &[Permission::Transact], &[Permission::Administer]] {
        let builder = set(&mut world, Administrator, weaker);
        assert_eq!(world.refuse(builder, &[Administrator]), "CHAIN_NO_ADMINISTRATOR", "{weaker:?}");
    }
    accept_set(&mut world, BankB, &full);
    accept_set(&mut world, Administrator, &[Permission::Connect]);
    let builder = grant(&mut world, BankB, BankB, &[Permission::Connect]).input(of_bank_b(&world));
    assert_eq!(world.refuse(builder, &[BankB, Administrator]), "CHAIN_NO_ADMINISTRATOR");
}

/// Each of the last two takes the other's place away, in one block: the second of them fails.
#[test]
fn two_administrators_cannot_remove_each_other_in_one_block() {
    let mut world = World::new();
    accept_set(&mut world, BankB, &[Permission::Connect, Permission::Transact, Permission::Administer]);
    let one = set(&mut world, BankB, &[Permission::Connect]);
    let two = grant(&mut world, BankB, Administrator, &[Permission::Connect]);
    let refused = world.accept_together(vec![(one, vec![Administrator]), (two, vec![BankB])]);
    assert_eq!(refused, ["CHAIN_NO_ADMINISTRATOR"]);
    assert!(world.ledger.administers(&Administrator.address()) && !world.ledger.administers(&BankB.address()));
}
