//! Why a netting round's transaction is refused.

use thiserror::Error;

use super::{BOUND_MAX_MS, ROWS_MAX, SPAN_MAX_MS};
use crate::codes;
use crate::date::Date;
use crate::encoding::EncodingError;
use crate::id::RoundId;

/// Why a netting round's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NettingRoundError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error(
        "the contract netting_round has no command {name:?}; it has open, join, withdraw, propose, check, void, apply and release"
    )]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Not one new round.
    #[error("open creates one round and consumes none")]
    OpenStates,
    /// An id that is another's.
    #[error("the id of the round does not follow from chain and command; derive it from them")]
    IdDiffers,
    /// A clearing that this version does not know.
    #[error("the algorithm {algorithm:?} is not known; a round of this version names the one that it clears by")]
    AlgorithmUnknown {
        /// Its name.
        algorithm: String,
    },
    /// Times that leave no time.
    #[error(
        "the cut-off at {cut_off_ms} ms comes after the window in which the round opens, and its end at {void_after_ms} ms after that; set them so"
    )]
    TimesOutOfOrder {
        /// The cut-off, milliseconds UTC.
        cut_off_ms: u64,
        /// The end, milliseconds UTC.
        void_after_ms: u64,
    },
    /// Obligations would be held too long.
    #[error("the round may last {span_ms} ms, at most {SPAN_MAX_MS} (7 days); let it end sooner")]
    SpanTooLong {
        /// From the begin of its window to its end, milliseconds.
        span_ms: u64,
    },
    /// Nobody could withdraw for too long.
    #[error(
        "from the cut-off to the end are {bound_ms} ms, at most {BOUND_MAX_MS} (1 day); cut off later or end sooner"
    )]
    BoundTooLong {
        /// From the cut-off to the end, milliseconds.
        bound_ms: u64,
    },
    /// A new round that is not new.
    #[error("a new round gathers, has no rows yet, takes no locks, and is its operator's alone")]
    NotNew,
    /// Not one round before and after.
    #[error("{command} consumes one round and creates it anew")]
    RoundStates {
        /// The command.
        command: &'static str,
    },
    /// No round, or several, to go by.
    #[error("{command} refers to one round, and consumes and creates none; refer to it as past")]
    NotReferred {
        /// The command.
        command: &'static str,
    },
    /// A command for another round than the one at hand.
    #[error(
        "the command is for the round {named}, at hand is {at_hand}; name the round that is consumed or referred to"
    )]
    RoundOther {
        /// The command's round.
        named: RoundId,
        /// The round consumed or referred to.
        at_hand: RoundId,
    },
    /// The round is not that far, or further.
    #[error(
        "the round is {phase}, and {command} is for another phase; read its present state and take what follows from it"
    )]
    PhaseOther {
        /// The command.
        command: &'static str,
        /// How far the round is.
        phase: &'static str,
    },
    /// What is created is not what the command makes.
    #[error("the round created is not what {command} makes of the one consumed; only what it names changes")]
    RoundDiffers {
        /// The command.
        command: &'static str,
    },
    /// Too late to join or to leave.
    #[error("obligations join and withdraw until the cut-off at {cut_off_ms} ms; end the time window by then")]
    AfterCutOff {
        /// The cut-off, milliseconds UTC.
        cut_off_ms: u64,
    },
    /// Too early for a result.
    #[error("a result is proposed from the cut-off at {cut_off_ms} ms on; begin the time window then")]
    BeforeCutOff {
        /// The cut-off, milliseconds UTC.
        cut_off_ms: u64,
    },
    /// Too late for a result.
    #[error("a result is proposed and checked until the round ends at {void_after_ms} ms; end the time window by then")]
    AfterEnd {
        /// The end, milliseconds UTC.
        void_after_ms: u64,
    },
    /// Nothing is said to the obligations' own contract.
    #[error("{command} changes obligations by obligation/net in the same transaction; add that command")]
    NetMissing {
        /// The command.
        command: &'static str,
    },
    /// None, or too many.
    #[error("{command} consumes {count} obligations; it takes 1 to {most}, so add to them or split them")]
    ObligationCount {
        /// The command.
        command: &'static str,
        /// Obligations consumed.
        count: usize,
        /// The most it takes.
        most: usize,
    },
    /// In a round already.
    #[error("{number} is in a netting round already; it joins another once that one has let it go")]
    InRoundAlready {
        /// Number of its document.
        number: String,
    },
    /// Owed in something else.
    #[error("{number} is owed in another asset than the round's; open a round for that asset")]
    AssetOther {
        /// Number of its document.
        number: String,
    },
    /// Not due yet.
    #[error("{number} is due after {due_by}, the date of the cut-off; leave it to a later round")]
    NotDue {
        /// Number of its document.
        number: String,
        /// The date of the cut-off.
        due_by: Date,
    },
    /// One side or both have not consented.
    #[error("debtor and creditor of {number} have not both consented to netting; ask them")]
    NotConsenting {
        /// Number of its document.
        number: String,
    },
    /// Consent to rounds of somebody else.
    #[error(
        "debtor or creditor of {number} consents to rounds of another operator; ask them for consent to this one's"
    )]
    ConsentOther {
        /// Number of its document.
        number: String,
    },
    /// Consent to shorter rounds.
    #[error(
        "debtor or creditor of {number} consents to rounds that end by {until_ms} ms, this one ends at {void_after_ms}; ask them for longer, or open a round that ends sooner"
    )]
    ConsentEnds {
        /// Number of its document.
        number: String,
        /// The end of the consent, milliseconds UTC.
        until_ms: u64,
        /// The end of the round, milliseconds UTC.
        void_after_ms: u64,
    },
    /// No longer the first creditor's.
    #[error("{number} was assigned; what is owed to an assignee is paid and not netted")]
    Assigned {
        /// Number of its document.
        number: String,
    },
    /// As many as can be cleared.
    #[error("the round has {ROWS_MAX} rows, as many as are cleared together; open another round")]
    RowsTooMany,
    /// More than can be counted.
    #[error("the obligations owe more together than an amount can hold; open another round")]
    GrossTooLarge,
    /// What is created is not what the command makes.
    #[error("the obligations created are not what {command} makes of those consumed, in their order")]
    ObligationsDiffer {
        /// The command.
        command: &'static str,
    },
    /// In another round, or in none.
    #[error("{number} is not in the round; take those that are")]
    NotOfRound {
        /// Number of its document.
        number: String,
    },
    /// Another obligation than the command names.
    #[error("{number} is not the obligation that withdraw names; consume the one it is for")]
    ObligationOther {
        /// Number of its document.
        number: String,
    },
    /// Withdrawn by a party of neither side.
    #[error("{number} is withdrawn by its debtor or its creditor")]
    WithdrawnByStranger {
        /// Number of its document.
        number: String,
    },
    /// A path that does not show it.
    #[error(
        "{number} did not join as row {row}, or the path does not lead from there; rebuild it from the round's rows"
    )]
    NotThatRow {
        /// Number of its document.
        number: String,
        /// The row named.
        row: u32,
    },
    /// A result over nothing, or over more than there is.
    #[error(
        "the result clears {cleared} of {gross}, in smallest units; clear more than zero and at most that, or void the round"
    )]
    ResultOutOfRange {
        /// What it clears.
        cleared: u64,
        /// What the obligations owe.
        gross: u64,
    },
    /// Too few or too many rows.
    #[error("{shown} rows are shown where {expected} are to be; show each once")]
    RowCount {
        /// As many as there must be.
        expected: u32,
        /// As many as there are.
        shown: usize,
    },
    /// Rows that did not join, or not there.
    #[error("the rows from {first} are not those that joined there; show them as they joined")]
    RowsNotJoined {
        /// The first of them.
        first: u32,
    },
    /// Rows that are not the result's, or not there.
    #[error("the rows from {first} are not those of the result; show what its root stands for")]
    RowsNotOfResult {
        /// The first of them.
        first: u32,
    },
    /// More is cleared than owed.
    #[error("row {row} clears {cleared} of {outstanding} owed, in smallest units; the round can only be voided")]
    ClearedOver {
        /// The row.
        row: u32,
        /// What it clears.
        cleared: u64,
        /// What is owed.
        outstanding: u64,
    },
    /// Another total than promised.
    #[error("the rows clear {cleared}, the proposal says {promised}, in smallest units; the round can only be voided")]
    TotalDiffers {
        /// As proposed.
        promised: u64,
        /// The sum of the rows.
        cleared: u64,
    },
    /// A party would lose.
    #[error(
        "the result clears more of some party's debts or of its claims than of the other; the round can only be voided"
    )]
    Unbalanced,
    /// A transaction of nobody's with something of somebody's choice in it.
    #[error(
        "the unsigned transaction is not the one that follows from its step; build it from the round, or submit it signed"
    )]
    StepDiffers,
}

