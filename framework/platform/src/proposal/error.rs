//! Why a proposal cannot be opened, signed or ended.

use hive_chain::{ChainError, SubmitError};
use ledger_core::{Address, Coded, PublicKey, Rejection, StateRef};
use thiserror::Error;

use crate::proposal::view::ProposalStatus;
use crate::secret::RandomnessMissing;
use crate::session::principal::AccessError;
use crate::storage::StorageError;

/// Why a proposal cannot be opened, signed or ended.
#[derive(Debug, Error)]
pub enum ProposalError {
    /// There is no such proposal, or the party is not concerned by it: one answer for both.
    #[error("there is no such proposal")]
    Unknown,
    /// The principal may not do this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The key is empty, too long or not plain.
    #[error("the idempotency key must have 1 to 128 visible ASCII characters")]
    IdempotencyKeyRefused,
    /// The key stands for another input.
    #[error("this idempotency key was used for another input; choose a new key for a new intention")]
    IdempotencyKeyReused,
    /// The proposal would live too short or too long.
    #[error("a proposal stays open between one second and 30 days")]
    ValidityRefused,
    /// What was built is not for the frame that was given.
    #[error(
        "the transaction is not for the chain, submitter, command and window of its draft; build it from the draft"
    )]
    FrameChanged,
    /// An own token is promised to another unfinished proposal.
    #[error("the token {state} is reserved by another open proposal; wait for its end, or reject it")]
    InputReserved {
        /// The token.
        state: StateRef,
    },
    /// The creator has too many unfinished proposals.
    #[error("{open} proposals are open already; finish or reject some")]
    TooManyOpen {
        /// How many are open.
        open: u64,
    },
    /// The summary has too many lines.
    #[error("the summary has {lines} lines, more than it may")]
    SummaryTooLong {
        /// How many.
        lines: usize,
    },
    /// A rule of the ledger refuses the transaction.
    #[error("{0}")]
    Rejected(Rejection),
    /// No signature, or too many at once.
    #[error("give between 1 and 64 signatures")]
    SignatureCount,
    /// The signature is given for another party than the one signed in.
    #[error("the signature is given for {party}; each party gives its own")]
    SignatureForeign {
        /// Whom it is given for.
        party: Address,
    },
    /// The party need not sign.
    #[error("the party need not sign this proposal")]
    SignatureNotRequired,
    /// The key does not count for what the party signs here.
    #[error("the key {key} does not stand in the rule of the party's authority that decides here")]
    KeyNotInAuthority {
        /// The key.
        key: PublicKey,
    },
    /// The signature does not fit.
    #[error("the signature does not fit the bytes to sign of this proposal, for this party, under this key")]
    SignatureInvalid {
        /// The key.
        key: PublicKey,
    },
    /// The party's policy is satisfied without it.
    #[error("the party's signatures are complete; no further one is needed")]
    SignatureNotNeeded,
    /// The reason is empty, too long or not plain.
    #[error("the reason must have 1 to 500 characters without control characters")]
    ReasonRefused,
    /// Nothing is left to do.
    #[error("the proposal has ended: {}", status.name())]
    Ended {
        /// How.
        status: Box<ProposalStatus>,
    },
    /// Every signature is there and the ledger is deciding.
    #[error("the proposal is complete and on its way to the ledger")]
    Complete,
    /// Too many questions at once.
    #[error("ask for at most {maximum} at once")]
    PageTooLarge {
        /// The most.
        maximum: u64,
    },
    /// The node is busy; nothing was done.
    #[error("the node is busy; nothing was done, try again in a moment")]
    Busy,
    /// The node has stopped accepting.
    #[error("the node has stopped accepting: {0}")]
    Stopped(String),
    /// The platform's tables failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The ledger's tables failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessMissing),
    /// Stored bytes of a proposal cannot be read.
    #[error("a stored proposal cannot be read")]
    StoredMalformed,
}

impl ProposalError {
    /// Stable code; of the ledger's rule where one refused.
    pub fn code(&self) -> &str {
        match self {
            Self::Unknown => "PROPOSAL_UNKNOWN",
            Self::Access(error) => error.code(),
            Self::IdempotencyKeyRefused => "IDEMPOTENCY_KEY_REFUSED",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::ValidityRefused => "PROPOSAL_VALIDITY_REFUSED",
            Self::FrameChanged => "PROPOSAL_FRAME_CHANGED",
            Self::InputReserved { .. } => "PROPOSAL_INPUT_RESERVED",
            Self::TooManyOpen { .. } => "PROPOSAL_TOO_MANY_OPEN",
            Self::SummaryTooLong { .. } => "PROPOSAL_SUMMARY_TOO_LONG",
            Self::Rejected(rejection) => &rejection.code,
            Self::SignatureCount => "PROPOSAL_SIGNATURE_COUNT",
            Self::SignatureForeign { .. } => "PROPOSAL_SIGNATURE_FOREIGN",
            Self::SignatureNotRequired => "PROPOSAL_SIGNATURE_NOT_REQUIRED",
            Self::KeyNotInAuthority { .. } => "PROPOSAL_KEY_NOT_IN_AUTHORITY",
            Self::SignatureInvalid { .. } => "PROPOSAL_SIGNATURE_INVALID",
            Self::SignatureNotNeeded => "PROPOSAL_SIGNATURE_NOT_NEEDED",
            Self::ReasonRefused => "PROPOSAL_REASON_REFUSED",
            Self::Ended { .. } => "PROPOSAL_ENDED",
            Self::Complete => "PROPOSAL_COMPLETE",
            Self::PageTooLarge { .. } => "PROPOSAL_PAGE_TOO_LARGE",
            Self::Busy => "BUSY",
            Self::Stopped(_) => "NODE_STOPPED",
            Self::Storage(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Randomness(_) => "RANDOMNESS_MISSING",
            Self::StoredMalformed => "PROPOSAL_STORED_MALFORMED",
        }
    }

    /// True where the caller can do something about it; the rest is the node's trouble and is masked outside.
    pub fn is_the_callers(&self) -> bool {
        !matches!(
            self,
            Self::Storage(_) | Self::Chain(_) | Self::Randomness(_) | Self::StoredMalformed | Self::Stopped(_)
        )
    }
}

impl ProposalError {
    /// Why a chain cannot be read; one that the node does not have looks like one of others.
    pub(super) fn of_chain(error: ChainError) -> Self {
        match error {
            ChainError::UnknownChain(chain) => Self::Access(AccessError::NotParticipant { chain }),
            other => Self::Chain(other),
        }
    }
}

impl From<SubmitError> for ProposalError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => Self::Rejected(rejection),
            SubmitError::Busy => Self::Busy,
            SubmitError::Stopped(reason) => Self::Stopped(reason),
            SubmitError::Broken { chain, height, reason } => {
                Self::Chain(ChainError::BrokenHistory { chain, height, reason })
            }
            SubmitError::UnknownChain(chain) => Self::Access(AccessError::NotParticipant { chain }),
        }
    }
}
