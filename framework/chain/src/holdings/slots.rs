//! Flat memory of unspent states: one slot each, found by reference, and linked with the others of its account.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use ledger_core::{Address, AssetId, StateRef};

/// No slot, no owner.
const NONE: u32 = u32::MAX;

/// One unspent state.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) reference: StateRef,
    /// From 1; 0 in a place that is free.
    pub(super) number: u64,
    /// In the asset's smallest unit, where it holds an amount.
    pub(super) amount: u64,
    /// Place of its account's owner and asset.
    owner: u32,
    /// Its neighbours in the account, or the next free slot.
    next: u32,
    previous: u32,
    /// Place of its contract, where it is that contract's plain holding.
    pub(super) plain: Option<u16>,
    pub(super) locked: bool,
}

/// What a party has of one asset: its states in a list, and their sums.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    first: u32,
    owner: u32,
    pub(super) free: u128,
    pub(super) locked: u128,
}

/// All slots of a chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_reference: HashTable<u32>,
    hasher: RandomState,
    owners: Vec<(Address, AssetId)>,
    free_owners: Vec<u32>,
}

impl Default for Account {
    fn default() -> Self {
        Self { first: NONE, owner: NONE, free: 0, locked: 0 }
    }
}

impl Account {
    pub(super) fn is_empty(&self) -> bool {
        self.first == NONE
    }

    /// The account of a known owner, without states.
    pub(super) fn of_owner(owner: u32) -> Self {
        Self { owner, ..Self::default() }
    }

    fn count(&mut self, slot: &Slot, change: impl Fn(u128, u128) -> u128) {
        let side = if slot.locked { &mut self.locked } else { &mut self.free };
        *side = change(*side, slot.amount.into());
    }
}

impl Slot {
    /// Place of its account's owner and asset; none of a state without an amount.
    pub(super) fn owner(&self) -> Option<u32> {
        (self.owner != NONE).then_some(self.owner)
    }

    pub(super) fn new(reference: StateRef, number: u64) -> Self {
        let (owner, next, previous) = (NONE, NONE, NONE);
        Self { reference, number, amount: 0, owner, next, previous, plain: None, locked: false }
    }
}

fn at<T>(list: &[T], place: u32) -> Option<&T> {
    list.get(usize::try_from(place).ok()?)
}

fn at_mut<T>(list: &mut [T], place: u32) -> Option<&mut T> {
    list.get_mut(usize::try_from(place).ok()?)
}

/// Puts a value into a freed place, or behind the last.
fn put<T>(list: &mut Vec<T>, free: &mut Vec<u32>, value: T) -> u32 {
    if let Some(place) = free.pop() {
        if let Some(slot) = at_mut(list, place) {
            *slot = value;
        }
        return place;
    }
    // Four thousand million states would not fit a machine's memory, so the bound is never reached.
    let place = u32::try_from(list.len()).unwrap_or(NONE);
    list.push(value);
    place
}

impl Slots {
    /// A state's slot.
    pub(super) fn find(&self, reference: &StateRef) -> Option<&Slot> {
        let is_it = |place: &u32| at(&self.slots, *place).is_some_and(|slot| slot.reference == *reference);
        at(&self.slots, *self.by_reference.find(self.hasher.hash_one(reference), is_it)?)
    }

    /// Owner and asset of a state that holds an amount.
    pub(super) fn owner_of(&self, slot: &Slot) -> Option<(Address, AssetId)> {
        at(&self.owners, slot.owner).copied()
    }

    /// The place of an account's owner; made for a new account.
    pub(super) fn owner(&mut self, account: &mut Account, owner: (Address, AssetId)) -> u32 {
        if account.owner == NONE {
            account.owner = put(&mut self.owners, &mut self.free_owners, owner);
        }
        account.owner
    }

    /// The place of an account that is gone is free for another.
    pub(super) fn forget_owner(&mut self, account: &Account) {
        self.free_owners.push(account.owner);
    }

    pub(super) fn put(&mut self, slot: Slot) -> u32 {
        let hash = self.hasher.hash_one(slot.reference);
        let place = put(&mut self.slots, &mut self.free, slot);
        let (slots, hasher) = (&self.slots, &self.hasher);
        let hash_of = |place: &u32| at(slots, *place).map_or(0, |slot| hasher.hash_one(slot.reference));
        self.by_reference.insert_unique(hash, place, hash_of);
        place
    }

    /// Puts a state at the head of its account.
    pub(super) fn put_into(&mut self, account: &mut Account, owner: u32, slot: Slot) {
        account.count(&slot, u128::saturating_add);
        let behind = account.first;
        account.first = self.put(Slot { owner, next: behind, ..slot });
        if let Some(behind) = at_mut(&mut self.slots, behind) {
            behind.previous = account.first;
        }
    }

    /// Takes a state out; an account that it belongs to has it until [`Self::take_from`].
    pub(super) fn take(&mut self, reference: &StateRef) -> Option<Slot> {
        let hash = self.hasher.hash_one(reference);
        let slots = &self.slots;
        let is_it = |place: &u32| at(slots, *place).is_some_and(|slot| slot.reference == *reference);
        let (place, _) = self.by_reference.find_entry(hash, is_it).ok()?.remove();
        self.free.push(place);
        let taken = at(&self.slots, place).cloned();
        if let Some(slot) = at_mut(&mut self.slots, place) {
            slot.number = 0;
        }
        taken
    }

    /// All places from one on, the free ones too.
    pub(super) fn slots_from(&self, place: usize) -> impl Iterator<Item = (usize, &Slot)> {
        self.slots.iter().enumerate().skip(place)
    }

    /// Owners and assets by their place, also those that have no account any more.
    pub(super) fn owners(&self) -> &[(Address, AssetId)] {
        &self.owners
    }

    /// Slots of nobody yet, for so many states, with these owners.
    pub(super) fn with_owners(owners: Vec<(Address, AssetId)>, states: usize) -> Self {
        let slots = Self { owners, ..Self::default() };
        Self { slots: Vec::with_capacity(states), by_reference: HashTable::with_capacity(states), ..slots }
    }

    /// Takes a state that was taken out from its account too.
    pub(super) fn take_from(&mut self, account: &mut Account, slot: &Slot) {
        account.count(slot, u128::saturating_sub);
        if let Some(next) = at_mut(&mut self.slots, slot.next) {
            next.previous = slot.previous;
        }
        match at_mut(&mut self.slots, slot.previous) {
            Some(previous) => previous.next = slot.next,
            None => account.first = slot.next,
        }
    }

    /// The states of an account, in no particular order.
    pub(super) fn of_account(&self, account: &Account) -> impl Iterator<Item = &Slot> {
        std::iter::successors(at(&self.slots, account.first), |slot| at(&self.slots, slot.next))
    }

    /// States that are there.
    pub(super) fn used(&self) -> usize {
        self.by_reference.len()
    }

    /// Places of states and owners, in use or free.
    #[cfg(test)]
    pub(super) fn places(&self) -> (usize, usize) {
        (self.slots.len(), self.owners.len())
    }
}
