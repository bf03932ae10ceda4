//! Who reads a chain's journal: its owner and its supervisors, as far as they have an encryption key.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{Address, ChainId, Ledger, Permission};
use serde_json::{Value, json};

use super::key::JournalKey;
use crate::hosted::HostedChain;
use crate::storage::entity::journal_reader;
use crate::storage::{StorageError, signed};

/// Kind of the entry that says who reads the journal from here on.
pub(crate) const KEY_ROTATED: &str = "journal_key_rotated";

/// Readers of one chain's journal at most; any beyond are left out, and ask the owner.
const READERS_MAX: usize = 256;

/// Readers with their encryption keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Readers(pub(crate) BTreeMap<Address, [u8; 32]>);

/// True for the chain's owner and whoever supervises it.
pub(crate) fn may_read(ledger: &Ledger, party: &Address) -> bool {
    owner(ledger) == *party || ledger.may(party, Permission::Supervise)
}

/// The party that administers the chain from its genesis.
pub(crate) fn owner(ledger: &Ledger) -> Address {
    ledger.genesis().administrator_record().address
}

impl Readers {
    /// Those of a chain at its tip, each with the key of its newest record: a supervisor need not act on the chain to read.
    pub(crate) fn of(chain: &HostedChain) -> Self {
        let readers: BTreeSet<Address> = {
            let ledger = chain.ledger();
            let supervisors = ledger.permitted().map(|(party, _)| *party).filter(|party| may_read(&ledger, party));
            supervisors.chain([owner(&ledger)]).collect()
        };
        let with_key = readers.into_iter().filter_map(|party| {
            let key: [u8; 32] = chain.party(&party)?.record.encryption_key.as_slice().try_into().ok()?;
            Some((party, key))
        });
        Self(with_key.take(READERS_MAX).collect())
    }

    /// The epoch's key sealed to each of them. A key that nothing can be sealed to gets nothing.
    pub(crate) fn rows(
        &self,
        (chain, chain_number): (&ChainId, i64),
        epoch: u64,
        key: &JournalKey,
    ) -> Result<Vec<journal_reader::Model>, StorageError> {
        let epoch_number = signed("journal_reader", "epoch", epoch)?;
        let sealed = self.0.iter().filter_map(|(party, reader)| {
            key.sealed_to(chain, epoch, reader).ok().map(|sealed| (party, reader, sealed))
        });
        let row = |(ordinal, (party, reader, sealed_key)): (i64, (&Address, &[u8; 32], _))| journal_reader::Model {
            chain_id: chain_number,
            epoch: epoch_number,
            ordinal,
            reader: party.to_vec(),
            encryption_key: reader.to_vec(),
            sealed_key,
        };
        Ok((0i64..).zip(sealed).map(row).collect())
    }

    /// The content of the entry that names them.
    pub(crate) fn content(&self, epoch: u64) -> Vec<u8> {
        let named = self.0.iter().map(|(party, key)| (party.to_string(), hex::encode(key)));
        let readers: Vec<Value> = named.map(|(party, key)| json!({ "party": party, "encryptionKey": key })).collect();
        json!({ "epoch": epoch, "readers": readers }).to_string().into_bytes()
    }

    /// Those that such a content names.
    pub(crate) fn from_content(content: &[u8]) -> Option<Self> {
        let content: Value = serde_json::from_slice(content).ok()?;
        let reader = |reader: &Value| {
            let mut key = [0; 32];
            hex::decode_to_slice(reader["encryptionKey"].as_str()?, &mut key).ok()?;
            Some((reader["party"].as_str()?.parse().ok()?, key))
        };
        content["readers"].as_array()?.iter().map(reader).collect::<Option<_>>().map(Self)
    }
}
