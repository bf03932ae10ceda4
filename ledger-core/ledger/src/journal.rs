//! The journal: what leaves no state. Entries are the node's attestation, chained and folded into blocks.

mod proof;

use std::fmt;

use crate::encoding::{EncodingError, Wire, plain_text};
use crate::hash::{Domain, hash};
use crate::id::{Address, ChainId, Digest};
use crate::wire;

pub use proof::{Attested, JournalProof, JournalProofError};

/// One entry; its content stays off the ledger, committed with a salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The chain.
    pub chain: ChainId,
    /// From 1, without gaps.
    pub number: u64,
    /// Hash of the entry before; of the first, the chain's id.
    pub previous: Digest,
    /// When it was written, milliseconds UTC.
    pub time_ms: u64,
    /// Who acted.
    pub actor: Address,
    /// What happened, e.g. `proposal_opened`.
    pub kind: String,
    /// What it is about, e.g. a proposal's id.
    pub subject: String,
    /// Of its content; see [`JournalContent::commitment`].
    pub commitment: Digest,
}

/// What an entry says in detail, for the chain's owner and its supervisors.
#[derive(Clone, PartialEq, Eq)]
pub struct JournalContent {
    /// 32 random bytes, which keep the content from being guessed.
    pub salt: [u8; 32],
    /// Details, in a form that the entry's kind defines.
    pub content: Vec<u8>,
}

impl JournalEntry {
    /// Bytes of a kind.
    pub const KIND_BYTES_MAX: usize = 64;
    /// Bytes of a subject.
    pub const SUBJECT_BYTES_MAX: usize = 256;

    /// The entry's hash: what the next entry and a block's journal root hold.
    pub fn hash(&self) -> Digest {
        let numbers = [self.number.to_be_bytes(), self.time_ms.to_be_bytes()];
        let [number, time] = &numbers;
        Digest::from_bytes(hash(
            Domain::Journal,
            &[
                self.chain.as_bytes(),
                number,
                self.previous.as_bytes(),
                time,
                self.actor.as_bytes(),
                self.kind.as_bytes(),
                self.subject.as_bytes(),
                self.commitment.as_bytes(),
            ],
        ))
    }
}

impl JournalContent {
    /// Bytes of a content.
    pub const CONTENT_BYTES_MAX: usize = 65_536;

    /// The commitment that an entry holds: `H("journal-content", salt, content)`.
    pub fn commitment(&self) -> Digest {
        Digest::from_bytes(hash(Domain::JournalContent, &[&self.salt, &self.content]))
    }
}

/// The content stays out of logs.
impl fmt::Debug for JournalContent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JournalContent({} bytes)", self.content.len())
    }
}

impl Wire for JournalEntry {
    type Message = wire::JournalEntry;

    fn to_wire(&self) -> wire::JournalEntry {
        wire::JournalEntry {
            chain: self.chain.to_vec(),
            number: self.number,
            previous: self.previous.to_vec(),
            time_ms: self.time_ms,
            actor: self.actor.to_vec(),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            commitment: self.commitment.to_vec(),
        }
    }

    fn from_wire(message: wire::JournalEntry) -> Result<Self, EncodingError> {
        plain_text(&message.kind, Self::KIND_BYTES_MAX, "journal_entry.kind")?;
        plain_text(&message.subject, Self::SUBJECT_BYTES_MAX, "journal_entry.subject")?;
        Ok(Self {
            chain: message.chain.as_slice().try_into()?,
            number: message.number,
            previous: message.previous.as_slice().try_into()?,
            time_ms: message.time_ms,
            actor: message.actor.as_slice().try_into()?,
            kind: message.kind,
            subject: message.subject,
            commitment: message.commitment.as_slice().try_into()?,
        })
    }
}

impl Wire for JournalContent {
    type Message = wire::JournalContent;

    fn to_wire(&self) -> wire::JournalContent {
        wire::JournalContent { salt: self.salt.to_vec(), content: self.content.clone() }
    }

    fn from_wire(message: wire::JournalContent) -> Result<Self, EncodingError> {
        let (maximum, actual) = (Self::CONTENT_BYTES_MAX, message.content.len());
        if actual > maximum {
            return Err(EncodingError::TooLong { field: "journal_content.content", maximum, actual });
        }
        let salt = Digest::try_from(message.salt.as_slice())?;
        Ok(Self { salt: *salt.as_bytes(), content: message.content })
    }
}
