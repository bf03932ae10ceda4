//! Why a loan's transaction is refused.

use chrono::NaiveDateTime;
use ledger_finance::actus::ActusError;
use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::contract::debt::DebtError;
use crate::contract::loan::Loan;
use crate::date::Date;
use crate::encoding::EncodingError;
use crate::error::Coded;
use crate::id::FeedId;

/// Why a loan's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoanError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// What becomes of it.
    #[error(transparent)]
    Debt(#[from] DebtError),
    /// An amount past its bound.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Terms without a schedule.
    #[error(transparent)]
    Actus(#[from] ActusError),
    /// Not a command of the contract.
    #[error("the contract loan has no command {name:?}; it has open, repay, observe, assign and cancel")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Not one new loan.
    #[error("open creates one loan and consumes none")]
    OpenStates,
    /// An id that is another's.
    #[error("the id of the loan under {number:?} does not follow from chain and command")]
    IdDiffers {
        /// Number of its document.
        number: String,
    },
    /// One party on both sides.
    #[error("lender and borrower of {number:?} are one party; name two")]
    LenderIsBorrower {
        /// Number of its document.
        number: String,
    },
    /// A document of another.
    #[error("the document {number:?} is the first lender's own; its originator is another")]
    OriginatorDiffers {
        /// Number of its document.
        number: String,
    },
    /// No number.
    #[error("the loan's document has no number")]
    NumberMissing,
    /// The document is not at hand.
    #[error("the document {number:?} is not among the attachments; attach it")]
    DocumentNotAttached {
        /// Number of its document.
        number: String,
    },
    /// Owner or participants of its state.
    #[error("the loan under {number:?} is its lender's, seen by the borrower")]
    FrameDiffers {
        /// Number of its document.
        number: String,
    },
    /// More or less is carried out than the day of the opening brings.
    #[error(
        "the new loan under {number:?} is not carried out up to its first day, unpaid and without rates or prepayments"
    )]
    NewDiffers {
        /// Number of its document.
        number: String,
    },
    /// The asset's definition is not at hand.
    #[error(
        "the transaction does not read the asset of the loan under {number:?}; name its definition as a current reference"
    )]
    DefinitionNotRead {
        /// Number of its document.
        number: String,
    },
    /// Another scale than the asset's.
    #[error("the asset of the loan under {number:?} has {scale} decimal places; give the loan as many")]
    ScaleDiffers {
        /// Number of its document.
        number: String,
        /// Decimal places of the asset.
        scale: u8,
    },
    /// Terms in another currency than the asset's.
    #[error("the loan under {number:?} is in an asset of {unit}; name that as currency in its terms")]
    CurrencyDiffers {
        /// Number of its document.
        number: String,
        /// Unit of the asset.
        unit: String,
    },
    /// A term that no loan carries out.
    #[error("loans do not carry out the term {name:?}; leave it out")]
    TermNotCarriedOut {
        /// The term.
        name: String,
    },
    /// A contract that is no such loan.
    #[error("the loan under {number:?} is of no contractType that loans carry out; give PAM, LAM, NAM, ANN or LAX")]
    TypeNotCarriedOut {
        /// Number of its document.
        number: String,
    },
    /// Terms from the borrower's side.
    #[error("the terms of the loan under {number:?} are not the lender's; give contractRole RPA")]
    RoleDiffers {
        /// Number of its document.
        number: String,
    },
    /// Disbursed on another day than it is opened.
    #[error(
        "the loan under {number:?} is opened on {effective}, and its initialExchangeDate is another day; let it be that day"
    )]
    ExchangeOnOtherDay {
        /// Number of its document.
        number: String,
        /// Effective date of the transaction.
        effective: Date,
    },
    /// Nothing is lent.
    #[error("the loan under {number:?} pays nothing out; name a notionalPrincipal over zero")]
    NothingLent {
        /// Number of its document.
        number: String,
    },
    /// Nothing ever falls due.
    #[error("of the loan under {number:?} nothing ever falls due; lend a notionalPrincipal over zero")]
    NothingOwed {
        /// Number of its document.
        number: String,
    },
    /// What is paid out is no whole number of smallest units.
    #[error("the loan under {number:?} pays out an amount of more than {places} decimal places; round it")]
    AmountNotExact {
        /// Number of its document.
        number: String,
        /// Decimal places of the asset.
        places: u8,
    },
    /// An event within a day.
    #[error("an event of the loan under {number:?} is at {time}; loans count days, so give dates without a time")]
    TimeOfDay {
        /// Number of its document.
        number: String,
        /// When.
        time: NaiveDateTime,
    },
    /// Something happens before anything is lent.
    #[error("the loan under {number:?} has an event before its initial exchange; let cycles begin with that")]
    BeforeExchange {
        /// Number of its document.
        number: String,
    },
    /// More flows to the borrower than from it.
    #[error("the loan under {number:?} pays out on {on}, after its first day; open another loan then")]
    PaysOutLater {
        /// Number of its document.
        number: String,
        /// The day.
        on: Date,
    },
    /// A term by which something would flow to the borrower.
    #[error("the loan under {number:?} has a {name} below zero; give zero or more")]
    TermNegative {
        /// Number of its document.
        number: String,
        /// The term.
        name: &'static str,
    },
    /// More resets than are carried out.
    #[error(
        "the rate of the loan under {number:?} is reset {resets} times, more than {}; take a longer cycle",
        Loan::RATES_MAX
    )]
    TooManyResets {
        /// Number of its document.
        number: String,
        /// Resets that it has.
        resets: usize,
    },
    /// A rate that follows no feed.
    #[error(
        "the rate of the loan under {number:?} is reset, and no feed is named; give its id as marketObjectCodeOfRateReset"
    )]
    FeedNotNamed {
        /// Number of its document.
        number: String,
    },
    /// A rate that could fall below zero.
    #[error(
        "the rate of the loan under {number:?} is reset and could fall below zero; give a lifeFloor of zero or more"
    )]
    FloorMissing {
        /// Number of its document.
        number: String,
    },
    /// A rate that could rise without end.
    #[error(
        "the rate of the loan under {number:?} is reset and could rise without end; give a lifeCap of its lifeFloor or more"
    )]
    CapMissing {
        /// Number of its document.
        number: String,
    },
    /// Resets on other days than their cycle's.
    #[error(
        "the rate of the loan under {number:?} is reset, so no businessDayConvention moves its events; leave it out"
    )]
    ResetMoved {
        /// Number of its document.
        number: String,
    },
    /// An effective date that is not the window's last day.
    #[error(
        "the effective date {effective} is not {last}, the last day (UTC) of the time window; take that date, or a window that ends with the other"
    )]
    DateDiffers {
        /// Effective date of the transaction.
        effective: Date,
        /// Last day of its window.
        last: Date,
    },
    /// A purpose that does not hold what is lent.
    #[error(
        "the loan under {number:?} is bound to the purpose that is opened with it for all that it pays out, and to no other"
    )]
    PurposeDiffers {
        /// Number of its document.
        number: String,
    },
    /// Another amount than comes back.
    #[error(
        "{asked} are to be paid on {number} and {returned} come back out of its purpose, in smallest units; pay that"
    )]
    ReturnDiffers {
        /// Number of its document.
        number: String,
        /// What is to be paid.
        asked: u64,
        /// What comes back.
        returned: u64,
    },
    /// A step before one that was taken.
    #[error("{number} is carried out up to {as_of}, and the step is of {on}; date it then or later")]
    Backdated {
        /// Number of its document.
        number: String,
        /// Effective date of the transaction.
        on: Date,
        /// Up to when the loan is carried out.
        as_of: Date,
    },
    /// More is paid than is due or may be paid before it is due.
    #[error("{asked} are to be paid on {number} and {due} may be by {on}, in smallest units; pay at most that")]
    Overpaid {
        /// Number of its document.
        number: String,
        /// What is to be paid.
        asked: u64,
        /// What may be paid.
        due: u64,
        /// Effective date of the transaction.
        on: Date,
    },
    /// More prepayments than are kept.
    #[error(
        "{number} was paid before it was due on {} days, the most there may be; wait for what falls due",
        Loan::PREPAYMENTS_MAX
    )]
    TooManyPrepayments {
        /// Number of its document.
        number: String,
    },
    /// A new lender who cannot be one.
    #[error("{number} is assigned to its borrower or its present lender; name another party")]
    AssigneeIsParty {
        /// Number of its document.
        number: String,
    },
    /// A loan for a purpose changes hands without it.
    #[error("{number} is lent for a purpose, which stays with its lender; it is not assigned")]
    BoundStays {
        /// Number of its document.
        number: String,
    },
    /// A loan that ends and leaves its money bound.
    #[error(
        "{number} ends here and was lent for a purpose; free what is left of it in the same transaction by purpose/unbind, or by purpose/return where that repays it; a pledge that pays it leaves at least one smallest unit, which the borrower pays"
    )]
    LeavesBound {
        /// Number of its document.
        number: String,
    },
    /// An observation of a stranger.
    #[error("the rate of {number} is its lender's and its borrower's to observe")]
    ObserverIsStranger {
        /// Number of its document.
        number: String,
    },
    /// Nothing is to be observed.
    #[error("no reset of the rate of {number} is left; there is nothing to observe")]
    NoResetPending {
        /// Number of its document.
        number: String,
    },
    /// A price for the reset could still come.
    #[error(
        "the rate of {number} is reset on {on}, and until {settled_ms} ms a price for that can still be published; let the time window begin then or later"
    )]
    ResetNotYet {
        /// Number of its document.
        number: String,
        /// The day of the reset.
        on: Date,
        /// From when on it is settled, milliseconds UTC.
        settled_ms: u64,
    },
    /// Not one price of the feed.
    #[error(
        "the transaction refers to no price, or several, of the feed {feed} that {number} follows; refer to one, or where none counts to the feed alone"
    )]
    PriceNotReferred {
        /// Number of its document.
        number: String,
        /// The feed.
        feed: FeedId,
    },
    /// A price of after the reset.
    #[error(
        "the price of {time_ms} ms is of after the begin of {on}, when the rate of {number} is reset; take the latest one before"
    )]
    PriceLater {
        /// Number of its document.
        number: String,
        /// Time of the price, milliseconds UTC.
        time_ms: u64,
        /// The day of the reset.
        on: Date,
    },
    /// A price that is too old for the reset.
    #[error(
        "the price of {time_ms} ms counts for {max_age_ms} ms, not until the begin of {on}, when the rate of {number} is reset; take a later one, or refer to the feed alone if there is none"
    )]
    PriceStale {
        /// Number of its document.
        number: String,
        /// Time of the price, milliseconds UTC.
        time_ms: u64,
        /// The day of the reset.
        on: Date,
        /// How long it counts, milliseconds.
        max_age_ms: u64,
    },
    /// The feed is not at hand.
    #[error("the transaction does not read the feed {feed} that the loan under {number:?} follows; refer to it")]
    FeedNotRead {
        /// Number of its document.
        number: String,
        /// The feed.
        feed: FeedId,
    },
    /// A price that is no rate.
    #[error("the feed that {number} follows quotes in {unit:?}; it takes one in per cent, unit P1")]
    PriceUnit {
        /// Number of its document.
        number: String,
        /// Unit of the price.
        unit: String,
    },
}

