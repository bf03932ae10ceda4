//! Holdings as records of a fixed size, and holdings made of such records.

use std::collections::BTreeMap;

use ledger_core::ledger::present::{PART_BYTES, Packer, PresentError, Unpacker};
use ledger_core::{Address, AssetId, ContractId, StateRef, TransactionId};

use super::Holdings;
use super::slots::{Account, Slot, Slots};

/// Places looked at for one part at most, so that whoever waits for the holdings does not wait long.
const PLACES_MAX: usize = 65_536;

/// States for which room is made before they are read.
const ROOM_MAX: usize = 1 << 24;

/// Which states a part holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Plain holdings, each with its content digest: nobody else keeps anything of them.
    Plain,
    /// All others.
    Kept,
}

/// A state as a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedHolding {
    pub(crate) reference: StateRef,
    /// Of a plain holding.
    pub(crate) digest: [u8; 32],
    number: u64,
    amount: u64,
    owner: Option<u32>,
    locked: bool,
    /// Place of the contract, of a plain holding.
    contract: Option<u16>,
}

impl Packing {
    fn part(self) -> &'static str {
        match self {
            Self::Plain => "plain holdings",
            Self::Kept => "holdings",
        }
    }

    /// The records of a part.
    pub(crate) fn read(self, bytes: &[u8]) -> Result<Vec<PackedHolding>, PresentError> {
        let mut from = Unpacker::new(bytes, self.part());
        let mut records = Vec::with_capacity(from.left(57));
        while !from.is_done() {
            let transaction = TransactionId::from_bytes(from.fixed()?);
            let mut record = PackedHolding {
                reference: StateRef { transaction, index: from.short()? },
                number: from.number()?,
                amount: from.number()?,
                owner: Some(from.short()?).filter(|owner| *owner != u32::MAX),
                locked: from.flag()?,
                contract: None,
                digest: [0; 32],
            };
            if self == Self::Plain {
                record.contract = Some(u16::from_be_bytes(from.fixed()?));
                record.digest = from.fixed()?;
            }
            records.push(record);
        }
        Ok(records)
    }
}

impl Holdings {
    /// Contracts with plain holdings, by the place that records name.
    pub(crate) fn contracts(&self) -> &[ContractId] {
        &self.contracts
    }

    /// A part of the owners from a place on, and the place behind it; none at the end.
    pub(crate) fn owners_part(&self, from: usize) -> Option<(Vec<u8>, usize)> {
        let owners = self.slots.owners().get(from..)?;
        let mut packer = Packer::default();
        for (owner, asset) in owners.iter().take(PART_BYTES / 64) {
            packer.fixed(owner.as_bytes());
            packer.fixed(asset.as_bytes());
        }
        let behind = from.saturating_add(packer.len() / 64);
        (behind > from).then(|| (packer.into_bytes(), behind))
    }

    /// A part of the states from a place on, maybe an empty one, and the place behind it; none at the end. A plain holding
    /// without a digest is the error.
    pub(crate) fn states_part(
        &self,
        packing: Packing,
        from: usize,
        digest: impl Fn(&StateRef) -> Option<[u8; 32]>,
    ) -> Result<Option<(Vec<u8>, usize)>, StateRef> {
        let mut packer = Packer::default();
        let mut behind = None;
        for (place, slot) in self.slots.slots_from(from).take(PLACES_MAX) {
            behind = Some(place.saturating_add(1));
            if slot.number == 0 || slot.plain.is_some() != (packing == Packing::Plain) {
                continue;
            }
            packer.fixed(slot.reference.transaction.as_bytes());
            packer.short(slot.reference.index);
            packer.number(slot.number);
            packer.number(slot.amount);
            packer.short(slot.owner().unwrap_or(u32::MAX));
            packer.byte(u8::from(slot.locked));
            if let Some(contract) = slot.plain {
                packer.fixed(&contract.to_be_bytes());
                packer.fixed(&digest(&slot.reference).ok_or(slot.reference)?);
            }
            if packer.len() >= PART_BYTES {
                break;
            }
        }
        Ok(behind.map(|behind| (packer.into_bytes(), behind)))
    }

