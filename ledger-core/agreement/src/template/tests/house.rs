//! The templates that come with the house: their examples, and any arguments within their bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::analysis::{AMOUNT_MAX, TIME_MAX, analyse};
use crate::example::Example;
use crate::json::{Json, JsonForm};
use crate::sample::Sample;
use crate::simulation::{paid_out, simulate};
use crate::template::{BUILT_IN, BuiltIn, Kind, Parameter, SHARE_WHOLE, Template, built_in};
use crate::{BigInt, Contract, Input, State, TimeInterval, Token, Transaction, compute_transaction};

fn read(built_in: &BuiltIn) -> (Template, Example) {
    let template = built_in.template().unwrap_or_else(|error| panic!("{}: {error}", built_in.name));
    let example = built_in.example().unwrap_or_else(|error| panic!("{}: {error}", built_in.name));
    assert_eq!(template.name, built_in.name);
    (template, example)
}

/// The codes of what the analysis finds in a contract that is opened at `now`.
fn findings(contract: &Arc<Contract>, now: i64) -> BTreeSet<String> {
    let state = State::empty(BigInt::from(now));
    let findings = analyse(contract, &state, now).unwrap_or_else(|error| panic!("{error}: {}", contract.to_text()));
    findings.iter().map(|finding| finding.code().to_owned()).collect()
}

fn explained(example: &Example) -> BTreeSet<String> {
    example.findings.iter().map(|finding| finding.code.clone()).collect()
}

#[test]
fn every_example_is_sound_and_pays_what_it_says() {
    for built_in in &BUILT_IN {
        let (template, example) = read(built_in);
        let name = built_in.name;
        let contract = template.instantiate(&example.parameters).unwrap_or_else(|error| panic!("{name}: {error}"));
        let contract = Arc::new(contract);
        assert!(matches!(*contract, Contract::When { .. }), "{name}: an agreement begins with a wait");
        let opened_at = i64::try_from(&example.opened_at).expect("it is a time");
        assert_eq!(findings(&contract, opened_at), explained(&example), "{name}");
        for trace in &example.traces {
            let told = format!("{name}, {}", trace.name);
            let played = simulate(&contract, &example.opened_at, &trace.steps);
            let played = played.unwrap_or_else(|error| panic!("{told}: {error}"));
            let last = played.last().expect("something happens");
            assert_eq!(*last.contract, Contract::Close, "{told}");
            assert!(last.state.accounts.is_empty(), "{told}");
            assert!(trace.steps.last().is_some_and(|step| step.payments.is_some()), "{told}: it says what is paid");
            assert!(played.iter().all(|step| step.warnings.is_empty()), "{told}");
        }
        let by_deadline = |trace: &crate::example::Trace| trace.steps.last().is_some_and(|step| step.input.is_none());
        assert!(example.traces.iter().any(by_deadline), "{name}: an example goes the way of a deadline");
        assert!(!example.traces.iter().all(by_deadline), "{name}: an example goes without one");
    }
    assert!(built_in("escrow").is_some() && built_in("Escrow").is_none());
}

/// Arguments within the bounds, often at their ends.
fn arguments(sample: &mut Sample, parameters: &[Parameter], clock: &mut i64, opened_at: i64) -> Json {
    let mut fields = Vec::new();
    for Parameter { name, kind, .. } in parameters {
        let value = match kind {
            Kind::List { from, to, fields } => {
                let count = *from + usize::try_from(sample.below((to - from + 1) as u64)).expect("it is small");
                let mut left = SHARE_WHOLE;
                let rows = (0..count).map(|_| {
                    let mut row = arguments(sample, fields, clock, opened_at);
                    for (field, value) in fields.iter().zip(entries(&mut row)) {
                        let Kind::Share(bound) = &field.kind else { continue };
                        // What the others leave, with the least kept for each.
                        let most = left - bound_of(&bound.from) * (count as i64);
                        let share = bound_of(&bound.from) + sample.below(most.max(0) as u64 + 1) as i64;
                        left -= share;
                        *value = Json::integer(&BigInt::from(share.min(bound_of(&bound.to))));
                    }
                    row
                });
                Json::Array(rows.collect())
            }
            Kind::Time => {
                let next = (*clock).max(opened_at) + 1;
                // Sometimes the rest lies at the end of the last year.
                let end = TIME_MAX - 1_000;
                *clock = match next + sample.below(10_000_000_000) as i64 {
                    _ if next > end => next,
                    _ if sample.below(20) == 0 => end,
                    later => later.min(end),
                };
                Json::integer(&BigInt::from(*clock))
            }
            number => {
                let bound = number.bounds().expect("only times have none");
                let range = bound_of(&bound.to).abs_diff(bound_of(&bound.from));
                let value = match sample.below(4) {
                    0 => bound.from,
                    1 => bound.to,
                    2 => &bound.from + BigInt::from(sample.below(range.min(100) + 1)),
                    _ => &bound.from + BigInt::from(sample.below(range.saturating_add(1))),
                };
                Json::integer(&value)
            }
        };
        fields.push((name.clone(), value));
    }
    Json::Object(fields)
}

