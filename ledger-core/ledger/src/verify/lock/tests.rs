use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::ResolvedState;
use crate::contract::token::holding_state;
use crate::fixture::*;
use crate::id::{ContextId, StateRef, TransactionId};
use crate::lock::LockKind;

/// One state: asset, amount and, for each of three locks, whether it stands and on how much.
type Shape = (u8, u64, [Option<Option<u64>>; 3]);

const ENDED: usize = 2;

fn lock(which: usize, amount: Option<u64>) -> Lock {
    let context = ContextId::from_bytes([u8::try_from(which).unwrap(); 32]);
    let amount = amount.map(|minor| Amount::from_minor(minor).unwrap());
    let until_ms = (which == ENDED).then_some(START_MS);
    Lock { kind: LockKind::Hold, locker: BankA.address(), context, rank: 1, amount, until_ms }
}

fn locks(shape: &Shape) -> Vec<Lock> {
    let stands = shape.2.iter().enumerate().filter_map(|(which, amount)| amount.map(|amount| lock(which, amount)));
    stands.collect()
}

fn state((asset, amount, locks_of): &Shape) -> State {
    let holding =
        holding_state(AssetId::from_bytes([*asset; 32]), Depositor.address(), Amount::from_minor(*amount).unwrap());
    holding.with_locks(locks(&(*asset, *amount, *locks_of)))
}

fn resolved(inputs: &[Shape], outputs: &[Shape]) -> LedgerTransaction {
    let mut world = World::empty();
    let mut transaction = world.build(Depositor).build();
    transaction.outputs = outputs.iter().map(state).collect();
    let input = |(index, shape): (u32, &Shape)| ResolvedState {
        reference: StateRef { transaction: TransactionId::default(), index },
        state: std::sync::Arc::new(state(shape)),
        claims: Vec::new(),
    };
    let inputs = (0u32..).zip(inputs).map(input).collect();
    LedgerTransaction { id: TransactionId::default(), transaction, inputs, references: Vec::new() }
}

fn settled(ledger: &LedgerTransaction, passing: &[PassedLock]) -> LockFate {
    fate(ledger, &Holdings::of(ledger, &crate::ContractSet::built_in()).unwrap(), passing).unwrap()
}

/// The obvious model: every unit is a thing of its own; a lock stands on the first so many units of its state.
fn units_under(states: &[Shape], wanted: &Lock, asset: u8) -> usize {
    let mut units = Vec::new();
    for shape in states.iter().filter(|shape| shape.0 == asset) {
        for unit in 0..shape.1 {
            let covers = |lock: &Lock| lock == wanted && lock.amount.is_none_or(|amount| unit < amount.minor());
            units.push(locks(shape).iter().any(covers));
        }
    }
    units.into_iter().filter(|is_under| *is_under).count()
}

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let part = || proptest::option::of(proptest::option::of(0u64..4));
    proptest::collection::vec((0u8..2, 0u64..5, [part(), part(), part()]), 0..4)
}

proptest! {
    /// A locked quantity shrinks only with its locker or after its end, and grows only as a new lock.
    #[test]
    fn a_locked_quantity_never_leaves_without_its_locker(inputs in shapes(), outputs in shapes()) {
        let fate = settled(&resolved(&inputs, &outputs), &[]);
        let asked = |list: &[(usize, Lock)], shapes: &[Shape]| -> BTreeSet<(Lock, u8)> {
            list.iter().map(|(place, lock)| (lock.clone(), shapes[*place].0)).collect()
        };
        let all: BTreeSet<(Lock, u8)> =
            inputs.iter().chain(&outputs).flat_map(|shape| locks(shape).into_iter().map(|lock| (lock, shape.0))).collect();
        let count = |states: &[Shape], (lock, asset): &(Lock, u8)| units_under(states, lock, *asset);
        let shrinks = all.iter().filter(|key| count(&outputs, key) < count(&inputs, key));
        let live: BTreeSet<_> = shrinks.filter(|(lock, _)| lock.until_ms.is_none()).cloned().collect();
        prop_assert_eq!(asked(&fate.resolved, &inputs), live);
        let grows: BTreeSet<_> = all.iter().filter(|key| count(&outputs, key) > count(&inputs, key)).cloned().collect();
        prop_assert_eq!(asked(&fate.new, &outputs), grows);
    }
}

