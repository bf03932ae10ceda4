//! Where a party stands: on which chains of the node, open or closed, with which record and permissions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::encoding::{decode, encode};
use ledger_core::ledger::Changes;
use ledger_core::party::{PartyRecord, Permissions};
use ledger_core::{Address, ChainId, Permission, Wire};

use crate::hosted::HostedChain;
use crate::node::{Node, Shared};
use crate::storage::entity::{chain_configuration, chain_party};
use crate::storage::{StorageError, present_store};

/// Parties whose chains are kept in memory at most, and chains of all of them together.
const PARTIES_MAX: usize = 4_096;
const MEMBERSHIPS_MAX: usize = 65_536;

/// A party on one chain, as of the last committed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The chain.
    pub chain: ChainId,
    /// The party's record: its newest, the directory's where that is ahead of the chain's.
    pub record: PartyRecord,
    /// Its permissions on the chain.
    pub permissions: BTreeSet<Permission>,
}

/// What was read lately, by party; a block that changes something of a party forgets it.
#[derive(Default)]
pub(crate) struct Memberships(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_party: BTreeMap<Address, Arc<[Membership]>>,
    count: usize,
    /// Counts what was forgotten, so that nothing read before is kept afterwards.
    forgotten: u64,
}

impl Memberships {
    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called once a change of these parties is durable.
    pub(crate) fn forget<'p>(&self, parties: impl Iterator<Item = &'p Address>) {
        let mut inner = self.locked();
        for party in parties {
            inner.forgotten = inner.forgotten.wrapping_add(1);
            if let Some(of_party) = inner.by_party.remove(party) {
                inner.count = inner.count.saturating_sub(of_party.len());
            }
        }
    }

    /// To be called when changes became durable that nobody followed.
    pub(crate) fn forget_all(&self) {
        let mut inner = self.locked();
        inner.forgotten = inner.forgotten.wrapping_add(1);
        inner.by_party.clear();
        inner.count = 0;
    }

    fn keep(&self, party: Address, of_party: &Arc<[Membership]>, forgotten: u64) {
        let mut inner = self.locked();
        if inner.forgotten != forgotten || inner.by_party.contains_key(&party) {
            return;
        }
        inner.count = inner.count.saturating_add(of_party.len());
        if inner.by_party.len() >= PARTIES_MAX || inner.count > MEMBERSHIPS_MAX {
            inner.by_party.clear();
            inner.count = of_party.len();
        }
        inner.by_party.insert(party, Arc::clone(of_party));
    }
}

/// The rows of what changes set of parties.
pub(crate) fn rows(chain_number: i64, changes: &Changes) -> Vec<chain_party::Model> {
    let records = changes.parties.iter().map(|(party, entry)| (*party, &entry.record));
    rows_of(chain_number, records, changes.permissions.iter().map(|(party, held)| (*party, held)))
}

/// The rows of records and permissions.
pub(crate) fn rows_of<'l>(
    chain_number: i64,
    records: impl Iterator<Item = (Address, &'l PartyRecord)>,
    permissions: impl Iterator<Item = (Address, &'l BTreeSet<Permission>)>,
) -> Vec<chain_party::Model> {
    let mut rows: BTreeMap<Address, chain_party::Model> = BTreeMap::new();
    let empty = |party: Address| chain_party::Model {
        chain_id: chain_number,
        party: party.to_vec(),
        record: None,
        permissions: None,
    };
    for (party, record) in records {
        rows.entry(party).or_insert_with(|| empty(party)).record = Some(encode(record));
    }
    for (party, held) in permissions {
        let permissions = encode(&Permissions { party, permissions: held.clone() });
        rows.entry(party).or_insert_with(|| empty(party)).permissions = Some(permissions);
    }
    rows.into_values().collect()
}

/// A stored value; one that is damaged counts as none, so that it harms no other chain.
fn told<T: Wire>(chain: &ChainId, bytes: &[u8]) -> Option<T> {
    let decoded = decode(bytes);
    if let Err(error) = &decoded {
        tracing::error!(%chain, %error, "what the database tells of a party does not decode; run hive audit");
    }
    decoded.ok()
}

impl HostedChain {
    /// The rows of everybody whom the chain knows now.
    pub(crate) fn party_rows(&self) -> Vec<chain_party::Model> {
        let ledger = self.ledger();
        let records = ledger.parties().map(|(party, entry)| (*party, &entry.record));
        rows_of(self.number, records, ledger.permitted().map(|(party, held)| (*party, held)))
    }

    /// The row of the configuration, if a transaction has set it.
    pub(crate) fn configuration_row(&self) -> Option<chain_configuration::Model> {
        let ledger = self.ledger();
        let set = Some(ledger.configuration()).filter(|set| **set != self.genesis.configuration())?;
        Some(chain_configuration::Model { chain_id: self.number, configuration: encode(set) })
    }
}

impl Shared {
    async fn memberships_of(&self, party: &Address) -> Result<Vec<Membership>, StorageError> {
        let rows = present_store::of_party(self.database.read(), party.as_bytes()).await?;
        let mut records = BTreeMap::new();
        for row in &rows {
            let Some(chain) = self.chain_numbered(row.chain_id) else { continue };
            if let Some(record) = row.record.as_deref().and_then(|bytes| told::<PartyRecord>(&chain, bytes)) {
                records.insert(chain, record);
            }
        }
        let mut memberships = Vec::new();
        for row in &rows {
            let Some(chain) = self.chain_numbered(row.chain_id) else { continue };
            let permissions = row.permissions.as_deref().and_then(|bytes| told::<Permissions>(&chain, bytes));
            let directory = self.known(&chain).and_then(|known| known.directory);
            // Anybody brings a record from the directory; that admits nobody.
            if directory.is_some() && permissions.is_none() {
                continue;
            }
            let there = directory.and_then(|directory| records.get(&directory));
            let newest = [records.get(&chain), there].into_iter().flatten().max_by_key(|record| record.version);
            let Some(record) = newest.cloned() else { continue };
            let permissions = permissions.map(|held| held.permissions).unwrap_or_default();
            memberships.push(Membership { chain, record, permissions });
        }
        Ok(memberships)
    }
}

impl Node {
    /// The chains of this node on which a party stands, open or closed, in the order of their numbers: it is registered there,
    /// or admitted where parties are registered on another chain.
    ///
    /// # Errors
    /// The database failed.
    pub async fn memberships(&self, party: &Address) -> Result<Arc<[Membership]>, StorageError> {
        let forgotten = {
            let inner = self.shared.memberships.locked();
            if let Some(known) = inner.by_party.get(party) {
                return Ok(Arc::clone(known));
            }
            inner.forgotten
        };
        let read: Arc<[Membership]> = self.shared.memberships_of(party).await?.into();
        self.shared.memberships.keep(*party, &read, forgotten);
        Ok(read)
    }
}