    /// The first thing that differs from other holdings, in words; none where both say the same of everybody.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<&'static str> {
        let fields = [
            ("number of the last state", self.states == other.states),
            ("number of unspent states", self.unspent() == other.unspent()),
            ("accounts", self.by_account() == other.by_account()),
            ("numbers and holders of states", self.contents() == other.contents()),
        ];
        fields.into_iter().find(|(_, agrees)| !agrees).map(|(field, _)| field)
    }

    fn by_account(&self) -> BTreeMap<(Address, AssetId), (u128, u128)> {
        self.accounts.iter().map(|(owner, account)| (*owner, (account.free, account.locked))).collect()
    }

    #[allow(clippy::type_complexity, reason = "all that a slot says")]
    fn contents(&self) -> BTreeMap<StateRef, (u64, u64, Option<(Address, AssetId)>, bool, Option<&ContractId>)> {
        let used = self.slots.slots_from(0).map(|(_, slot)| slot).filter(|slot| slot.number > 0);
        let content = |slot: &'_ Slot| {
            let contract = slot.plain.and_then(|place| self.contracts.get(usize::from(place)));
            (slot.number, slot.amount, self.slots.owner_of(slot), slot.locked, contract)
        };
        used.map(|slot| (slot.reference, content(slot))).collect()
    }
}

/// Holdings on their way from their records; owners come before states.
pub(crate) struct RestoredHoldings {
    states: u64,
    contracts: Vec<ContractId>,
    owners: Vec<(Address, AssetId)>,
    /// How many states are to come.
    room: usize,
    slots: Option<Slots>,
    accounts: Vec<Account>,
}

impl RestoredHoldings {
    /// Of a chain with so many states ever, and so many unspent ones.
    pub(crate) fn new(states: u64, unspent: u64, contracts: Vec<ContractId>) -> Self {
        let room = usize::try_from(unspent).unwrap_or(usize::MAX).min(ROOM_MAX);
        Self { states, contracts, owners: Vec::new(), room, slots: None, accounts: Vec::new() }
    }

    /// A part of the owners.
    pub(crate) fn take_owners(&mut self, bytes: &[u8]) -> Result<(), PresentError> {
        let mut from = Unpacker::new(bytes, "owners");
        while !from.is_done() {
            self.owners.push((Address::from_bytes(from.fixed()?), AssetId::from_bytes(from.fixed()?)));
        }
        Ok(())
    }

    /// States.
    pub(crate) fn take(&mut self, packing: Packing, records: &[PackedHolding]) -> Result<(), PresentError> {
        let (owners, accounts, room) = (&mut self.owners, &mut self.accounts, self.room);
        let slots = self.slots.get_or_insert_with(|| {
            *accounts = (0u32..).take(owners.len()).map(Account::of_owner).collect();
            Slots::with_owners(std::mem::take(owners), room)
        });
        let unfit = |field| PresentError::Unfit { part: packing.part(), field };
        for record in records {
            if record.number == 0 || record.number > self.states {
                return Err(unfit("number"));
            }
            // Of plain holdings the state map finds it.
            if packing == Packing::Kept && slots.find(&record.reference).is_some() {
                return Err(PresentError::Twice { part: packing.part() });
            }
            if record.contract.is_some_and(|contract| usize::from(contract) >= self.contracts.len()) {
                return Err(unfit("contract"));
            }
            let mut slot = Slot::new(record.reference, record.number);
            (slot.amount, slot.locked, slot.plain) = (record.amount, record.locked, record.contract);
            let Some(owner) = record.owner else {
                slots.put(slot);
                continue;
            };
            let account = usize::try_from(owner).ok().and_then(|place| accounts.get_mut(place));
            slots.put_into(account.ok_or_else(|| unfit("owner"))?, owner, slot);
        }
        Ok(())
    }

    /// The holdings.
    pub(crate) fn finish(self) -> Result<Holdings, PresentError> {
        let mut slots = self.slots.unwrap_or_default();
        let mut accounts = Vec::with_capacity(self.accounts.len());
        for (place, account) in self.accounts.iter().enumerate() {
            if account.is_empty() {
                slots.forget_owner(account);
            } else if let Some(owner) = slots.owners().get(place) {
                accounts.push((*owner, *account));
            }
        }
        let count = accounts.len();
        let accounts: BTreeMap<_, _> = accounts.into_iter().collect();
        if accounts.len() != count {
            return Err(PresentError::Twice { part: "owners" });
        }
        Ok(Holdings { states: self.states, slots, accounts, contracts: self.contracts })
    }
}
