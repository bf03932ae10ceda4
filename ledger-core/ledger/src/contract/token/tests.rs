mod backing;
mod succession;
mod transfer_policy;

use proptest::prelude::*;

use super::*;
use crate::fixture::*;
use crate::{StateRef, TransactionBuilder};

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

#[test]
fn define_issue_transfer_and_redeem_run_through() {
    let mut world = World::new();
    let definition = world.define();
    let loan = world.issue(definition, Depositor, 100_000);
    assert_eq!(world.ledger.supply(&world.asset()).minor(), 100_000);
    let payment = world.transfer(Depositor, &[loan], &[(Supplier, 60_000), (Depositor, 40_000)]);
    let payment = world.accept(payment, &[Depositor]);
    let command = wire::TokenRedeem { asset: world.asset().to_vec(), amount: 25_000, reference: "payout 1".to_owned() };
    let builder = world
        .build(Supplier)
        .current(definition)
        .input(StateRef { transaction: payment, index: 0 })
        .output(world.holding(Supplier, 35_000))
        .command(id(), REDEEM, &command);
    world.accept(builder, &[Supplier, BankA]);
    assert_eq!(world.ledger.supply(&world.asset()).minor(), 75_000);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

fn check_definition(change: impl Fn(&mut TokenDefinition), signers: &[Who], code: &str) {
    let mut world = World::new();
    let mut definition = world.definition();
    change(&mut definition);
    let builder = world.build(BankA).output(definition_state(&definition)).command(id(), DEFINE, &wire::TokenDefine {});
    assert_eq!(world.refuse(builder, signers), code);
}

#[test]
fn definitions_that_are_not_sound_are_refused() {
    let both = [BankA, Attestor];
    check_definition(|_| {}, &[BankA], "AUTHORITY_SIGNATURES_MISSING");
    check_definition(|definition| definition.code = "usd".to_owned(), &both, "TOKEN_CODE_FORM");
    check_definition(|definition| definition.code = "EUR".to_owned(), &both, "TOKEN_ASSET_ID_DIFFERS");
    check_definition(|definition| definition.unit = String::new(), &both, "TOKEN_UNIT_MISSING");
    check_definition(|definition| definition.attestor = BankA.address(), &[BankA], "TOKEN_ATTESTOR_IS_ISSUER");
    check_definition(|definition| definition.code = "A".repeat(17), &both, "TOKEN_CODE_FORM");
    check_definition(
        |definition| {
            definition.issuer = BankA.address();
            definition.attestor = BankB.address();
        },
        &both,
        "AUTHORITY_SIGNATURES_MISSING",
    );
}

#[test]
fn an_issuer_needs_the_permission_and_a_code_is_defined_once() {
    let mut world = World::new();
    let chain = world.ledger.chain();
    let of_bank_b = TokenDefinition {
        asset: AssetId::derive(&chain, &BankB.address(), "USD"),
        issuer: BankB.address(),
        ..world.definition()
    };
    let builder = world.build(BankB).output(definition_state(&of_bank_b)).command(id(), DEFINE, &wire::TokenDefine {});
    assert_eq!(world.refuse(builder, &[BankB, Attestor]), "PERMISSION_MISSING");
    world.define();
    let again = definition_state(&world.definition());
    let builder = world.build(BankA).output(again).command(id(), DEFINE, &wire::TokenDefine {});
    assert_eq!(world.refuse(builder, &[BankA, Attestor]), "CLAIM_HELD");
}

fn issue(amount: u64, outputs: &[(Who, u64)], with_definition: bool, signers: &[Who]) -> Result<(), String> {
    let mut world = World::new();
    let definition = world.define();
    let command = world.issue_command(amount, "deposit");
    let mut builder = world.build(BankA);
    for (owner, amount) in outputs {
        builder = builder.output(world.holding(*owner, *amount));
    }
    if with_definition {
        builder = builder.current(definition);
    }
    let builder = builder.command(id(), ISSUE, &command);
    world.submit(builder, signers).map(|_| ()).map_err(|rejection| rejection.code)
}

#[test]
fn issues_are_attested_exact_and_bounded() {
    let both = [BankA, Attestor];
    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(issue(500, &[(Depositor, 500)], true, &both), Ok(()));
    assert_eq!(issue(1_000_000, &[(Depositor, 1_000_000)], true, &both), Ok(()));
    assert_eq!(issue(1_000_001, &[(Depositor, 1_000_001)], true, &both), refused("TOKEN_SUPPLY_EXCEEDED"));
    assert_eq!(issue(500, &[(Depositor, 500)], true, &[BankA]), refused("AUTHORITY_SIGNATURES_MISSING"));
    assert_eq!(issue(500, &[(Depositor, 500)], false, &both), refused("TOKEN_DEFINITION_MISSING"));
    assert_eq!(issue(500, &[(Depositor, 600)], true, &both), refused("TOKEN_AMOUNT_DIFFERS"));
    assert_eq!(issue(500, &[(Depositor, 500), (BankA, 0)], true, &both), refused("TOKEN_ZERO"));
    assert_eq!(issue(0, &[], true, &both), refused("TOKEN_ZERO"));
    assert_eq!(issue(u64::MAX, &[], true, &both), refused("AMOUNT_OVERFLOW"));
}

#[test]
fn a_deposit_reference_is_used_once() {
    let mut world = World::new();
    let definition = world.define();
    let issue = |world: &mut World, reference: &str| {
        let command = world.issue_command(10, reference);
        let builder = world.build(BankA).current(definition).output(world.holding(Depositor, 10));
        world.submit(builder.command(id(), ISSUE, &command), &[BankA, Attestor]).map_err(|rejection| rejection.code)
    };
    let first = issue(&mut world, "Deposit 7/2026").unwrap();
    let spent = world.transfer(Depositor, &[StateRef { transaction: first, index: 0 }], &[(Supplier, 10)]);
    world.accept(spent, &[Depositor]);
    assert_eq!(issue(&mut world, "deposit 7/2026").unwrap_err(), "CLAIM_HELD");
    assert!(issue(&mut world, "deposit 8/2026").is_ok());
}

fn check_transfer(build: impl Fn(&mut World, StateRef, StateRef) -> TransactionBuilder, signers: &[Who], code: &str) {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let builder = build(&mut world, definition, held);
    assert_eq!(world.refuse(builder, signers), code);
}

#[test]
fn transfers_conserve_and_are_the_owners_own() {
    let all = |world: &mut World, held, outputs: &[(Who, u64)]| world.transfer(Depositor, &[held], outputs);
    check_transfer(|w, _, held| all(w, held, &[(Supplier, 1_001)]), &[Depositor], "TOKEN_NOT_CONSERVED");
    check_transfer(|w, _, held| all(w, held, &[(Supplier, 999)]), &[Depositor], "TOKEN_NOT_CONSERVED");
    check_transfer(|w, _, held| all(w, held, &[]), &[Depositor], "TOKEN_NOT_CONSERVED");
    check_transfer(|w, _, held| all(w, held, &[(Supplier, 1_000), (Supplier, 0)]), &[Depositor], "TOKEN_ZERO");
    check_transfer(
        |w, _, held| w.transfer(Supplier, &[held], &[(Supplier, 1_000)]),
        &[Supplier],
        "AUTHORITY_SIGNATURES_MISSING",
    );
    check_transfer(|w, _, _| w.transfer(Depositor, &[], &[]), &[Depositor], "TOKEN_TRANSFER_OF_NOTHING");
    let with_definition =
        |w: &mut World, definition, held| w.transfer(Depositor, &[held, definition], &[(Supplier, 1_000)]);
    check_transfer(with_definition, &[Depositor, BankA], "TOKEN_HOLDINGS_ALONE");
    let unknown = |w: &mut World, _, held| {
        let builder = w.build(Depositor).input(held).output(w.holding(Supplier, 1_000));
        builder.command(id(), "burn", &wire::TokenTransfer {})
    };
    check_transfer(unknown, &[Depositor], "TOKEN_COMMAND_UNKNOWN");
    let other_kind = |w: &mut World, _, held| {
        let mut state = w.holding(Supplier, 1_000);
        state.kind = "voucher".to_owned();
        w.build(Depositor).input(held).output(state).command(id(), TRANSFER, &wire::TokenTransfer {})
    };
    check_transfer(other_kind, &[Depositor], "STATE_KIND_UNKNOWN");
    let shown = |w: &mut World, _, held| {
        let state = State { participants: vec![BankB.address()], ..w.holding(Supplier, 1_000) };
        w.build(Depositor).input(held).output(state).command(id(), TRANSFER, &wire::TokenTransfer {})
    };
    check_transfer(shown, &[Depositor], "TOKEN_HOLDING_PARTICIPANTS");
    let locked = |w: &mut World, _, held| {
        let lock =
            crate::contract::title::offer_lock(&w.ledger.chain(), &Default::default(), BankB.address(), u64::MAX);
        let state = w.holding(Supplier, 1_000).with_locks(vec![lock]);
        w.build(Depositor).input(held).output(state).command(id(), TRANSFER, &wire::TokenTransfer {})
    };
    check_transfer(locked, &[Depositor, Supplier], "TOKEN_LOCK_NOT_COMMANDED");
}

#[test]
fn only_redeemable_tokens_are_redeemed() {
    let mut world = World::new();
    let fixed = TokenDefinition { redeemable: false, ..world.definition() };
    let builder = world.build(BankA).output(definition_state(&fixed)).command(id(), DEFINE, &wire::TokenDefine {});
    let definition = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
    let held = world.issue(definition, Depositor, 100);
    let command = wire::TokenRedeem { asset: world.asset().to_vec(), amount: 100, reference: "payout".to_owned() };
    let builder = world.build(Depositor).current(definition).input(held).command(id(), REDEEM, &command);
    assert_eq!(world.refuse(builder, &[Depositor, BankA]), "TOKEN_NOT_REDEEMABLE");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Random payments among four parties against a plain model of balances.
    #[test]
    fn payments_keep_every_balance(payments in prop::collection::vec((0usize..4, 0usize..4, 1u64..400), 1..16)) {
        let parties = [Depositor, Supplier, BankA, BankB];
        let mut world = World::new();
        let definition = world.define();
        let mut wallets: Vec<Vec<(StateRef, u64)>> = parties.iter().map(|who| vec![(world.issue(definition, *who, 500), 500)]).collect();
        for (from, to, amount) in payments {
            let have: u64 = wallets[from].iter().map(|(_, minor)| minor).sum();
            let inputs: Vec<_> = wallets[from].iter().map(|(state, _)| *state).collect();
            let outputs = [(parties[to], amount), (parties[from], have.saturating_sub(amount))];
            let outputs: Vec<_> = outputs.into_iter().filter(|(_, minor)| *minor > 0).collect();
            let builder = world.transfer(parties[from], &inputs, &outputs);
            let result = world.submit(builder, &[parties[from]]);
            prop_assert_eq!(result.is_ok(), have >= amount);
            if let Ok(transaction) = result {
                wallets[from].clear();
                for ((owner, minor), index) in outputs.into_iter().zip(0..) {
                    let place = if index == 0 { to } else { from };
                    prop_assert_eq!(owner, parties[place]);
                    wallets[place].push((StateRef { transaction, index }, minor));
                }
            }
        }
        let total: u64 = wallets.iter().flatten().map(|(_, minor)| minor).sum();
        prop_assert_eq!(total, world.ledger.supply(&world.asset()).minor());
        for (state, minor) in wallets.iter().flatten() {
            prop_assert_eq!(read_holding(&world.state(*state)).unwrap().amount.minor(), *minor);
        }
        prop_assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
    }
}

#[test]
fn commands_touch_their_own_states_alone() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, BankA, 100);
    let both = [BankA, Attestor];
    let other = TokenDefinition {
        asset: AssetId::derive(&world.ledger.chain(), &BankA.address(), "EUR"),
        code: "EUR".to_owned(),
        ..world.definition()
    };
    let define = |world: &mut World| {
        world.build(BankA).output(definition_state(&other)).command(id(), DEFINE, &wire::TokenDefine {})
    };
    let builder = define(&mut world).input(held).output(world.holding(BankA, 100));
    assert_eq!(world.refuse(builder, &both), "TOKEN_DEFINE_STATES");
    let mut twice = define(&mut world).build();
    twice.outputs.push(twice.outputs[0].clone());
    let signed = World::sign(twice, &both);
    assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "TOKEN_DEFINE_STATES");
    let mut owned = define(&mut world).build();
    owned.outputs[0].owner = Supplier.address();
    let owned = world.rules().fill_claims(owned, &world.ledger).unwrap();
    let signed = World::sign(owned, &both);
    assert_eq!(world.submit_bytes(&signed.encode()).unwrap_err().code, "TOKEN_DEFINITION_OWNER");
    let command = world.issue_command(5, "deposit 77");
    let builder = world.build(BankA).current(definition).input(held).output(world.holding(BankA, 105));
    assert_eq!(world.refuse(builder.command(id(), ISSUE, &command), &both), "TOKEN_ISSUE_STATES");
    let command = wire::TokenRedeem { asset: other.asset.to_vec(), amount: 5, reference: "payout".to_owned() };
    let builder = world.build(BankA).current(definition).input(held).output(world.holding(BankA, 95));
    let refused = world.refuse(builder.command(id(), REDEEM, &command), &both);
    assert_eq!(refused, "TOKEN_DEFINITION_MISSING");
    let euro = define(&mut world);
    let euro = StateRef { transaction: world.accept(euro, &both), index: 0 };
    let builder = world.build(BankA).current(euro).input(held).output(world.holding(BankA, 95));
    assert_eq!(world.refuse(builder.command(id(), REDEEM, &command), &both), "TOKEN_REDEEM_STATES");
}
