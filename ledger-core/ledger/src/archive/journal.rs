//! The journal in an archive: sealed entries in front of the block that folds them, and the check of the two together,
//! which needs no key.

use thiserror::Error;

use crate::codes;
use crate::encoding::{EncodingError, Wire, at_most, required};
use crate::id::{Address, ChainId, Digest};
use crate::journal::{JournalContent, JournalEntry};
use crate::wire;

/// Entries of a chain's journal, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedJournal {
    /// At least one.
    pub entries: Vec<ArchivedEntry>,
}

/// An entry with what only its readers open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedEntry {
    /// The entry.
    pub entry: JournalEntry,
    /// Counts the changes of the journal's readers.
    pub epoch: u64,
    /// Salt and content under the epoch's key.
    pub sealed: Vec<u8>,
    /// The readers of the epoch that begins with this entry, as the node keeps them.
    pub readers: Vec<ArchivedReader>,
}

/// A reader of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedReader {
    /// Who reads.
    pub reader: Address,
    /// Its X25519 key then.
    pub encryption_key: [u8; 32],
    /// The epoch's key, sealed to it.
    pub sealed_key: Vec<u8>,
}

/// Why the entries in an archive are not those of its chain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArchiveJournalError {
    /// An entry of another chain.
    #[error("journal entry {number} in the archive is of another chain")]
    OtherChain {
        /// The entry's number.
        number: u64,
    },
    /// An entry is missing, doubled or out of order.
    #[error(
        "journal entry {actual} stands in the archive where {expected} must stand: one is missing, doubled or out of order"
    )]
    Number {
        /// The number that must follow.
        expected: u64,
        /// The number that stands there.
        actual: u64,
    },
    /// An entry stands behind another one than that before it.
    #[error("journal entry {number} does not stand behind the entry before it in the archive")]
    Previous {
        /// The entry's number.
        number: u64,
    },
    /// A block folds more or fewer entries than stand before it.
    #[error("block {height} folds {folded} journal entries, and {given} stand before it in the archive")]
    Count {
        /// The block's height.
        height: u64,
        /// Entries that it folds.
        folded: usize,
        /// Entries between it and the block before.
        given: usize,
    },
    /// A block folds another entry.
    #[error("block {height} folds another journal entry {number} than stands in the archive")]
    Differs {
        /// The block's height.
        height: u64,
        /// The entry's number.
        number: u64,
    },
}

codes!(ArchiveJournalError {
    OtherChain => "ARCHIVE_JOURNAL_OTHER_CHAIN",
    Number => "ARCHIVE_JOURNAL_NUMBER",
    Previous => "ARCHIVE_JOURNAL_PREVIOUS",
    Count => "ARCHIVE_JOURNAL_COUNT",
    Differs => "ARCHIVE_JOURNAL_DIFFERS",
});

/// Follows a journal through the archive of its chain. An archive has all entries up to its last block or none; whatever
/// hides in contents and seals is for those who have the keys.
#[derive(Clone, Debug)]
pub struct JournalChain {
    chain: ChainId,
    /// Of the last entry.
    number: u64,
    hash: Digest,
    /// Entries that no block has folded yet.
    waiting: Vec<Digest>,
    /// Height of the first block that folded entries before any stood in the archive, and how many.
    without: Option<(u64, usize)>,
}

