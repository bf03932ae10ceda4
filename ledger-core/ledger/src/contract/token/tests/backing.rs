//! Issues on backing that was attested before.

use super::*;

fn attested(world: &World, amount: u64, reference: &str) -> State {
    let attestation = Attestation {
        asset: world.asset(),
        attestor: Attestor.address(),
        amount: Amount::from_minor(amount).unwrap(),
        reference: reference.to_owned(),
    };
    attestation_state(&attestation, BankA.address())
}

fn attest(world: &mut World, definition: StateRef, amount: u64, reference: &str) -> TransactionBuilder {
    let command = wire::TokenAttest { asset: world.asset().to_vec(), amount, reference: reference.to_owned() };
    let state = attested(world, amount, reference);
    world.build(Attestor).current(definition).output(state).command(id(), ATTEST, &command)
}

/// Issues on an attestation with what is left as given.
fn issue_on(
    world: &mut World,
    from: StateRef,
    amount: u64,
    left: Option<State>,
    definition: StateRef,
) -> TransactionBuilder {
    let command = world.issue_command(amount, "deposit 9");
    let mut builder = world.build(BankA).current(definition).input(from).output(world.holding(Depositor, amount));
    if let Some(left) = left {
        builder = builder.output(left);
    }
    builder.command(id(), ISSUE, &command)
}

#[test]
fn issues_consume_an_attestation_until_nothing_is_left() {
    let mut world = World::new();
    let definition = world.define();
    let builder = attest(&mut world, definition, 1_000, "deposit 9");
    assert_eq!(world.refuse(builder.clone(), &[BankA]), "AUTHORITY_SIGNATURES_MISSING");
    let from = StateRef { transaction: world.accept(builder, &[Attestor]), index: 0 };
    let rest = attested(&world, 400, "deposit 9");
    let builder = issue_on(&mut world, from, 600, Some(rest), definition);
    let from = StateRef { transaction: world.accept(builder, &[BankA]), index: 1 };
    let builder = issue_on(&mut world, from, 401, None, definition);
    assert_eq!(world.refuse(builder, &[BankA]), "TOKEN_ATTESTATION_EXCEEDED");
    let builder = issue_on(&mut world, from, 400, None, definition);
    world.accept(builder, &[BankA]);
    assert_eq!(world.ledger.supply(&world.asset()).minor(), 1_000);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn the_rest_of_an_attestation_is_exact_and_its_reference_is_used_once() {
    let mut world = World::new();
    let definition = world.define();
    let builder = attest(&mut world, definition, 1_000, "deposit 9");
    let from = StateRef { transaction: world.accept(builder, &[Attestor]), index: 0 };
    let mut check = |amount: u64, left: Option<u64>| {
        let left = left.map(|left| attested(&world, left, "deposit 9"));
        let builder = issue_on(&mut world, from, amount, left, definition);
        assert_eq!(world.refuse(builder, &[BankA]), "TOKEN_ATTESTATION_REST");
    };
    check(600, None);
    check(600, Some(401));
    check(1_000, Some(1_000));
    let renamed = attested(&world, 400, "deposit 10");
    let builder = issue_on(&mut world, from, 600, Some(renamed), definition);
    assert_eq!(world.refuse(builder, &[BankA]), "TOKEN_ATTESTATION_REST");
    let command = world.issue_command(1_000, "deposit 11");
    let other = world.build(BankA).current(definition).input(from).output(world.holding(Depositor, 1_000));
    assert_eq!(world.refuse(other.command(id(), ISSUE, &command), &[BankA]), "TOKEN_ATTESTATION_OTHER");
    let again = attest(&mut world, definition, 5, "Deposit-9");
    assert_eq!(world.refuse(again, &[Attestor]), "CLAIM_HELD");
    let command = world.issue_command(5, "deposit 9");
    let unattested = world.build(BankA).current(definition).output(world.holding(Depositor, 5));
    assert_eq!(world.refuse(unattested.command(id(), ISSUE, &command), &[BankA, Attestor]), "CLAIM_HELD");
}

#[test]
fn attestations_are_made_by_their_command_alone() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, BankA, 100);
    let command = world.issue_command(5, "deposit 9");
    let forged = attested(&world, 500, "deposit 9");
    let issue = world.build(BankA).current(definition).output(world.holding(Depositor, 5)).output(forged.clone());
    let builder = issue.command(id(), ISSUE, &command);
    assert_eq!(world.refuse(builder, &[BankA, Attestor]), "TOKEN_ATTESTATIONS_SEVERAL");
    let transfer = world.transfer(BankA, &[held], &[(BankA, 100)]).output(forged);
    assert_eq!(world.refuse(transfer, &[BankA]), "TOKEN_HOLDINGS_ALONE");
    let nothing = attest(&mut world, definition, 0, "deposit 9");
    assert_eq!(world.refuse(nothing, &[Attestor]), "TOKEN_ZERO");
    let more = attested(&world, 7, "deposit 9");
    let two = attest(&mut world, definition, 5, "deposit 9").output(more);
    assert_eq!(world.refuse(two, &[Attestor]), "TOKEN_ATTEST_DIFFERS");
}
