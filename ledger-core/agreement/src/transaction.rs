//! What happens to a contract, and what comes of it.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::contract::Contract;
use crate::party::{ChoiceId, Party, Payee, Token, ValueId};
use crate::state::{State, TimeInterval};

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A party paid in.
    Deposit {
        /// Whose account gets it.
        into_account: Party,
        /// Who paid.
        input_from_party: Party,
        /// In which token.
        of_token: Token,
        /// How much, in the token's smallest unit.
        that_deposits: BigInt,
    },
    /// A party chose.
    Choice {
        /// Which choice.
        for_choice_id: ChoiceId,
        /// What was chosen.
        input_that_chooses_num: BigInt,
    },
    /// Somebody says that something holds.
    Notify,
}

impl Input {
    /// Who has to have agreed to the input; for a notification nobody.
    pub fn party(&self) -> Option<&Party> {
        match self {
            Self::Deposit { input_from_party, .. } => Some(input_from_party),
            Self::Choice { for_choice_id, .. } => Some(&for_choice_id.choice_owner),
            Self::Notify => None,
        }
    }
}

/// Inputs that happen together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// When.
    pub interval: TimeInterval,
    /// What, in order.
    pub inputs: Vec<Input>,
}

/// Money that moves from an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Whose account pays.
    pub payment_from: Party,
    /// Who is paid.
    pub to: Payee,
    /// In which token.
    pub token: Token,
    /// How much, in the token's smallest unit.
    pub amount: BigInt,
}

/// What happened and was hardly meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionWarning {
    /// A deposit of nothing or less: nothing was paid in.
    NonPositiveDeposit {
        /// Who should have paid.
        party: Party,
        /// Whose account should have got it.
        in_account: Party,
        /// In which token.
        of_token: Token,
        /// How much was asked for.
        asked_to_deposit: BigInt,
    },
    /// A payment of nothing or less: nothing was paid.
    NonPositivePay {
        /// Whose account should have paid.
        account: Party,
        /// Who should have been paid.
        to_payee: Payee,
        /// In which token.
        of_token: Token,
        /// How much was asked for.
        asked_to_pay: BigInt,
    },
    /// The account held less than was to be paid.
    PartialPay {
        /// Whose account paid.
        account: Party,
        /// Who was paid.
        to_payee: Payee,
        /// In which token.
        of_token: Token,
        /// How much was asked for.
        asked_to_pay: BigInt,
        /// How much there was.
        but_only_paid: BigInt,
    },
    /// A remembered value was replaced.
    Shadowing {
        /// Its name.
        value_id: ValueId,
        /// What it was.
        had_value: BigInt,
        /// What it is.
        is_now_assigned: BigInt,
    },
    /// What should have held did not.
    AssertionFailed,
}

/// Why no transaction can happen in an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntervalError {
    /// It ends before it begins.
    InvalidInterval(TimeInterval),
    /// It ends before what has already happened.
    IntervalInPast {
        /// The state's time.
        min_time: BigInt,
        /// The interval.
        interval: TimeInterval,
    },
}

/// Why a transaction does not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionError {
    /// A deadline lies within the interval.
    AmbiguousTimeInterval,
    /// No case takes an input.
    ApplyNoMatch,
    /// The interval is none, or past.
    Interval(IntervalError),
    /// Nothing would change.
    UselessTransaction,
}

/// What a transaction, or several, have come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionSuccess {
    /// In the order in which they arose.
    pub warnings: Vec<TransactionWarning>,
    /// In the order in which they were made.
    pub payments: Vec<Payment>,
    /// What the contract remembers now.
    pub state: State,
    /// What is left of it.
    pub contract: Arc<Contract>,
}

/// What comes of a transaction: the specification's `TransactionOutput`.
pub type TransactionOutput = Result<TransactionSuccess, TransactionError>;