impl JournalChain {
    /// Before the first entry.
    pub fn new(chain: ChainId) -> Self {
        let hash = Digest::from_bytes(*chain.as_bytes());
        Self { chain, number: 0, hash, waiting: Vec::new(), without: None }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// It does not follow the one before.
    pub fn take(&mut self, entry: &JournalEntry) -> Result<(), ArchiveJournalError> {
        let number = entry.number;
        if entry.chain != self.chain {
            return Err(ArchiveJournalError::OtherChain { number });
        }
        if let Some((height, folded)) = self.without {
            return Err(ArchiveJournalError::Count { height, folded, given: 0 });
        }
        let expected = self.number.saturating_add(1);
        if number != expected {
            return Err(ArchiveJournalError::Number { expected, actual: number });
        }
        if entry.previous != self.hash {
            return Err(ArchiveJournalError::Previous { number });
        }
        self.number = number;
        self.hash = entry.hash();
        self.waiting.push(self.hash);
        Ok(())
    }

    /// Takes the next block with the hashes that it folds: exactly the entries since the block before.
    ///
    /// # Errors
    /// It folds others.
    pub fn fold(&mut self, height: u64, folded: &[Digest]) -> Result<(), ArchiveJournalError> {
        if self.number == 0 {
            let is_first = self.without.is_none() && !folded.is_empty();
            self.without = if is_first { Some((height, folded.len())) } else { self.without };
            return Ok(());
        }
        if folded.len() != self.waiting.len() {
            return Err(ArchiveJournalError::Count { height, folded: folded.len(), given: self.waiting.len() });
        }
        let first = self.number.saturating_sub(self.waiting()).saturating_add(1);
        if let Some((number, _)) = (first..).zip(folded.iter().zip(&self.waiting)).find(|(_, (is, must))| is != must) {
            return Err(ArchiveJournalError::Differs { height, number });
        }
        self.waiting.clear();
        Ok(())
    }

    /// Entries taken.
    pub fn entries(&self) -> u64 {
        self.number
    }

    /// Those of them that no block has folded yet.
    pub fn waiting(&self) -> u64 {
        u64::try_from(self.waiting.len()).unwrap_or(u64::MAX)
    }
}

impl ArchivedJournal {
    /// Entries of one record.
    pub const ENTRIES_MAX: usize = 256;
}

impl ArchivedEntry {
    /// Bytes of a sealed content: salt, content, what frames them, and the seal's tag.
    pub const SEALED_BYTES_MAX: usize = JournalContent::CONTENT_BYTES_MAX.saturating_add(64);
    /// Readers of one epoch.
    pub const READERS_MAX: usize = 256;
}

impl ArchivedReader {
    /// Bytes of a sealed key.
    pub const SEALED_KEY_BYTES_MAX: usize = 128;
}

fn is_bounded(bytes: &[u8], maximum: usize, field: &'static str) -> Result<(), EncodingError> {
    let actual = bytes.len();
    if actual > maximum { Err(EncodingError::TooLong { field, maximum, actual }) } else { Ok(()) }
}

impl Wire for ArchivedJournal {
    type Message = wire::ArchiveJournal;

    fn to_wire(&self) -> wire::ArchiveJournal {
        wire::ArchiveJournal { entries: self.entries.iter().map(Wire::to_wire).collect() }
    }

    fn from_wire(message: wire::ArchiveJournal) -> Result<Self, EncodingError> {
        at_most(&message.entries, Self::ENTRIES_MAX, "archive_journal.entries")?;
        if message.entries.is_empty() {
            return Err(EncodingError::Missing { field: "archive_journal.entries" });
        }
        let entries = message.entries.into_iter().map(ArchivedEntry::from_wire);
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }
}

impl Wire for ArchivedEntry {
    type Message = wire::ArchiveJournalEntry;

    fn to_wire(&self) -> wire::ArchiveJournalEntry {
        wire::ArchiveJournalEntry {
            entry: Some(self.entry.to_wire()),
            epoch: self.epoch,
            sealed: self.sealed.clone(),
            readers: self.readers.iter().map(Wire::to_wire).collect(),
        }
    }

    fn from_wire(message: wire::ArchiveJournalEntry) -> Result<Self, EncodingError> {
        is_bounded(&message.sealed, Self::SEALED_BYTES_MAX, "archive_journal_entry.sealed")?;
        at_most(&message.readers, Self::READERS_MAX, "archive_journal_entry.readers")?;
        Ok(Self {
            entry: JournalEntry::from_wire(required(message.entry, "archive_journal_entry.entry")?)?,
            epoch: message.epoch,
            sealed: message.sealed,
            readers: message.readers.into_iter().map(ArchivedReader::from_wire).collect::<Result<_, _>>()?,
        })
    }
}

impl Wire for ArchivedReader {
    type Message = wire::ArchiveJournalReader;

    fn to_wire(&self) -> wire::ArchiveJournalReader {
        wire::ArchiveJournalReader {
            reader: self.reader.to_vec(),
            encryption_key: self.encryption_key.to_vec(),
            sealed_key: self.sealed_key.clone(),
        }
    }

    fn from_wire(message: wire::ArchiveJournalReader) -> Result<Self, EncodingError> {
        is_bounded(&message.sealed_key, Self::SEALED_KEY_BYTES_MAX, "archive_journal_reader.sealed_key")?;
        Ok(Self {
            reader: message.reader.as_slice().try_into()?,
            encryption_key: *Digest::try_from(message.encryption_key.as_slice())?.as_bytes(),
            sealed_key: message.sealed_key,
        })
    }
}

#[cfg(test)]
mod tests;
