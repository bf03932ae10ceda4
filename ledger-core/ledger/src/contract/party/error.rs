//! Why a party's record does not come to be, or does not change so.

use thiserror::Error;

use crate::authority::AuthorityError;
use crate::codes;
use crate::disclosure::DisclosureError;
use crate::encoding::EncodingError;
use crate::id::Address;
use crate::party::PartyRecord;
use crate::policy::PolicyError;

/// Why a command of the contract `party` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PartyError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error(
        "the contract party has no command {name:?}; it has register, change, request_recovery, cancel_recovery, withdraw_recovery, recover and learn"
    )]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// The address does not follow from policy and nonce.
    #[error("the address {address} does not follow from the first policy and the nonce")]
    AddressDiffers {
        /// The address given.
        address: Address,
    },
    /// The first policy is refused.
    #[error("the first policy: {0}")]
    FirstPolicy(PolicyError),
    /// The first policy does not sign.
    #[error(
        "{address} stands for its first policy; let the rule for party/register be that policy, and change it later"
    )]
    FirstPolicyUnasked {
        /// The party.
        address: Address,
    },
    /// A proof with what the chain has already, in any form anybody likes.
    #[error("the proof of a record carries the directory's genesis; leave it out")]
    ProofCarriesGenesis,
    /// The authority is refused.
    #[error("the authority: {0}")]
    Authority(AuthorityError),
    /// The record is too long to be proved on other chains.
    #[error("the record has {bytes} bytes, more than {}; use fewer rules or keys", PartyRecord::BYTES_MAX)]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// A record with participants.
    #[error("the record of {address} has a participant; it is the party's alone, leave the participant out")]
    Participants {
        /// The party.
        address: Address,
    },
    /// A party state belongs to the party.
    #[error("a party's record belongs to the party itself, {address}, without locks")]
    OwnerDiffers {
        /// The party.
        address: Address,
    },
    /// Registration consumes a record.
    #[error("registration creates records, it consumes none")]
    RegistersFromInput,
    /// A change is of one record into one.
    #[error("this command consumes one record and creates one; here are {inputs} and {outputs}")]
    NotOneRecord {
        /// Records consumed.
        inputs: usize,
        /// Records created.
        outputs: usize,
    },
    /// A change keeps address, first policy, nonce, controller and roles.
    #[error("a record keeps address, first policy, nonce, controller and roles of {address}")]
    IdentityChanged {
        /// The party.
        address: Address,
    },
    /// Each record is the next version.
    #[error("the record has version {actual}; it is version {expected} of the party")]
    VersionDiffers {
        /// The version it should have.
        expected: u64,
        /// The version it has.
        actual: u64,
    },
    /// A recovery is open already.
    #[error("a recovery of the party is open, ready at {ready_ms}; cancel or withdraw it first")]
    RecoveryOpen {
        /// From when on it may be carried out, milliseconds UTC.
        ready_ms: u64,
    },
    /// No recovery is open.
    #[error("no recovery of the party is open; ask for one first")]
    NoRecovery,
    /// The party has no recovery rule in force.
    #[error("no rule of the party's authority lets it be recovered in this time window")]
    NoRecoveryRule,
    /// The time of the recovery is another than the delay gives.
    #[error(
        "the recovery says it is ready at {actual}; by the end of the time window and the rule's delay it is at {expected}"
    )]
    RecoveryTimeDiffers {
        /// Milliseconds UTC, by window and rule.
        expected: u64,
        /// Milliseconds UTC, as the record says.
        actual: u64,
    },
    /// The delay runs.
    #[error("the recovery is ready at {ready_ms}, the time window begins at {from_ms}; wait for it")]
    RecoveryNotReady {
        /// Milliseconds UTC.
        ready_ms: u64,
        /// Milliseconds UTC.
        from_ms: u64,
    },
    /// The record changes in more than the command is for.
    #[error("the record differs from what the command {command} makes of the one before")]
    RecordDiffers {
        /// The command.
        command: &'static str,
    },
    /// The proof proves nothing.
    #[error(transparent)]
    Proof(#[from] DisclosureError),
    /// The proof shows something else than one record.
    #[error("the proof does not show exactly one whole output, a party's record")]
    ProofShowsNoRecord,
    /// A learn transaction follows from its proof alone.
    #[error("the transaction is not the one that follows from the directory's proof; let the node build it")]
    LearnDiffers,
}

codes!(PartyError {
    CommandUnknown => "PARTY_COMMAND_UNKNOWN",
    AddressDiffers => "PARTY_ADDRESS_DIFFERS",
    FirstPolicy => "PARTY_FIRST_POLICY",
    ProofCarriesGenesis => "PARTY_PROOF_CARRIES_GENESIS",
    FirstPolicyUnasked => "PARTY_FIRST_POLICY_UNASKED",
    Authority => "PARTY_AUTHORITY",
    TooLarge => "PARTY_TOO_LARGE",
    OwnerDiffers => "PARTY_OWNER_DIFFERS",
    Participants => "PARTY_PARTICIPANTS",
    RegistersFromInput => "PARTY_REGISTERS_FROM_INPUT",
    NotOneRecord => "PARTY_NOT_ONE_RECORD",
    IdentityChanged => "PARTY_IDENTITY_CHANGED",
    VersionDiffers => "PARTY_VERSION_DIFFERS",
    RecoveryOpen => "PARTY_RECOVERY_OPEN",
    NoRecovery => "PARTY_NO_RECOVERY",
    NoRecoveryRule => "PARTY_NO_RECOVERY_RULE",
    RecoveryTimeDiffers => "PARTY_RECOVERY_TIME_DIFFERS",
    RecoveryNotReady => "PARTY_RECOVERY_NOT_READY",
    RecordDiffers => "PARTY_RECORD_DIFFERS",
    ProofShowsNoRecord => "PARTY_PROOF_SHOWS_NO_RECORD",
    LearnDiffers => "PARTY_LEARN_DIFFERS",
} inner { Encoding, Proof });
