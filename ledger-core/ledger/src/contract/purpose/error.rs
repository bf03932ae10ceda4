//! Why a purpose transaction is refused.

use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::contract::party::PartyError;
use crate::contract::token::TokenError;
use crate::encoding::EncodingError;
use crate::id::Address;

/// Why a purpose transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PurposeError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// An amount out of bounds, or more than there is.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A holding is not readable.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A party's record is not readable.
    #[error(transparent)]
    Party(#[from] PartyError),
    /// Not a command of the contract.
    #[error("the contract purpose has no command {name:?}; it has open, bind, unbind, spend, refund and return")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// The command does not allow these states.
    #[error("{command} {rule}")]
    States {
        /// The command.
        command: &'static str,
        /// What it allows.
        rule: &'static str,
    },
    /// Terms that are not sound.
    #[error("the terms of the purpose are not sound: {field}")]
    Terms {
        /// What must hold.
        field: &'static str,
    },
    /// A state after the command is not what follows from it.
    #[error("{command}: the {kind} afterwards is not what follows from the command and the state before")]
    Differs {
        /// The command.
        command: &'static str,
        /// Which state.
        kind: &'static str,
    },
    /// The holdings move otherwise than the command says.
    #[error("{owner} has {surplus} smallest units more than the command says; only what the command names moves")]
    ValueDiffers {
        /// Whose holdings.
        owner: Address,
        /// More (or, below zero, less) than the command says, in smallest units.
        surplus: i128,
    },
    /// Nothing is moved.
    #[error("the amount is zero")]
    Zero,
    /// The payee is not admitted.
    #[error("{payee} is no payee of the purpose; money bound to it is spent at its payees alone")]
    Payee {
        /// The payee.
        payee: Address,
    },
    /// The code is not one of the purpose's.
    #[error("the money is not lent for {code:?}; it is lent for {}", codes.join(", "))]
    Code {
        /// The code.
        code: String,
        /// What it is lent for.
        codes: Vec<String>,
    },
    /// A document is required.
    #[error("a payment out of this purpose names the number of its document and attaches it")]
    DocumentMissing,
    /// The bound is passed.
    #[error("{spent} would be spent {at}, more than {cap}, in smallest units; the lender may consent")]
    Cap {
        /// Spent with this payment.
        spent: u64,
        /// The bound.
        cap: u64,
        /// Of what: the payee or all.
        at: &'static str,
    },
    /// Not valid yet.
    #[error("the purpose is valid from {valid_from_ms}; the transaction's window begins before")]
    NotYet {
        /// Milliseconds UTC.
        valid_from_ms: u64,
    },
    /// Not valid any more.
    #[error("the purpose is valid until {valid_to_ms}; from then on its money only returns to the lender")]
    Expired {
        /// Milliseconds UTC.
        valid_to_ms: u64,
    },
    /// The payee and the borrower have one controller.
    #[error("{payee} has the same controller as the borrower; the lender consents and signs too")]
    RelatedParty {
        /// The payee.
        payee: Address,
    },
    /// The payee's record is not read.
    #[error("the transaction reads no current party record of {payee}; name it as a reference")]
    RecordMissing {
        /// The payee.
        payee: Address,
    },
}

codes!(PurposeError {
    CommandUnknown => "PURPOSE_COMMAND_UNKNOWN",
    States => "PURPOSE_STATES",
    Terms => "PURPOSE_TERMS",
    Differs => "PURPOSE_DIFFERS",
    ValueDiffers => "PURPOSE_VALUE_DIFFERS",
    Zero => "PURPOSE_ZERO",
    Payee => "PURPOSE_PAYEE",
    Code => "PURPOSE_CODE",
    DocumentMissing => "PURPOSE_DOCUMENT_MISSING",
    Cap => "PURPOSE_CAP",
    NotYet => "PURPOSE_NOT_YET",
    Expired => "PURPOSE_EXPIRED",
    RelatedParty => "PURPOSE_RELATED_PARTY",
    RecordMissing => "PURPOSE_RECORD_MISSING",
} inner { Encoding, Amount, Token, Party });
