//! Plays a contract step by step and says what each step came to.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use num_bigint::BigInt;
use thiserror::Error;

use crate::contract::Contract;
use crate::evaluate::EvaluationError;
use crate::example::Step;
use crate::party::Payee;
use crate::play::compute_transaction;
use crate::state::{State, TimeInterval};
use crate::transaction::{Payment, Transaction, TransactionError, TransactionSuccess};

/// Why steps are not played to their end. Steps count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SimulationError {
    /// No case takes what is done.
    #[error("step {step}: nobody can do that then; simulate the steps before it to see what can happen next")]
    NoMatch {
        /// Which one.
        step: usize,
    },
    /// Nothing is done and no deadline has come, or the contract has ended.
    #[error("step {step}: nothing would happen; do something, or let it be at or after a deadline")]
    NothingHappens {
        /// Which one.
        step: usize,
    },
    /// Before the step before.
    #[error("step {step} is at {at}, before {earliest}, when the one before was; order the steps by time")]
    TimeBackwards {
        /// Which one.
        step: usize,
        /// Milliseconds since 1970.
        at: BigInt,
        /// When it can be.
        earliest: BigInt,
    },
    /// Something else is paid.
    #[error("step {step}: the contract pays otherwise than the steps say; it pays: {actual}")]
    PaymentsDiffer {
        /// Which one.
        step: usize,
        /// What is paid, as the specification's JSON.
        actual: String,
    },
    /// A number that is too large.
    #[error("step {step}: {source}")]
    Evaluation {
        /// Which one.
        step: usize,
        /// Which rule.
        #[source]
        source: EvaluationError,
    },
}

impl SimulationError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoMatch { .. } => "AGREEMENT_STEP_NO_MATCH",
            Self::NothingHappens { .. } => "AGREEMENT_STEP_NOTHING_HAPPENS",
            Self::TimeBackwards { .. } => "AGREEMENT_STEP_TIME_BACKWARDS",
            Self::PaymentsDiffer { .. } => "AGREEMENT_STEP_PAYMENTS_DIFFER",
            Self::Evaluation { source, .. } => source.code(),
        }
    }
}

/// What each step came to, from an empty state at `opened_at` in milliseconds since 1970.
///
/// # Errors
/// The first step that cannot be, or that pays otherwise than it says.
pub fn simulate(
    contract: &Arc<Contract>,
    opened_at: &BigInt,
    steps: &[Step],
) -> Result<Vec<TransactionSuccess>, SimulationError> {
    let (mut state, mut contract) = (State::empty(opened_at.clone()), Arc::clone(contract));
    let mut played = Vec::new();
    for (step, number) in steps.iter().zip(1..) {
        let outcome = play(step, number, &state, &contract)?;
        (state, contract) = (outcome.state.clone(), Arc::clone(&outcome.contract));
        played.push(outcome);
    }
    Ok(played)
}

fn play(
    step: &Step,
    number: usize,
    state: &State,
    contract: &Arc<Contract>,
) -> Result<TransactionSuccess, SimulationError> {
    let (at, earliest) = (step.at.clone(), state.min_time.clone());
    if at < earliest {
        return Err(SimulationError::TimeBackwards { step: number, at, earliest });
    }
    let interval = TimeInterval { from: at.clone(), to: at };
    let transaction = Transaction { interval, inputs: step.input.iter().cloned().collect() };
    let outcome = compute_transaction(&transaction, state, contract)
        .map_err(|source| SimulationError::Evaluation { step: number, source })?
        .map_err(|error| match error {
            TransactionError::ApplyNoMatch => SimulationError::NoMatch { step: number },
            // An instant that is not past lies on one side of every deadline, so only this is left.
            TransactionError::UselessTransaction
            | TransactionError::AmbiguousTimeInterval
            | TransactionError::Interval(_) => SimulationError::NothingHappens { step: number },
        })?;
    let paid_out: Vec<&Payment> = paid_out(&outcome.payments).collect();
    match &step.payments {
        Some(expected) if expected.iter().collect::<Vec<_>>() != paid_out => {
            let actual = paid_out.iter().map(|payment| crate::JsonForm::to_text(*payment)).collect::<Vec<_>>();
            Err(SimulationError::PaymentsDiffer { step: number, actual: actual.join(", ") })
        }
        _ => Ok(outcome),
    }
}

/// The payments that leave the contract.
pub fn paid_out(payments: &[Payment]) -> impl Iterator<Item = &Payment> {
    payments.iter().filter(|payment| matches!(payment.to, Payee::Party(_)))
}
