//! What becomes of a contract by transactions.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use num_bigint::BigInt;

use crate::contract::{Action, Case, Contract};
use crate::evaluate::{EvaluationError, eval_observation, eval_value};
use crate::reduce::{Quiescent, add_money, fix_interval, reduce_until_quiescent};
use crate::state::{Environment, State};
use crate::transaction::{
    Input, Transaction, TransactionError, TransactionOutput, TransactionSuccess, TransactionWarning,
};

/// What comes of one transaction: the specification's `computeTransaction`.
///
/// # Errors
/// An integer past [`crate::VALUE_BITS_MAX`]. What the specification calls an error is the inner one.
pub fn compute_transaction(
    transaction: &Transaction,
    state: &State,
    contract: &Arc<Contract>,
) -> Result<TransactionOutput, EvaluationError> {
    let (environment, fixed) = match fix_interval(&transaction.interval, state) {
        Ok(fixed) => fixed,
        Err(error) => return Ok(Err(TransactionError::Interval(error))),
    };
    let changed = match apply_all(&environment, fixed, Arc::clone(contract), &transaction.inputs)? {
        Ok(changed) => changed,
        Err(error) => return Ok(Err(error)),
    };
    let is_closed = matches!(**contract, Contract::Close);
    if !changed.reduced && (!is_closed || state.accounts.is_empty()) {
        return Ok(Err(TransactionError::UselessTransaction));
    }
    let Quiescent { warnings, payments, state, contract, .. } = changed;
    Ok(Ok(TransactionSuccess { warnings, payments, state, contract }))
}

/// What comes of transactions one after another, from an empty state: the specification's `playTrace`. The first error ends
/// it. `initial_time` is in milliseconds since 1970.
///
/// # Errors
/// An integer past [`crate::VALUE_BITS_MAX`].
pub fn play_trace(
    initial_time: BigInt,
    contract: &Arc<Contract>,
    transactions: &[Transaction],
) -> Result<TransactionOutput, EvaluationError> {
    let mut played = TransactionSuccess {
        warnings: Vec::new(),
        payments: Vec::new(),
        state: State::empty(initial_time),
        contract: Arc::clone(contract),
    };
    for transaction in transactions {
        match compute_transaction(transaction, &played.state, &played.contract)? {
            Ok(next) => {
                played.warnings.extend(next.warnings);
                played.payments.extend(next.payments);
                (played.state, played.contract) = (next.state, next.contract);
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(played))
}

/// Reduces, takes the first input, reduces, takes the next, and reduces at the end.
fn apply_all(
    environment: &Environment,
    state: State,
    contract: Arc<Contract>,
    inputs: &[Input],
) -> Result<Result<Quiescent, TransactionError>, EvaluationError> {
    let reduce = |state, contract| reduce_until_quiescent(environment, state, contract);
    let Ok(mut now) = reduce(state, contract)? else { return Ok(Err(TransactionError::AmbiguousTimeInterval)) };
    for input in inputs {
        let Contract::When { cases, .. } = &*now.contract else { return Ok(Err(TransactionError::ApplyNoMatch)) };
        let Some(case) = matching(environment, &now.state, input, cases)? else {
            return Ok(Err(TransactionError::ApplyNoMatch));
        };
        let then = Arc::clone(&case.then);
        now.warnings.extend(apply(&mut now.state, input)?);
        let Ok(next) = reduce(now.state, then)? else {
            return Ok(Err(TransactionError::AmbiguousTimeInterval));
        };
        now.warnings.extend(next.warnings);
        now.payments.extend(next.payments);
        now = Quiescent { reduced: true, warnings: now.warnings, payments: now.payments, ..next };
    }
    Ok(Ok(now))
}

/// The first case that the input fits.
fn matching<'a>(
    environment: &Environment,
    state: &State,
    input: &Input,
    cases: &'a [Case],
) -> Result<Option<&'a Case>, EvaluationError> {
    for case in cases {
        if fits(environment, state, input, &case.action)? {
            return Ok(Some(case));
        }
    }
    Ok(None)
}

fn fits(environment: &Environment, state: &State, input: &Input, action: &Action) -> Result<bool, EvaluationError> {
    Ok(match (input, action) {
        (
            Input::Deposit { into_account, input_from_party, of_token, that_deposits },
            Action::Deposit { into_account: account, party, of_token: token, deposits },
        ) => {
            into_account == account
                && input_from_party == party
                && of_token == token
                && *that_deposits == eval_value(environment, state, deposits)?
        }
        (Input::Choice { for_choice_id, input_that_chooses_num }, Action::Choice { for_choice, choose_between }) => {
            for_choice_id == for_choice && choose_between.iter().any(|bound| bound.holds(input_that_chooses_num))
        }
        (Input::Notify, Action::Notify { notify_if }) => eval_observation(environment, state, notify_if)?,
        _ => false,
    })
}

/// What an input that fits changes.
fn apply(state: &mut State, input: &Input) -> Result<Option<TransactionWarning>, EvaluationError> {
    match input {
        Input::Deposit { into_account, input_from_party, of_token, that_deposits } => {
            add_money(&mut state.accounts, (into_account.clone(), of_token.clone()), that_deposits)?;
            let warning = || TransactionWarning::NonPositiveDeposit {
                party: input_from_party.clone(),
                in_account: into_account.clone(),
                of_token: of_token.clone(),
                asked_to_deposit: that_deposits.clone(),
            };
            Ok((*that_deposits <= BigInt::ZERO).then(warning))
        }
        Input::Choice { for_choice_id, input_that_chooses_num } => {
            state.choices.insert(for_choice_id.clone(), input_that_chooses_num.clone());
            Ok(None)
        }
        Input::Notify => Ok(None),
    }
}
