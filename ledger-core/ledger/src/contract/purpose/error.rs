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
    #[error(
        "the contract purpose has no command {name:?}; it has open, bind, unbind, spend, pass_on, refund and return"
    )]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Not one new purpose.
    #[error("open creates one purpose and consumes none")]
    OpenStates,
    /// Not the one purpose named.
    #[error("{command} consumes the one purpose that it names and no record")]
    NotConsumed {
        /// The command.
        command: &'static str,
    },
    /// Not the two purposes named.
    #[error("bind from another purpose consumes the one that it binds to, then the other, and no record")]
    BindStates,
    /// Purposes of different parties or assets.
    #[error("value moves between purposes of one lender, borrower and asset")]
    BindParties,
    /// Not the record named with its purpose.
    #[error("{command} consumes the record that it names and its one purpose")]
    RecordNotConsumed {
        /// The command.
        command: &'static str,
    },
    /// A refund of value passed on without the record it came from.
    #[error(
        "value that was passed on is refunded to who passed it on; consume the record it came from after the one refunded"
    )]
    ParentNotConsumed,
    /// An id that is another's.
    #[error("the purpose's id does not follow from chain and command")]
    IdDiffers,
    /// One party on both sides.
    #[error("lender and borrower of the purpose are one party; name two")]
    LenderIsBorrower,
    /// The borrower would pay itself.
    #[error("the borrower is among the payees; leave it out")]
    BorrowerIsPayee,
    /// Lent for nothing.
    #[error("the purpose has no code, or an empty one; say what the money is lent for")]
    CodesMissing,
    /// Nobody to pay.
    #[error("the purpose has neither payees nor a role of payees; name one")]
    PayeesMissing,
    /// A cap for nobody.
    #[error("the purpose caps payees of a role and names no role; leave the cap out or name the role")]
    RoleCapWithoutRole,
    /// A cap of nothing.
    #[error("the purpose's cap is zero; name one over zero")]
    CapZero,
    /// It ends before it begins.
    #[error("the purpose ends before it begins")]
    EndsBeforeBegin,
    /// Value would travel too far.
    #[error("value bound to a purpose is passed on at most {maximum} times, not {depth}")]
    DepthExceeded {
        /// As the terms say.
        depth: u32,
        /// The bound.
        maximum: u32,
    },
    /// A controller that is not the registered one.
    #[error("the controller of {party} in the terms is not the one registered")]
    ControllerDiffers {
        /// The party.
        party: Address,
    },
    /// Other states after the command than follow, by their number.
    #[error("{command}: {actual} states of the contract stand afterwards where {expected} follow")]
    CountDiffers {
        /// The command.
        command: &'static str,
        /// What follows.
        expected: usize,
        /// What stands.
        actual: usize,
    },
    /// A purpose after the command is not what follows.
    #[error("{command}: the purpose afterwards is not what follows from the command and the one before")]
    PurposeDiffers {
        /// The command.
        command: &'static str,
    },
    /// A record after the command is not what follows.
    #[error("{command}: the record afterwards is not what follows from the command and the one before")]
    RecordDiffers {
        /// The command.
        command: &'static str,
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
    /// A payee would pay itself.
    #[error("{payee} would pass value on to itself; name another payee")]
    PaysItself {
        /// The payee.
        payee: Address,
    },
    /// What the payee holds is free.
    #[error("what {payee} received is free money; it is not passed on or returned under the purpose")]
    NotBound {
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
    /// A document is used again.
    #[error("a document of this payment is that of the payment it is made out of; each is used once")]
    DocumentUsed,
    /// The payee's bound is passed.
    #[error("{spent} would be spent at this payee, more than {cap}, in smallest units; the lender may consent")]
    PayeeCap {
        /// Spent with this payment.
        spent: u64,
        /// The bound.
        cap: u64,
    },
    /// The purpose's bound is passed.
    #[error("{spent} would be spent in all, more than {cap}, in smallest units; the lender may consent")]
    Cap {
        /// Spent with this payment.
        spent: u64,
        /// The bound.
        cap: u64,
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
    /// A purpose and the loan beside it do not name each other.
    #[error("a purpose names the loan that is opened for it in the same transaction, and without one names none")]
    LoanDiffers,
    /// Value is bound to a loan's purpose, or moved out of it.
    #[error(
        "the purpose is a loan's, and what is bound to it is what the loan paid out; open a purpose of its own for other value"
    )]
    OfALoan,
    /// What returns does not repay.
    #[error(
        "{amount}, in smallest units, return to the lender of a loan; repay the loan by exactly that with loan/repay in the same transaction"
    )]
    LoanNotRepaid {
        /// What returns.
        amount: u64,
    },
    /// The loan ends, and not all that is left is freed.
    #[error("the loan ends here and {left} are left bound, in smallest units; unbind exactly that, not {asked}")]
    LeftDiffers {
        /// What the command says.
        asked: u64,
        /// What is left bound.
        left: u64,
    },
    /// A party's record is not read.
    #[error("the transaction reads no current party record of {payee}; name it as a reference")]
    RecordMissing {
        /// The party.
        payee: Address,
    },
}

