mod configure;
mod execute;
mod order;
mod permission;

use std::collections::BTreeSet;

use super::*;
use crate::fixture::*;
use crate::{StateRef, TransactionBuilder, wire};

fn grant(world: &mut World, by: Who, to: Who, permissions: &[Permission]) -> TransactionBuilder {
    let granted = Permissions { party: to.address(), permissions: permissions.iter().copied().collect() };
    let state = permissions_state(by.address(), &granted);
    world.build(by).output(state).command(ContractId::built_in(NAME), GRANT, &wire::ChainGrant {})
}

/// The permission state of bank B stands at place 10 of the registering transaction.
fn of_bank_b(world: &World) -> StateRef {
    let mine = |state: &State| state.is(NAME, PERMISSIONS) && read(state).unwrap().party == BankB.address();
    *world.ledger.unspent_states().find(|(_, unspent)| mine(&unspent.state)).unwrap().0
}

#[test]
fn permissions_are_replaced_by_the_administrator() {
    let mut world = World::new();
    let builder = grant(&mut world, Administrator, BankB, &[Permission::Issue]);
    assert_eq!(world.refuse(builder, &[Administrator]), "CLAIM_HELD");
    let before = of_bank_b(&world);
    let builder = grant(&mut world, Administrator, BankB, &[Permission::Supervise]).input(before);
    world.accept(builder, &[Administrator]);
    assert_eq!(world.ledger.permissions(&BankB.address()), BTreeSet::from([Permission::Supervise]));
    let builder = world.transfer(BankB, &[], &[]);
    assert_eq!(world.refuse(builder, &[BankB]), "TOKEN_TRANSFER_OF_NOTHING");
    let record = crate::contract::party::record_state(&Stranger.record());
    let builder = world.build(BankB).output(record).command(
        ContractId::built_in(crate::contract::party::NAME),
        crate::contract::party::REGISTER,
        &wire::PartyRegister {},
    );
    assert_eq!(world.refuse(builder, &[BankB, Stranger]), "PERMISSION_MISSING");
}

#[test]
fn others_cannot_grant() {
    let mut world = World::new();
    let builder = grant(&mut world, BankA, Stranger, &[Permission::Administer]);
    assert_eq!(world.refuse(builder, &[BankA]), "PERMISSION_MISSING");
    let before = of_bank_b(&world);
    let builder = grant(&mut world, BankB, BankB, &[Permission::Administer]).input(before);
    assert_eq!(world.refuse(builder, &[BankB]), "PERMISSION_MISSING");
    let before = of_bank_b(&world);
    let builder = grant(&mut world, Administrator, BankB, &[Permission::Administer]).input(before);
    assert_eq!(world.refuse(builder, &[BankB]), "AUTHORITY_SIGNATURES_MISSING");
}

/// What one administrator granted another takes back alone.
#[test]
fn a_grant_is_changed_without_whoever_gave_it() {
    let mut world = World::new();
    let both = [Permission::Administer, Permission::Transact];
    let before = of_bank_b(&world);
    let builder = grant(&mut world, Administrator, BankB, &both).input(before);
    world.accept(builder, &[Administrator]);
    let builder = grant(&mut world, BankB, Stranger, &both);
    let given = StateRef { transaction: world.accept(builder, &[BankB]), index: 0 };
    let builder = grant(&mut world, Administrator, Stranger, &[]).input(given);
    world.accept(builder, &[Administrator]);
    assert!(world.ledger.permissions(&Stranger.address()).is_empty());
}

#[test]
fn grants_that_are_not_sound_are_refused() {
    let mut world = World::new();
    let before = of_bank_b(&world);
    let dropped =
        world.build(Administrator).input(before).command(ContractId::built_in(NAME), GRANT, &wire::ChainGrant {});
    assert_eq!(world.refuse(dropped, &[Administrator]), "CHAIN_NOT_SET_ANEW");
    let state = world.state(before);
    let twice = grant(&mut world, Administrator, BankB, &[]).input(before).output(state);
    assert_eq!(world.refuse(twice, &[Administrator]), "CHAIN_SET_TWICE");
    let kept_by_other = State { owner: BankA.address(), ..world.state(before) };
    let builder = world.build(Administrator).input(before).output(kept_by_other);
    let builder = builder.command(ContractId::built_in(NAME), GRANT, &wire::ChainGrant {});
    assert_eq!(world.refuse(builder, &[Administrator]), "CHAIN_OWNER_DIFFERS");
    let shown = State { participants: vec![BankA.address()], ..world.state(before) };
    let builder = world.build(Administrator).input(before).output(shown);
    let builder = builder.command(ContractId::built_in(NAME), GRANT, &wire::ChainGrant {});
    assert_eq!(world.refuse(builder, &[Administrator]), "CHAIN_PARTICIPANT_DIFFERS");
    let builder = world.build(Administrator).command(ContractId::built_in(NAME), "seize", &wire::ChainGrant {});
    assert_eq!(world.refuse(builder, &[Administrator]), "CHAIN_COMMAND_UNKNOWN");
}
