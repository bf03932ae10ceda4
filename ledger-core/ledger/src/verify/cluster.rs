//! Which transactions conflict: what each reads and writes, derived here alone, and the clusters that follow.

use std::collections::BTreeMap;

use crate::condition::{Condition, Effect};
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ClaimKey, CommandId, ContractId, StateRef, TransactionId};
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
    /// Whether a contract is enabled.
    Contract(ContractId),
    /// A party's record.
    Party(Address),
    /// A party's permissions.
    Permissions(Address),
    /// A claim.
    Claim(ClaimKey),
    /// Whether transfers of an asset must read its definition.
    Restriction(AssetId),
    /// The orders that freeze a subject.
    Freeze(FreezeSubject),
    /// An asset's supply.
    Supply(AssetId),
}

/// What a verified transaction reads and writes where it stands in the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    reads: Vec<Entry>,
    writes: Vec<Entry>,
}

impl Footprint {
    /// The footprint of a verified transaction: its conditions are what it reads; its inputs, outputs, claims, command and
    /// effects are what it writes.
    pub fn of(verified: &VerifiedTransaction) -> Self {
        let transaction = &verified.ledger().transaction;
        let reads = verified.conditions().iter().flat_map(entries_read).flatten().collect();
        let mut writes = vec![Entry::Outputs(verified.id()), Entry::Command(transaction.command_id)];
        for input in &verified.ledger().inputs {
            writes.push(Entry::State(input.reference));
            // A claim that an input holds ends here or is passed on.
            writes.extend(input.claims.iter().map(|key| Entry::Claim(*key)));
        }
        writes.extend(transaction.claims.iter().map(|claim| Entry::Claim(claim.key)));
        writes.extend(verified.effects().iter().map(entry_written));
        Self { reads, writes }
    }

    /// True when one writes what the other reads or writes, so that their order or company can matter.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        let touched_by =
            |footprint: &Self, entry: &Entry| footprint.reads.contains(entry) || footprint.writes.contains(entry);
        self.writes.iter().any(|entry| touched_by(other, entry))
            || other.writes.iter().any(|entry| self.reads.contains(entry))
    }
}

/// What a condition reads; time and anchor are the block's and the past's, which no transaction of the block writes.
fn entries_read(condition: &Condition) -> [Option<Entry>; 2] {
    match condition {
        Condition::TimeIsWithin(_) | Condition::AnchorIsOnChain(_) => [None, None],
        Condition::CommandIsUnused(command) => [Some(Entry::Command(*command)), None],
        Condition::ContractIsEnabled(contract) => [Some(Entry::Contract(contract.clone())), None],
        Condition::ParentIsAccepted(parent, command) => [Some(Entry::Outputs(*parent)), Some(Entry::Command(*command))],
        Condition::StateIsUnspent(state) => [Some(Entry::State(*state)), Some(Entry::Outputs(state.transaction))],
        Condition::StateExists(state) => [Some(Entry::Outputs(state.transaction)), None],
        Condition::PartyIsAtVersion(party, _) | Condition::PartyIsNew(party) => [Some(Entry::Party(*party)), None],
        Condition::PartyMay(party, _) => [Some(Entry::Permissions(*party)), None],
        Condition::ClaimIsFree(claim, _) => [Some(Entry::Claim(claim.key)), None],
        Condition::TransferIsOpen(asset) => [Some(Entry::Restriction(*asset)), None],
        Condition::IsNotFrozen(subject) | Condition::OrderIsNew(subject, _) | Condition::OrderStands(subject, _) => {
            [Some(Entry::Freeze(*subject)), None]
        }
        Condition::SupplyIsWithin(change) => [Some(Entry::Supply(change.asset)), None],
    }
}

fn entry_written(effect: &Effect) -> Entry {
    match effect {
        Effect::SetParty(record) => Entry::Party(record.address),
        Effect::SetPermissions(party, _) => Entry::Permissions(*party),
        Effect::RestrictTransfer(asset, _) => Entry::Restriction(*asset),
        Effect::Freeze(subject, _) | Effect::Unfreeze(subject, _) => Entry::Freeze(*subject),
        Effect::ChangeSupply(change) => Entry::Supply(change.asset),
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
