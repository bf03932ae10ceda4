//! Which transactions conflict: what each reads and writes, derived here alone, and the clusters that follow.

use std::collections::BTreeMap;

use crate::condition::{Condition, Effect};
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ClaimKey, CommandId, FeedId, NearKey, StateRef, TransactionId};
use crate::ledger::Ledger;
use crate::verify::semantic::VerifiedTransaction;

/// Something of the chain that one transaction writes and another reads or writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A transaction's own outputs, as a whole: written by it, read by whoever names one of them.
    Outputs(TransactionId),
    /// Whether a state is unspent: written by whoever consumes it.
    State(StateRef),
    /// A command id.
    Command(CommandId),
    /// The configuration that the block sets.
    Configuration,
    /// A party's record.
    Party(Address),
    /// A party's permissions.
    Permissions(Address),
    /// Whether anybody is left who can administer the chain.
    Administrators,
    /// A claim.
    Claim(ClaimKey),
    /// How many claims have a near key.
    Near(NearKey),
    /// Whether transfers of an asset must read its definition.
    Restriction(AssetId),
    /// The orders that freeze a subject.
    Freeze(FreezeSubject),
    /// An asset's supply.
    Supply(AssetId),
    /// The prices of a feed.
    Prices(FeedId),
}

/// What a verified transaction reads and writes where it stands in the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    reads: Vec<Entry>,
    writes: Vec<Entry>,
}

impl Footprint {
    /// The footprint of a verified transaction: its conditions are what it reads; its inputs, outputs, claims, command and
    /// effects are what it writes. The ledger knows the near keys of claims that inputs hold.
    pub fn of(verified: &VerifiedTransaction, ledger: &Ledger) -> Self {
        let transaction = &verified.ledger().transaction;
        let mut footprint = Self::default();
        footprint.write(Entry::Outputs(verified.id()));
        footprint.write(Entry::Command(transaction.command_id));
        for input in &verified.ledger().inputs {
            footprint.write(Entry::State(input.reference));
            for key in &input.claims {
                // A claim that an input holds ends here or is passed on.
                footprint.write(Entry::Claim(*key));
                footprint.writes.extend(ledger.claim(key).and_then(|claim| claim.near).map(Entry::Near));
            }
        }
        for claim in &transaction.claims {
            footprint.write(Entry::Claim(claim.key));
            footprint.writes.extend(claim.near.map(Entry::Near));
        }
        verified.conditions().iter().for_each(|condition| footprint.condition(condition));
        verified.effects().iter().for_each(|effect| footprint.effect(effect));
        footprint
    }

    fn read(&mut self, entry: Entry) {
        self.reads.push(entry);
    }

    fn write(&mut self, entry: Entry) {
        self.writes.push(entry);
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            // Time and anchor are the block's and the past's; configuration and permissions are those in force before it.
            Condition::TimeIsWithin(_)
            | Condition::AnchorIsOnChain(_)
            | Condition::ContractIsEnabled(_)
            | Condition::PartiesAreRegisteredHere
            | Condition::DirectoryReaches { .. }
            | Condition::PartyMay(..) => {}
            Condition::CommandIsUnused(command) => self.read(Entry::Command(*command)),
            Condition::ParentIsAccepted(parent, command) => {
                self.read(Entry::Outputs(*parent));
                self.read(Entry::Command(*command));
            }
            Condition::StateIsUnspent(state) => {
                self.read(Entry::State(*state));
                self.read(Entry::Outputs(state.transaction));
            }
            Condition::StateExists(state) => self.read(Entry::Outputs(state.transaction)),
            Condition::PartyIsAtVersion(party, _)
            | Condition::PartyIsNew(party)
            | Condition::PartyStandsInGenesis(party)
            | Condition::OwnerIsParty(party)
            | Condition::PartyIsBehind(party, _) => self.read(Entry::Party(*party)),
            Condition::ConfigurationIsAt(_) => self.read(Entry::Configuration),
            // It looks at everybody's permissions, so whoever asks conflicts with all who set any; those do not among
            // themselves.
            Condition::AdministratorBesides(_) => self.write(Entry::Administrators),
            Condition::ClaimIsFree(claim, _) => self.read(Entry::Claim(claim.key)),
            Condition::ClaimStaysUsed(key) => self.read(Entry::Claim(*key)),
            Condition::TransferIsOpen(asset) => self.read(Entry::Restriction(*asset)),
            Condition::IsNotFrozen(subject)
            | Condition::OrderIsNew(subject, _)
            | Condition::OrderStands(subject, _)
            | Condition::OrderStandsAlone(subject, _) => {
                self.read(Entry::Freeze(*subject));
            }
            Condition::SupplyIsWithin(change) => self.read(Entry::Supply(change.asset)),
            Condition::PriceIsLatest { feed, .. } | Condition::PriceIsFirst { feed, .. } => {
                self.read(Entry::Prices(*feed))
            }
        }
    }

    fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::SetParty(record) => self.write(Entry::Party(record.address)),
            Effect::SetPermissions(party, _) => {
                self.write(Entry::Permissions(*party));
                self.read(Entry::Administrators);
            }
            Effect::Configure(_) => self.write(Entry::Configuration),
            Effect::RestrictTransfer(asset, _) => self.write(Entry::Restriction(*asset)),
            Effect::Freeze(subject, _) | Effect::Unfreeze(subject, _) => self.write(Entry::Freeze(*subject)),
            Effect::ChangeSupply(change) => self.write(Entry::Supply(change.asset)),
            Effect::PublishPrice(feed, _) => self.write(Entry::Prices(*feed)),
        }
    }

    /// True when one writes what the other reads or writes, so that their order or company can matter.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        let touched_by =
            |footprint: &Self, entry: &Entry| footprint.reads.contains(entry) || footprint.writes.contains(entry);
        self.writes.iter().any(|entry| touched_by(other, entry))
            || other.writes.iter().any(|entry| self.reads.contains(entry))
    }
}

/// Sorts transactions into clusters: two of different clusters do not conflict. Clusters ascend by their first member,
/// members within them ascend.
///
/// With `w` entries written and `r` read it takes O((w + r) log w).
pub fn clusters(footprints: &[Footprint]) -> Vec<Vec<usize>> {
    let mut first_writer: BTreeMap<&Entry, usize> = BTreeMap::new();
    let mut sets = DisjointSets::new(footprints.len());
    for (place, footprint) in footprints.iter().enumerate() {
        for entry in &footprint.writes {
            sets.unite(*first_writer.entry(entry).or_insert(place), place);
        }
    }
    for (place, footprint) in footprints.iter().enumerate() {
        for writer in footprint.reads.iter().filter_map(|entry| first_writer.get(entry)) {
            sets.unite(*writer, place);
        }
    }
    let mut clusters: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..footprints.len() {
        clusters.entry(sets.root(place)).or_default().push(place);
    }
    clusters.into_values().collect()
}

/// Disjoint sets of places; the root of a set is its smallest place.
struct DisjointSets {
    /// For each place one nearer to its root, or itself at the root.
    above: Vec<usize>,
}

impl DisjointSets {
    fn new(count: usize) -> Self {
        Self { above: (0..count).collect() }
    }

    fn root(&mut self, place: usize) -> usize {
        let mut place = place;
        while let Some(above) = self.above.get(place).copied().filter(|above| *above != place) {
            let further = self.above.get(above).copied().unwrap_or(above);
            if let Some(entry) = self.above.get_mut(place) {
                *entry = further;
            }
            place = above;
        }
        place
    }

    fn unite(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(entry) = self.above.get_mut(one.max(other)) {
            *entry = one.min(other);
        }
    }
}
