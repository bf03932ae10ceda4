//! Why terms are refused, or have no schedule.

use chrono::NaiveDateTime;
use thiserror::Error;

use super::bounds::{AMOUNT_MAX, LIST_MAX, OBSERVATIONS_MAX, RATE_MAX, TEXT_BYTES_MAX};
use super::event::EventType;
use crate::calendar::CalendarError;
use crate::ratio::RatioError;

/// Why terms are refused, or have no schedule. A path names the place in what was given, such as `terms.maturityDate`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ActusError {
    /// A name that is not known.
    #[error("{path} is no name that is read here; correct it or leave it out")]
    NameUnknown {
        /// Where.
        path: String,
    },
    /// A name given twice.
    #[error("{path} is given twice; give it once")]
    NameTwice {
        /// Where.
        path: String,
    },
    /// Something that must be there is not.
    #[error("{path} is missing; {why}")]
    Missing {
        /// Where it belongs.
        path: String,
        /// What needs it.
        why: &'static str,
    },
    /// Another form: a list where a text belongs.
    #[error("{path} has another form; give {expected}")]
    Form {
        /// Where.
        path: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A text past its length.
    #[error("{path} has more than {TEXT_BYTES_MAX} bytes; shorten it")]
    TextTooLong {
        /// Where.
        path: String,
    },
    /// A list past its length.
    #[error("{path} has more than {LIST_MAX} entries; shorten it")]
    ListTooLong {
        /// Where.
        path: String,
    },
    /// Arrays of a LAX that do not fit each other.
    #[error(
        "terms.{name} has {count} entries beside {anchors} anchor dates; give one for each, or where a cycle is \
             meant, one for all"
    )]
    ListLength {
        /// Which array.
        name: &'static str,
        /// Its entries.
        count: usize,
        /// Those of the anchor dates.
        anchors: usize,
    },
    /// Not a number.
    #[error("{path} is no number: {text:?}; write it as 1250000.00, with at most 28 digits")]
    Number {
        /// Where.
        path: String,
        /// What stands there, cut after 32 characters.
        text: String,
    },
    /// A number past what is computed with.
    #[error("{path} is past {AMOUNT_MAX}; give a smaller number")]
    NumberTooLarge {
        /// Where.
        path: String,
    },
    /// Zero or less where only more makes sense.
    #[error("terms.{name} is not above zero; give a positive number")]
    NotPositive {
        /// Which term.
        name: &'static str,
    },
    /// Not a date.
    #[error("{path} is no date: {text:?}; write it as 2026-09-28 or 2026-09-28T00:00:00")]
    Date {
        /// Where.
        path: String,
        /// What stands there, cut after 32 characters.
        text: String,
    },
    /// A date outside the years that are computed with, or a schedule that leaves them.
    #[error("{path} leaves the years 1583 to 9999; give dates of the Gregorian calendar")]
    Year {
        /// Where.
        path: String,
    },
    /// Not a cycle or a period.
    #[error("{path} is no cycle: {text:?}; write it as P3ML0 (long stub) or P3ML1 (short stub)")]
    Cycle {
        /// Where.
        path: String,
        /// What stands there, cut after 32 characters.
        text: String,
    },
    /// A cycle that does not move on.
    #[error("{path} has no length; give a cycle of a day or more")]
    CycleZero {
        /// Where.
        path: String,
    },
    /// None of the allowed codes.
    #[error("{path} is {text:?}; give one of {allowed}")]
    Choice {
        /// Where.
        path: String,
        /// What stands there, cut after 32 characters.
        text: String,
        /// Codes, with spaces between.
        allowed: String,
    },
    /// A contract in a contract in a contract, or one of no type that can be covered.
    #[error(
        "{path} cannot be a part of another contract; cover PAM, LAM, NAM, ANN, LAX, CLM or UMP, with COM as cover"
    )]
    Nested {
        /// Where.
        path: String,
    },
    /// A contract type that has no schedule of its own.
    #[error("a contract of type {code} has no schedule; it stands in the contractStructure of a CEC")]
    NoSchedule {
        /// The type.
        code: &'static str,
    },
    /// A calendar that nobody has given.
    #[error("calendar {name:?} is not known; give NC or MF, or register its holidays")]
    CalendarUnknown {
        /// As it is named in the terms.
        name: String,
    },
    /// Dates in the wrong order.
    #[error("terms.{later} is before terms.{earlier}; exchange them")]
    Order {
        /// What comes first.
        earlier: &'static str,
        /// What may not be before it.
        later: &'static str,
    },
    /// A market object without a value.
    #[error("dataObserved has no value of {code:?} at or before {time}; add it")]
    ObservationMissing {
        /// The market object.
        code: String,
        /// When it is needed.
        time: NaiveDateTime,
    },
    /// More observations than are kept.
    #[error("{count} observations are given, at most {OBSERVATIONS_MAX} are read; leave out what is not needed")]
    TooManyObservations {
        /// How many.
        count: usize,
    },
    /// A prepayment that the contract does not allow.
    #[error("a prepayment is observed at {time}, but terms.prepaymentEffect allows none; set it to A or M")]
    PrepaymentNotAllowed {
        /// When.
        time: NaiveDateTime,
    },
    /// More events than the schedule may have here.
    #[error("the schedule has more than {limit} events; take longer cycles or an earlier end")]
    TooManyEvents {
        /// As many as it may have.
        limit: usize,
    },
    /// The amount of an annuity is fixed too often over too many payments.
    #[error(
        "the payments of the annuity are fixed over {count} periods, more than {limit}; take longer cycles of payments or resets"
    )]
    TooManyPeriods {
        /// Over as many.
        count: usize,
        /// As many as may be.
        limit: usize,
    },
    /// Interest takes all of each payment.
    #[error("the payments never repay the principal; raise terms.nextPrincipalRedemptionPayment or set a maturityDate")]
    NeverRepaid,
    /// A number on the way leaves what is computed with.
    #[error("an amount past {AMOUNT_MAX} or a rate past {RATE_MAX} arises; lower amounts, rates or duration")]
    Overflow,
    /// An event of this type is not in the schedules.
    #[error("{path}: an observed {} is not evaluated; give one of PP, PR, PI, XD, CE", kind.code())]
    EventNotObservable {
        /// Where.
        path: String,
        /// Its type.
        kind: EventType,
    },
    /// From a calendar or a business-day convention.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl ActusError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NameUnknown { .. } => "ACTUS_NAME_UNKNOWN",
            Self::NameTwice { .. } => "ACTUS_NAME_TWICE",
            Self::Missing { .. } => "ACTUS_MISSING",
            Self::Form { .. } => "ACTUS_FORM",
            Self::TextTooLong { .. } => "ACTUS_TEXT_TOO_LONG",
            Self::ListTooLong { .. } => "ACTUS_LIST_TOO_LONG",
            Self::ListLength { .. } => "ACTUS_LIST_LENGTH",
            Self::Number { .. } => "ACTUS_NUMBER",
            Self::NumberTooLarge { .. } => "ACTUS_NUMBER_TOO_LARGE",
            Self::NotPositive { .. } => "ACTUS_NOT_POSITIVE",
            Self::Date { .. } => "ACTUS_DATE",
            Self::Year { .. } => "ACTUS_YEAR",
            Self::Cycle { .. } => "ACTUS_CYCLE",
            Self::CycleZero { .. } => "ACTUS_CYCLE_ZERO",
            Self::Choice { .. } => "ACTUS_CHOICE",
            Self::Nested { .. } => "ACTUS_NESTED",
            Self::NoSchedule { .. } => "ACTUS_NO_SCHEDULE",
            Self::CalendarUnknown { .. } => "ACTUS_CALENDAR_UNKNOWN",
            Self::Order { .. } => "ACTUS_ORDER",
            Self::ObservationMissing { .. } => "ACTUS_OBSERVATION_MISSING",
            Self::TooManyObservations { .. } => "ACTUS_TOO_MANY_OBSERVATIONS",
            Self::PrepaymentNotAllowed { .. } => "ACTUS_PREPAYMENT_NOT_ALLOWED",
            Self::TooManyEvents { .. } => "ACTUS_TOO_MANY_EVENTS",
            Self::TooManyPeriods { .. } => "ACTUS_TOO_MANY_PERIODS",
            Self::NeverRepaid => "ACTUS_NEVER_REPAID",
            Self::Overflow => "ACTUS_OVERFLOW",
            Self::EventNotObservable { .. } => "ACTUS_EVENT_NOT_OBSERVABLE",
            Self::Calendar(error) => error.code(),
        }
    }
}

/// A fraction past 127 bits is a number past what is computed with.
impl From<RatioError> for ActusError {
    fn from(_: RatioError) -> Self {
        Self::Overflow
    }
}

/// What stands in a refusal of a text.
pub(super) fn clipped(text: &str) -> String {
    text.chars().take(32).collect()
}
