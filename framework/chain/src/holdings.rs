//! Numbers of unspent states and who holds what, in memory: what commits and input selection look up.

use std::collections::{BTreeMap, HashMap};

use thiserror::Error;

use ledger_core::{Address, Amount, AssetId, ContractSet, LedgerTransaction, State, StateRef};

/// What a party has of an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The asset.
    pub asset: AssetId,
    /// In states without locks and without a purpose, in the asset's smallest unit.
    pub free: u64,
    /// In states with a lock or bound to a purpose, in the asset's smallest unit.
    pub locked: u64,
}

/// An unspent state that holds an amount: what a payment can consume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldState {
    /// The state.
    pub reference: StateRef,
    /// The asset.
    pub asset: AssetId,
    /// In the asset's smallest unit.
    pub amount: Amount,
    /// True when a lock of another party lies on it, or it is bound to a purpose.
    pub locked: bool,
}

/// One chain's unspent states by reference, and those with amounts by owner and asset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    states: u64,
    unspent: HashMap<StateRef, Unspent>,
    by_owner: BTreeMap<(Address, AssetId), BTreeMap<StateRef, (Amount, bool)>>,
}

#[derive(Clone, Copy, Debug)]
struct Unspent {
    number: u64,
    owned: Option<(Address, AssetId)>,
}

/// A state that a block creates, with its number.
#[derive(Clone, Debug)]
pub(crate) struct CreatedState {
    pub(crate) reference: StateRef,
    pub(crate) number: u64,
    pub(crate) owner: Address,
    pub(crate) held: Option<(AssetId, Amount)>,
    pub(crate) locked: bool,
}

/// What a block changes; applied once the block is durable.
#[derive(Clone, Debug, Default)]
pub(crate) struct HoldingsChange {
    pub(crate) created: Vec<CreatedState>,
    /// Numbers of the consumed states, in the block's order.
    pub(crate) spent: Vec<u64>,
    consumed: Vec<StateRef>,
}

/// An input that no unspent state answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("input {0} is not among the unspent states")]
pub(crate) struct UnknownInput(StateRef);

impl Holdings {
    /// Works out what transactions change, without changing anything.
    pub(crate) fn prepare(
        &self,
        transactions: &[&LedgerTransaction],
        contracts: &ContractSet,
    ) -> Result<HoldingsChange, UnknownInput> {
        let mut change = HoldingsChange::default();
        let mut new_numbers = HashMap::new();
        let mut number = self.states;
        for transaction in transactions {
            for input in &transaction.transaction.inputs {
                let known = new_numbers.get(input).copied();
                let number = known.or_else(|| self.unspent.get(input).map(|state| state.number));
                change.spent.push(number.ok_or(UnknownInput(*input))?);
                change.consumed.push(*input);
            }
            for (index, state) in (0u32..).zip(&transaction.transaction.outputs) {
                number = number.saturating_add(1);
                let reference = StateRef { transaction: transaction.id, index };
                new_numbers.insert(reference, number);
                change.created.push(CreatedState::of(reference, number, state, contracts));
            }
        }
        Ok(change)
    }

    /// How many states the chain has ever had: the number of the last one.
    pub(crate) fn states(&self) -> u64 {
        self.states
    }

    /// Changes what [`Self::prepare`] worked out.
    pub(crate) fn apply(&mut self, change: HoldingsChange) {
        for state in change.created {
            self.states = self.states.max(state.number);
            let owned = state.held.map(|(asset, _)| (state.owner, asset));
            self.unspent.insert(state.reference, Unspent { number: state.number, owned });
            if let Some((asset, amount)) = state.held {
                let held = self.by_owner.entry((state.owner, asset)).or_default();
                held.insert(state.reference, (amount, state.locked));
            }
        }
        for reference in change.consumed {
            let Some(owned) = self.unspent.remove(&reference).and_then(|state| state.owned) else { continue };
            if let Some(held) = self.by_owner.get_mut(&owned) {
                held.remove(&reference);
                if held.is_empty() {
                    self.by_owner.remove(&owned);
                }
            }
        }
    }

    /// What a party has, by asset.
    pub(crate) fn balances(&self, owner: &Address) -> Vec<Balance> {
        let total = |(asset, held): (AssetId, &BTreeMap<StateRef, (Amount, bool)>)| {
            let mut balance = Balance { asset, free: 0, locked: 0 };
            for (amount, locked) in held.values() {
                let side = if *locked { &mut balance.locked } else { &mut balance.free };
                *side = side.saturating_add(amount.minor());
            }
            balance
        };
        self.of_owner(owner, None).map(total).collect()
    }

    /// A party's states with amounts, of one asset or of all.
    pub(crate) fn held(&self, owner: &Address, asset: Option<&AssetId>) -> Vec<HeldState> {
        let states = |(asset, held): (AssetId, &BTreeMap<StateRef, (Amount, bool)>)| {
            let state = |(reference, (amount, locked)): (&StateRef, &(Amount, bool))| HeldState {
                reference: *reference,
                asset,
                amount: *amount,
                locked: *locked,
            };
            held.iter().map(state).collect::<Vec<_>>()
        };
        self.of_owner(owner, asset).flat_map(states).collect()
    }

    fn of_owner(
        &self,
        owner: &Address,
        asset: Option<&AssetId>,
    ) -> impl Iterator<Item = (AssetId, &BTreeMap<StateRef, (Amount, bool)>)> {
        let lowest = asset.copied().unwrap_or(AssetId::from_bytes([0; 32]));
        let highest = asset.copied().unwrap_or(AssetId::from_bytes([0xff; 32]));
        let range = (*owner, lowest)..=(*owner, highest);
        self.by_owner.range(range).map(|((_, asset), held)| (*asset, held))
    }
}

impl CreatedState {
    fn of(reference: StateRef, number: u64, state: &State, contracts: &ContractSet) -> Self {
        let holding = contracts.get(&state.contract).and_then(|contract| contract.holding(state).ok().flatten());
        Self {
            reference,
            number,
            owner: state.owner,
            held: holding.map(|holding| (holding.asset, holding.amount)),
            locked: !state.locks.is_empty() || holding.is_some_and(|holding| holding.purpose.is_some()),
        }
    }
}
