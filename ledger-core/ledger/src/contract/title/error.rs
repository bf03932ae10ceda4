//! Why a title transaction is refused.

use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::encoding::EncodingError;
use crate::settlement::SettlementError;

/// Why a title transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TitleError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A quantity out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The legs of the offer's settlement do not happen.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// Not a command of the contract.
    #[error(
        "the contract title has no command {name:?}; it has issue, offer, accept, refuse, withdraw, split, merge and take"
    )]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Not new titles alone.
    #[error("issue creates titles and consumes none")]
    IssueStates,
    /// Not one title before and after.
    #[error("{command} consumes one title and creates it anew")]
    MoveStates {
        /// The command.
        command: &'static str,
    },
    /// Not one title into several.
    #[error("split consumes one title and creates several")]
    SplitStates,
    /// Not several titles into one.
    #[error("merge consumes several titles and creates one")]
    MergeStates,
    /// Another title than the command names.
    #[error("the title {number} is not the one that {command} names")]
    NotNamed {
        /// The document's number.
        number: String,
        /// The command.
        command: &'static str,
    },
    /// An id that is another's.
    #[error("the id of the title {number:?} does not follow from chain, custodian and number")]
    IdDiffers {
        /// The document's number.
        number: String,
    },
    /// No number.
    #[error("a title has no number")]
    NumberMissing,
    /// No unit.
    #[error("the title {number:?} has no unit")]
    UnitMissing {
        /// The document's number.
        number: String,
    },
    /// A title to nothing.
    #[error("the title {number:?} is to a quantity of zero")]
    QuantityZero {
        /// The document's number.
        number: String,
    },
    /// The custodian would hold its own document.
    #[error("the holder of the title {number:?} is its custodian; name another party")]
    HolderIsCustodian {
        /// The document's number.
        number: String,
    },
    /// Participants of a title's state.
    #[error("the title {number:?} is seen by holder and custodian, and nobody else")]
    FrameDiffers {
        /// The document's number.
        number: String,
    },
    /// A lock on a new title.
    #[error("the new title {number:?} has a lock; titles are issued free")]
    NewLocked {
        /// The document's number.
        number: String,
    },
    /// The title's content would change.
    #[error("the title {number} changes its content; only holder and locks change here")]
    Changed {
        /// The document's number.
        number: String,
    },
    /// The holder after is another than the command says.
    #[error("the title {number} has another holder afterwards than the command says")]
    HolderDiffers {
        /// The document's number.
        number: String,
    },
    /// It would go to its holder or custodian.
    #[error("the title {number} would go to its holder or its custodian; name another party")]
    ToParty {
        /// The document's number.
        number: String,
    },
    /// The title is locked.
    #[error("the title {number} is locked by a pledge or an offer; it can be offered when that has ended")]
    Locked {
        /// The document's number.
        number: String,
    },
    /// One number stands twice in the transaction.
    #[error("the number {number:?} is used already; each title has a number of its own")]
    NumberTwice {
        /// The document's number.
        number: String,
    },
    /// Quantities before and after differ.
    #[error("the titles sum to {before} before and to {after} after; split and merge keep the quantity")]
    NotConserved {
        /// Sum of the titles consumed.
        before: u64,
        /// Sum of the titles created.
        after: u64,
    },
    /// Titles of different custodians.
    #[error("the title {number} has another custodian than the title it comes from or joins")]
    OtherCustodian {
        /// The document's number.
        number: String,
    },
    /// Titles of different holders.
    #[error("the title {number} has another holder than the title it comes from or joins")]
    OtherHolder {
        /// The document's number.
        number: String,
    },
    /// Titles in different units.
    #[error("the title {number} has another unit than the title it comes from or joins")]
    OtherUnit {
        /// The document's number.
        number: String,
    },
    /// The title is taken over without a pledge being enforced.
    #[error(
        "the title {number} is under no pledge that is enforced here and taken by no order; its holder offers it instead"
    )]
    NotEnforced {
        /// The document's number.
        number: String,
    },
    /// Titles are carried without an agreement's step.
    #[error("title/carry stands beside agreement/step alone; offer the title to whoever is to have it")]
    NoAgreement,
    /// A pledged title is split without its pledges.
    #[error("the title {number} is pledged; it is split beside a release or a substitution of its pledge")]
    PledgeStays {
        /// The document's number.
        number: String,
    },
    /// A part of a pledged title is not pledged, and not released either.
    #[error(
        "the title {number} has other locks than the title it comes from; a lock ends where its pledge is released"
    )]
    LocksDiffer {
        /// The document's number.
        number: String,
    },
    /// The title is not offered.
    #[error("the title {number} is not offered to anybody")]
    NotOffered {
        /// The document's number.
        number: String,
    },
    /// The offer has ended, or ends before the window does.
    #[error(
        "the offer of the title {number} ends at {until_ms}, before the transaction's window does; shorten the window or ask for a new offer"
    )]
    OfferEnded {
        /// The document's number.
        number: String,
        /// End of the offer, milliseconds UTC.
        until_ms: u64,
    },
    /// The offer still stands.
    #[error("the offer of the title {number} stands until {until_ms}; it can be withdrawn from then on")]
    OfferOpen {
        /// The document's number.
        number: String,
        /// End of the offer, milliseconds UTC.
        until_ms: u64,
    },
    /// The lock is not the offer that the command makes.
    #[error("the offer of the title {number} is not the lock that the command describes")]
    OfferDiffers {
        /// The document's number.
        number: String,
    },
    /// The offer's lock stays after it has ended.
    #[error("the offer of the title {number} ends, and a lock stays on it; take it off")]
    OfferStays {
        /// The document's number.
        number: String,
    },
    /// The settlement does not give the title away as offered.
    #[error(
        "the settlement has no leg that gives the whole title {number} to its transferee in escrow, ending with the offer"
    )]
    LegDiffers {
        /// The document's number.
        number: String,
    },
    /// An offer of a settlement accepted without it.
    #[error(
        "the title {number} is offered as a leg of another settlement than the one accepted, or of none; name its own"
    )]
    SettlementDiffers {
        /// The document's number.
        number: String,
    },
}

