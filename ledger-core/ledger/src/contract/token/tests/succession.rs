//! A definition is followed by its successor.

use super::*;

fn successor(world: &mut World, before: StateRef, change: impl Fn(&mut TokenDefinition)) -> TransactionBuilder {
    let mut definition = read_definition(&world.state(before)).unwrap();
    change(&mut definition);
    let builder = world.build(BankA).input(before).output(definition_state(&definition));
    builder.command(id(), SUPERSEDE, &wire::TokenSupersede {})
}

#[test]
fn title_backing_and_maximal_supply_may_change() {
    let mut world = World::new();
    let definition = world.define();
    let change = |definition: &mut TokenDefinition| {
        definition.title = "US dollar".to_owned();
        definition.backing = "bank-deposit:2".to_owned();
        definition.supply_max = Amount::from_minor(10).unwrap();
    };
    let builder = successor(&mut world, definition, change);
    assert_eq!(world.refuse(builder.clone(), &[BankA]), "AUTHORITY_SIGNATURES_MISSING");
    let after = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
    let issue = |world: &mut World, definition, amount| {
        let command = world.issue_command(amount, &format!("deposit {amount}"));
        let builder = world.build(BankA).current(definition).output(world.holding(Depositor, amount));
        let builder = builder.command(id(), ISSUE, &command);
        world.submit(builder, &[BankA, Attestor]).map_err(|rejection| rejection.code)
    };
    assert_eq!(issue(&mut world, after, 11).unwrap_err(), "TOKEN_SUPPLY_EXCEEDED");
    assert_eq!(issue(&mut world, definition, 10).unwrap_err(), "STATE_NOT_UNSPENT");
    assert!(issue(&mut world, after, 10).is_ok());
}

#[test]
fn everything_else_stays() {
    let mut world = World::new();
    let definition = world.define();
    let mut check = |change: &dyn Fn(&mut TokenDefinition), signers: &[Who]| {
        let builder = successor(&mut world, definition, change);
        assert_eq!(world.refuse(builder, signers), "TOKEN_SUPERSEDE_CHANGES");
    };
    let both = [BankA, Attestor];
    check(&|definition| definition.code = "EUR".to_owned(), &both);
    check(&|definition| definition.asset = AssetId::default(), &both);
    check(&|definition| definition.issuer = BankB.address(), &[BankA, BankB, Attestor]);
    check(&|definition| definition.attestor = BankB.address(), &[BankA, BankB]);
    check(&|definition| definition.scale = Scale::new(3).unwrap(), &both);
    check(&|definition| definition.unit = "EUR".to_owned(), &both);
    check(&|definition| definition.redeemable = false, &both);
}

#[test]
fn a_definition_has_one_successor() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, BankA, 10);
    let second = definition_state(&world.definition());
    let builder = successor(&mut world, definition, |_| {}).output(second);
    assert_eq!(world.refuse(builder, &[BankA, Attestor]), "TOKEN_SUPERSEDE_STATES");
    let builder = successor(&mut world, definition, |_| {}).input(held);
    assert_eq!(world.refuse(builder, &[BankA, Attestor]), "TOKEN_SUPERSEDE_STATES");
    let builder = successor(&mut world, definition, |_| {});
    let mut transaction = builder.build();
    transaction.inputs.clear();
    let signed = World::sign(transaction, &[BankA, Attestor]);
    assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "TOKEN_SUPERSEDE_STATES");
}
