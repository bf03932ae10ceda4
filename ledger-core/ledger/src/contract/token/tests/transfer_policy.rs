//! Who may receive an asset, and who signs its transfers.

use super::*;

/// A defined asset under a policy, of which the depositor holds 100.
fn world(policy: &TransferPolicy) -> (World, StateRef, StateRef) {
    let mut world = World::new();
    let state = definition_under(&world.definition(), policy);
    let builder = world.build(BankA).output(state).command(id(), DEFINE, &wire::TokenDefine {});
    let definition = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
    let held = world.issue(definition, Depositor, 100);
    (world, definition, held)
}

fn listed(parties: &[Who]) -> TransferPolicy {
    let mut parties: Vec<_> = parties.iter().map(|who| who.address()).collect();
    parties.sort();
    TransferPolicy::Listed(parties)
}

#[test]
fn listed_parties_and_the_issuer_receive() {
    let (mut world, definition, held) = world(&listed(&[Depositor, Supplier]));
    let unread = world.transfer(Depositor, &[held], &[(Supplier, 100)]);
    assert_eq!(world.refuse(unread, &[Depositor]), "TOKEN_TRANSFER_RESTRICTED");
    let to_other = world.transfer(Depositor, &[held], &[(BankB, 1), (Depositor, 99)]).current(definition);
    assert_eq!(world.refuse(to_other, &[Depositor]), "TOKEN_NOT_LISTED");
    let command = world.issue_command(5, "deposit");
    let issue = world.build(BankA).current(definition).output(world.holding(BankB, 5));
    assert_eq!(world.refuse(issue.command(id(), ISSUE, &command), &[BankA, Attestor]), "TOKEN_NOT_LISTED");
    let paid = world.transfer(Depositor, &[held], &[(Supplier, 40), (BankA, 10), (Depositor, 50)]).current(definition);
    world.accept(paid, &[Depositor]);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn an_issuer_that_signs_is_asked_each_time() {
    let (mut world, definition, held) = world(&TransferPolicy::IssuerSigns);
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 100)]);
    assert_eq!(world.refuse(payment.clone(), &[Depositor, BankA]), "TOKEN_TRANSFER_RESTRICTED");
    let payment = payment.current(definition);
    assert_eq!(world.refuse(payment.clone(), &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    world.accept(payment, &[Depositor, BankA]);
}

#[test]
fn a_successor_may_open_and_close_transfers() {
    let (mut world, definition, held) = world(&TransferPolicy::Open);
    let supersede = |world: &mut World, before: StateRef, policy: &TransferPolicy| {
        let state = definition_under(&read_definition(&world.state(before)).unwrap(), policy);
        let builder = world.build(BankA).input(before).output(state).command(id(), SUPERSEDE, &wire::TokenSupersede {});
        StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 }
    };
    let closed = supersede(&mut world, definition, &listed(&[Supplier]));
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 60), (Depositor, 40)]);
    assert_eq!(world.refuse(payment.clone(), &[Depositor]), "TOKEN_TRANSFER_RESTRICTED");
    // An old definition is spent, so that nobody can hide behind it.
    let behind = payment.clone().current(definition);
    assert_eq!(world.refuse(behind, &[Depositor]), "STATE_NOT_UNSPENT");
    let opened = supersede(&mut world, closed, &TransferPolicy::Open);
    assert_eq!(read_transfer_policy(&world.state(opened)), Ok(TransferPolicy::Open));
    assert!(!world.ledger.is_restricted(&world.asset()));
    world.accept(payment, &[Depositor]);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn policies_that_are_not_sound_are_refused() {
    let check = |policy: wire::TransferPolicy, code: &str| {
        let mut world = World::new();
        let message = wire::TokenDefinition { policy: Some(policy), ..world.definition().to_wire() };
        let state = State { data: prost::Message::encode_to_vec(&message), ..definition_state(&world.definition()) };
        let builder = world.build(BankA).output(state).command(id(), DEFINE, &wire::TokenDefine {});
        assert_eq!(world.refuse(builder, &[BankA, Attestor]), code);
    };
    let list = |parties: Vec<Vec<u8>>| wire::TransferPolicy {
        kind: Some(wire::transfer_policy::Kind::Listed(wire::ListedParties { parties })),
    };
    check(wire::TransferPolicy { kind: None }, "ENCODING_FIELD_MISSING");
    check(list(Vec::new()), "ENCODING_FIELD_MISSING");
    check(list(vec![vec![2; 32], vec![1; 32]]), "ENCODING_UNORDERED");
    check(list(vec![vec![1; 31]]), "ENCODING_LENGTH");
    check(list((0u8..=255).chain([0]).map(|byte| vec![byte; 32]).collect()), "ENCODING_TOO_MANY");
}
