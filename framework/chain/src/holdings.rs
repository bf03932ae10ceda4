//! Numbers of unspent states and who holds what, in memory: what commits and input selection look up.

mod packed;
mod slots;

pub(crate) use packed::{PackedHolding, Packing, RestoredHoldings};

use std::collections::{BTreeMap, HashMap};

use ledger_core::{Address, Amount, AssetId, ContractId, ContractSet, LedgerTransaction, State, StateRef};
use thiserror::Error;

use slots::{Account, Slot, Slots};

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
///
/// Memory: about 90 bytes a state, and 150 an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    states: u64,
    slots: Slots,
    accounts: BTreeMap<(Address, AssetId), Account>,
    /// Contracts with plain holdings, by the place that slots name.
    contracts: Vec<ContractId>,
}

/// A state that a block creates, with its number.
#[derive(Clone, Debug)]
pub(crate) struct CreatedState {
    pub(crate) reference: StateRef,
    pub(crate) number: u64,
    pub(crate) owner: Address,
    pub(crate) held: Option<(AssetId, Amount)>,
    pub(crate) locked: bool,
    /// The contract, where it is that contract's plain holding.
    pub(crate) plain: Option<ContractId>,
}

/// A state that can be made again from what is known of it here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlainHolding<'h> {
    pub(crate) contract: &'h ContractId,
    pub(crate) owner: Address,
    pub(crate) asset: AssetId,
    pub(crate) amount: Amount,
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
                let known = self.slots.find(input).map(|slot| slot.number);
                let number = known.or_else(|| new_numbers.get(input).copied());
                change.spent.push(number.ok_or(UnknownInput(*input))?);
                change.consumed.push(*input);
            }
            for (index, state) in (0u32..).zip(&transaction.transaction.outputs) {
                number = number.saturating_add(1);
                let reference = StateRef { transaction: transaction.id, index };
                new_numbers.insert(reference, number);
                let has_claims = transaction.transaction.claims.iter().any(|claim| claim.output == index);
                change.created.push(CreatedState::of(reference, number, (state, has_claims), contracts));
            }
        }
        Ok(change)
    }

    /// How many states the chain has ever had: the number of the last one.
    pub(crate) fn states(&self) -> u64 {
        self.states
    }

    /// How many states are unspent.
    pub(crate) fn unspent(&self) -> u64 {
        u64::try_from(self.slots.used()).unwrap_or(u64::MAX)
    }

    /// Changes what [`Self::prepare`] worked out.
    pub(crate) fn apply(&mut self, change: HoldingsChange) {
        for state in change.created {
            self.states = self.states.max(state.number);
            self.create(state);
        }
        for reference in change.consumed {
            self.consume(&reference);
        }
    }

    fn create(&mut self, state: CreatedState) {
        let mut slot = Slot::new(state.reference, state.number);
        let Some((asset, amount)) = state.held else {
            self.slots.put(slot);
            return;
        };
        slot.plain = state.plain.and_then(|contract| self.place_of(contract));
        (slot.amount, slot.locked) = (amount.minor(), state.locked);
        let account = self.accounts.entry((state.owner, asset)).or_default();
        let owner = self.slots.owner(account, (state.owner, asset));
        self.slots.put_into(account, owner, slot);
    }

    fn consume(&mut self, reference: &StateRef) {
        let Some(slot) = self.slots.take(reference) else { return };
        let Some(owner) = self.slots.owner_of(&slot) else { return };
        if let Some(account) = self.accounts.get_mut(&owner) {
            self.slots.take_from(account, &slot);
            if account.is_empty() {
                self.slots.forget_owner(account);
                self.accounts.remove(&owner);
            }
        }
    }

    fn place_of(&mut self, contract: ContractId) -> Option<u16> {
        let place = self.contracts.iter().position(|known| *known == contract).unwrap_or_else(|| {
            self.contracts.push(contract);
            self.contracts.len().saturating_sub(1)
        });
        u16::try_from(place).ok()
    }

    /// True for an unspent plain holding.
    pub(crate) fn is_plain(&self, reference: &StateRef) -> bool {
        self.slots.find(reference).is_some_and(|slot| slot.plain.is_some())
    }

    /// An unspent plain holding.
    pub(crate) fn plain(&self, reference: &StateRef) -> Option<PlainHolding<'_>> {
        let slot = self.slots.find(reference)?;
        let (owner, asset) = self.slots.owner_of(slot)?;
        let contract = self.contracts.get(usize::from(slot.plain?))?;
        Some(PlainHolding { contract, owner, asset, amount: Amount::from_minor(slot.amount).ok()? })
    }

    /// What all have of an asset together, in its smallest unit.
    pub(crate) fn sums(&self) -> BTreeMap<AssetId, u128> {
        let mut sums: BTreeMap<AssetId, u128> = BTreeMap::new();
        for ((_, asset), account) in &self.accounts {
            let sum = sums.entry(*asset).or_default();
            *sum = sum.saturating_add(account.free).saturating_add(account.locked);
        }
        sums
    }

    /// What a party has, by asset.
    pub(crate) fn balances(&self, owner: &Address) -> Vec<Balance> {
        let balance = |(asset, account): (AssetId, &Account)| Balance {
            asset,
            free: u64::try_from(account.free).unwrap_or(u64::MAX),
            locked: u64::try_from(account.locked).unwrap_or(u64::MAX),
        };
        self.of_owner(owner, None).map(balance).collect()
    }

    /// A party's states with amounts, of one asset or of all, ascending by asset and reference.
    pub(crate) fn held(&self, owner: &Address, asset: Option<&AssetId>) -> Vec<HeldState> {
        let mut held = Vec::new();
        for (asset, account) in self.of_owner(owner, asset) {
            let first = held.len();
            held.extend(self.slots.of_account(account).filter_map(|slot| {
                let amount = Amount::from_minor(slot.amount).ok()?;
                Some(HeldState { reference: slot.reference, asset, amount, locked: slot.locked })
            }));
            if let Some(of_asset) = held.get_mut(first..) {
                of_asset.sort_unstable_by_key(|state| state.reference);
            }
        }
        held
    }

    fn of_owner(&self, owner: &Address, asset: Option<&AssetId>) -> impl Iterator<Item = (AssetId, &Account)> {
        let lowest = asset.copied().unwrap_or(AssetId::from_bytes([0; 32]));
        let highest = asset.copied().unwrap_or(AssetId::from_bytes([0xff; 32]));
        let range = (*owner, lowest)..=(*owner, highest);
        self.accounts.range(range).map(|((_, asset), account)| (*asset, account))
    }
}

impl CreatedState {
    fn of(reference: StateRef, number: u64, (state, has_claims): (&State, bool), contracts: &ContractSet) -> Self {
        let contract = contracts.get(&state.contract);
        let holding = contract.and_then(|contract| contract.holding(state).ok().flatten());
        let locked = !state.locks.is_empty() || holding.is_some_and(|holding| holding.purpose.is_some());
        let again = holding.filter(|_| !locked && !has_claims).zip(contract);
        let again = again.and_then(|(held, contract)| contract.plain_holding(state.owner, held.asset, held.amount));
        Self {
            reference,
            number,
            owner: state.owner,
            held: holding.map(|holding| (holding.asset, holding.amount)),
            locked,
            plain: again.filter(|again| again == state).map(|again| again.contract),
        }
    }
}

impl PlainHolding<'_> {
    /// The state as it was created.
    pub(crate) fn state(&self, contracts: &ContractSet) -> Option<State> {
        contracts.get(self.contract)?.plain_holding(self.owner, self.asset, self.amount)
    }
}

#[cfg(test)]
mod tests;
