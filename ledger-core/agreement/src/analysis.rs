//! What can be said of a contract before it is opened: whether it stays within what the ledger holds, and what in it was
//! hardly meant.
//!
//! Each value is followed through the contract as the interval in which it lies, from the bounds of choices and the amounts
//! of deposits. So a refusal or a finding may speak of what cannot happen, where it depends on how values hang together;
//! what it does not speak of cannot happen.

mod finding;
mod interval;
mod knowledge;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use num_bigint::BigInt;
use thiserror::Error;

use crate::contract::Contract;
use crate::json::JsonForm;
use crate::state::State;

pub use finding::Finding;

/// The longest contract that is opened, in bytes of its one text: what a state of the ledger holds.
pub const CONTRACT_BYTES_MAX: usize = 64_000;
/// No value of a contract that is opened is longer, in bits.
pub const ANALYSED_BITS_MAX: u64 = 256;
/// How much work one analysis may be: evaluations, and entries copied where ways part. A contract of thousands of statements
/// stays far below; conditions nested in conditions would else double it at each level.
pub const WORK_MAX: usize = 4_000_000;
/// The last instant that the ledger knows: the end of the year 9999, in milliseconds since 1970.
pub const TIME_MAX: i64 = 253_402_300_799_999;
/// The largest amount of an asset, in its smallest unit, as in `ledger-core`.
pub const AMOUNT_MAX: i64 = i64::MAX;

/// Why a contract is not opened. A path is the one of the contract's JSON: `$` is the whole.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnalysisError {
    /// Past [`CONTRACT_BYTES_MAX`].
    #[error("the contract has {bytes} bytes, at most {CONTRACT_BYTES_MAX} are opened; split it")]
    TooLong {
        /// As many as it has.
        bytes: usize,
    },
    /// Not readable within the bounds of JSON, which a contract made by a program may pass.
    #[error("the contract lies too deep in itself or holds a number too long to be read again; split it")]
    Unreadable,
    /// Past [`WORK_MAX`].
    #[error("{path} is too entangled to be analysed; nest fewer conditions in conditions")]
    TooComplex {
        /// Where the work ended.
        path: String,
    },
    /// A value could be past [`ANALYSED_BITS_MAX`].
    #[error("{path} could be a number of {bits} bits, at most {ANALYSED_BITS_MAX} are allowed; bound its choices")]
    ValueTooLarge {
        /// Of the value.
        path: String,
        /// As many as it could have.
        bits: u64,
    },
    /// A deposit could be past [`AMOUNT_MAX`].
    #[error("{path} could ask for a deposit past {AMOUNT_MAX} smallest units; bound it")]
    DepositTooLarge {
        /// Of the deposit.
        path: String,
    },
    /// An account could be past [`AMOUNT_MAX`]; no payment is past the account that pays it.
    #[error("after {path} an account could hold more than {AMOUNT_MAX} smallest units; bound what goes in")]
    AccountTooLarge {
        /// Of what pays in.
        path: String,
    },
    /// A deadline that never comes.
    #[error("{path} is a deadline after the year 9999; choose one that comes")]
    DeadlineTooLate {
        /// Of the deadline.
        path: String,
    },
}

impl AnalysisError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "AGREEMENT_TOO_LONG",
            Self::Unreadable => "AGREEMENT_UNREADABLE",
            Self::TooComplex { .. } => "AGREEMENT_TOO_COMPLEX",
            Self::ValueTooLarge { .. } => "AGREEMENT_VALUE_UNBOUNDED",
            Self::DepositTooLarge { .. } => "AGREEMENT_DEPOSIT_UNBOUNDED",
            Self::AccountTooLarge { .. } => "AGREEMENT_ACCOUNT_UNBOUNDED",
            Self::DeadlineTooLate { .. } => "AGREEMENT_DEADLINE_TOO_LATE",
        }
    }
}

/// What there is to say of a contract in a state that is opened, or goes on, at `now` in milliseconds since 1970.
///
/// # Errors
/// What keeps the contract from being opened, the first in the contract's order.
pub fn analyse(contract: &Arc<Contract>, state: &State, now: i64) -> Result<Vec<Finding>, AnalysisError> {
    let text = contract.to_text();
    if text.len() > CONTRACT_BYTES_MAX {
        return Err(AnalysisError::TooLong { bytes: text.len() });
    }
    if Contract::from_text(&text).is_err() {
        return Err(AnalysisError::Unreadable);
    }
    walk::walk(contract, state, &BigInt::from(now))
}
