//! Why a token transaction is refused.

use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::encoding::EncodingError;
use crate::id::{Address, AssetId, ContextId, PurposeId};
use crate::settlement::SettlementError;

/// Why a token transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// An amount out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Not a command of the contract.
    #[error(
        "the contract token has no command {name:?}; it has define, supersede, attest, issue, transfer, hold, settle, release and redeem"
    )]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// A code that is none.
    #[error("the code {code:?} is none; it has 1 to 16 characters of A-Z, 0-9 and -")]
    CodeForm {
        /// The code, cut after 16 characters.
        code: String,
    },
    /// An asset's id that is another's.
    #[error("the asset id of {code:?} does not follow from chain, issuer and code")]
    AssetIdDiffers {
        /// The code.
        code: String,
    },
    /// A definition that is not its issuer's.
    #[error("the definition of {code:?} belongs to its issuer, without locks")]
    DefinitionOwner {
        /// The code.
        code: String,
    },
    /// One party vouches for itself.
    #[error("the attestor of {code:?} is its issuer; name another party")]
    AttestorIsIssuer {
        /// The code.
        code: String,
    },
    /// No unit.
    #[error("the definition of {code:?} has no unit")]
    UnitMissing {
        /// The code.
        code: String,
    },
    /// Not one new definition.
    #[error("define creates one definition and touches no other token state")]
    DefineStates,
    /// Not one definition and its successor.
    #[error("supersede consumes one definition, creates its successor and touches no other token state")]
    SupersedeStates,
    /// Not new holdings of one asset.
    #[error("issue creates holdings of its one asset and touches no other token state")]
    IssueStates,
    /// Not holdings of one asset.
    #[error("redeem consumes holdings of its one asset and touches no other token state")]
    RedeemStates,
    /// Other states than holdings.
    #[error("{command} moves holdings and touches no other token state")]
    HoldingsAlone {
        /// The command.
        command: &'static str,
    },
    /// A transfer of nothing.
    #[error("transfer consumes at least one holding")]
    TransferOfNothing,
    /// The asset's definition is not read.
    #[error("the transaction reads no current definition of the asset {asset}; name it as a reference")]
    DefinitionMissing {
        /// The asset.
        asset: AssetId,
    },
    /// Totals differ.
    #[error("{before} of asset {asset} go in and {after} come out, in smallest units; totals must be equal")]
    NotConserved {
        /// The asset.
        asset: AssetId,
        /// Total of the inputs.
        before: u64,
        /// Total of the outputs.
        after: u64,
    },
    /// The outputs are not what the command says.
    #[error("the command is for {commanded} and the holdings change by {changed}, in smallest units")]
    AmountDiffers {
        /// The command's amount.
        commanded: u64,
        /// The change of holdings.
        changed: u64,
    },
    /// A holding of nothing.
    #[error("a holding of zero; leave it out")]
    Zero,
    /// A holding with participants.
    #[error("a holding has a participant; it is its owner's alone, leave the participant out")]
    HoldingParticipants,
    /// A locked holding.
    #[error("a holding is locked; its locker releases it first")]
    Locked,
    /// A lock on a holding that no command here puts there.
    #[error("a holding would be locked by a command that holds nothing; hold it with the command hold")]
    LockNotCommanded,
    /// A hold of nothing.
    #[error("nothing is held; hold creates at least one holding under the settlement's lock")]
    NothingHeld,
    /// A release of nothing.
    #[error("nothing is released; release consumes at least one holding under its context")]
    NothingReleased,
    /// A release that touches what is not held under its context.
    #[error("release touches what is not held under {context}; leave it out")]
    OtherContext {
        /// The context released.
        context: ContextId,
    },
    /// Value changes hands where it only changes locks.
    #[error(
        "{party} has {before} of asset {asset} before and {after} after, in smallest units; only locks change here"
    )]
    OwnerChanges {
        /// The party.
        party: Address,
        /// The asset.
        asset: AssetId,
        /// Before.
        before: u64,
        /// After.
        after: u64,
    },
    /// A hold or settlement that is not as agreed.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// Bound value would move, become free or become bound without the purpose's own rules.
    #[error("value bound to the purpose {purpose} moves by the commands of the contract purpose alone")]
    PurposeBound {
        /// The purpose.
        purpose: PurposeId,
    },
    /// A new definition of another asset, or of the same in other terms than may change.
    #[error(
        "a new definition of {code:?} changes {field}; title, backing, maximal supply and transfer policy may change"
    )]
    SupersedeChanges {
        /// The code.
        code: String,
        /// What it changes.
        field: &'static str,
    },
    /// An attestation that is not the one attested.
    #[error("attest creates the one attestation that it describes, for the issuer, and touches no other token state")]
    AttestDiffers,
    /// Several attestations under one issue.
    #[error("an issue stands on one attestation at most, and creates none but that one's rest")]
    AttestationsSeveral,
    /// An attestation of something else.
    #[error("the attestation has another asset or reference than the issue")]
    AttestationOther,
    /// A rest that is not what is left.
    #[error("what is left of the attestation is {left}, in smallest units; it stays attested with that")]
    AttestationRest {
        /// Left after the issue.
        left: u64,
    },
    /// More is issued than is attested.
    #[error("{asked} are to be issued on an attestation of {attested}, in smallest units; issue at most that")]
    AttestationExceeded {
        /// The issue's amount.
        asked: u64,
        /// What the attestation has left.
        attested: u64,
    },
    /// The party may not hold the asset.
    #[error("{party} is not among the parties that may receive the asset {asset}; its issuer lists them")]
    NotListed {
        /// The asset.
        asset: AssetId,
        /// The party.
        party: Address,
    },
    /// Not redeemable.
    #[error("the asset {asset} is not redeemable")]
    NotRedeemable {
        /// The asset.
        asset: AssetId,
    },
}

