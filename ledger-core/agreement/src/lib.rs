//! Agreements that settle themselves, in the language Marlowe Core: its published JSON form and its published semantics.
//!
//! A [`Contract`] says what happens next, in which case, until when. [`compute_transaction`] takes what somebody did and
//! gives what becomes of the contract; [`play_trace`] does so from beginning to end. Accounts never fall below zero, money
//! that goes in comes out, and after the last deadline one transaction without inputs closes the contract and refunds.
//!
//! Everything here is a function of its arguments: no clock, no randomness, no I/O, no float. Which party an address text
//! names and which asset a token is, who has to sign and what is paid on the ledger, is `ledger-core`'s, above this crate.

// Tests may count on: the library itself is still checked without the tests.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::as_conversions))]

pub mod analysis;
pub mod association;
pub mod conformance;
mod contract;
mod evaluate;
pub mod example;
pub mod explain;
mod form;
pub mod json;
mod next;
mod party;
mod play;
mod reduce;
pub mod sample;
pub mod simulation;
mod state;
pub mod template;
mod transaction;
mod value;

pub use contract::{Action, Case, Contract};
pub use evaluate::{EvaluationError, VALUE_BITS_MAX, eval_observation, eval_value};
pub use json::{Json, JsonError, JsonForm};
pub use next::{Act, Next, NextStep, next, next_deadline};
pub use num_bigint::BigInt;
pub use party::{Bound, ChoiceId, Party, Payee, Token, ValueId};
pub use play::{compute_transaction, play_trace};
pub use reduce::{AmbiguousTimeInterval, Quiescent, fix_interval, reduce_until_quiescent};
pub use state::{Accounts, Environment, State, TimeInterval};
pub use transaction::{
    Input, IntervalError, Payment, Transaction, TransactionError, TransactionOutput, TransactionSuccess,
    TransactionWarning,
};
pub use value::{Observation, Value};
