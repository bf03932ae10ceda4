//! What the specification proves of every contract, over random ones. Each test says how often it met what it speaks of.

use std::collections::BTreeMap;

use super::*;
use crate::sample::Sample;
use crate::{Environment, play_trace, reduce_until_quiescent};

const SEEDS: u64 = 6_000;

struct Scene {
    contract: Arc<Contract>,
    state: State,
    sample: Sample,
}

fn scenes() -> impl Iterator<Item = Scene> {
    (0..SEEDS).map(|seed| {
        let mut sample = Sample::seeded(seed);
        Scene { contract: Arc::new(sample.contract(5)), state: sample.state(), sample }
    })
}

fn step(transaction: &Transaction, state: &State, contract: &Arc<Contract>) -> TransactionOutput {
    compute_transaction(transaction, state, contract).expect("samples are small")
}

type Totals = BTreeMap<Token, BigInt>;

fn add(totals: &mut Totals, token: &Token, amount: &BigInt) {
    *totals.entry(token.clone()).or_default() += amount;
}

fn held(state: &State) -> Totals {
    let mut totals = Totals::new();
    state.accounts.iter().for_each(|((_, token), amount)| add(&mut totals, token, amount));
    totals
}

#[test]
fn accounts_stay_positive_and_states_valid() {
    let mut changed = 0;
    for Scene { contract, state, mut sample } in scenes() {
        assert!(state.is_valid());
        let transaction = sample.transaction(&state, &contract);
        if let Ok(success) = step(&transaction, &state, &contract) {
            assert!(success.state.is_valid(), "{:?}", success.state);
            changed += usize::from(success.state.accounts != state.accounts);
        }
    }
    assert!(changed > 500, "only {changed} moved money");
}

#[test]
fn money_that_goes_in_comes_out_or_stays() {
    let (mut deposits, mut payments) = (0, 0);
    for Scene { contract, state, mut sample } in scenes() {
        let transaction = sample.transaction(&state, &contract);
        let Ok(success) = step(&transaction, &state, &contract) else { continue };
        let mut before = held(&state);
        for input in &transaction.inputs {
            if let Input::Deposit { of_token, that_deposits, .. } = input {
                add(&mut before, of_token, that_deposits.max(&BigInt::ZERO));
                deposits += 1;
            }
        }
        let mut after = held(&success.state);
        for payment in &success.payments {
            if matches!(payment.to, Payee::Party(_)) {
                add(&mut after, &payment.token, &payment.amount);
                payments += 1;
            }
        }
        before.retain(|_, amount| *amount != BigInt::ZERO);
        after.retain(|_, amount| *amount != BigInt::ZERO);
        assert_eq!(before, after);
    }
    assert!(deposits > 200 && payments > 800, "only {deposits} deposits and {payments} payments");
}

#[test]
fn after_the_last_deadline_one_empty_transaction_closes_and_refunds() {
    let mut refunds = 0;
    for Scene { contract, state, mut sample } in scenes() {
        if state.is_quiescent(&contract) && matches!(*contract, Contract::Close) {
            continue;
        }
        let from = contract.max_time().max(state.min_time.clone()) + BigInt::from(sample.below(3));
        let to = &from + BigInt::from(sample.below(100));
        let late = Transaction { interval: TimeInterval { from, to }, inputs: vec![] };
        let closed = step(&late, &state, &contract).expect("it closes");
        assert_eq!(*closed.contract, Contract::Close);
        assert!(closed.state.accounts.is_empty());
        refunds += usize::from(!closed.payments.is_empty());
    }
    assert!(refunds > 1_000, "only {refunds} refunds");
}

#[test]
fn no_trace_has_more_transactions_than_the_contract_allows() {
    let mut longer = 0;
    for Scene { contract, state, mut sample } in scenes() {
        let trace = sample.trace(&contract, &state.min_time);
        if play_trace(state.min_time, &contract, &trace).expect("samples are small").is_ok() {
            assert!(trace.len() <= contract.max_transactions(), "{} of {}", trace.len(), contract.max_transactions());
            longer += usize::from(trace.len() > 1);
        }
    }
    assert!(longer > 200, "only {longer} traces have more than one transaction");
}

#[test]
fn inputs_may_as_well_come_one_by_one() {
    let mut several = 0;
    for Scene { contract, state, mut sample } in scenes() {
        let trace = sample.trace(&contract, &state.min_time);
        let single = |transaction: &Transaction| -> Vec<Transaction> {
            let interval = || transaction.interval.clone();
            match transaction.inputs.as_slice() {
                [] => vec![transaction.clone()],
                inputs => inputs
                    .iter()
                    .map(|input| Transaction { interval: interval(), inputs: vec![input.clone()] })
                    .collect(),
            }
        };
        let singles: Vec<_> = trace.iter().flat_map(single).collect();
        let play =
            |trace: &[Transaction]| play_trace(state.min_time.clone(), &contract, trace).expect("samples are small");
        if singles != trace && play(&trace).is_ok() {
            assert_eq!(play(&singles), play(&trace));
            several += 1;
        }
    }
    assert!(several > 50, "only {several} traces have a transaction of several inputs");
}

#[test]
fn what_comes_out_waits_or_has_ended() {
    let mut waiting = 0;
    for Scene { contract, state, mut sample } in scenes() {
        let transaction = sample.transaction(&state, &contract);
        let Ok(success) = step(&transaction, &state, &contract) else { continue };
        assert!(success.state.is_quiescent(&success.contract));
        waiting += usize::from(*success.contract != Contract::Close);
        let from = success.state.min_time.clone();
        let environment = Environment { time_interval: TimeInterval { from, to: transaction.interval.to } };
        let again = reduce_until_quiescent(&environment, success.state.clone(), Arc::clone(&success.contract));
        let again = again.expect("samples are small").expect("nothing is ambiguous any more");
        assert!(!again.reduced && again.warnings.is_empty() && again.payments.is_empty());
        assert_eq!((again.state, again.contract), (success.state, success.contract));
    }
    assert!(waiting > 400, "only {waiting} wait");
}

#[test]
fn closing_never_warns() {
    let mut closed = 0;
    for Scene { state, mut sample, .. } in scenes() {
        let transaction = sample.transaction(&state, &Arc::new(Contract::Close));
        let transaction = Transaction { inputs: vec![], ..transaction };
        if let Ok(success) = step(&transaction, &state, &Arc::new(Contract::Close)) {
            assert!(success.warnings.is_empty());
            closed += 1;
        }
    }
    assert!(closed > 1_000, "only {closed} closed");
}

/// Each step makes accounts + 2 · statements smaller, so there are at most as many steps.
#[test]
fn the_number_of_steps_is_bounded() {
    fn size(contract: &Contract) -> usize {
        1 + match contract {
            Contract::Close => 0,
            Contract::Pay { then, .. } | Contract::Let { then, .. } | Contract::Assert { then, .. } => size(then),
            Contract::If { then, otherwise, .. } => size(then) + size(otherwise),
            Contract::When { cases, timeout_continuation, .. } => {
                cases.iter().map(|case| 1 + size(&case.then)).sum::<usize>() + size(timeout_continuation)
            }
        }
    }
    for Scene { contract, state, mut sample } in scenes() {
        let transaction = sample.transaction(&state, &contract);
        let Ok(success) = step(&transaction, &state, &contract) else { continue };
        // A step makes at most one payment and one warning, an input at most one warning.
        let bound = state.accounts.len() + 2 * size(&contract);
        assert!(success.payments.len() <= bound && success.warnings.len() <= bound + transaction.inputs.len());
        assert!(size(&success.contract) <= size(&contract));
    }
}
