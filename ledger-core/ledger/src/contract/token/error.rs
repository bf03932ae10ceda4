//! Why a token transaction is refused.

use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::encoding::EncodingError;
use crate::id::{Address, AssetId, PurposeId};

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
    #[error("the contract token has no command {name:?}; it has define, supersede, attest, issue, transfer and redeem")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// A state of an unknown kind.
    #[error("a token state is a definition, an attestation or a holding, not {kind:?}")]
    KindUnknown {
        /// The kind.
        kind: String,
    },
    /// A definition that is not sound.
    #[error("the definition of {code:?} is not sound: {field}")]
    Definition {
        /// The code.
        code: String,
        /// The field.
        field: &'static str,
    },
    /// The command does not allow these states.
    #[error("{command} {rule}")]
    States {
        /// The command.
        command: &'static str,
        /// What it allows.
        rule: &'static str,
    },
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
    /// A locked holding.
    #[error("a holding is locked; its locker releases it first")]
    Locked,
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
    /// An attestation that is not the asset's, or not its rest.
    #[error("the attestation {rule}")]
    Attestation {
        /// What must hold.
        rule: &'static str,
    },
    /// More is issued than is attested.
    #[error("{asked} are to be issued on an attestation of {attested}, in smallest units; issue at most that")]
    AttestationExceeded {
        /// The amount.
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
    KindUnknown => "TOKEN_KIND_UNKNOWN",
    Definition => "TOKEN_DEFINITION",
    States => "TOKEN_STATES",
    DefinitionMissing => "TOKEN_DEFINITION_MISSING",
    NotConserved => "TOKEN_NOT_CONSERVED",
    AmountDiffers => "TOKEN_AMOUNT_DIFFERS",
    Zero => "TOKEN_ZERO",
    Locked => "TOKEN_LOCKED",
    PurposeBound => "TOKEN_PURPOSE_BOUND",
    SupersedeChanges => "TOKEN_SUPERSEDE_CHANGES",
    Attestation => "TOKEN_ATTESTATION",
    AttestationExceeded => "TOKEN_ATTESTATION_EXCEEDED",
    NotListed => "TOKEN_NOT_LISTED",
    NotRedeemable => "TOKEN_NOT_REDEEMABLE",
} inner { Encoding, Amount });
