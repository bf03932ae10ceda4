//! One chain's whole present in memory: unspent states, parties, claims, counters, and the map over them.

mod changes;
pub(crate) mod entry;
pub mod present;

pub use changes::{Changes, ClaimEntry, Overlay, UnspentState};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thiserror::Error;

use crate::amount::Amount;
use crate::block::DirectoryTip;
use crate::codes;
use crate::configuration::Configuration;
use crate::freeze::FreezeSubject;
use crate::genesis::{Genesis, GenesisError};
use crate::id::{
    Address, AssetId, BlockHash, ChainId, ClaimKey, CommandId, ContractId, Digest, FeedId, NearKey, StateRef,
    TransactionId,
};
use crate::party::{PartyEntry, Permission};
use crate::state_map::StateMap;
use crate::transaction::ResolvedState;
use crate::verify::VerifiedBlock;
use crate::view::View;

/// A chain at its tip.
#[derive(Clone, Debug)]
pub struct Ledger {
    genesis: Genesis,
    chain: ChainId,
    configuration: Arc<Configuration>,
    parameters: Digest,
    /// Block hashes by height; the chain's id stands at height 0.
    hashes: Vec<BlockHash>,
    time_ms: u64,
    directory: DirectoryTip,
    entries: Entries,
    state_map: StateMap,
}

/// Entries by key.
#[derive(Clone, Debug, Default)]
struct Entries {
    /// Those whose content is kept here; the map knows of all.
    unspent: BTreeMap<StateRef, Arc<UnspentState>>,
    /// True once a state's content is kept elsewhere.
    is_partial: bool,
    parties: BTreeMap<Address, Arc<PartyEntry>>,
    permissions: BTreeMap<Address, BTreeSet<Permission>>,
    claims: BTreeMap<ClaimKey, ClaimEntry>,
    /// How many claims have a near key; a bare count, so that a party that uses one near key often costs no more than another.
    near: BTreeMap<NearKey, u64>,
    supplies: BTreeMap<AssetId, Amount>,
    commands: BTreeMap<CommandId, TransactionId>,
    freezes: BTreeMap<FreezeSubject, BTreeSet<String>>,
    restricted: BTreeSet<AssetId>,
    /// Times of each feed's prices, milliseconds UTC. They follow from the prices' states, so the map does not hold them again.
    prices: BTreeMap<FeedId, BTreeSet<u64>>,
}

/// Why a block cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// It was verified against another tip.
    #[error("the block of height {block} does not follow the tip at height {tip}")]
    NotNext {
        /// Height of the block.
        block: u64,
        /// Height of the tip.
        tip: u64,
    },
}

codes!(LedgerError { NotNext => "LEDGER_BLOCK_NOT_NEXT" });

impl Ledger {
    /// The chain right after its genesis: its administrator is a party with every permission that can be granted.
    pub fn from_genesis(genesis: Genesis) -> Result<Self, GenesisError> {
        genesis.validate()?;
        let chain = genesis.chain_id();
        let administrator = genesis.administrator_record();
        let configuration = genesis.configuration();
        let mut changes = Changes::default();
        changes.permissions.insert(administrator.address, Permission::GRANTED.into_iter().collect());
        let entry = PartyEntry { version: administrator.version, record: administrator };
        changes.parties.insert(entry.record.address, Arc::new(entry));
        let (mut entries, mut state_map) = (Entries::default(), StateMap::default());
        state_map.change(changes.map_entries());
        entries.take(&changes, |_| true);
        Ok(Self {
            chain,
            parameters: configuration.parameters_hash(),
            configuration: Arc::new(configuration),
            hashes: vec![BlockHash::from_bytes(*chain.as_bytes())],
            time_ms: genesis.created_ms,
            directory: DirectoryTip::default(),
            entries,
            state_map,
            genesis,
        })
    }

    /// The genesis.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The chain's id.
    pub fn chain(&self) -> ChainId {
        self.chain
    }

    /// The configuration in force for the next block.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Hash of the configuration in force, as the next block's header carries it.
    pub fn parameters(&self) -> Digest {
        self.parameters
    }

    /// Height of the last block, 0 before the first.
    pub fn height(&self) -> u64 {
        u64::try_from(self.hashes.len()).unwrap_or(u64::MAX).saturating_sub(1)
    }

    /// Hash of the last block.
    pub fn tip(&self) -> BlockHash {
        self.hashes.last().copied().unwrap_or_default()
    }

    /// Time of the last block, milliseconds UTC.
    pub fn time_ms(&self) -> u64 {
        self.time_ms
    }

    /// The tip of the chain's directory that the last block names.
    pub fn directory(&self) -> DirectoryTip {
        self.directory
    }