codes!(LoanError {
    CommandUnknown => "LOAN_COMMAND_UNKNOWN",
    OpenStates => "LOAN_OPEN_STATES",
    IdDiffers => "LOAN_ID_DIFFERS",
    LenderIsBorrower => "LOAN_LENDER_IS_BORROWER",
    OriginatorDiffers => "LOAN_ORIGINATOR_DIFFERS",
    NumberMissing => "LOAN_NUMBER_MISSING",
    DocumentNotAttached => "LOAN_DOCUMENT_NOT_ATTACHED",
    FrameDiffers => "LOAN_FRAME_DIFFERS",
    NewDiffers => "LOAN_NEW_DIFFERS",
    DefinitionNotRead => "LOAN_DEFINITION_NOT_READ",
    ScaleDiffers => "LOAN_SCALE_DIFFERS",
    CurrencyDiffers => "LOAN_CURRENCY_DIFFERS",
    TermNotCarriedOut => "LOAN_TERM_NOT_CARRIED_OUT",
    TypeNotCarriedOut => "LOAN_TYPE_NOT_CARRIED_OUT",
    RoleDiffers => "LOAN_ROLE_DIFFERS",
    ExchangeOnOtherDay => "LOAN_EXCHANGE_ON_OTHER_DAY",
    NothingLent => "LOAN_NOTHING_LENT",
    NothingOwed => "LOAN_NOTHING_OWED",
    AmountNotExact => "LOAN_AMOUNT_NOT_EXACT",
    TimeOfDay => "LOAN_TIME_OF_DAY",
    BeforeExchange => "LOAN_BEFORE_EXCHANGE",
    PaysOutLater => "LOAN_PAYS_OUT_LATER",
    TermNegative => "LOAN_TERM_NEGATIVE",
    TooManyResets => "LOAN_TOO_MANY_RESETS",
    FeedNotNamed => "LOAN_FEED_NOT_NAMED",
    FloorMissing => "LOAN_FLOOR_MISSING",
    CapMissing => "LOAN_CAP_MISSING",
    ResetMoved => "LOAN_RESET_MOVED",
    DateDiffers => "LOAN_DATE_DIFFERS",
    PurposeDiffers => "LOAN_PURPOSE_DIFFERS",
    ReturnDiffers => "LOAN_RETURN_DIFFERS",
    Backdated => "LOAN_BACKDATED",
    Overpaid => "LOAN_OVERPAID",
    TooManyPrepayments => "LOAN_TOO_MANY_PREPAYMENTS",
    AssigneeIsParty => "LOAN_ASSIGNEE_IS_PARTY",
    BoundStays => "LOAN_BOUND_STAYS",
    LeavesBound => "LOAN_LEAVES_BOUND",
    ObserverIsStranger => "LOAN_OBSERVER_IS_STRANGER",
    NoResetPending => "LOAN_NO_RESET_PENDING",
    ResetNotYet => "LOAN_RESET_NOT_YET",
    PriceNotReferred => "LOAN_PRICE_NOT_REFERRED",
    PriceLater => "LOAN_PRICE_LATER",
    PriceStale => "LOAN_PRICE_STALE",
    FeedNotRead => "LOAN_FEED_NOT_READ",
    PriceUnit => "LOAN_PRICE_UNIT",
} inner { Encoding, Debt, Amount, Actus });

impl Coded for ActusError {
    fn code(&self) -> &'static str {
        Self::code(self)
    }
}
