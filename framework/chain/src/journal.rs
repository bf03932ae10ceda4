//! The journal of what leaves no state: entries are durable first, sealed to the chain's owner and supervisors, chained per
//! chain, and folded into the next block.

mod key;
mod read;
mod readers;

use std::sync::Arc;

use ledger_core::encoding::{EncodingError, plain_text};
use ledger_core::journal::{JournalContent, JournalEntry};
use ledger_core::{Address, ChainId, Digest};

pub use key::JournalKey;
pub use read::SealedEntry;
pub(crate) use read::key_fits;
pub(crate) use readers::{KEY_ROTATED, Readers, may_read, owner};

use crate::hosted::HostedChain;
use crate::storage::entity::{journal_entry, journal_reader};
use crate::storage::{StorageError, signed, unsigned};

/// What a caller puts on record; number, time, salt, seal and hash are the node's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRecord {
    /// Who acted.
    pub actor: Address,
    /// What happened, e.g. `proposal_opened`; at most 64 bytes. Whoever has the database reads it.
    pub kind: String,
    /// What it is about, e.g. a proposal's id; at most 256 bytes. Whoever has the database reads it.
    pub subject: String,
    /// Details, in a form its kind defines; at most 65,536 bytes. Sealed to the chain's owner and supervisors.
    pub content: Vec<u8>,
}

/// The end of a chain's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct End {
    /// Number of the last entry.
    number: u64,
    /// Hash of the last entry; of an empty journal, the chain's id.
    hash: Digest,
    /// How often the readers have changed.
    epoch: u64,
    readers: Arc<Readers>,
}

/// Where a chain's journal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JournalTip {
    chain: ChainId,
    end: End,
    /// Entries no block has folded yet, in order.
    pub(crate) unfolded: Vec<Digest>,
}

/// Makes entries behind a tip, which itself changes once they are appended.
pub(crate) struct JournalWriter<'k> {
    chain: ChainId,
    chain_number: i64,
    key: &'k JournalKey,
    time_ms: u64,
    end: End,
}

/// An entry on its way into the database.
pub(crate) struct NewEntry {
    pub(crate) number: u64,
    pub(crate) hash: Digest,
    pub(crate) row: journal_entry::Model,
    /// The readers of the epoch that begins here.
    readers: Vec<journal_reader::Model>,
    end: End,
}

impl JournalRecord {
    /// Refuses what no entry holds.
    pub(crate) fn is_bounded(&self) -> Result<(), EncodingError> {
        plain_text(&self.kind, JournalEntry::KIND_BYTES_MAX, "journal_entry.kind")?;
        plain_text(&self.subject, JournalEntry::SUBJECT_BYTES_MAX, "journal_entry.subject")?;
        if self.kind == KEY_ROTATED {
            return Err(EncodingError::OutOfRange { field: "journal_entry.kind" });
        }
        let (maximum, actual) = (JournalContent::CONTENT_BYTES_MAX, self.content.len());
        if actual > maximum {
            return Err(EncodingError::TooLong { field: "journal_content.content", maximum, actual });
        }
        Ok(())
    }
}

impl JournalWriter<'_> {
    /// The entry that says who reads from here on, if those are others than before.
    pub(crate) fn rotated(&mut self, chain: &HostedChain, salt: [u8; 32]) -> Result<Option<NewEntry>, StorageError> {
        let readers = Readers::of(chain);
        if readers == *self.end.readers {
            return Ok(None);
        }
        let epoch = self.end.epoch.saturating_add(1);
        let record = JournalRecord {
            actor: owner(&chain.ledger()),
            kind: KEY_ROTATED.to_owned(),
            subject: epoch.to_string(),
            content: readers.content(epoch),
        };
        let rows = readers.rows((&self.chain, self.chain_number), epoch, self.key)?;
        self.end.epoch = epoch;
        self.end.readers = Arc::new(readers);
        Ok(Some(NewEntry { readers: rows, ..self.entry(record, salt)? }))
    }

    /// The next entry.
    pub(crate) fn entry(&mut self, record: JournalRecord, salt: [u8; 32]) -> Result<NewEntry, StorageError> {
        let number = self.end.number.saturating_add(1);
        let content = JournalContent { salt, content: record.content };
        let entry = JournalEntry {
            chain: self.chain,
            number,
            previous: self.end.hash,
            time_ms: self.time_ms,
            actor: record.actor,
            kind: record.kind,
            subject: record.subject,
            commitment: content.commitment(),
        };
        let hash = entry.hash();
        let sealed = self.key.of_epoch(&self.chain, self.end.epoch).seal(&hash, &content);
        let row = journal_entry::Model {
            chain_id: self.chain_number,
            number: signed("journal_entry", "number", number)?,
            recorded_at_ms: signed("journal_entry", "recorded_at_ms", self.time_ms)?,
            actor: entry.actor.to_vec(),
            kind: entry.kind,
            subject: entry.subject,
            epoch: signed("journal_entry", "epoch", self.end.epoch)?,
            sealed: sealed.map_err(|error| StorageError::Malformed {
                table: "journal_entry",
                column: "sealed",
                reason: error.to_string(),
            })?,
            commitment: entry.commitment.to_vec(),
            hash: hash.to_vec(),
        };
        self.end.number = number;
        self.end.hash = hash;
        Ok(NewEntry { number, hash, row, readers: Vec::new(), end: self.end.clone() })
    }
}

