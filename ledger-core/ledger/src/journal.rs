//! The journal: what leaves no state. Entries are the node's attestation, chained and folded into blocks.

use crate::hash::{Domain, hash};
use crate::id::{Address, ChainId, Digest};

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
    /// `H(salt, content)`.
    pub commitment: Digest,
}

impl JournalEntry {
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

    /// The commitment to a content.
    pub fn commit(salt: &[u8; 32], content: &[u8]) -> Digest {
        Digest::from_bytes(hash(Domain::JournalContent, &[salt, content]))
    }
}