fn fate_of(inputs: &[Shape], outputs: &[Shape]) -> (usize, usize) {
    let fate = settled(&resolved(inputs, outputs), &[]);
    (fate.resolved.len(), fate.new.len())
}

#[test]
fn a_hold_is_kept_released_or_extended_by_quantity() {
    let held = |amount, part| (1, amount, [Some(part), None, None]);
    let free = |amount| (1, amount, [None, None, None]);
    // The locked part stays, the rest goes.
    assert_eq!(fate_of(&[held(10, Some(4))], &[held(4, Some(4)), free(6)]), (0, 0));
    // A part of the locked part goes: the locker is asked.
    assert_eq!(fate_of(&[held(10, Some(4))], &[held(3, Some(4)), free(7)]), (1, 0));
    // A lock over more than the state holds counts what it holds.
    assert_eq!(fate_of(&[held(10, Some(8))], &[held(2, Some(8)), free(8)]), (1, 0));
    // The lock of one state does not spread to another.
    assert_eq!(fate_of(&[held(5, None), free(5)], &[held(5, None), held(5, None)]), (0, 2));
    // An ended lock binds nobody.
    assert_eq!(fate_of(&[(1, 5, [None, None, Some(None)])], &[free(5)]), (0, 0));
}

fn of(who: Who, amount: u64, locks: Vec<Lock>) -> State {
    holding_state(AssetId::from_bytes([1; 32]), who.address(), Amount::from_minor(amount).unwrap()).with_locks(locks)
}

fn ranked(which: usize, locker: Who, rank: u32) -> Lock {
    Lock { locker: locker.address(), rank, ..lock(which, None) }
}

/// Lockers who must sign, by the kinds of reasons: resolved, passed, outranked; and how many locks are new.
fn asked(inputs: Vec<State>, outputs: Vec<State>, passing: &[PassedLock]) -> ([Vec<Address>; 3], usize) {
    let mut ledger = resolved(&[], &[]);
    ledger.inputs = (0u32..)
        .zip(inputs)
        .map(|(index, state)| {
            let reference = StateRef { transaction: TransactionId::default(), index };
            ResolvedState { reference, state: std::sync::Arc::new(state), claims: Vec::new() }
        })
        .collect();
    ledger.transaction.outputs = outputs;
    let fate = settled(&ledger, passing);
    let lockers = |list: &[(usize, Lock)]| list.iter().map(|(_, lock)| lock.locker).collect();
    ([lockers(&fate.resolved), lockers(&fate.passed), lockers(&fate.outranked)], fate.new.len())
}

const NOBODY: [Vec<Address>; 3] = [Vec::new(), Vec::new(), Vec::new()];

#[test]
fn a_lock_neither_goes_down_in_rank_nor_changes_anything_else_unasked() {
    let first = ranked(0, BankA, 1);
    let changes: [fn(&mut Lock); 6] = [
        |lock| lock.rank = 2,
        |lock| lock.kind = LockKind::Pledge,
        |lock| lock.locker = BankB.address(),
        |lock| lock.context = ContextId::from_bytes([9; 32]),
        |lock| lock.amount = Some(Amount::from_minor(9).unwrap()),
        |lock| lock.until_ms = Some(START_MS * 2),
    ];
    for change in changes {
        let mut changed = first.clone();
        change(&mut changed);
        let (asked, new) =
            asked(vec![of(Depositor, 10, vec![first.clone()])], vec![of(Depositor, 10, vec![changed])], &[]);
        assert_eq!((asked, new), ([vec![BankA.address()], Vec::new(), Vec::new()], 1));
    }
}

#[test]
fn a_lock_stays_with_its_owner_its_asset_and_its_purpose() {
    let locks = vec![ranked(0, BankA, 1)];
    let before = || vec![of(Depositor, 10, locks.clone())];
    let elsewhere = [
        of(Supplier, 10, locks.clone()),
        holding_state(AssetId::from_bytes([2; 32]), Depositor.address(), Amount::from_minor(10).unwrap())
            .with_locks(locks.clone()),
        crate::contract::token::held_state(
            Depositor.address(),
            Holding {
                asset: AssetId::from_bytes([1; 32]),
                purpose: Some(PurposeId::from_bytes([3; 32])),
                amount: Amount::from_minor(10).unwrap(),
            },
        )
        .with_locks(locks.clone()),
    ];
    for after in elsewhere {
        assert_eq!(asked(before(), vec![after], &[]), ([vec![BankA.address()], Vec::new(), Vec::new()], 1));
    }
    assert_eq!(asked(before(), before(), &[]), (NOBODY, 0));
}

