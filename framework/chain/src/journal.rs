//! The journal of what leaves no state: entries are durable first, chained per chain, and folded into the next block.

use ledger_core::journal::JournalEntry;
use ledger_core::{Address, ChainId, Digest};

use crate::storage::entity::journal_entry;
use crate::storage::{StorageError, signed, unsigned};

/// What a caller puts on record; number, time, salt and hash are the node's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRecord {
    /// Who acted.
    pub actor: Address,
    /// What happened, e.g. `proposal_opened`.
    pub kind: String,
    /// What it is about, e.g. a proposal's id.
    pub subject: String,
    /// Details, in a form its kind defines.
    pub content: Vec<u8>,
}

/// Where a chain's journal stands.
#[derive(Clone, Debug)]
pub(crate) struct JournalTip {
    chain: ChainId,
    /// Number of the last entry.
    number: u64,
    /// Hash of the last entry; of an empty journal, the chain's id.
    hash: Digest,
    /// Entries no block has folded yet, in order.
    pub(crate) unfolded: Vec<Digest>,
}

/// An entry on its way into the database.
pub(crate) struct NewEntry {
    pub(crate) number: u64,
    pub(crate) hash: Digest,
    pub(crate) row: journal_entry::Model,
}

impl JournalTip {
    pub(crate) fn new(chain: ChainId) -> Self {
        Self { chain, number: 0, hash: Digest::from_bytes(*chain.as_bytes()), unfolded: Vec::new() }
    }

    /// The entry that a record becomes behind `behind` or else behind the tip; changes nothing.
    pub(crate) fn entry(
        &self,
        behind: Option<&NewEntry>,
        record: JournalRecord,
        chain_number: i64,
        time_ms: u64,
        salt: [u8; 32],
    ) -> Result<NewEntry, StorageError> {
        let (last, previous) = behind.map_or((self.number, self.hash), |entry| (entry.number, entry.hash));
        let number = last.saturating_add(1);
        let entry = JournalEntry {
            chain: self.chain,
            number,
            previous,
            time_ms,
            actor: record.actor,
            kind: record.kind,
            subject: record.subject,
            commitment: JournalEntry::commit(&salt, &record.content),
        };
        let hash = entry.hash();
        let row = journal_entry::Model {
            chain_id: chain_number,
            number: signed("journal_entry", "number", number)?,
            recorded_at_ms: signed("journal_entry", "recorded_at_ms", time_ms)?,
            actor: entry.actor.to_vec(),
            kind: entry.kind,
            subject: entry.subject,
            content: record.content,
            salt: salt.to_vec(),
            hash: hash.to_vec(),
        };
        Ok(NewEntry { number, hash, row })
    }

    /// Takes up an entry that has become durable.
    pub(crate) fn append(&mut self, number: u64, hash: Digest) {
        self.number = number;
        self.hash = hash;
        self.unfolded.push(hash);
    }

    /// Forgets entries that a durable block has folded.
    pub(crate) fn fold(&mut self, count: usize) {
        self.unfolded.drain(..count.min(self.unfolded.len()));
    }

    /// Takes up a stored row, checking number and hash against the entry before.
    pub(crate) fn append_row(&mut self, row: &journal_entry::Model) -> Result<(), JournalRowError> {
        let number = unsigned("journal_entry", "number", row.number).map_err(JournalRowError::Unreadable)?;
        if number != self.number.saturating_add(1) {
            return Err(JournalRowError::Number { expected: self.number.saturating_add(1), actual: number });
        }
        let salt: Result<[u8; 32], _> = row.salt.as_slice().try_into();
        let (Ok(salt), Ok(actor)) = (salt, Address::try_from(row.actor.as_slice())) else {
            return Err(JournalRowError::Hash { number });
        };
        let entry = JournalEntry {
            chain: self.chain,
            number,
            previous: self.hash,
            time_ms: unsigned("journal_entry", "recorded_at_ms", row.recorded_at_ms)
                .map_err(JournalRowError::Unreadable)?,
            actor,
            kind: row.kind.clone(),
            subject: row.subject.clone(),
            commitment: JournalEntry::commit(&salt, &row.content),
        };
        let hash = entry.hash();
        if hash.as_bytes().as_slice() != row.hash {
            return Err(JournalRowError::Hash { number });
        }
        self.append(number, hash);
        Ok(())
    }
}

/// Why a stored entry does not stand behind the one before it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalRowError {
    #[error("entry {expected} is missing; the next one is {actual}")]
    Number { expected: u64, actual: u64 },
    #[error("entry {number} differs from its hash")]
    Hash { number: u64 },
    #[error(transparent)]
    Unreadable(StorageError),
}
