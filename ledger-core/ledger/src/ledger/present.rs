//! A ledger's present as bytes, in parts of bounded size, and the ledger that they give back: what a node keeps of its own
//! memory, so that a chain opens without a replay of its whole history.
//!
//! The sections that change are written anew each time; block hashes and commands only grow, and are appended. Of states whose
//! content is kept elsewhere the ledger has no more than an entry of the map: whoever keeps them brings reference and digest.

mod decode;
mod difference;
mod packed;
mod parts;
mod restore;

pub use packed::{Packer, Unpacker};
pub use parts::Place;
pub use restore::Restore;

use thiserror::Error;

use crate::codes;
use crate::encoding::EncodingError;
use crate::id::Digest;
use crate::signature::{PublicKey, Signature, SigningKey};

/// A part ends behind the record that brings it to so many bytes: enough that a database is not asked too often, few enough
/// that many can be held at once.
pub const PART_BYTES: usize = 256 << 10;

/// Why bytes are no present.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PresentError {
    /// Fewer bytes than the records say.
    #[error("the part {part} of a present is cut off")]
    CutOff {
        /// The part.
        part: &'static str,
    },
    /// More bytes than the records say.
    #[error("bytes follow the end of the part {part} of a present")]
    BytesFollow {
        /// The part.
        part: &'static str,
    },
    /// A value that is none of its field, or fits nothing else.
    #[error("{field} of the part {part} of a present is outside its form or does not fit the rest")]
    Unfit {
        /// The part.
        part: &'static str,
        /// The field.
        field: &'static str,
    },
    /// An entry stands twice.
    #[error("an entry of the part {part} of a present stands twice")]
    Twice {
        /// The part.
        part: &'static str,
    },
    /// A message within that is not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

codes!(PresentError {
    CutOff => "PRESENT_CUT_OFF",
    BytesFollow => "PRESENT_BYTES_FOLLOW",
    Unfit => "PRESENT_UNFIT",
    Twice => "PRESENT_ENTRY_TWICE",
} inner { Encoding });

/// What the records of a part are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Height, hash, time and directory of the last block, and the configuration in force.
    Tip,
    /// Parties' records.
    Parties,
    /// Permissions as they were set.
    Permissions,
    /// Unspent states whose content is kept.
    States,
    /// Claims with their holders.
    Claims,
    /// Near keys with the number of their claims.
    Near,
    /// Supplies.
    Supplies,
    /// Frozen subjects with their orders.
    Freezes,
    /// Assets of restricted transfer.
    Restricted,
    /// Times of prices.
    Prices,
    /// Hashes of blocks, from height 1; appended.
    Blocks,
    /// Commands with their transactions, in the order of acceptance; appended.
    Commands,
}

impl Section {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::Tip,
        Self::Parties,
        Self::Permissions,
        Self::States,
        Self::Claims,
        Self::Near,
        Self::Supplies,
        Self::Freezes,
        Self::Restricted,
        Self::Prices,
        Self::Blocks,
        Self::Commands,
    ];

    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tip => "tip",
            Self::Parties => "parties",
            Self::Permissions => "permissions",
            Self::States => "states",
            Self::Claims => "claims",
            Self::Near => "near",
            Self::Supplies => "supplies",
            Self::Freezes => "freezes",
            Self::Restricted => "restricted",
            Self::Prices => "prices",
            Self::Blocks => "blocks",
            Self::Commands => "commands",
        }
    }
}

/// A part of a present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What its records are.
    pub section: Section,
    /// The records.
    pub bytes: Vec<u8>,
}

/// What the recorder signs: `"hivechain/attested-present\0" ‖ digest`.
fn attested_bytes(digest: &Digest) -> Vec<u8> {
    [b"hivechain/attested-present\0".as_slice(), digest.as_bytes()].concat()
}

/// The recorder's signature over the digest of what it keeps of a present.
pub fn attest(digest: &Digest, recorder: &SigningKey) -> Signature {
    recorder.sign(&attested_bytes(digest))
}

/// True when the recorder attested the digest.
pub fn is_attested(digest: &Digest, recorder: &PublicKey, attestation: &Signature) -> bool {
    recorder.verifies(&attested_bytes(digest), attestation)
}

#[cfg(test)]
pub(crate) mod tests;
