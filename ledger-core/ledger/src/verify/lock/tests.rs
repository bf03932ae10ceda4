use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
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
        let fate = fate(&resolved(&inputs, &outputs), &ContractSet::built_in()).unwrap();
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
    let fate = fate(&resolved(inputs, outputs), &ContractSet::built_in()).unwrap();
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
