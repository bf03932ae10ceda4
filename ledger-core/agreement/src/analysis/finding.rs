//! What in a contract was hardly meant.

use num_bigint::BigInt;
use thiserror::Error;

/// Something worth a look before a contract is opened. A path is the one of the contract's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Finding {
    /// The deadline has passed when the contract gets there: no case can be taken.
    #[error("{path}: the deadline {deadline} has passed by then ({earliest} at the earliest), so no case can be taken")]
    DeadlinePassed {
        /// Of the wait.
        path: String,
        /// Milliseconds since 1970.
        deadline: BigInt,
        /// When the contract gets there at the earliest.
        earliest: BigInt,
    },
    /// A deadline before the one of the wait around it.
    #[error("{path}: the deadline {deadline} lies before {before}, the one of the wait around it")]
    DeadlineOutOfOrder {
        /// Of the wait.
        path: String,
        /// Milliseconds since 1970.
        deadline: BigInt,
        /// The deadline around it.
        before: BigInt,
    },
    /// A part that the contract never gets to.
    #[error("{path}: never reached")]
    Unreachable {
        /// Of the part.
        path: String,
    },
    /// A payment that may ask for more than the account holds.
    #[error("{path}: asks for up to {asked}, where the account may hold as little as {held}")]
    PaymentShort {
        /// Of the payment.
        path: String,
        /// The most that is asked for.
        asked: BigInt,
        /// The least that the account may hold.
        held: BigInt,
    },
    /// A payment or a deposit that may be of nothing.
    #[error("{path}: may be {least}, and nothing is paid for zero or less")]
    NotPositive {
        /// Of the amount.
        path: String,
        /// The least that it may be.
        least: BigInt,
    },
    /// A remembered value that may be replaced.
    #[error("{path}: may replace what was remembered as {name:?}")]
    Shadowed {
        /// Of the statement.
        path: String,
        /// The name.
        name: String,
    },
    /// An assertion that may not hold.
    #[error("{path}: may not hold")]
    AssertionFails {
        /// Of the assertion.
        path: String,
    },
}

impl Finding {
    /// The stable code of the finding.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DeadlinePassed { .. } => "AGREEMENT_DEADLINE_PASSED",
            Self::DeadlineOutOfOrder { .. } => "AGREEMENT_DEADLINE_OUT_OF_ORDER",
            Self::Unreachable { .. } => "AGREEMENT_UNREACHABLE",
            Self::PaymentShort { .. } => "AGREEMENT_PAYMENT_SHORT",
            Self::NotPositive { .. } => "AGREEMENT_NOT_POSITIVE",
            Self::Shadowed { .. } => "AGREEMENT_VALUE_SHADOWED",
            Self::AssertionFails { .. } => "AGREEMENT_ASSERTION_FAILS",
        }
    }
}