codes!(PurposeError {
    CommandUnknown => "PURPOSE_COMMAND_UNKNOWN",
    OpenStates => "PURPOSE_OPEN_STATES",
    NotConsumed => "PURPOSE_NOT_CONSUMED",
    BindStates => "PURPOSE_BIND_STATES",
    BindParties => "PURPOSE_BIND_PARTIES",
    RecordNotConsumed => "PURPOSE_RECORD_NOT_CONSUMED",
    ParentNotConsumed => "PURPOSE_PARENT_NOT_CONSUMED",
    IdDiffers => "PURPOSE_ID_DIFFERS",
    LenderIsBorrower => "PURPOSE_LENDER_IS_BORROWER",
    BorrowerIsPayee => "PURPOSE_BORROWER_IS_PAYEE",
    CodesMissing => "PURPOSE_CODES_MISSING",
    PayeesMissing => "PURPOSE_PAYEES_MISSING",
    RoleCapWithoutRole => "PURPOSE_ROLE_CAP_WITHOUT_ROLE",
    CapZero => "PURPOSE_CAP_ZERO",
    EndsBeforeBegin => "PURPOSE_ENDS_BEFORE_BEGIN",
    DepthExceeded => "PURPOSE_DEPTH_EXCEEDED",
    ControllerDiffers => "PURPOSE_CONTROLLER_DIFFERS",
    CountDiffers => "PURPOSE_COUNT_DIFFERS",
    PurposeDiffers => "PURPOSE_DIFFERS",
    RecordDiffers => "PURPOSE_RECORD_DIFFERS",
    ValueDiffers => "PURPOSE_VALUE_DIFFERS",
    Zero => "PURPOSE_ZERO",
    Payee => "PURPOSE_PAYEE",
    PaysItself => "PURPOSE_PAYS_ITSELF",
    NotBound => "PURPOSE_NOT_BOUND",
    Code => "PURPOSE_CODE",
    DocumentMissing => "PURPOSE_DOCUMENT_MISSING",
    DocumentUsed => "PURPOSE_DOCUMENT_USED",
    PayeeCap => "PURPOSE_PAYEE_CAP",
    Cap => "PURPOSE_CAP",
    NotYet => "PURPOSE_NOT_YET",
    Expired => "PURPOSE_EXPIRED",
    RelatedParty => "PURPOSE_RELATED_PARTY",
    LoanDiffers => "PURPOSE_LOAN_DIFFERS",
    OfALoan => "PURPOSE_OF_A_LOAN",
    LoanNotRepaid => "PURPOSE_LOAN_NOT_REPAID",
    LeftDiffers => "PURPOSE_LEFT_DIFFERS",
    RecordMissing => "PURPOSE_RECORD_MISSING",
} inner { Encoding, Amount, Token, Party });
