//! Versions of the format: what an archive's first bytes say of its records.

use super::{ArchiveError, Record};
use crate::encoding::{Wire, decode_message};

/// A version of the format. A program refuses a version that it does not know, and a record that the version does not have;
/// what a version holds never changes, so that each archive is read for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1: genesis, blocks and end, for anybody.
    Blocks,
    /// 2: the entries of the journal besides, for the operator that moves its chain.
    WithJournal,
}

impl Version {
    /// Bytes before the first record.
    pub const MAGIC_BYTES: usize = 20;

    /// The first bytes of an archive; the digit is the version's number.
    pub const fn magic(self) -> [u8; Self::MAGIC_BYTES] {
        match self {
            Self::Blocks => *b"hivechain/archive/1\n",
            Self::WithJournal => *b"hivechain/archive/2\n",
        }
    }

    /// The version that the first bytes of a file say.
    ///
    /// # Errors
    /// It is no archive, or of a version that this program does not know.
    pub fn of(beginning: &[u8]) -> Result<Self, ArchiveError> {
        let known = [Self::Blocks, Self::WithJournal].into_iter().find(|version| beginning == version.magic());
        known.ok_or(ArchiveError::Magic)
    }

    /// Reads a record's canonical bytes, without their length.
    ///
    /// # Errors
    /// They are no record, or one that this version does not have.
    pub fn decode(self, bytes: &[u8]) -> Result<Record, ArchiveError> {
        match Record::from_wire(decode_message(bytes)?)? {
            Record::Journal(_) if self == Self::Blocks => Err(ArchiveError::JournalUnannounced),
            record => Ok(record),
        }
    }
}