impl JournalTip {
    pub(crate) fn new(chain: ChainId) -> Self {
        let hash = Digest::from_bytes(*chain.as_bytes());
        Self { chain, end: End { number: 0, hash, epoch: 0, readers: Arc::default() }, unfolded: Vec::new() }
    }

    /// Number of the last entry.
    pub(crate) fn number(&self) -> u64 {
        self.end.number
    }

    /// The entry of a stored row, as it stands behind this tip.
    pub(crate) fn entry(&self, row: &journal_entry::Model) -> Result<JournalEntry, JournalRowError> {
        read::entry(&self.chain, self.end.hash, row)
    }

    /// Behind an entry that is known already, with who reads from there on.
    pub(crate) fn behind(chain: ChainId, (number, hash): (u64, Digest), epoch: u64, readers: Readers) -> Self {
        Self { chain, end: End { number, hash, epoch, readers: Arc::new(readers) }, unfolded: Vec::new() }
    }

    /// Number and hash of the last entry, the epoch and its readers: what [`Self::behind`] takes.
    pub(crate) fn last(&self) -> ((u64, Digest), u64, &Readers) {
        ((self.end.number, self.end.hash), self.end.epoch, &self.end.readers)
    }

    /// Makes entries behind this tip; changes nothing.
    pub(crate) fn writer<'k>(&self, chain_number: i64, key: &'k JournalKey, time_ms: u64) -> JournalWriter<'k> {
        JournalWriter { chain: self.chain, chain_number, key, time_ms, end: self.end.clone() }
    }

    /// Takes up an entry that has become durable.
    pub(crate) fn append(&mut self, entry: NewEntry) -> (journal_entry::Model, Vec<journal_reader::Model>) {
        self.end = entry.end;
        self.unfolded.push(entry.hash);
        (entry.row, entry.readers)
    }

    /// Forgets entries that a block has folded.
    pub(crate) fn fold(&mut self, count: usize) {
        self.unfolded.drain(..count.min(self.unfolded.len()));
    }

    /// Takes up a stored row: number, epoch and hash follow from the entry before, and what is sealed is what the entry
    /// commits to. True when an epoch begins with it.
    pub(crate) fn append_row(&mut self, row: &journal_entry::Model, key: &JournalKey) -> Result<bool, JournalRowError> {
        let entry = self.entry(row)?;
        let number = entry.number;
        if number != self.end.number.saturating_add(1) {
            return Err(JournalRowError::Number { expected: self.end.number.saturating_add(1), actual: number });
        }
        let rotates = row.kind == KEY_ROTATED;
        let epoch = self.end.epoch.saturating_add(u64::from(rotates));
        let hash = entry.hash();
        if hash.as_bytes().as_slice() != row.hash {
            return Err(JournalRowError::Hash { number });
        }
        if unsigned::<u64>("journal_entry", "epoch", row.epoch).map_err(JournalRowError::Unreadable)? != epoch {
            return Err(JournalRowError::Epoch { number, expected: epoch });
        }
        let content = key.of_epoch(&self.chain, epoch).open(&entry, &row.sealed);
        let content = content.map_err(|_| JournalRowError::Sealed { number })?;
        if rotates {
            let readers = Readers::from_content(&content.content).ok_or(JournalRowError::Sealed { number })?;
            self.end.readers = Arc::new(readers);
        }
        self.end = End { number, hash, epoch, readers: Arc::clone(&self.end.readers) };
        self.unfolded.push(hash);
        Ok(rotates)
    }

    /// The rows of the epoch's readers, as they were written when it began.
    pub(crate) fn reader_rows(
        &self,
        chain_number: i64,
        key: &JournalKey,
    ) -> Result<Vec<journal_reader::Model>, StorageError> {
        self.end.readers.rows((&self.chain, chain_number), self.end.epoch, key)
    }
}

/// Why a stored entry does not stand behind the one before it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalRowError {
    #[error("entry {expected} is missing; the next one is {actual}")]
    Number { expected: u64, actual: u64 },
    #[error("entry {number} differs from its hash")]
    Hash { number: u64 },
    #[error("entry {number} belongs to epoch {expected}")]
    Epoch { number: u64, expected: u64 },
    #[error("entry {number} does not open with the node's journal key, or is not what it commits to")]
    Sealed { number: u64 },
    #[error(transparent)]
    Unreadable(StorageError),
}
