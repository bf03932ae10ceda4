//! Proposals as every schema shows them: a transaction that waits for its signatures.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use hive_platform::proposal::summary::Direction;

use crate::context::RequestContext;
use crate::scalar::{AmountMinor, BigInt, DateTime, Hash, Hex, PartyAddress};
use crate::user_error::Warning;

mod convert;

pub use convert::{proposal_id, refused};

/// Kind of the opaque ids of proposals.
pub const PROPOSAL_KIND: &str = "proposal";

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ProposalStatus {
    /// Signatures are missing.
    Open,
    /// All have signed; the ledger has not answered yet.
    Submitting,
    /// It stands on the ledger.
    Committed,
    /// A party that had to sign has refused.
    Rejected,
    /// Its creator took it back.
    Withdrawn,
    /// The ledger refused it; `refusal` says why.
    Refused,
    /// Its time window is over.
    Expired,
}

/// A transaction that waits for its signatures, or has got them.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Proposal {
    /// Opaque id.
    pub id: ID,
    /// The chain it is for.
    pub chain: ID,
    /// Who opened it.
    pub creator: PartyAddress,
    /// What it does, line by line. It explains; what binds are the bytes to sign.
    pub summary: Vec<SummaryLine>,
    /// The transaction in canonical form: what a careful client decodes before it signs.
    pub transaction: Hex,
    /// Its id: the root over its components. A careful client computes it from `transaction` itself.
    pub transaction_id: Hash,
    /// Who must sign, and who has.
    pub required_signatures: Vec<RequiredSignature>,
    /// Parties whose signatures are still missing, each once.
    pub missing_signers: Vec<PartyAddress>,
    /// When it was opened.
    pub opened_at: DateTime,
    /// When its time window ends.
    pub expires_at: DateTime,
    /// Where it stands.
    pub status: ProposalStatus,
    /// Why it ended without effect.
    pub refusal: Option<ProposalRefusal>,
    /// Where it stands on the ledger, once it does.
    pub ledger: Option<LedgerPosition>,
    #[graphql(skip)]
    pub(crate) warnings: Vec<Warning>,
}

#[ComplexObject]
impl Proposal {
    /// What those who sign should look at before they do, though no rule refuses it, as it stood when it was opened.
    async fn warnings(&self, context: &Context<'_>) -> Vec<Warning> {
        context.localised_warnings(self.warnings.clone())
    }
}

/// Which way something goes, seen from a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Direction")]
pub enum SummaryDirection {
    /// It leaves the party.
    Leaves,
    /// It comes to the party.
    Comes,
    /// It stays with the party, under new rights or duties.
    Stays,
}

/// One line of what a proposal does.
#[derive(Clone, Debug, SimpleObject)]
pub struct SummaryLine {
    /// Which way it goes.
    pub direction: SummaryDirection,
    /// For whom it leaves, comes or stays.
    pub party: PartyAddress,
    /// The other side, where there is one.
    pub counterparty: Option<PartyAddress>,
    /// What it is about: `token`, `title`, or a right such as `pledge`.
    pub kind: String,
    /// The business number or name of the thing, where it has one.
    pub number: Option<String>,
    /// The asset, for a token.
    pub asset: Option<Hash>,
    /// The quantity in smallest units, for a token or title.
    pub amount: Option<AmountMinor>,
    /// The unit of a title's quantity, UN/ECE Recommendation 20.
    pub unit: Option<String>,
}

/// One demand on a party.
#[derive(Clone, Debug, SimpleObject)]
pub struct RequiredSignature {
    /// The party.
    pub party: PartyAddress,
    /// As what it signs, e.g. `pledgee`.
    pub role: String,
    /// For which command of which contract, e.g. `pledge/pledge`.
    pub command: String,
    /// The bytes its keys sign: domain, chain, transaction id and party.
    pub bytes_to_sign: Hex,
    /// SHA-256 of those bytes, for devices that show a digest.
    pub digest: Hash,
    /// True once the keys that have signed are enough.
    pub satisfied: bool,
    /// Public keys of the party that have signed.
    pub by: Vec<Hex>,
    /// A smallest set of public keys that would make it enough.
    pub missing: Vec<Hex>,
}

/// Why a proposal ended without effect.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProposalRefusal {
    /// The stable code of the rule; `PROPOSAL_REJECTED`, `PROPOSAL_WITHDRAWN` or `PROPOSAL_EXPIRED` if no rule refused it.
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
    pub position: u32,
    /// Its transaction.
    pub transaction_id: Hash,
    /// When the block was recorded.
    pub recorded_at: DateTime,
}
