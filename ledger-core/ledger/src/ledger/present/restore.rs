//! A ledger made of the parts of its present.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::decode::{self, Hash, Records, Tip};
use super::{Part, PresentError, Section};
use crate::amount::Amount;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, BlockHash, ClaimKey, CommandId, FeedId, NearKey, StateRef, TransactionId};
use crate::ledger::{ClaimEntry, Entries, Ledger, UnspentState, entry};
use crate::party::{PartyEntry, Permission};
use crate::state_map::{self as map, StateMap};
use crate::verify::Workers;

/// Shares of the commands.
const COMMAND_SHARES: usize = 64;

/// States of one share of the work of finding their places in the map.
const STATES_PER_SHARE: usize = 2_048;

/// A ledger on its way from its parts.
pub struct Restore {
    genesis: Ledger,
    tip: Option<Box<Tip>>,
    hashes: Vec<BlockHash>,
    parties: Vec<(Address, Arc<PartyEntry>)>,
    permissions: Vec<(Address, BTreeSet<Permission>)>,
    states: Vec<(StateRef, Arc<UnspentState>)>,
    claims: Vec<(ClaimKey, ClaimEntry)>,
    near: Vec<(NearKey, u64)>,
    supplies: Vec<(AssetId, Amount)>,
    freezes: Vec<(FreezeSubject, BTreeSet<String>)>,
    restricted: Vec<AssetId>,
    prices: Vec<(FeedId, u64)>,
    /// By the first bits of the command, so that each share is sorted by itself: there are more of these than of all else.
    commands: Vec<Vec<(CommandId, TransactionId)>>,
    has_elsewhere: bool,
    map: map::Entries,
}

impl Restore {
    /// Of the chain whose ledger right after its genesis this is.
    pub fn new(genesis: Ledger) -> Self {
        Self {
            hashes: vec![BlockHash::from_bytes(*genesis.chain.as_bytes())],
            genesis,
            tip: None,
            parties: Vec::new(),
            permissions: Vec::new(),
            states: Vec::new(),
            claims: Vec::new(),
            near: Vec::new(),
            supplies: Vec::new(),
            freezes: Vec::new(),
            restricted: Vec::new(),
            prices: Vec::new(),
            commands: vec![Vec::new(); COMMAND_SHARES],
            has_elsewhere: false,
            map: map::Entries::default(),
        }
    }

    /// Takes in the next parts, in any order but for those of one section. By workers; the result is the same.
    ///
    /// # Errors
    /// A part is none.
    pub fn take(&mut self, parts: Vec<Part>, workers: &impl Workers) -> Result<(), PresentError> {
        for decoded in workers.map(parts, |part| decode::part(part.section, &part.bytes)) {
            let decoded = decoded?;
            self.map.extend(decoded.map);
            match decoded.records {
                Records::Tip(tip) => {
                    if self.tip.replace(tip).is_some() {
                        return Err(PresentError::Twice { part: Section::Tip.name() });
                    }
                }
                Records::Parties(records) => self.parties.extend(records),
                Records::Permissions(records) => self.permissions.extend(records),
                Records::States(records) => self.states.extend(records),
                Records::Claims(records) => self.claims.extend(records),
                Records::Near(records) => self.near.extend(records),
                Records::Supplies(records) => self.supplies.extend(records),
                Records::Freezes(records) => self.freezes.extend(records),
                Records::Restricted(records) => self.restricted.extend(records),
                Records::Prices(records) => self.prices.extend(records),
                Records::Blocks(records) => self.hashes.extend(records),
                Records::Commands(records) => records.into_iter().for_each(|record| self.put_command(record)),
            }
        }
        Ok(())
    }

    fn put_command(&mut self, record: (CommandId, TransactionId)) {
        let [first, ..] = record.0.as_bytes();
        if let Some(share) = self.commands.get_mut(usize::from(first >> 2)) {
            share.push(record);
        }
    }

    /// Unspent states with their content digests, whose content is kept elsewhere.
    pub fn take_elsewhere(&mut self, states: &[(StateRef, [u8; 32])], workers: &impl Workers) {
        let placed = |share: &[(StateRef, Hash)]| -> Vec<(Hash, Hash)> {
            share.iter().map(|(reference, digest)| (entry::state_key(reference), *digest)).collect()
        };
        for share in workers.map(states.chunks(STATES_PER_SHARE).collect(), placed) {
            self.map.extend(share);
        }
        self.has_elsewhere |= !states.is_empty();
    }

    /// The ledger; its root is made of all entries.
    ///
    /// # Errors
    /// Something is missing, stands twice or does not fit the rest.
    pub fn finish(mut self, workers: &impl Workers) -> Result<Ledger, PresentError> {
        let unfit = |field| PresentError::Unfit { part: Section::Tip.name(), field };
        let tip = self.tip.take().ok_or(PresentError::CutOff { part: Section::Tip.name() })?;
        let height = u64::try_from(self.hashes.len().saturating_sub(1)).unwrap_or(u64::MAX);
        if tip.height != height {
            return Err(unfit("height"));
        }
        if self.hashes.last() != Some(&tip.hash) {
            return Err(unfit("hash"));
        }
        let entries = std::mem::take(&mut self.map);
        let state_map = StateMap::build(entries, workers).ok_or(PresentError::Twice { part: "state map" })?;
        let mut prices: BTreeMap<FeedId, BTreeSet<u64>> = BTreeMap::new();
        for (feed, time_ms) in &self.prices {
            prices.entry(*feed).or_default().insert(*time_ms);
        }
        let entries = Entries {
            is_partial: self.has_elsewhere,
            unspent: each_once(self.states, Section::States)?,
            parties: each_once(self.parties, Section::Parties)?,
            permissions: each_once(self.permissions, Section::Permissions)?,
            claims: each_once(self.claims, Section::Claims)?,
            near: each_once(self.near, Section::Near)?,
            supplies: each_once(self.supplies, Section::Supplies)?,
            commands: each_once(in_order(self.commands, workers), Section::Commands)?,
            freezes: each_once(self.freezes, Section::Freezes)?,
            restricted: self.restricted.into_iter().collect(),
            prices,
        };
        Ok(Ledger {
            parameters: tip.configuration.parameters_hash(),
            configuration: Arc::new(tip.configuration),
            hashes: self.hashes,
            time_ms: tip.time_ms,
            directory: tip.directory,
            entries,
            state_map,
            ..self.genesis
        })
    }
}

fn in_order<K: Ord + Copy + Send, V: Send>(shares: Vec<Vec<(K, V)>>, workers: &impl Workers) -> Vec<(K, V)> {
    let sorted = |mut share: Vec<(K, V)>| {
        share.sort_unstable_by_key(|(key, _)| *key);
        share
    };
    let mut all = Vec::with_capacity(shares.iter().map(Vec::len).sum());
    workers.map(shares, sorted).into_iter().for_each(|share| all.extend(share));
    all
}

fn each_once<K: Ord, V>(records: Vec<(K, V)>, section: Section) -> Result<BTreeMap<K, V>, PresentError> {
    let count = records.len();
    let map: BTreeMap<K, V> = records.into_iter().collect();
    if map.len() == count { Ok(map) } else { Err(PresentError::Twice { part: section.name() }) }
}
