//! What can happen next to a contract.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::contract::{Action, Contract};
use crate::evaluate::{EvaluationError, eval_observation, eval_value};
use crate::party::{Bound, ChoiceId, Party, Token};
use crate::reduce::{AmbiguousTimeInterval, Quiescent, reduce_until_quiescent};
use crate::state::{Environment, State};

/// What can happen next, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// Milliseconds since 1970: the first instant at which none of it can happen any more. None once the contract has ended.
    pub deadline: Option<BigInt>,
    /// What can happen, in the order of cases.
    pub steps: Vec<NextStep>,
    /// The contract as it waits, with what it does by itself until then.
    pub quiescent: Quiescent,
}

/// Something that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// Which case of the wait.
    pub case: usize,
    /// What has to be done.
    pub act: Act,
}

/// What somebody can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A party pays in exactly this.
    Deposit {
        /// Who pays.
        party: Party,
        /// Whose account gets it.
        into_account: Party,
        /// In which token.
        token: Token,
        /// How much, in the token's smallest unit.
        amount: BigInt,
    },
    /// A party chooses.
    Choose {
        /// What.
        choice: ChoiceId,
        /// From what.
        bounds: Vec<Bound>,
    },
    /// Anybody notifies; what must hold does so.
    Notify,
}

/// The deadline at which a contract that waits goes on without anybody, in milliseconds since 1970.
pub fn next_deadline(contract: &Contract) -> Option<&BigInt> {
    match contract {
        Contract::When { timeout, .. } => Some(timeout),
        _ => None,
    }
}

/// What can happen to a contract at a time: it goes on by itself first. A notification that does not hold is left out, and
/// so is a choice from nothing.
///
/// # Errors
/// An integer past [`crate::VALUE_BITS_MAX`]; the inner error where a deadline lies within the time.
pub fn next(
    contract: &Arc<Contract>,
    state: &State,
    environment: &Environment,
) -> Result<Result<Next, AmbiguousTimeInterval>, EvaluationError> {
    let quiescent = match reduce_until_quiescent(environment, state.clone(), Arc::clone(contract))? {
        Ok(quiescent) => quiescent,
        Err(ambiguous) => return Ok(Err(ambiguous)),
    };
    let mut steps = Vec::new();
    if let Contract::When { cases, .. } = &*quiescent.contract {
        for (case, action) in cases.iter().map(|case| &case.action).enumerate() {
            steps.extend(act(environment, &quiescent.state, action)?.map(|act| NextStep { case, act }));
        }
    }
    let deadline = next_deadline(&quiescent.contract).cloned();
    Ok(Ok(Next { deadline, steps, quiescent }))
}

fn act(environment: &Environment, state: &State, action: &Action) -> Result<Option<Act>, EvaluationError> {
    Ok(match action {
        Action::Deposit { into_account, party, of_token, deposits } => Some(Act::Deposit {
            party: party.clone(),
            into_account: into_account.clone(),
            token: of_token.clone(),
            amount: eval_value(environment, state, deposits)?,
        }),
        Action::Choice { for_choice, choose_between } => {
            let bounds: Vec<_> = choose_between.iter().filter(|bound| bound.from <= bound.to).cloned().collect();
            (!bounds.is_empty()).then(|| Act::Choose { choice: for_choice.clone(), bounds })
        }
        Action::Notify { notify_if } => eval_observation(environment, state, notify_if)?.then_some(Act::Notify),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;
    use crate::{Input, Transaction, compute_transaction};

    /// What can happen next is taken, whatever the contract.
    #[test]
    fn what_can_happen_next_does() {
        let mut taken = [0; 3];
        for seed in 0..2_000 {
            let mut sample = Sample::seeded(seed);
            let (contract, mut state) = (Arc::new(sample.contract(5)), sample.state());
            let environment = sample.environment();
            state.min_time = environment.time_interval.from.clone();
            let Ok(next) = next(&contract, &state, &environment).expect("samples are small") else { continue };
            assert_eq!(next.deadline.is_none(), *next.quiescent.contract == Contract::Close);
            for NextStep { case, act } in next.steps {
                let (kind, input) = match act {
                    Act::Deposit { party, into_account, token, amount } => (
                        0,
                        Input::Deposit {
                            into_account,
                            input_from_party: party,
                            of_token: token,
                            that_deposits: amount,
                        },
                    ),
                    Act::Choose { choice, bounds } => {
                        (1, Input::Choice { for_choice_id: choice, input_that_chooses_num: bounds[0].to.clone() })
                    }
                    Act::Notify => (2, Input::Notify),
                };
                taken[kind] += 1;
                let interval = environment.time_interval.clone();
                let transaction = Transaction { interval, inputs: vec![input] };
                let output = compute_transaction(&transaction, &next.quiescent.state, &next.quiescent.contract);
                // What follows may meet a deadline within the interval; the case itself is taken.
                let output = output.expect("samples are small").map(|_| ()).map_err(|error| format!("{error:?}"));
                assert!(output.is_ok() || output == Err("AmbiguousTimeInterval".to_owned()), "case {case}: {output:?}");
            }
        }
        assert!(taken.iter().all(|count| *count > 10), "{taken:?}");
    }
}
