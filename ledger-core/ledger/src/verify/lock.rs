//! Locks: which stay, which are resolved and by whom, which are new.

use std::collections::BTreeMap;

use crate::amount::{Amount, AmountError};
use crate::contract::{Holding, PassedLock};
use crate::error::ContractError;
use crate::id::{Address, AssetId, PurposeId};
use crate::lock::{Lock, LockKind};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::verify::holdings::Holdings;
use crate::verify::upgrade::is_upgrade;

/// What becomes of the locks in a transaction.
#[derive(Default)]
pub(super) struct LockFate {
    /// Locks of inputs that are neither carried over nor ended: their lockers must sign. With the input's place.
    pub(super) resolved: Vec<Placed>,
    /// Locks of later ranks that end on an input whose better rank is enforced: they pass to the surplus, unasked.
    pub(super) passed: Vec<Placed>,
    /// Locks of outputs on more than before: the outputs' owners must sign, but for those that passed. With the output's place.
    pub(super) new: Vec<Placed>,
    /// Carried locks on outputs where a new lock of another locker ranks before or beside them: their lockers must sign.
    pub(super) outranked: Vec<Placed>,
}

impl LockFate {
    /// Locks that come onto outputs, but for those that only pass to a surplus, which they burdened before.
    pub(super) fn newly_locked(&self) -> impl Iterator<Item = &Placed> {
        let is_passed = |lock: &Lock| self.passed.iter().any(|(_, passed)| passed == lock);
        self.new.iter().filter(move |(_, lock)| !is_passed(lock))
    }
}

/// A lock with the place of its state among inputs or outputs.
type Placed = (usize, Lock);

/// What a lock lies on: a party's quantity of an asset under one contract, bound to a purpose or free.
type Locked = (Lock, Address, String, AssetId, Option<PurposeId>);

/// A state with what it stands for.
type Held<'t> = (&'t State, Option<Holding>);

/// Sorts the locks of a transaction by what becomes of them; `passing` are those that contracts say pass to a surplus.
pub(super) fn fate(
    transaction: &LedgerTransaction,
    holdings: &Holdings,
    passing: &[PassedLock],
) -> Result<LockFate, ContractError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    // An upgrade stands alone and carries every lock as it is: its own frame compares them state by state.
    if is_upgrade(transaction) {
        return Ok(LockFate::default());
    }
    let inputs: Vec<Held<'_>> = holdings.of_inputs(transaction).collect();
    let outputs: Vec<Held<'_>> = holdings.of_outputs(transaction).collect();
    let locked_before = locked_quantities(&inputs)?;
    let locked_after = locked_quantities(&outputs)?;
    let quantity = |of: &BTreeMap<Locked, Amount>, key: &Locked| of.get(key).copied().unwrap_or_default();
    let mut resolved = Vec::new();
    for (place, (input, holding)) in inputs.iter().enumerate() {
        for lock in input.locks.iter().filter(|lock| !lock.has_ended(from_ms)) {
            let is_carried = match holding {
                Some(holding) => {
                    let key = key(lock, input, holding);
                    quantity(&locked_after, &key) >= quantity(&locked_before, &key)
                }
                None => outputs.iter().any(|(output, _)| is_same_fact(input, output) && output.locks.contains(lock)),
            };
            if !is_carried {
                resolved.push((place, lock.clone()));
            }
        }
    }
    let mut new = Vec::new();
    for (place, (output, holding)) in outputs.iter().enumerate() {
        for lock in &output.locks {
            let is_new = match holding {
                Some(holding) => {
                    let key = key(lock, output, holding);
                    quantity(&locked_after, &key) > quantity(&locked_before, &key)
                }
                None => !inputs.iter().any(|(input, _)| is_same_fact(input, output) && input.locks.contains(lock)),
            };
            if is_new {
                new.push((place, lock.clone()));
            }
        }
    }
    let (passed, resolved) = parted(transaction, resolved, passing);
    let outranked = outranked(&outputs, &new);
    Ok(LockFate { resolved, passed, new, outranked })
}

/// Locks that pass: pledges, each behind a better rank on the same state that is itself resolved by its locker.
fn parted(
    transaction: &LedgerTransaction,
    resolved: Vec<Placed>,
    passing: &[PassedLock],
) -> (Vec<Placed>, Vec<Placed>) {
    let is_named = |(place, lock): &Placed| {
        let state = transaction.inputs.get(*place).map(|input| input.reference);
        lock.kind == LockKind::Pledge
            && passing.iter().any(|named| Some(named.state) == state && named.context == lock.context)
    };
    let enforced: Vec<(usize, u32)> =
        resolved.iter().filter(|resolved| !is_named(resolved)).map(|(place, lock)| (*place, lock.rank)).collect();
    let is_behind = |(place, lock): &Placed| enforced.iter().any(|(at, rank)| at == place && *rank < lock.rank);
    resolved.into_iter().partition(|resolved| is_named(resolved) && is_behind(resolved))
}

/// A new lock takes nothing from those that stand already: whoever comes to stand behind or beside it is asked.
fn outranked(outputs: &[Held<'_>], new: &[Placed]) -> Vec<Placed> {
    let mut outranked = Vec::new();
    for (place, (output, _)) in outputs.iter().enumerate() {
        let is_new = |lock: &Lock| new.iter().any(|(at, other)| *at == place && other == lock);
        for carried in output.locks.iter().filter(|lock| !is_new(lock)) {
            let is_before = |lock: &&Lock| lock.rank <= carried.rank && lock.locker != carried.locker;
            if output.locks.iter().filter(is_before).any(is_new) {
                outranked.push((place, carried.clone()));
            }
        }
    }
    outranked
}

/// How much stands under each lock; no state has more locked than it holds.
fn locked_quantities(states: &[Held<'_>]) -> Result<BTreeMap<Locked, Amount>, ContractError> {
    let mut quantities: BTreeMap<Locked, Amount> = BTreeMap::new();
    for (state, holding) in states {
        let Some(holding) = holding else { continue };
        for lock in &state.locks {
            let quantity = lock.amount.map_or(holding.amount, |amount| amount.min(holding.amount));
            let entry = quantities.entry(key(lock, state, holding)).or_default();
            *entry = entry.checked_add(quantity).map_err(|error: AmountError| ContractError::new(error))?;
        }
    }
    Ok(quantities)
}

fn key(lock: &Lock, state: &State, holding: &Holding) -> Locked {
    (lock.clone(), state.owner, state.contract.name().to_owned(), holding.asset, holding.purpose)
}

fn is_same_fact(input: &State, output: &State) -> bool {
    (&input.contract, &input.kind, &input.owner, &input.data)
        == (&output.contract, &output.kind, &output.owner, &output.data)
}

#[cfg(test)]
mod tests;
