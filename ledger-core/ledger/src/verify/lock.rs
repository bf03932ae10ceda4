//! Locks: which stay, which are resolved and by whom, which are new.

use std::collections::BTreeMap;

use crate::amount::{Amount, AmountError};
use crate::contract::{ContractSet, Holding};
use crate::error::ContractError;
use crate::id::AssetId;
use crate::lock::Lock;
use crate::state::State;
use crate::transaction::{LedgerTransaction, ResolvedState};
use crate::verify::upgrade::is_upgraded;

/// What becomes of the locks in a transaction.
pub(super) struct LockFate {
    /// Locks of inputs that are neither carried over nor ended: their lockers must sign. With the input's place.
    pub(super) resolved: Vec<(usize, Lock)>,
    /// Locks of outputs on more of an asset than before: the outputs' owners must sign. With the output's place.
    pub(super) new: Vec<(usize, Lock)>,
}

/// Sorts the locks of a transaction by what becomes of them.
pub(super) fn fate(transaction: &LedgerTransaction, contracts: &ContractSet) -> Result<LockFate, ContractError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    // An upgrade carries every lock as it is: its own frame compares them state by state.
    let moves = |state: &State| !is_upgraded(transaction, state.contract.name());
    let inputs: Vec<&State> =
        transaction.inputs.iter().map(|input| input.state.as_ref()).filter(|state| moves(state)).collect();
    let outputs: Vec<&State> = transaction.transaction.outputs.iter().filter(|state| moves(state)).collect();
    let locked_before = locked_quantities(&inputs, contracts)?;
    let locked_after = locked_quantities(&outputs, contracts)?;
    let mut resolved = Vec::new();
    for (place, input) in transaction.inputs.iter().enumerate().filter(|(_, input)| moves(&input.state)) {
        let holding = holding_of(&input.state, contracts)?;
        for lock in input.state.locks.iter().filter(|lock| !lock.has_ended(from_ms)) {
            let is_carried = match holding {
                Some(Holding { asset, .. }) => {
                    let key = (lock.clone(), asset);
                    locked_after.get(&key).copied().unwrap_or_default()
                        >= locked_before.get(&key).copied().unwrap_or_default()
                }
                None => outputs.iter().any(|output| is_same_fact(input, output) && output.locks.contains(lock)),
            };
            if !is_carried {
                resolved.push((place, lock.clone()));
            }
        }
    }
    let mut new = Vec::new();
    for (place, output) in transaction.transaction.outputs.iter().enumerate().filter(|(_, output)| moves(output)) {
        let holding = holding_of(output, contracts)?;
        for lock in &output.locks {
            let is_new = match holding {
                Some(Holding { asset, .. }) => {
                    let key = (lock.clone(), asset);
                    locked_after.get(&key).copied().unwrap_or_default()
                        > locked_before.get(&key).copied().unwrap_or_default()
                }
                None => {
                    let had = |input: &ResolvedState| is_same_fact(input, output) && input.state.locks.contains(lock);
                    !transaction.inputs.iter().any(had)
                }
            };
            if is_new {
                new.push((place, lock.clone()));
            }
        }
    }
    Ok(LockFate { resolved, new })
}

/// How much of each asset stands under each lock; no state has more locked than it holds.
fn locked_quantities(
    states: &[&State],
    contracts: &ContractSet,
) -> Result<BTreeMap<(Lock, AssetId), Amount>, ContractError> {
    let mut quantities: BTreeMap<(Lock, AssetId), Amount> = BTreeMap::new();
    for state in states {
        let Some(holding) = holding_of(state, contracts)? else { continue };
        for lock in &state.locks {
            let quantity = lock.amount.map_or(holding.amount, |amount| amount.min(holding.amount));
            let entry = quantities.entry((lock.clone(), holding.asset)).or_default();
            *entry = entry.checked_add(quantity).map_err(|error: AmountError| ContractError::new(error))?;
        }
    }
    Ok(quantities)
}

fn holding_of(state: &State, contracts: &ContractSet) -> Result<Option<Holding>, ContractError> {
    contracts.get(&state.contract).map_or(Ok(None), |contract| contract.holding(state))
}

fn is_same_fact(input: &ResolvedState, output: &State) -> bool {
    let state = &input.state;
    (&state.contract, &state.kind, &state.owner, &state.data)
        == (&output.contract, &output.kind, &output.owner, &output.data)
}

#[cfg(test)]
mod tests;
