//! Archives: one file from which an outsider verifies a whole chain, without its node, its database or its secrets.
//!
//! An operator that moves its own chain adds the journal, whose contents stay sealed to those who read it anyway.
//!
//! Here are the bytes and their order; reading and writing files is the caller's.

mod journal;
mod replay;
mod survey;
mod version;

pub use journal::{ArchiveJournalError, ArchivedEntry, ArchivedJournal, ArchivedReader, JournalChain};
pub use replay::{ArchiveProved, ArchiveReplay};
pub use survey::PastReferences;
pub use version::Version;

use prost::Message;
use thiserror::Error;

use crate::block::{Block, BlockError};
use crate::claim::ClaimBookError;
use crate::codes;
use crate::encoding::{EncodingError, Wire, required};
use crate::genesis::{Genesis, GenesisError};
use crate::id::{BlockHash, ContractId, Digest};
use crate::invariant::InvariantBroken;
use crate::ledger::LedgerError;
use crate::wire::{self, archive_record};

/// Bytes of one record at most: a block's transactions (64 MiB), its journal hashes, its header.
pub const RECORD_BYTES_MAX: usize = 72 << 20;

/// One record of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The first: the genesis.
    Genesis(Box<Genesis>),
    /// A block, ascending by height without gap.
    Block(Box<Block>),
    /// Entries that the next block folds; before the end, those that no block has folded yet.
    Journal(ArchivedJournal),
    /// The last.
    End(End),
}

/// What the file says of itself, so that a cut-off one is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Height of the last block, 0 without any.
    pub height: u64,
    /// Its hash; the chain's id without any.
    pub tip: BlockHash,
    /// Transactions of all blocks.
    pub transactions: u64,
    /// Root of the state map after the last block.
    pub state_root: Digest,
}

/// Why a file is no archive, or proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// It begins with other bytes.
    #[error(
        "the file is no archive that this program knows: it begins neither with \"hivechain/archive/1\" nor with \"hivechain/archive/2\""
    )]
    Magic,
    /// A record that archives of its version do not have.
    #[error("the archive holds journal entries, and is of version 1, which has none")]
    JournalUnannounced,
    /// A record's length is out of bounds.
    #[error("a record says it has {bytes} bytes; a record has 1 to {RECORD_BYTES_MAX}")]
    RecordLength {
        /// The length it says.
        bytes: u64,
    },
    /// A record is not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A record stands where another must.
    #[error("record {record} is {found} where {expected} must stand")]
    OutOfOrder {
        /// Place of the record, from 0.
        record: u64,
        /// What it is.
        found: &'static str,
        /// What must stand there.
        expected: &'static str,
    },
    /// The file ends before its end record.
    #[error("the archive is cut off after {records} records: its end is missing")]
    CutOff {
        /// Whole records read.
        records: u64,
    },
    /// Bytes follow the end record.
    #[error("bytes follow the archive's end")]
    BytesFollow,
    /// The genesis breaks a rule.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The chain has a contract that this program does not know.
    #[error("the chain has the contract {contract}, which this program does not know; verify with one that has it")]
    ContractUnknown {
        /// The contract.
        contract: ContractId,
    },
    /// A block does not follow.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// A block does not follow the tip.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A past reference of a transaction names what a later transaction of its block creates.
    #[error("block {height}, transaction {position}: a past reference names a state that is created later")]
    ReferenceAhead {
        /// The height.
        height: u64,
        /// Place in the block, from 0.
        position: usize,
    },
    /// Claims are not consistent over the chain.
    #[error("block {height}, transaction {position}: {error}")]
    Claims {
        /// The height.
        height: u64,
        /// Place in the block, from 0.
        position: usize,
        /// What is wrong.
        error: ClaimBookError,
    },
    /// The journal's entries are not those that the blocks fold.
    #[error(transparent)]
    Journal(#[from] ArchiveJournalError),
    /// The end record says another thing than the blocks.
    #[error("the archive's end says another {field} than its blocks give")]
    EndDiffers {
        /// The first field that differs.
        field: &'static str,
    },
    /// A whole-ledger invariant does not hold at the tip.
    #[error("the ledger at the tip breaks an invariant: {0}")]
    Invariant(InvariantBroken),
}

