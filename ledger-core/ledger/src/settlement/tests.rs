//! Tokens are held for payees who are named before, and let go together or not at all.

mod delivery;
mod model;

use super::*;
use crate::contract::token::{self, HOLD, RELEASE, SETTLE, read_holding};
use crate::fixture::*;
use crate::{ContractId, State, StateRef, TransactionBuilder};

const DAY_MS: u64 = 86_400_000;

pub(super) fn minor(amount: u64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

fn token() -> ContractId {
    ContractId::built_in(token::NAME)
}

/// A leg of dollars from the depositor, held by bank B.
pub(super) fn leg(world: &World, to: Who, amount: u64) -> Leg {
    let (from, to, locker) = (Depositor.address(), to.address(), BankB.address());
    Leg { from, to, asset: world.asset(), amount: minor(amount), kind: LockKind::Escrow, locker }
}

pub(super) fn settlement(world: &World, mut legs: Vec<Leg>) -> Settlement {
    legs.sort_by_key(|leg| (leg.from, leg.asset, leg.to));
    Settlement { nonce: [7; 32], until_ms: Some(world.now_ms + 2 * DAY_MS), legs }
}

pub(super) fn held(world: &World, settlement: &Settlement, owner: Who, amount: u64) -> State {
    let lock = settlement.lock(&world.ledger.chain(), &owner.address(), &world.asset()).unwrap();
    world.holding(owner, amount).with_locks(vec![lock])
}

pub(super) fn moving(
    outputs: impl IntoIterator<Item = State>,
    world: &mut World,
    submitter: Who,
    inputs: &[StateRef],
) -> TransactionBuilder {
    let builder = inputs.iter().fold(world.build(submitter), |builder, input| builder.input(*input));
    outputs.into_iter().fold(builder, TransactionBuilder::output)
}

pub(super) fn hold(builder: TransactionBuilder, settlement: &Settlement) -> TransactionBuilder {
    builder.command(token(), HOLD, &wire::TokenHold { settlement: Some(settlement.to_wire()) })
}

pub(super) fn settle(builder: TransactionBuilder, settlement: &Settlement, amount: Option<u64>) -> TransactionBuilder {
    builder.command(token(), SETTLE, &wire::TokenSettle { settlement: Some(settlement.to_wire()), amount })
}

pub(super) fn release(builder: TransactionBuilder, context: ContextId) -> TransactionBuilder {
    builder.command(token(), RELEASE, &wire::TokenRelease { context: context.to_vec() })
}

/// The depositor has 1,000, of which 300 are held for the supplier: the world, the settlement, the held state, the rest.
fn scene() -> (World, Settlement, StateRef, StateRef) {
    let mut world = World::new();
    let definition = world.define();
    let all = world.issue(definition, Depositor, 1_000);
    let settlement = settlement(&world, vec![leg(&world, Supplier, 300)]);
    let outputs = [held(&world, &settlement, Depositor, 300), world.holding(Depositor, 700)];
    let builder = moving(outputs, &mut world, Depositor, &[all]);
    let transaction = world.accept(hold(builder, &settlement), &[Depositor]);
    (world, settlement, StateRef { transaction, index: 0 }, StateRef { transaction, index: 1 })
}

#[test]
fn the_owner_holds_and_cannot_move_what_is_held() {
    let (mut world, _, state, rest) = scene();
    let builder = world.transfer(Depositor, &[state], &[(Depositor, 300)]);
    assert_eq!(world.refuse(builder, &[Depositor, BankB]), "TOKEN_LOCKED");
    let builder = world.transfer(Depositor, &[rest], &[(Supplier, 700)]);
    world.accept(builder, &[Depositor]);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

fn check_hold(
    change: impl Fn(&World, &mut Settlement),
    outputs: impl Fn(&World, &Settlement) -> Vec<State>,
    code: &str,
) {
    let mut world = World::new();
    let definition = world.define();
    let all = world.issue(definition, Depositor, 1_000);
    let mut settlement = settlement(&world, vec![leg(&world, Supplier, 300)]);
    change(&world, &mut settlement);
    let outputs = outputs(&world, &settlement);
    let builder = moving(outputs, &mut world, Depositor, &[all]);
    assert_eq!(world.refuse(hold(builder, &settlement), &[Depositor, Supplier]), code);
}

#[test]
fn holds_are_exactly_what_the_legs_take() {
    let usual = |world: &World, settlement: &Settlement| {
        vec![held(world, settlement, Depositor, 300), world.holding(Depositor, 700)]
    };
    let parts = |part: u64, rest: u64| {
        move |world: &World, settlement: &Settlement| {
            vec![held(world, settlement, Depositor, part), world.holding(Depositor, rest)]
        }
    };
    check_hold(|_, _| {}, parts(299, 701), "SETTLEMENT_HELD_DIFFERS");
    check_hold(|_, _| {}, parts(301, 699), "SETTLEMENT_HELD_DIFFERS");
    check_hold(|_, _| {}, |world, _| vec![world.holding(Depositor, 1_000)], "TOKEN_NOTHING_HELD");
    check_hold(|_, _| {}, parts(300, 699), "TOKEN_OWNER_CHANGES");
    let to_another = |world: &World, settlement: &Settlement| {
        vec![held(world, settlement, Depositor, 300), world.holding(Supplier, 700)]
    };
    check_hold(|_, _| {}, to_another, "TOKEN_OWNER_CHANGES");
    check_hold(|world, settlement| settlement.until_ms = Some(world.now_ms + 1), usual, "SETTLEMENT_ENDED");
    check_hold(|_, settlement| settlement.legs[0].amount = Amount::ZERO, usual, "SETTLEMENT_LEG_OF_NOTHING");
    check_hold(|_, settlement| settlement.legs[0].to = Depositor.address(), usual, "SETTLEMENT_LEG_TO_ITSELF");
    check_hold(
        |_, settlement| settlement.legs[0].kind = LockKind::Pledge,
        |world, _| vec![world.holding(Depositor, 1_000)],
        "SETTLEMENT_KIND",
    );
    let two_lockers = |world: &World, settlement: &mut Settlement| {
        settlement.legs.push(Leg { locker: BankA.address(), ..leg(world, BankA, 1) });
        settlement.legs.sort_by_key(|leg| leg.to);
    };
    check_hold(two_lockers, usual, "SETTLEMENT_LOCKERS_DIFFER");
    let other_lock = |world: &World, settlement: &Settlement| {
        let other = Settlement { nonce: [8; 32], ..settlement.clone() };
        vec![held(world, &other, Depositor, 300), world.holding(Depositor, 700)]
    };
    check_hold(|_, _| {}, other_lock, "SETTLEMENT_LOCK_DIFFERS");
}

#[test]
fn settlements_have_legs_in_order_and_a_nonce() {
    let mut world = World::new();
    let definition = world.define();
    let all = world.issue(definition, Depositor, 1_000);
    let check = |world: &mut World, message: Option<wire::Settlement>, code: &str| {
        let builder = moving([world.holding(Depositor, 1_000)], world, Depositor, &[all]);
        let builder = builder.command(token(), HOLD, &wire::TokenHold { settlement: message });
        assert_eq!(world.refuse(builder, &[Depositor]), code);
    };
    let sound = settlement(&world, vec![leg(&world, Supplier, 1), leg(&world, BankB, 1)]).to_wire();
    check(&mut world, None, "ENCODING_FIELD_MISSING");
    check(&mut world, Some(wire::Settlement { legs: Vec::new(), ..sound.clone() }), "ENCODING_FIELD_MISSING");
    let reversed = sound.legs.iter().rev().cloned().collect();
    check(&mut world, Some(wire::Settlement { legs: reversed, ..sound.clone() }), "ENCODING_UNORDERED");
    check(&mut world, Some(wire::Settlement { nonce: vec![1; 31], ..sound.clone() }), "ENCODING_LENGTH");
    let legs = vec![sound.legs[0].clone(); Settlement::LEGS_MAX + 1];
    check(&mut world, Some(wire::Settlement { legs, ..sound.clone() }), "ENCODING_TOO_MANY");
    let legs = vec![wire::SettlementLeg { kind: 0, ..sound.legs[0].clone() }];
    check(&mut world, Some(wire::Settlement { legs, ..sound }), "ENCODING_OUT_OF_RANGE");
}

#[test]
fn the_locker_lets_it_go_to_the_payee_named_and_to_nobody_else() {
    let (mut world, settlement, state, _) = scene();
    let pays = |world: &mut World, submitter, to: Who, agreed: &Settlement| {
        let builder = moving([world.holding(to, 300)], world, submitter, &[state]);
        settle(builder, agreed, None)
    };
    let builder = pays(&mut world, BankB, BankB, &settlement);
    assert_eq!(world.refuse(builder, &[BankB]), "SETTLEMENT_PAID_DIFFERS");
    // Under other legs the context is another, and nothing is held for it.
    let mut diverted = settlement.clone();
    diverted.legs[0].to = BankB.address();
    let builder = pays(&mut world, BankB, BankB, &diverted);
    assert_eq!(world.refuse(builder, &[BankB, Depositor]), "SETTLEMENT_NOT_HELD");
    for who in [Supplier, Depositor] {
        let builder = pays(&mut world, who, Supplier, &settlement);
        assert_eq!(world.refuse(builder, &[who]), "AUTHORITY_SIGNATURES_MISSING");
    }
    let builder = pays(&mut world, BankB, Supplier, &settlement);
    let paid = StateRef { transaction: world.accept(builder, &[BankB]), index: 0 };
    assert_eq!(world.state(paid), world.holding(Supplier, 300));
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_part_is_settled_and_the_rest_stays_held_or_returns() {
    let (mut world, settlement, state, free) = scene();
    let attempt = |world: &mut World, state, part: Option<u64>, paid: u64, kept: u64, returned: u64| {
        let mut outputs = vec![world.holding(Supplier, paid)];
        if kept > 0 {
            outputs.push(held(world, &settlement, Depositor, kept));
        }
        if returned > 0 {
            outputs.push(world.holding(Depositor, returned));
        }
        let builder = moving(outputs, world, BankB, &[state]);
        world.submit(settle(builder, &settlement, part), &[BankB]).map_err(|rejection| rejection.code)
    };
    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(attempt(&mut world, state, Some(0), 100, 200, 0), refused("SETTLEMENT_PART_OUT_OF_RANGE"));
    assert_eq!(attempt(&mut world, state, Some(301), 301, 0, 0), refused("SETTLEMENT_PART_OUT_OF_RANGE"));
    assert_eq!(attempt(&mut world, state, Some(100), 101, 199, 0), refused("SETTLEMENT_PAID_DIFFERS"));
    assert_eq!(attempt(&mut world, state, Some(100), 100, 100, 99), refused("SETTLEMENT_PAID_DIFFERS"));
    let transaction = attempt(&mut world, state, Some(100), 100, 150, 50).unwrap();
    let kept = StateRef { transaction, index: 1 };
    let lock = settlement.lock(&world.ledger.chain(), &Depositor.address(), &world.asset()).unwrap();
    assert_eq!(world.state(kept).locks, [lock]);
    assert_eq!(attempt(&mut world, kept, None, 150, 0, 0), refused("SETTLEMENT_LEG_MISSING"));
    let other = moving([world.holding(Supplier, 150), world.holding(Depositor, 700)], &mut world, BankB, &[kept, free]);
    assert_eq!(world.refuse(settle(other, &settlement, Some(150)), &[BankB, Depositor]), "SETTLEMENT_NOT_HELD");
    attempt(&mut world, kept, Some(150), 150, 0, 0).unwrap();
}

#[test]
fn several_legs_are_settled_together_and_whole() {
    let mut world = World::new();
    let definition = world.define();
    let all = world.issue(definition, Depositor, 300);
    let settlement = settlement(&world, vec![leg(&world, Supplier, 200), leg(&world, BankA, 100)]);
    let outputs = [held(&world, &settlement, Depositor, 300)];
    let builder = moving(outputs, &mut world, Depositor, &[all]);
    let state = StateRef { transaction: world.accept(hold(builder, &settlement), &[Depositor]), index: 0 };
    let pays = |world: &mut World, outputs: &[(Who, u64)], part| {
        let outputs: Vec<_> = outputs.iter().map(|(who, amount)| world.holding(*who, *amount)).collect();
        settle(moving(outputs, world, BankB, &[state]), &settlement, part)
    };
    let builder = pays(&mut world, &[(Supplier, 100), (BankA, 100), (Depositor, 100)], Some(100));
    assert_eq!(world.refuse(builder, &[BankB]), "SETTLEMENT_PART_OF_SEVERAL");
    let builder = pays(&mut world, &[(Supplier, 200), (Depositor, 100)], None);
    assert_eq!(world.refuse(builder, &[BankB]), "SETTLEMENT_PAID_DIFFERS");
    // What would stay held is more than is left.
    let outputs = [world.holding(Supplier, 200), world.holding(BankA, 50), held(&world, &settlement, Depositor, 50)];
    let builder = settle(moving(outputs, &mut world, BankB, &[state]), &settlement, None);
    assert_eq!(world.refuse(builder, &[BankB]), "SETTLEMENT_PAID_DIFFERS");
    let builder = pays(&mut world, &[(Supplier, 200), (BankA, 100)], None);
    world.accept(builder, &[BankB]);
}

/// A payer who is a payee of the same asset gets no more held than is left of its own.
#[test]
fn what_is_received_does_not_stay_held() {
    let mut world = World::new();
    let definition = world.define();
    let (mine, theirs) = (world.issue(definition, Depositor, 100), world.issue(definition, Supplier, 100));
    let back = Leg { from: Supplier.address(), to: Depositor.address(), ..leg(&world, Supplier, 100) };
    let settlement = settlement(&world, vec![leg(&world, Supplier, 100), back]);
    let outputs = [held(&world, &settlement, Depositor, 100), held(&world, &settlement, Supplier, 100)];
    let builder = moving(outputs, &mut world, Depositor, &[mine, theirs]);
    let transaction = world.accept(hold(builder, &settlement), &[Depositor, Supplier]);
    let states = [0, 1].map(|index| StateRef { transaction, index });
    let outputs = [held(&world, &settlement, Depositor, 100), world.holding(Supplier, 100)];
    let builder = settle(moving(outputs, &mut world, BankB, &states), &settlement, None);
    assert_eq!(world.refuse(builder, &[BankB, Depositor]), "SETTLEMENT_REST_DIFFERS");
    let alone = moving([world.holding(Supplier, 100)], &mut world, BankB, &states[..1]);
    assert_eq!(world.refuse(settle(alone, &settlement, None), &[BankB]), "SETTLEMENT_LEG_MISSING");
    let outputs = [world.holding(Depositor, 100), world.holding(Supplier, 100)];
    let builder = settle(moving(outputs, &mut world, BankB, &states), &settlement, None);
    world.accept(builder, &[BankB]);
}

#[test]
fn the_locker_releases_to_the_owner_alone() {
    let (mut world, settlement, state, free) = scene();
    let context = settlement.context(&world.ledger.chain());
    let back = |world: &mut World, submitter, inputs: &[StateRef], to: Who, amount| {
        let builder = moving([world.holding(to, amount)], world, submitter, inputs);
        release(builder, context)
    };
    let builder = back(&mut world, Depositor, &[state], Depositor, 300);
    assert_eq!(world.refuse(builder, &[Depositor]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = back(&mut world, BankB, &[state], BankB, 300);
    assert_eq!(world.refuse(builder, &[BankB]), "TOKEN_OWNER_CHANGES");
    let builder = back(&mut world, BankB, &[state, free], Depositor, 1_000);
    assert_eq!(world.refuse(builder, &[BankB, Depositor]), "TOKEN_OTHER_CONTEXT");
    let builder = moving([world.holding(Depositor, 300)], &mut world, BankB, &[state]);
    assert_eq!(world.refuse(release(builder, ContextId::default()), &[BankB, Depositor]), "TOKEN_OTHER_CONTEXT");
    let outputs = [held(&world, &settlement, Depositor, 100), world.holding(Depositor, 200)];
    let builder = release(moving(outputs, &mut world, BankB, &[state]), context);
    let part = StateRef { transaction: world.accept(builder, &[BankB]), index: 0 };
    let builder = back(&mut world, BankB, &[part], Depositor, 100);
    world.accept(builder, &[BankB]);
}

#[test]
fn what_ended_by_time_is_its_owners_without_anybody() {
    let (mut world, settlement, state, _) = scene();
    let end_ms = settlement.until_ms.unwrap();
    // The window of one hour ends after the hold does: no longer the locker's, not yet the owner's.
    world.now_ms = end_ms - 1;
    let late = moving([world.holding(Supplier, 300)], &mut world, BankB, &[state]);
    assert_eq!(world.refuse(settle(late, &settlement, None), &[BankB]), "GROUND_DOES_NOT_HOLD");
    let early = world.transfer(Depositor, &[state], &[(Depositor, 300)]);
    assert_eq!(world.refuse(early, &[Depositor]), "TOKEN_LOCKED");
    world.now_ms = end_ms;
    let late = moving([world.holding(Supplier, 300)], &mut world, BankB, &[state]);
    assert_eq!(world.refuse(settle(late, &settlement, None), &[BankB]), "GROUND_DOES_NOT_HOLD");
    let back = world.transfer(Depositor, &[state], &[(Depositor, 300)]);
    world.accept(back, &[Depositor]);
}

#[test]
fn a_hold_without_an_end_stays_until_its_locker_lets_go() {
    let mut world = World::new();
    let definition = world.define();
    let all = world.issue(definition, Depositor, 300);
    let settlement = Settlement { until_ms: None, ..settlement(&world, vec![leg(&world, Supplier, 300)]) };
    let outputs = [held(&world, &settlement, Depositor, 300)];
    let builder = hold(moving(outputs, &mut world, Depositor, &[all]), &settlement);
    let state = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    world.now_ms += 3_650 * DAY_MS;
    let back = world.transfer(Depositor, &[state], &[(Depositor, 300)]);
    assert_eq!(world.refuse(back, &[Depositor]), "TOKEN_LOCKED");
    let builder = settle(moving([world.holding(Supplier, 300)], &mut world, BankB, &[state]), &settlement, None);
    world.accept(builder, &[BankB]);
}

#[test]
fn locks_on_holdings_come_by_hold_alone() {
    let (mut world, settlement, _, free) = scene();
    let builder = moving([held(&world, &settlement, Depositor, 700)], &mut world, Depositor, &[free]);
    let builder = builder.command(token(), token::TRANSFER, &wire::TokenTransfer {});
    assert_eq!(world.refuse(builder, &[Depositor]), "TOKEN_LOCK_NOT_COMMANDED");
    let is_definition = |state: &State| state.is(token::NAME, token::DEFINITION);
    let definition = *world.ledger.unspent_states().find(|(_, unspent)| is_definition(&unspent.state)).unwrap().0;
    for name in [HOLD, SETTLE] {
        let builder = moving([world.holding(Depositor, 700)], &mut world, Depositor, &[free, definition]);
        let builder = match name {
            HOLD => hold(builder, &settlement),
            _ => settle(builder, &settlement, None),
        };
        assert_eq!(world.refuse(builder, &[Depositor, BankA]), "TOKEN_HOLDINGS_ALONE", "{name}");
    }
}

/// Settlement is a transfer for the asset's own rules.
#[test]
fn a_settlement_keeps_to_the_assets_transfer_policy() {
    let mut world = World::new();
    let listed = token::TransferPolicy::Listed(vec![Depositor.address()]);
    let state = token::definition_under(&world.definition(), &listed);
    let builder = world.build(BankA).output(state).command(token(), token::DEFINE, &wire::TokenDefine {});
    let definition = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
    let all = world.issue(definition, Depositor, 300);
    let settlement = settlement(&world, vec![leg(&world, Supplier, 300)]);
    let outputs = [held(&world, &settlement, Depositor, 300)];
    let builder = hold(moving(outputs, &mut world, Depositor, &[all]), &settlement);
    let held = StateRef { transaction: world.accept(builder, &[Depositor]), index: 0 };
    let builder = settle(moving([world.holding(Supplier, 300)], &mut world, BankB, &[held]), &settlement, None);
    assert_eq!(world.refuse(builder.clone(), &[BankB]), "TOKEN_TRANSFER_RESTRICTED");
    assert_eq!(world.refuse(builder.current(definition), &[BankB]), "TOKEN_NOT_LISTED");
}
