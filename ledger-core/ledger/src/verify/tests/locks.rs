//! What owners, with the commands they may sign, cannot do to states under locks; and what each command still does.

use crate::contract::token::{self, RELEASE, holding_state};
use crate::contract::{party, title};
use crate::fixture::*;
use crate::{
    Amount, Authority, ContextId, ContractId, Lock, LockKind, PartyRecord, Policy, Rule, State, StateRef,
    TransactionBuilder, wire,
};

const CONTEXT: [u8; 32] = [0xcc; 32];

/// A lock of bank B's that no contract knows.
fn stray(rank: u32) -> Lock {
    let (locker, context) = (BankB.address(), ContextId::from_bytes(CONTEXT));
    Lock { kind: LockKind::Stay, locker, context, rank, amount: None, until_ms: None }
}

/// A command that names the stray lock's context and touches no holding.
fn releasing(builder: TransactionBuilder) -> TransactionBuilder {
    let command = wire::TokenRelease { context: CONTEXT.to_vec() };
    builder.command(ContractId::built_in(token::NAME), RELEASE, &command)
}

/// A pledged title, and everything else of the depositor's that stands.
fn pledged() -> (World, StateRef) {
    let mut world = World::new();
    let issued = world.issue_title("WR-1");
    let pledge = world.pledge(issued, Depositor, BankA);
    let title = StateRef { transaction: world.accept(pledge, &[Depositor, BankA, Operator]), index: 0 };
    (world, title)
}

/// The depositor's record.
fn record(world: &World) -> StateRef {
    let is_own = |state: &State| state.is(party::NAME, party::RECORD) && state.owner == Depositor.address();
    *world.ledger.unspent_states().find(|(_, unspent)| is_own(&unspent.state)).unwrap().0
}

#[test]
fn a_release_names_no_lock_on_another_contracts_state() {
    let (mut world, title) = pledged();
    let record = record(&world);
    for (place, state) in [(0, title), (1, record)] {
        let mut burdened = world.state(state);
        burdened.locks.push(stray(2));
        let builder = releasing(world.build(Depositor).input(state).output(burdened.clone()));
        assert_eq!(world.refuse(builder, &[Depositor]), "TOKEN_NOTHING_RELEASED");
        // Beside a release of something that is really held under the context, it is still another contract's state.
        let held = past_the_rules(&mut world, place, stray(1));
        let builder =
            world.build(Depositor).input(state).input(held).output(burdened).output(world.holding(Depositor, 5));
        assert_eq!(world.refuse(releasing(builder), &[Depositor, BankB]), "LOCK_WITHOUT_COMMAND");
    }
}

/// Money of the depositor's under a lock, put there past the rules.
fn past_the_rules(world: &mut World, index: u32, lock: Lock) -> StateRef {
    let (mut block, _) = crate::verify::contextual(world.proposed(Vec::new()), &world.ledger);
    let state = std::sync::Arc::new(world.holding(Depositor, 5).with_locks(vec![lock]));
    let reference = StateRef { transaction: crate::TransactionId::from_bytes(CONTEXT), index };
    let unspent = crate::ledger::UnspentState { state, claims: Vec::new(), digest: [1; 32] };
    block.changes_mut().created.insert(reference, std::sync::Arc::new(unspent));
    world.ledger.apply(&block).unwrap();
    reference
}

/// An owner who makes its state anew outdates what others have signed over it.
#[test]
fn a_state_is_not_made_anew_as_it_was() {
    let (mut world, title) = pledged();
    let state = world.state(title);
    let definition = world.define();
    let held = world.issue(definition, Depositor, 10);
    let payment = world.transfer(Depositor, &[held], &[(Supplier, 10)]);
    let beside = payment.clone().input(title).output(state);
    assert_eq!(world.refuse(beside, &[Depositor]), "CONTRACT_STATE_MADE_ANEW");
    world.accept(payment, &[Depositor]);
}

/// Locks of two states are not put upon one, so that the other is free.
#[test]
fn locks_stay_on_the_states_they_stand_on() {
    let mut world = World::new();
    world.define();
    let lock = |context: u8, rank: u32| Lock { context: ContextId::from_bytes([context; 32]), ..stray(rank) };
    let references = [(0, lock(1, 1)), (1, lock(2, 2))].map(|(place, lock)| past_the_rules(&mut world, place, lock));
    let stacked = world.holding(Depositor, 5).with_locks(vec![lock(1, 1), lock(2, 2)]);
    let builder = world.build(Operator).input(references[0]).input(references[1]);
    let builder = builder.output(stacked).output(world.holding(Depositor, 5));
    let issued = title::title_state(&world.title("WR-1"), Depositor.address());
    let issue = |builder: TransactionBuilder| {
        builder.output(issued.clone()).command(ContractId::built_in(title::NAME), title::ISSUE, &wire::TitleIssue {})
    };
    assert_eq!(world.refuse(issue(builder), &[Operator, Depositor]), "LOCK_STANDS_ELSEWHERE");
    let builder = world.build(Operator);
    let alone = world.fill(issue(builder));
    assert!(world.rules().examine(alone, &world.ledger).is_ok());
}

/// What a company puts under another's lock has left it: the amount band of its directors counts.
#[test]
fn value_under_anothers_lock_is_an_outflow() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    let directors = Policy::Key(BankB.key().public());
    let rule = |asset, policy| Rule {
        commands: vec!["*".to_owned()],
        asset,
        amount_up_to: None,
        not_after_ms: None,
        delay_ms: None,
        policy,
    };
    let record = record(&world);
    let before = Depositor.record();
    let clerk = rule(None, Policy::Key(Depositor.key().public()));
    let after: PartyRecord =
        before.changed(Authority::new(vec![rule(Some(world.asset()), directors), clerk]), Vec::new());
    let builder = world.build(Depositor).input(record).output(party::record_state(&after));
    let change = builder.command(ContractId::built_in(party::NAME), party::CHANGE, &wire::PartyChange {});
    world.accept(change, &[Depositor]);
    let own = |locker: Who| {
        let leg = crate::settlement::Leg {
            from: Depositor.address(),
            to: Supplier.address(),
            asset: world.asset(),
            amount: Amount::from_minor(1_000).unwrap(),
            kind: LockKind::Hold,
            locker: locker.address(),
        };
        crate::settlement::Settlement { nonce: [5; 32], until_ms: None, legs: vec![leg] }
    };
    for (settlement, code) in [(own(Supplier), Some("AUTHORITY_SIGNATURES_MISSING")), (own(Depositor), None)] {
        let lock = settlement.lock(&world.ledger.chain(), &Depositor.address(), &world.asset()).unwrap();
        let locked: State = holding_state(world.asset(), Depositor.address(), Amount::from_minor(1_000).unwrap());
        let message = wire::TokenHold { settlement: Some(crate::Wire::to_wire(&settlement)) };
        let builder = world.build(Depositor).input(held).output(locked.with_locks(vec![lock]));
        let builder = builder.command(ContractId::built_in(token::NAME), token::HOLD, &message);
        let refused = world.submit(builder, &[Depositor]).err().map(|rejection| rejection.code);
        assert_eq!(refused.as_deref(), code);
    }
}