    /// What a next block names as its directory's tip, where its recorder sees this one: no tip at all without a directory,
    /// and none before the last block's.
    pub fn directory_seen(&self, tip: DirectoryTip) -> DirectoryTip {
        let goes_on = self.genesis.directory.is_some() && tip.height > self.directory.height;
        if goes_on { tip } else { self.directory }
    }

    /// The hash of the block at a height.
    pub fn block_hash(&self, height: u64) -> Option<BlockHash> {
        self.hashes.get(usize::try_from(height).ok()?).copied()
    }

    /// Root of the state map after the last block.
    pub fn state_root(&self) -> Digest {
        self.state_map.root()
    }

    /// The state map after the last block.
    pub fn state_map(&self) -> &StateMap {
        &self.state_map
    }

    /// The root of a map made anew from every entry; equal to [`Self::state_root`] unless memory is damaged.
    pub fn state_root_of_entries(&self) -> Digest {
        let mut map = StateMap::default();
        map.change(self.entries.as_changes().map_entries());
        map.root()
    }

    /// Takes an entry out of the map alone, to be found by what compares the two.
    #[cfg(test)]
    pub(crate) fn lose_from_map(&mut self, key: [u8; 32]) {
        self.state_map.change([(key, None)]);
    }

    /// An unspent state, where its content is kept here.
    pub fn unspent(&self, reference: &StateRef) -> Option<&Arc<UnspentState>> {
        self.entries.unspent.get(reference)
    }

    /// True when the state exists and nobody has consumed it, whether its content is kept here or not.
    pub fn is_unspent(&self, reference: &StateRef) -> bool {
        self.entries.unspent.contains_key(reference)
            || (self.entries.is_partial && self.state_map.get(&entry::state_key(reference)).is_some())
    }

    /// Lets go of the content of states that whoever holds the ledger keeps elsewhere, and lays beneath it as a view.
    /// What is accepted next does not change: the map still has every state.
    pub fn let_go(&mut self, is_elsewhere: impl Fn(&StateRef) -> bool) {
        let before = self.entries.unspent.len();
        self.entries.unspent.retain(|reference, _| !is_elsewhere(reference));
        self.entries.is_partial |= self.entries.unspent.len() < before;
    }

    /// The unspent states whose content is kept here, ascending by reference; all of them where nothing was let go.
    pub fn unspent_states(&self) -> impl Iterator<Item = (&StateRef, &Arc<UnspentState>)> {
        self.entries.unspent.iter()
    }

    /// All registered parties, ascending by address.
    pub fn parties(&self) -> impl Iterator<Item = (&Address, &Arc<PartyEntry>)> {
        self.entries.parties.iter()
    }

    /// True when the party has the permission.
    pub fn may(&self, party: &Address, permission: Permission) -> bool {
        self.entries.permissions.get(party).is_some_and(|held| held.contains(&permission))
    }

    /// A party's permissions.
    pub fn permissions(&self, party: &Address) -> BTreeSet<Permission> {
        self.entries.permissions.get(party).cloned().unwrap_or_default()
    }

    /// True when an administrator has set the party's permissions, be it to none: whoever loses them stays in what it has.
    pub fn is_admitted(&self, party: &Address) -> bool {
        self.entries.permissions.contains_key(party)
    }

    /// The supply of an asset.
    pub fn supply(&self, asset: &AssetId) -> Amount {
        self.entries.supplies.get(asset).copied().unwrap_or_default()
    }

    /// All supplies, ascending by asset.
    pub fn supplies(&self) -> impl Iterator<Item = (&AssetId, &Amount)> {
        self.entries.supplies.iter()
    }

    /// The claim held under a key.
    pub fn claim(&self, key: &ClaimKey) -> Option<&ClaimEntry> {
        self.entries.claims.get(key)
    }

    /// All claims, ascending by key.
    pub fn claims(&self) -> impl Iterator<Item = (&ClaimKey, &ClaimEntry)> {
        self.entries.claims.iter()
    }

    /// How many claims have a near key, ended ones left out.
    pub fn near(&self, key: &NearKey) -> u64 {
        self.entries.near.get(key).copied().unwrap_or_default()
    }

    /// All near keys in use with the number of their claims, ascending by key.
    pub fn near_keys(&self) -> impl Iterator<Item = (&NearKey, &u64)> {
        self.entries.near.iter()
    }

    /// The transaction that a command id was accepted with.
    pub fn command(&self, command: &CommandId) -> Option<TransactionId> {
        self.entries.commands.get(command).copied()
    }

    /// True when an order freezes the subject.
    pub fn is_frozen(&self, subject: &FreezeSubject) -> bool {
        self.entries.freezes.contains_key(subject)
    }

    /// True when transfers of the asset must read its definition, whose policy is not open.
    pub fn is_restricted(&self, asset: &AssetId) -> bool {
        self.entries.restricted.contains(asset)
    }

    /// What is frozen and by which orders, ascending by subject.
    pub fn freezes(&self) -> impl Iterator<Item = (&FreezeSubject, &BTreeSet<String>)> {
        self.entries.freezes.iter()
    }

