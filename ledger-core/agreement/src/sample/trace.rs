//! Transactions that mostly fit a contract.

use std::sync::Arc;

use num_bigint::BigInt;

use super::Sample;
use crate::contract::{Action, Contract};
use crate::evaluate::eval_value;
use crate::play::compute_transaction;
use crate::reduce::{fix_interval, reduce_until_quiescent};
use crate::state::{Environment, State, TimeInterval};
use crate::transaction::{Input, Transaction};

impl Sample {
    /// Transactions one after another, each mostly one that the contract takes where the last has left it.
    pub fn trace(&mut self, contract: &Arc<Contract>, initial_time: &BigInt) -> Vec<Transaction> {
        let (mut state, mut contract) = (State::empty(initial_time.clone()), Arc::clone(contract));
        let mut trace = Vec::new();
        for _ in 0..self.below(9) {
            let transaction = self.transaction(&state, &contract);
            match compute_transaction(&transaction, &state, &contract) {
                Ok(Ok(next)) => (state, contract) = (next.state, next.contract),
                // Most traces go on with another attempt, some end with what is refused.
                _ if self.percent(80) => continue,
                _ => {
                    trace.push(transaction);
                    break;
                }
            }
            trace.push(transaction);
        }
        trace
    }

    /// A transaction that the contract mostly takes.
    pub fn transaction(&mut self, state: &State, contract: &Arc<Contract>) -> Transaction {
        let from = &state.min_time + BigInt::from(self.below(5)) - BigInt::from(self.below(3));
        let mut to = &from + BigInt::from(self.below(6)) - BigInt::from(self.below(30) / 29);
        if let Contract::When { timeout, .. } = &**contract
            && self.percent(80)
        {
            to = to.min(timeout - BigInt::from(1));
        }
        let interval = TimeInterval { from, to };
        let mut inputs = Vec::new();
        if let Ok((environment, fixed)) = fix_interval(&interval, state) {
            let (mut state, mut contract) = (fixed, Arc::clone(contract));
            for _ in 0..self.below(3) {
                let Ok(Ok(now)) = reduce_until_quiescent(&environment, state.clone(), Arc::clone(&contract)) else {
                    break;
                };
                inputs.push(self.input(&environment, &now.state, &now.contract));
                let taken = Transaction {
                    interval: interval.clone(),
                    inputs: inputs.split_off(inputs.len().saturating_sub(1)),
                };
                let played = compute_transaction(&taken, &now.state, &now.contract);
                inputs.extend(taken.inputs);
                let Ok(Ok(next)) = played else { break };
                (state, contract) = (next.state, next.contract);
            }
        }
        Transaction { interval, inputs }
    }

    fn input(&mut self, environment: &Environment, state: &State, contract: &Contract) -> Input {
        let cases = if let Contract::When { cases, .. } = contract { cases.as_slice() } else { &[] };
        match self.pick(cases).filter(|_| self.percent(90)).map(|case| case.action) {
            Some(Action::Deposit { into_account, party, of_token, deposits }) => {
                let that_deposits = eval_value(environment, state, &deposits).unwrap_or_default();
                Input::Deposit { into_account, input_from_party: party, of_token, that_deposits }
            }
            Some(Action::Choice { for_choice, choose_between }) => {
                let bound = self.pick(&choose_between);
                let input_that_chooses_num = bound.map_or_else(|| self.integer(), |bound| bound.from);
                Input::Choice { for_choice_id: for_choice, input_that_chooses_num }
            }
            Some(Action::Notify { .. }) => Input::Notify,
            None => self.any_input(),
        }
    }

    fn any_input(&mut self) -> Input {
        match self.below(3) {
            0 => Input::Notify,
            1 => Input::Choice { for_choice_id: self.choice_id(), input_that_chooses_num: self.integer() },
            _ => Input::Deposit {
                into_account: self.party(),
                input_from_party: self.party(),
                of_token: self.token(),
                that_deposits: self.integer(),
            },
        }
    }
}