codes!(TitleError {
    CommandUnknown => "TITLE_COMMAND_UNKNOWN",
    IssueStates => "TITLE_ISSUE_STATES",
    MoveStates => "TITLE_MOVE_STATES",
    SplitStates => "TITLE_SPLIT_STATES",
    MergeStates => "TITLE_MERGE_STATES",
    NotNamed => "TITLE_NOT_NAMED",
    IdDiffers => "TITLE_ID_DIFFERS",
    NumberMissing => "TITLE_NUMBER_MISSING",
    UnitMissing => "TITLE_UNIT_MISSING",
    QuantityZero => "TITLE_QUANTITY_ZERO",
    HolderIsCustodian => "TITLE_HOLDER_IS_CUSTODIAN",
    FrameDiffers => "TITLE_FRAME_DIFFERS",
    NewLocked => "TITLE_NEW_LOCKED",
    Changed => "TITLE_CHANGED",
    HolderDiffers => "TITLE_HOLDER_DIFFERS",
    ToParty => "TITLE_TO_PARTY",
    Locked => "TITLE_LOCKED",
    NumberTwice => "TITLE_NUMBER_TWICE",
    NotConserved => "TITLE_NOT_CONSERVED",
    OtherCustodian => "TITLE_OTHER_CUSTODIAN",
    OtherHolder => "TITLE_OTHER_HOLDER",
    OtherUnit => "TITLE_OTHER_UNIT",
    NotEnforced => "TITLE_NOT_ENFORCED",
    NoAgreement => "TITLE_NO_AGREEMENT",
    PledgeStays => "TITLE_PLEDGED",
    LocksDiffer => "TITLE_LOCKS_DIFFER",
    NotOffered => "TITLE_NOT_OFFERED",
    OfferEnded => "TITLE_OFFER_ENDED",
    OfferOpen => "TITLE_OFFER_OPEN",
    OfferDiffers => "TITLE_OFFER_DIFFERS",
    OfferStays => "TITLE_OFFER_STAYS",
    LegDiffers => "TITLE_LEG_DIFFERS",
    SettlementDiffers => "TITLE_SETTLEMENT_DIFFERS",
} inner { Encoding, Amount, Settlement });