    /// The orders that freeze a subject.
    pub fn orders(&self, subject: &FreezeSubject) -> BTreeSet<String> {
        self.entries.freezes.get(subject).cloned().unwrap_or_default()
    }

    /// True when the contract is enabled on the chain.
    pub fn has_contract(&self, contract: &ContractId) -> bool {
        self.configuration.enables(contract)
    }

    /// True when the party can administer the chain: it may, and may submit what it decides.
    pub fn administers(&self, party: &Address) -> bool {
        self.entries.permissions.get(party).is_some_and(Permission::administers)
    }

    /// Times of a feed's prices, milliseconds UTC.
    pub(crate) fn price_times(&self, feed: &FeedId) -> Option<&BTreeSet<u64>> {
        self.entries.prices.get(feed)
    }

    /// Assets whose transfer is restricted, ascending.
    pub(crate) fn restricted(&self) -> impl Iterator<Item = &AssetId> {
        self.entries.restricted.iter()
    }

    /// All parties with permissions set, ascending by address.
    pub fn permitted(&self) -> impl Iterator<Item = (&Address, &BTreeSet<Permission>)> {
        self.entries.permissions.iter()
    }

    /// Takes over a verified block; from here on it is the tip.
    pub fn apply(&mut self, block: &VerifiedBlock) -> Result<(), LedgerError> {
        self.apply_keeping(block, |_| true)
    }

    /// As [`Self::apply`], but keeps the content of those new states alone that `keeps` names; see [`Self::let_go`].
    pub fn apply_keeping(
        &mut self,
        block: &VerifiedBlock,
        keeps: impl Fn(&StateRef) -> bool,
    ) -> Result<(), LedgerError> {
        let header = block.header();
        if header.previous != self.tip() {
            return Err(LedgerError::NotNext { block: header.height, tip: self.height() });
        }
        self.hashes.push(block.hash());
        self.time_ms = header.time_ms;
        self.directory = header.directory;
        let changes = block.changes();
        self.state_map.change(changes.map_entries());
        if let Some(configuration) = &changes.configuration {
            self.parameters = configuration.parameters_hash();
            self.configuration = Arc::clone(configuration);
        }
        self.entries.take(changes, keeps);
        Ok(())
    }
}

impl View for Ledger {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.entries.unspent.get(reference).map(|unspent| unspent.resolve(*reference))
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.entries.parties.get(address).cloned()
    }
}

impl Entries {
    /// Everything as if one block had set it; what the map does not hold is left out.
    fn as_changes(&self) -> Changes {
        Changes {
            created: self.unspent.clone(),
            parties: self.parties.clone(),
            permissions: self.permissions.clone(),
            claims: self.claims.iter().map(|(key, claim)| (*key, Some(claim.clone()))).collect(),
            near: self.near.clone(),
            supplies: self.supplies.clone(),
            freezes: self.freezes.clone(),
            restricted: self.restricted.iter().map(|asset| (*asset, true)).collect(),
            ..Changes::default()
        }
    }

    fn take(&mut self, changes: &Changes, keeps: impl Fn(&StateRef) -> bool) {
        let kept = changes.created.iter().filter(|(reference, _)| keeps(reference));
        let before = self.unspent.len();
        self.unspent.extend(kept.map(|(reference, state)| (*reference, Arc::clone(state))));
        self.is_partial |= self.unspent.len().saturating_sub(before) < changes.created.len();
        for spent in changes.spent.keys() {
            self.unspent.remove(spent);
        }
        self.parties.extend(changes.parties.iter().map(|(address, party)| (*address, Arc::clone(party))));
        self.permissions.extend(changes.permissions.iter().map(|(address, held)| (*address, held.clone())));
        self.supplies.extend(changes.supplies.iter().map(|(asset, supply)| (*asset, *supply)));
        self.commands.extend(changes.commands.iter().map(|(command, id)| (*command, *id)));
        for (feed, time_ms) in &changes.prices {
            self.prices.entry(*feed).or_default().insert(*time_ms);
        }
        for (asset, is_restricted) in &changes.restricted {
            match is_restricted {
                true => self.restricted.insert(*asset),
                false => self.restricted.remove(asset),
            };
        }
        for (subject, orders) in &changes.freezes {
            match orders.is_empty() {
                true => self.freezes.remove(subject),
                false => self.freezes.insert(*subject, orders.clone()),
            };
        }
        for (key, claims) in &changes.near {
            match claims {
                0 => self.near.remove(key),
                claims => self.near.insert(*key, *claims),
            };
        }
        for (key, claim) in &changes.claims {
            match claim {
                Some(claim) => self.claims.insert(*key, claim.clone()),
                None => self.claims.remove(key),
            };
        }
    }
}

#[cfg(test)]
mod tests;