#[test]
fn locked_value_is_split_and_merged_under_all_its_locks() {
    let locks = vec![ranked(0, BankA, 1), ranked(1, BankB, 2)];
    let whole = || vec![of(Depositor, 10, locks.clone())];
    let parts = || vec![of(Depositor, 4, locks.clone()), of(Depositor, 6, locks.clone())];
    assert_eq!(asked(whole(), parts(), &[]), (NOBODY, 0));
    assert_eq!(asked(parts(), whole(), &[]), (NOBODY, 0));
    // One part loses one lock; or both parts stay under one lock each.
    let part = |amount, lock: &Lock| of(Depositor, amount, vec![lock.clone()]);
    let ([resolved, ..], new) = asked(whole(), vec![of(Depositor, 4, locks.clone()), part(6, &locks[0])], &[]);
    assert_eq!((resolved, new), (vec![BankB.address()], 0));
    let ([resolved, ..], new) = asked(whole(), vec![part(4, &locks[0]), part(6, &locks[1])], &[]);
    assert_eq!((resolved, new), (vec![BankA.address(), BankB.address()], 0));
}

#[test]
fn two_locks_of_one_context_are_two() {
    let (first, second) = (ranked(0, BankA, 1), ranked(0, BankB, 2));
    let before = vec![of(Depositor, 10, vec![first.clone(), second.clone()])];
    let ([resolved, ..], new) = asked(before, vec![of(Depositor, 10, vec![second])], &[]);
    assert_eq!((resolved, new), (vec![BankA.address()], 0));
    // The same lock on two assets is counted for each.
    let other = holding_state(AssetId::from_bytes([2; 32]), Depositor.address(), Amount::from_minor(5).unwrap());
    let both = vec![of(Depositor, 10, vec![first.clone()]), other.clone().with_locks(vec![first.clone()])];
    let ([resolved, ..], _) = asked(both, vec![of(Depositor, 10, vec![first]), other], &[]);
    assert_eq!(resolved, [BankA.address()]);
}

#[test]
fn a_new_lock_before_or_beside_another_needs_its_locker() {
    let second = ranked(0, BankA, 2);
    let before = || vec![of(Depositor, 10, vec![second.clone()])];
    for (rank, asks) in [(1, true), (2, true), (3, false)] {
        let after = vec![of(Depositor, 10, vec![second.clone(), ranked(1, BankB, rank)])];
        let ([resolved, _, outranked], new) = asked(before(), after, &[]);
        assert_eq!((resolved.len(), outranked.len(), new), (0, usize::from(asks), 1));
    }
    // A locker who adds a lock of its own takes nothing from itself.
    let after = vec![of(Depositor, 10, vec![second.clone(), ranked(1, BankA, 1)])];
    assert_eq!(asked(before(), after, &[]), (NOBODY, 1));
}

#[test]
fn a_lock_passes_only_behind_a_better_rank_that_is_enforced() {
    let pledge = |which, locker, rank| Lock { kind: LockKind::Pledge, ..ranked(which, locker, rank) };
    let (first, second) = (pledge(0, BankA, 1), pledge(1, BankB, 2));
    let state = StateRef { transaction: TransactionId::default(), index: 0 };
    let passing = |lock: &Lock| [PassedLock { state, context: lock.context }];
    let before = || vec![of(Depositor, 10, vec![first.clone(), second.clone()])];
    let taken = || vec![of(Supplier, 10, Vec::new())];
    let (a, b) = (BankA.address(), BankB.address());
    assert_eq!(asked(before(), taken(), &passing(&second)).0, [vec![a], vec![b], Vec::new()]);
    // The better rank does not pass, and a later one does not while the better rank stays.
    assert_eq!(asked(before(), taken(), &passing(&first)).0, [vec![a, b], Vec::new(), Vec::new()]);
    let first_stays = vec![of(Depositor, 10, vec![first.clone()])];
    assert_eq!(asked(before(), first_stays, &passing(&second)).0, [vec![b], Vec::new(), Vec::new()]);
    // Both named: nobody enforces.
    let both = [passing(&first)[0], passing(&second)[0]];
    assert_eq!(asked(before(), taken(), &both).0, [vec![a, b], Vec::new(), Vec::new()]);
    // Not the same state, and not a hold.
    let elsewhere = [PassedLock { state: StateRef { index: 1, ..state }, context: second.context }];
    assert_eq!(asked(before(), taken(), &elsewhere).0, [vec![a, b], Vec::new(), Vec::new()]);
    let hold = ranked(1, BankB, 2);
    let held = vec![of(Depositor, 10, vec![first.clone(), hold.clone()])];
    assert_eq!(asked(held, taken(), &passing(&hold)).0, [vec![a, b], Vec::new(), Vec::new()]);
}

