//! What transactions do, by hand, and what the specification's theorems promise of any contract.

mod errors;
mod guarantees;
mod payments;

use std::sync::Arc;

use crate::{
    Action, BigInt, Bound, Case, ChoiceId, Contract, Input, JsonForm, Party, Payee, State, TimeInterval, Token,
    Transaction, TransactionOutput, Value, compute_transaction,
};

fn party(name: &str) -> Party {
    Party::Role(name.to_owned())
}

fn cny() -> Token {
    Token { currency_symbol: String::new(), token_name: "CNY".to_owned() }
}

fn when(cases: Vec<(Action, Contract)>, timeout: i64) -> Contract {
    let cases = cases.into_iter().map(|(action, then)| Case { action, then: Arc::new(then) }).collect();
    Contract::When { cases, timeout: timeout.into(), timeout_continuation: Arc::new(Contract::Close) }
}

fn deposit(account: &str, from: &str, value: Value) -> Action {
    Action::Deposit { into_account: party(account), party: party(from), of_token: cny(), deposits: value }
}

fn choice(name: &str) -> ChoiceId {
    ChoiceId { choice_name: name.to_owned(), choice_owner: party("Buyer") }
}

fn bounds(bounds: &[(i64, i64)]) -> Vec<Bound> {
    bounds.iter().map(|(from, to)| Bound { from: (*from).into(), to: (*to).into() }).collect()
}

fn pay(from: &str, to: Payee, value: Value, then: Contract) -> Contract {
    Contract::Pay { from_account: party(from), to, token: cny(), pay: value, then: Arc::new(then) }
}

fn constant(integer: impl Into<BigInt>) -> Value {
    Value::Constant(integer.into())
}

fn state(min_time: i64, accounts: &[(&str, i64)]) -> State {
    let mut state = State::empty(min_time.into());
    for (name, amount) in accounts {
        state.accounts.insert((party(name), cny()), (*amount).into());
    }
    state
}

fn paid_in(account: &str, from: &str, amount: impl Into<BigInt>) -> Input {
    Input::Deposit {
        into_account: party(account),
        input_from_party: party(from),
        of_token: cny(),
        that_deposits: amount.into(),
    }
}

fn chosen(name: &str, number: i64) -> Input {
    Input::Choice { for_choice_id: choice(name), input_that_chooses_num: number.into() }
}

fn transaction((from, to): (i64, i64), inputs: Vec<Input>) -> Transaction {
    Transaction { interval: TimeInterval { from: from.into(), to: to.into() }, inputs }
}

fn compute(interval: (i64, i64), inputs: Vec<Input>, state: &State, contract: Contract) -> TransactionOutput {
    compute_transaction(&transaction(interval, inputs), state, &Arc::new(contract)).expect("the values are small")
}

/// The error's published form.
fn refused(interval: (i64, i64), inputs: Vec<Input>, state: &State, contract: Contract) -> String {
    compute(interval, inputs, state, contract).expect_err("the transaction is refused").to_text()
}
