//! What a contract does by itself, until it waits or has ended.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::contract::Contract;
use crate::evaluate::{EvaluationError, eval_observation, eval_value, within_bits};
use crate::party::{Party, Payee, Token};
use crate::state::{Accounts, Environment, State, TimeInterval};
use crate::transaction::{IntervalError, Payment, TransactionWarning};
use crate::value::Value;

/// A contract that waits, or has ended: the specification's `ContractQuiescent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiescent {
    /// Whether anything happened on the way.
    pub reduced: bool,
    /// In the order in which they arose.
    pub warnings: Vec<TransactionWarning>,
    /// In the order in which they were made.
    pub payments: Vec<Payment>,
    /// What the contract remembers now.
    pub state: State,
    /// What is left of it.
    pub contract: Arc<Contract>,
}

/// A deadline lies within the interval, so it cannot be said whether it has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmbiguousTimeInterval;

enum Step {
    To(Arc<Contract>),
    Quiescent,
    Ambiguous,
}

/// The interval without what lies before the state's time, and the state moved on to its beginning.
pub fn fix_interval(interval: &TimeInterval, state: &State) -> Result<(Environment, State), IntervalError> {
    if interval.to < interval.from {
        return Err(IntervalError::InvalidInterval(interval.clone()));
    }
    if interval.to < state.min_time {
        return Err(IntervalError::IntervalInPast { min_time: state.min_time.clone(), interval: interval.clone() });
    }
    let from = interval.from.clone().max(state.min_time.clone());
    let environment = Environment { time_interval: TimeInterval { from: from.clone(), to: interval.to.clone() } };
    Ok((environment, State { min_time: from, ..state.clone() }))
}

/// Lets a contract go on by itself as far as it goes: the specification's `reduceContractUntilQuiescent`.
pub fn reduce_until_quiescent(
    environment: &Environment,
    state: State,
    contract: Arc<Contract>,
) -> Result<Result<Quiescent, AmbiguousTimeInterval>, EvaluationError> {
    let mut now = Quiescent { reduced: false, warnings: Vec::new(), payments: Vec::new(), state, contract };
    loop {
        let contract = Arc::clone(&now.contract);
        match step(environment, &mut now, &contract)? {
            Step::To(next) => {
                now.contract = next;
                now.reduced = true;
            }
            Step::Quiescent => return Ok(Ok(now)),
            Step::Ambiguous => return Ok(Err(AmbiguousTimeInterval)),
        }
    }
}

fn step(environment: &Environment, now: &mut Quiescent, contract: &Contract) -> Result<Step, EvaluationError> {
    match contract {
        Contract::Close => {
            refund(now);
            Ok(Step::Quiescent)
        }
        Contract::Pay { from_account, to, token, pay, then } => {
            make_payment(environment, now, (from_account, to, token), pay)?;
            Ok(Step::To(Arc::clone(then)))
        }
        Contract::If { observation, then, otherwise } => {
            let holds = eval_observation(environment, &now.state, observation)?;
            Ok(Step::To(Arc::clone(if holds { then } else { otherwise })))
        }
        Contract::When { timeout, timeout_continuation, .. } => {
            let TimeInterval { from, to } = &environment.time_interval;
            Ok(match (to < timeout, timeout <= from) {
                (true, _) => Step::Quiescent,
                (false, true) => Step::To(Arc::clone(timeout_continuation)),
                (false, false) => Step::Ambiguous,
            })
        }
        Contract::Let { value_id, be, then } => {
            let value = eval_value(environment, &now.state, be)?;
            if let Some(had_value) = now.state.bound_values.lookup(value_id).cloned() {
                let is_now_assigned = value.clone();
                let value_id = value_id.clone();
                now.warnings.push(TransactionWarning::Shadowing { value_id, had_value, is_now_assigned });
            }
            now.state.bound_values.insert(value_id.clone(), value);
            Ok(Step::To(Arc::clone(then)))
        }
        Contract::Assert { observation, then } => {
            if !eval_observation(environment, &now.state, observation)? {
                now.warnings.push(TransactionWarning::AssertionFailed);
            }
            Ok(Step::To(Arc::clone(then)))
        }
    }
}

/// All of the specification's steps of `Close` at once: each refunds the first account above zero and drops those before it.
fn refund(now: &mut Quiescent) {
    for ((party, token), amount) in now.state.accounts.take_positive() {
        now.reduced = true;
        now.payments.push(Payment { to: Payee::Party(party.clone()), payment_from: party, token, amount });
    }
}

fn make_payment(
    environment: &Environment,
    now: &mut Quiescent,
    (account, payee, token): (&Party, &Payee, &Token),
    value: &Value,
) -> Result<(), EvaluationError> {
    let asked_to_pay = eval_value(environment, &now.state, value)?;
    let (account, to_payee, of_token) = (account.clone(), payee.clone(), token.clone());
    if asked_to_pay <= BigInt::ZERO {
        now.warnings.push(TransactionWarning::NonPositivePay { account, to_payee, of_token, asked_to_pay });
        return Ok(());
    }
    let accounts = &mut now.state.accounts;
    let key = (account.clone(), of_token.clone());
    let balance = accounts.lookup(&key).cloned().unwrap_or_default();
    let amount = balance.clone().min(asked_to_pay.clone());
    set_money(accounts, key, balance - &amount);
    if let Payee::Account(into) = payee {
        add_money(accounts, (into.clone(), token.clone()), &amount)?;
    }
    now.payments.push(Payment {
        payment_from: account.clone(),
        to: payee.clone(),
        token: token.clone(),
        amount: amount.clone(),
    });
    if amount < asked_to_pay {
        let but_only_paid = amount;
        let warning = TransactionWarning::PartialPay { account, to_payee, of_token, asked_to_pay, but_only_paid };
        now.warnings.push(warning);
    }
    Ok(())
}

/// An account above zero stands in the list; no other does.
fn set_money(accounts: &mut Accounts, key: (Party, Token), amount: BigInt) {
    if amount <= BigInt::ZERO {
        accounts.delete(&key);
    } else {
        accounts.insert(key, amount);
    }
}

/// Adds to an account what is above zero.
pub(crate) fn add_money(accounts: &mut Accounts, key: (Party, Token), amount: &BigInt) -> Result<(), EvaluationError> {
    if *amount > BigInt::ZERO {
        let balance = accounts.lookup(&key).cloned().unwrap_or_default();
        set_money(accounts, key, within_bits(balance + amount)?);
    }
    Ok(())
}