#[test]
fn a_state_without_a_quantity_keeps_its_lock_while_it_is_the_same_fact() {
    let locks = vec![ranked(0, BankA, 1)];
    let world = World::empty();
    let definition = crate::contract::token::definition_state(&world.definition());
    let locked = definition.clone().with_locks(locks.clone());
    assert_eq!(asked(vec![locked.clone()], vec![locked.clone()], &[]), (NOBODY, 0));
    assert_eq!(asked(vec![locked.clone()], vec![definition.clone()], &[]).0[0], [BankA.address()]);
    let other = crate::State { owner: Supplier.address(), ..locked.clone() };
    assert_eq!(asked(vec![locked], vec![other], &[]), ([vec![BankA.address()], Vec::new(), Vec::new()], 1));
}

/// What a transaction's outputs may carry, whatever its contracts say.
fn refused(locks: Vec<Lock>, change: impl Fn(&mut State)) -> String {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 10);
    let mut transaction = world.transfer(Depositor, &[held], &[(Depositor, 10)]).build();
    transaction.outputs[0].locks = locks;
    change(&mut transaction.outputs[0]);
    world.submit_bytes(&World::sign(transaction, &[Depositor, BankA]).encode()).unwrap_err().code
}

#[test]
fn locks_fit_their_states() {
    let part = |which, amount, rank| Lock { rank, ..lock(which, Some(amount)) };
    let many = |count: u32| -> Vec<Lock> { (1..=count).map(|rank| ranked(0, BankA, rank)).collect() };
    let nothing = |_: &mut State| {};
    // These pass the core and stop at the contract, which puts no such locks there.
    for locks in
        [vec![part(0, 10, 1)], vec![part(0, 4, 1), part(1, 6, 1)], many(8), vec![part(0, 10, 1), part(1, 10, 2)]]
    {
        assert_eq!(refused(locks, nothing), "TOKEN_LOCK_NOT_COMMANDED");
    }
    assert_eq!(refused(vec![part(0, 11, 1)], nothing), "LOCK_EXCEEDS_STATE");
    assert_eq!(refused(vec![part(0, 4, 1), part(1, 7, 1)], nothing), "LOCK_RANK_OVERFULL");
    assert_eq!(refused(vec![lock(0, None), part(1, 1, 1)], nothing), "LOCK_RANK_OVERFULL");
    assert_eq!(refused(vec![part(0, 0, 1)], nothing), "ENCODING_OUT_OF_RANGE");
    assert_eq!(refused(vec![ranked(0, BankA, 0)], nothing), "ENCODING_OUT_OF_RANGE");
    assert_eq!(refused(many(9), nothing), "ENCODING_TOO_MANY");
    assert_eq!(refused(vec![ranked(0, BankA, 2), ranked(0, BankA, 1)], nothing), "ENCODING_UNORDERED");
    assert_eq!(refused(vec![ranked(0, BankA, 1), ranked(0, BankB, 1)], nothing), "ENCODING_UNORDERED");
    // Without a quantity there is no part to lock.
    let world = World::empty();
    let as_definition = |state: &mut State| {
        let locks = std::mem::take(&mut state.locks);
        *state = crate::contract::token::definition_state(&world.definition()).with_locks(locks);
    };
    assert_eq!(refused(vec![part(0, 1, 1)], as_definition), "LOCK_EXCEEDS_STATE");
}
