//! Proposals as every schema shows them: a transaction that waits for its signatures.

use async_graphql::{Enum, ID, SimpleObject};

use crate::scalar::{BigInt, DateTime, Hash, Hex, PartyAddress};

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ProposalStatus {
    /// Signatures are missing.
    Open,
    /// All have signed; the block is not written yet.
    Submitted,
    /// It stands on the ledger.
    Committed,
    /// A party that had to sign has refused.
    Rejected,
    /// Its time window is over.
    Expired,
    /// The ledger refused it; `refusal` says why.
    Failed,
}

/// A transaction that waits for its signatures, or has got them.
#[derive(Clone, Debug, SimpleObject)]
pub struct Proposal {
    /// Opaque id.
    pub id: ID,
    /// The chain it is for.
    pub chain: ID,
    /// Who opened it.
    pub proposer: PartyAddress,
    /// What it does, one line per effect, in English.
    pub summary: Vec<String>,
    /// The transaction in canonical form: what a careful client decodes before it signs.
    pub transaction: Hex,
    /// Its id: the root over its components. A client computes it from `transaction` itself.
    pub transaction_id: Hash,
    /// Who must sign, and who has.
    pub required_signatures: Vec<RequiredSignature>,
    /// Parties whose signatures are still missing.
    pub missing_signers: Vec<PartyAddress>,
    /// When its time window ends.
    pub expires_at: DateTime,
    /// Where it stands.
    pub status: ProposalStatus,
    /// Why it was rejected or failed.
    pub refusal: Option<ProposalRefusal>,
    /// Where it stands on the ledger, once it does.
    pub ledger: Option<LedgerPosition>,
}

/// What one party has to sign.
#[derive(Clone, Debug, SimpleObject)]
pub struct RequiredSignature {
    /// The party.
    pub party: PartyAddress,
    /// As what it signs, e.g. `pledgee`.
    pub role: String,
    /// The bytes its key signs: domain, chain, transaction id and party.
    pub bytes_to_sign: Hex,
    /// SHA-256 of those bytes, for devices that show a digest.
    pub digest: Hash,
    /// True once the party's policy is met.
    pub satisfied: bool,
    /// Public keys that have signed for it.
    pub by: Vec<Hex>,
}

/// Why a proposal ended without effect.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProposalRefusal {
    /// The stable code of the rule, or `PROPOSAL_REJECTED`.
    pub code: String,
    /// The rule's sentence, or the reason that the party gave.
    pub message: String,
    /// The party that rejected it.
    pub by: Option<PartyAddress>,
}

/// Where something stands on the ledger.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct LedgerPosition {
    /// Height of its block, from 1.
    pub height: BigInt,
    /// Place within the block, from 0.
    pub position: i32,
    /// Its transaction.
    pub transaction_id: Hash,
    /// When the block was recorded.
    pub recorded_at: DateTime,
}