fn bound_of(integer: &BigInt) -> i64 {
    i64::try_from(integer).expect("bounds are amounts")
}

fn entries(row: &mut Json) -> impl Iterator<Item = &mut Json> {
    let Json::Object(fields) = row else { panic!("a row is an object") };
    fields.iter_mut().map(|(_, value)| value)
}

/// Any arguments within the bounds make a contract that is sound, pays out everything that comes in and ends by itself.
#[test]
fn any_arguments_within_the_bounds_make_a_sound_contract() {
    for built_in in &BUILT_IN {
        let (template, example) = read(built_in);
        let opened_at = i64::try_from(&example.opened_at).expect("it is a time");
        let (mut ended, mut paid) = (0, 0);
        for seed in 0..200 {
            let mut sample = Sample::seeded(seed);
            let given = arguments(&mut sample, &template.parameters, &mut 0, opened_at);
            let contract = template.instantiate(&given);
            let contract = Arc::new(contract.unwrap_or_else(|error| panic!("{}: {error}: {given}", built_in.name)));
            let found = findings(&contract, opened_at);
            assert!(found.is_subset(&explained(&example)), "{}: {found:?}: {given}", built_in.name);
            assert!(BigInt::from(opened_at) < contract.max_time() && contract.max_time() <= BigInt::from(TIME_MAX));
            let transactions = sample.trace(&contract, &example.opened_at);
            let balances = play_to_the_end(&contract, &example.opened_at, transactions, built_in.name);
            ended += 1;
            paid += usize::from(!balances.is_empty());
            assert!(balances.values().all(|balance| *balance == BigInt::ZERO), "{}: {balances:?}", built_in.name);
        }
        assert!(ended == 200 && paid > 50, "{}: {paid} of {ended} took a deposit", built_in.name);
    }
}

/// Plays what can be, then lets the last deadline pass; what came in less what went out, by token.
fn play_to_the_end(
    contract: &Arc<Contract>,
    opened_at: &BigInt,
    mut transactions: Vec<Transaction>,
    name: &str,
) -> BTreeMap<Token, BigInt> {
    let last = contract.max_time();
    transactions.push(Transaction { interval: TimeInterval { from: last.clone(), to: last }, inputs: Vec::new() });
    let (mut state, mut contract) = (State::empty(opened_at.clone()), Arc::clone(contract));
    let mut balances = BTreeMap::new();
    for transaction in transactions {
        let played = compute_transaction(&transaction, &state, &contract).expect("the analysis bounds every value");
        let Ok(next) = played else { continue };
        assert!(next.warnings.is_empty(), "{name}: {:?}", next.warnings);
        for input in &transaction.inputs {
            if let Input::Deposit { of_token, that_deposits, .. } = input {
                *balances.entry(of_token.clone()).or_insert(BigInt::ZERO) += that_deposits;
            }
        }
        for payment in paid_out(&next.payments) {
            *balances.entry(payment.token.clone()).or_insert(BigInt::ZERO) -= &payment.amount;
        }
        assert!(state.accounts.iter().all(|(_, amount)| *amount <= BigInt::from(AMOUNT_MAX)));
        (state, contract) = (next.state, next.contract);
    }
    assert_eq!(*contract, Contract::Close, "{name}: the last deadline ends it");
    assert!(state.accounts.is_empty(), "{name}");
    balances
}
