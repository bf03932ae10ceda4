//! Proofs that a journal entry stands in a final block, and of what it says.

use thiserror::Error;

use super::{JournalContent, JournalEntry};
use crate::block::{Header, is_sealed};
use crate::encoding::{EncodingError, Wire, at_most, decode, encode, required};
use crate::genesis::Genesis;
use crate::id::Digest;
use crate::signature::Signature;
use crate::{codes, merkle, wire};

/// Everything needed to check, offline, that the node attested something in a chain's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalProof {
    /// The chain's genesis.
    pub genesis: Genesis,
    /// Header of the block that folded the entry.
    pub header: Header,
    /// The recorder's signature.
    pub finality: Signature,
    /// The entry.
    pub entry: JournalEntry,
    /// Its place among the block's entries, from 0.
    pub index: u32,
    /// Hashes from its leaf to the journal root.
    pub path: Vec<[u8; 32]>,
    /// What the entry says, where its reader shows it.
    pub content: Option<JournalContent>,
}

/// What a checked proof of a journal entry says: the node that records the chain attests the entry. Whether what it attests
/// is true, no ledger can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// Hash of the entry.
    pub entry: Digest,
    /// Height of the block that folded it.
    pub height: u64,
    /// Time of that block, milliseconds UTC; the entry was written before.
    pub time_ms: u64,
}

/// Why a proof of a journal entry proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JournalProofError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Header or entry is of another chain than the genesis.
    #[error("the header or the journal entry belongs to another chain than the genesis")]
    OtherChain,
    /// The finality proof does not verify.
    #[error("the recorder's signature over the block does not verify")]
    NotSealed,
    /// The path does not lead to the journal root.
    #[error("the journal entry {number} and its path do not lead to the block's journal root")]
    NotIncluded {
        /// The entry's number.
        number: u64,
    },
    /// The content shown is not the entry's.
    #[error("salt and content do not give the commitment of journal entry {number}")]
    ContentDiffers {
        /// The entry's number.
        number: u64,
    },
}

codes!(JournalProofError {
    OtherChain => "JOURNAL_PROOF_OTHER_CHAIN",
    NotSealed => "JOURNAL_PROOF_NOT_SEALED",
    NotIncluded => "JOURNAL_PROOF_NOT_INCLUDED",
    ContentDiffers => "JOURNAL_PROOF_CONTENT_DIFFERS",
} inner { Encoding });

impl JournalProof {
    /// The proof of an entry in a block whose journal hashes are given, without its content.
    ///
    /// # Errors
    /// The block did not fold the entry.
    pub fn of(
        genesis: Genesis,
        (header, finality): (Header, Signature),
        journal: &[Digest],
        entry: JournalEntry,
    ) -> Result<Self, JournalProofError> {
        let (hash, not_included) = (entry.hash(), JournalProofError::NotIncluded { number: entry.number });
        let leaves: Vec<_> = journal.iter().map(leaf).collect();
        let place = journal.iter().position(|folded| *folded == hash).ok_or(not_included.clone())?;
        let path = merkle::path(&leaves, place).ok_or(not_included.clone())?;
        let index = u32::try_from(place).map_err(|_| not_included)?;
        Ok(Self { genesis, header, finality, entry, index, path, content: None })
    }

    /// Checks chain, seal, path, and the content where it is shown.
    ///
    /// # Errors
    /// The rule that does not hold.
    pub fn verify(&self) -> Result<Attested, JournalProofError> {
        let (chain, number) = (self.genesis.chain_id(), self.entry.number);
        if self.header.chain != chain || self.entry.chain != chain {
            return Err(JournalProofError::OtherChain);
        }
        if !is_sealed(&self.header.hash(), &self.genesis.recorder, &self.finality) {
            return Err(JournalProofError::NotSealed);
        }
        let entry = self.entry.hash();
        let sizes = usize::try_from(self.index).ok().zip(usize::try_from(self.header.journal_count).ok());
        let root = sizes.and_then(|(index, count)| merkle::root_of_path(leaf(&entry), index, count, &self.path));
        if root != Some(*self.header.journal_root.as_bytes()) {
            return Err(JournalProofError::NotIncluded { number });
        }
        if self.content.as_ref().is_some_and(|content| content.commitment() != self.entry.commitment) {
            return Err(JournalProofError::ContentDiffers { number });
        }
        Ok(Attested { entry, height: self.header.height, time_ms: self.header.time_ms })
    }
}

/// The leaf of an entry in its block.
fn leaf(entry: &Digest) -> [u8; 32] {
    merkle::leaf(entry.as_bytes())
}

impl Wire for JournalProof {
    type Message = wire::JournalProof;

    const BYTES_MAX: usize = Genesis::BYTES_MAX.saturating_add(JournalContent::CONTENT_BYTES_MAX).saturating_add(8_192);

    fn to_wire(&self) -> wire::JournalProof {
        wire::JournalProof {
            genesis: encode(&self.genesis),
            header: Some(self.header.to_wire()),
            finality: self.finality.as_bytes().to_vec(),
            entry: Some(self.entry.to_wire()),
            index: self.index,
            path: self.path.iter().map(|hash| hash.to_vec()).collect(),
            content: self.content.as_ref().map(Wire::to_wire),
        }
    }

    fn from_wire(message: wire::JournalProof) -> Result<Self, EncodingError> {
        at_most(&message.path, merkle::PATH_MAX, "proof.path")?;
        let path = message.path.iter().map(|hash| Ok(*Digest::try_from(hash.as_slice())?.as_bytes()));
        Ok(Self {
            genesis: decode(&message.genesis)?,
            header: Header::from_wire(required(message.header, "proof.header")?)?,
            finality: Signature::from_bytes(&message.finality)?,
            entry: JournalEntry::from_wire(required(message.entry, "proof.entry")?)?,
            index: message.index,
            path: path.collect::<Result<_, EncodingError>>()?,
            content: message.content.map(JournalContent::from_wire).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests;