codes!(ArchiveError {
    Magic => "ARCHIVE_MAGIC",
    JournalUnannounced => "ARCHIVE_JOURNAL_UNANNOUNCED",
    RecordLength => "ARCHIVE_RECORD_LENGTH",
    OutOfOrder => "ARCHIVE_OUT_OF_ORDER",
    CutOff => "ARCHIVE_CUT_OFF",
    BytesFollow => "ARCHIVE_BYTES_FOLLOW",
    ContractUnknown => "ARCHIVE_CONTRACT_UNKNOWN",
    ReferenceAhead => "ARCHIVE_REFERENCE_AHEAD",
    Claims => "ARCHIVE_CLAIMS_INCONSISTENT",
    EndDiffers => "ARCHIVE_END_DIFFERS",
    Invariant => "ARCHIVE_INVARIANT_BROKEN",
} inner { Encoding, Genesis, Block, Ledger, Journal });

/// The length of the next record, from the 4 bytes before it.
///
/// # Errors
/// No record has this length.
pub fn record_length(prefix: [u8; 4]) -> Result<usize, ArchiveError> {
    let bytes = u32::from_be_bytes(prefix);
    let length = usize::try_from(bytes).ok().filter(|length| (1..=RECORD_BYTES_MAX).contains(length));
    length.ok_or(ArchiveError::RecordLength { bytes: bytes.into() })
}

impl Record {
    /// The record as it stands in the file: its length and its bytes.
    ///
    /// # Errors
    /// It is longer than any record may be.
    pub fn framed(&self) -> Result<Vec<u8>, ArchiveError> {
        let bytes = self.to_wire().encode_to_vec();
        let too_long = || ArchiveError::RecordLength { bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX) };
        let length = u32::try_from(bytes.len()).map_err(|_| too_long())?.to_be_bytes();
        record_length(length)?;
        Ok([length.as_slice(), &bytes].concat())
    }

    /// What it is, for whoever is told that it stands in a wrong place.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Genesis(_) => "a genesis",
            Self::Block(_) => "a block",
            Self::Journal(_) => "a part of the journal",
            Self::End(_) => "the end",
        }
    }
}

impl Wire for Record {
    type Message = wire::ArchiveRecord;

    fn to_wire(&self) -> wire::ArchiveRecord {
        let record = match self {
            Self::Genesis(genesis) => archive_record::Record::Genesis(genesis.to_wire()),
            Self::Block(block) => archive_record::Record::Block(block.to_wire()),
            Self::Journal(journal) => archive_record::Record::Journal(journal.to_wire()),
            Self::End(end) => archive_record::Record::End(wire::ArchiveEnd {
                height: end.height,
                tip: end.tip.to_vec(),
                transactions: end.transactions,
                state_root: end.state_root.to_vec(),
            }),
        };
        wire::ArchiveRecord { record: Some(record) }
    }

    fn from_wire(message: wire::ArchiveRecord) -> Result<Self, EncodingError> {
        Ok(match required(message.record, "archive.record")? {
            archive_record::Record::Genesis(genesis) => Self::Genesis(Box::new(Genesis::from_wire(genesis)?)),
            archive_record::Record::Block(block) => Self::Block(Box::new(Block::from_wire(block)?)),
            archive_record::Record::Journal(journal) => Self::Journal(ArchivedJournal::from_wire(journal)?),
            archive_record::Record::End(end) => Self::End(End {
                height: end.height,
                tip: end.tip.as_slice().try_into()?,
                transactions: end.transactions,
                state_root: end.state_root.as_slice().try_into()?,
            }),
        })
    }
}

#[cfg(test)]
mod tests;