codes!(TokenError {
    CommandUnknown => "TOKEN_COMMAND_UNKNOWN",
    CodeForm => "TOKEN_CODE_FORM",
    AssetIdDiffers => "TOKEN_ASSET_ID_DIFFERS",
    DefinitionOwner => "TOKEN_DEFINITION_OWNER",
    AttestorIsIssuer => "TOKEN_ATTESTOR_IS_ISSUER",
    UnitMissing => "TOKEN_UNIT_MISSING",
    DefineStates => "TOKEN_DEFINE_STATES",
    SupersedeStates => "TOKEN_SUPERSEDE_STATES",
    IssueStates => "TOKEN_ISSUE_STATES",
    RedeemStates => "TOKEN_REDEEM_STATES",
    HoldingsAlone => "TOKEN_HOLDINGS_ALONE",
    TransferOfNothing => "TOKEN_TRANSFER_OF_NOTHING",
    DefinitionMissing => "TOKEN_DEFINITION_MISSING",
    NotConserved => "TOKEN_NOT_CONSERVED",
    AmountDiffers => "TOKEN_AMOUNT_DIFFERS",
    Zero => "TOKEN_ZERO",
    HoldingParticipants => "TOKEN_HOLDING_PARTICIPANTS",
    Locked => "TOKEN_LOCKED",
    LockNotCommanded => "TOKEN_LOCK_NOT_COMMANDED",
    NothingHeld => "TOKEN_NOTHING_HELD",
    NothingReleased => "TOKEN_NOTHING_RELEASED",
    OtherContext => "TOKEN_OTHER_CONTEXT",
    OwnerChanges => "TOKEN_OWNER_CHANGES",
    PurposeBound => "TOKEN_PURPOSE_BOUND",
    SupersedeChanges => "TOKEN_SUPERSEDE_CHANGES",
    AttestDiffers => "TOKEN_ATTEST_DIFFERS",
    AttestationsSeveral => "TOKEN_ATTESTATIONS_SEVERAL",
    AttestationOther => "TOKEN_ATTESTATION_OTHER",
    AttestationRest => "TOKEN_ATTESTATION_REST",
    AttestationExceeded => "TOKEN_ATTESTATION_EXCEEDED",
    NotListed => "TOKEN_NOT_LISTED",
    NotRedeemable => "TOKEN_NOT_REDEEMABLE",
} inner { Encoding, Amount, Settlement });