codes!(NettingRoundError {
    CommandUnknown => "NETTING_ROUND_COMMAND_UNKNOWN",
    OpenStates => "NETTING_ROUND_OPEN_STATES",
    IdDiffers => "NETTING_ROUND_ID_DIFFERS",
    AlgorithmUnknown => "NETTING_ROUND_ALGORITHM_UNKNOWN",
    TimesOutOfOrder => "NETTING_ROUND_TIMES_OUT_OF_ORDER",
    SpanTooLong => "NETTING_ROUND_SPAN_TOO_LONG",
    BoundTooLong => "NETTING_ROUND_BOUND_TOO_LONG",
    NotNew => "NETTING_ROUND_NOT_NEW",
    RoundStates => "NETTING_ROUND_STATES",
    NotReferred => "NETTING_ROUND_NOT_REFERRED",
    RoundOther => "NETTING_ROUND_OTHER",
    PhaseOther => "NETTING_ROUND_PHASE",
    RoundDiffers => "NETTING_ROUND_DIFFERS",
    AfterCutOff => "NETTING_ROUND_AFTER_CUT_OFF",
    BeforeCutOff => "NETTING_ROUND_BEFORE_CUT_OFF",
    AfterEnd => "NETTING_ROUND_AFTER_END",
    NetMissing => "NETTING_ROUND_NET_MISSING",
    ObligationCount => "NETTING_ROUND_OBLIGATION_COUNT",
    InRoundAlready => "NETTING_ROUND_IN_ROUND_ALREADY",
    AssetOther => "NETTING_ROUND_ASSET_OTHER",
    NotDue => "NETTING_ROUND_NOT_DUE",
    NotConsenting => "NETTING_ROUND_NOT_CONSENTING",
    ConsentOther => "NETTING_ROUND_CONSENT_OTHER",
    ConsentEnds => "NETTING_ROUND_CONSENT_ENDS",
    Assigned => "NETTING_ROUND_ASSIGNED",
    RowsTooMany => "NETTING_ROUND_ROWS_TOO_MANY",
    GrossTooLarge => "NETTING_ROUND_GROSS_TOO_LARGE",
    ObligationsDiffer => "NETTING_ROUND_OBLIGATIONS_DIFFER",
    NotOfRound => "NETTING_ROUND_NOT_OF_ROUND",
    ObligationOther => "NETTING_ROUND_OBLIGATION_OTHER",
    WithdrawnByStranger => "NETTING_ROUND_WITHDRAWN_BY_STRANGER",
    NotThatRow => "NETTING_ROUND_NOT_THAT_ROW",
    ResultOutOfRange => "NETTING_ROUND_RESULT_OUT_OF_RANGE",
    RowCount => "NETTING_ROUND_ROW_COUNT",
    RowsNotJoined => "NETTING_ROUND_ROWS_NOT_JOINED",
    RowsNotOfResult => "NETTING_ROUND_ROWS_NOT_OF_RESULT",
    ClearedOver => "NETTING_ROUND_CLEARED_OVER",
    TotalDiffers => "NETTING_ROUND_TOTAL_DIFFERS",
    Unbalanced => "NETTING_ROUND_UNBALANCED",
    StepDiffers => "NETTING_ROUND_STEP_DIFFERS",
} inner { Encoding });
