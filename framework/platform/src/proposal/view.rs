//! A proposal as those concerned see it: who must sign what, who has, and how it stands.

use ledger_core::{Address, Amount, AssetId, ChainId, CommandId, PublicKey, Transaction, TransactionId};

use serde::{Deserialize, Serialize};

use crate::id::ProposalId;
use crate::proposal::summary::SummaryLine;

/// How a proposal stands. `Committed` comes from the ledger, never from a note of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalStatus {
    /// Signatures are missing.
    Open,
    /// Every signature is there; the ledger has not answered yet.
    Submitting,
    /// It stands in a block.
    Committed {
        /// Height of the block.
        height: u64,
        /// Place in the block, from 0.
        position: u32,
        /// Time of the block, milliseconds UTC.
        recorded_at_ms: u64,
    },
    /// A signer refused.
    Rejected {
        /// Who.
        by: Address,
        /// Why, in their words.
        reason: String,
    },
    /// Its creator took it back.
    Withdrawn {
        /// Why, in their words.
        reason: String,
    },
    /// The ledger refused it when it was complete.
    Refused {
        /// Code of the rule.
        code: String,
        /// What is true and what to do.
        message: String,
    },
    /// Its time window passed before it was complete.
    Expired,
}

impl ProposalStatus {
    /// The stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitting => "submitting",
            Self::Committed { .. } => "committed",
            Self::Rejected { .. } => "rejected",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Refused { .. } => "refused",
            Self::Expired => "expired",
        }
    }

    /// True when nothing can change any more.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Open | Self::Submitting)
    }
}

/// One demand on a party, as the contracts compute it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredSignature {
    /// Who must sign.
    pub party: Address,
    /// In which role, e.g. `pledgee`.
    pub role: String,
    /// For which command, `contract/name`.
    pub command: String,
    /// What leaves the party by it, where something does.
    pub outflow: Option<(AssetId, Amount)>,
    /// What the party's keys sign: domain, chain, transaction id, party.
    pub bytes_to_sign: Vec<u8>,
    /// SHA-256 of the bytes to sign, to compare on a second screen.
    pub digest: [u8; 32],
    /// True when the keys that have signed are enough.
    pub satisfied: bool,
    /// Keys of the party that have signed.
    pub by: Vec<PublicKey>,
    /// A smallest set of keys that would make it enough.
    pub missing: Vec<PublicKey>,
}

/// What the rules warn of though they refuse nothing; those who sign read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalWarning {
    /// Stable code.
    pub code: String,
    /// What is true and what to do, in English; it never names a rival.
    pub message: String,
}

/// A proposal with all that those concerned may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// Its place in the order of opening; keyset pages go by it.
    pub number: i64,
    /// The chain it is for.
    pub chain: ChainId,
    /// Who opened it.
    pub creator: Address,
    /// What will be committed.
    pub transaction: Transaction,
    /// Its id.
    pub transaction_id: TransactionId,
    /// Its command id; its fate can always be asked by it.
    pub command_id: CommandId,
    /// What it does, for people.
    pub summary: Vec<SummaryLine>,
    /// What was to be warned of when it was opened.
    pub warnings: Vec<ProposalWarning>,
    /// Who must sign, and who has.
    pub required: Vec<RequiredSignature>,
    /// When it was opened, milliseconds UTC.
    pub opened_at_ms: u64,
    /// When it expires, milliseconds UTC.
    pub expires_at_ms: u64,
    /// How it stands.
    pub status: ProposalStatus,
}

impl Proposal {
    /// True when every required signature is there.
    pub fn is_complete(&self) -> bool {
        self.required.iter().all(|required| required.satisfied)
    }

    /// The parties that still have to sign, each once.
    pub fn missing_signers(&self) -> Vec<Address> {
        let mut parties: Vec<_> =
            self.required.iter().filter(|required| !required.satisfied).map(|required| required.party).collect();
        parties.sort();
        parties.dedup();
        parties
    }
}
