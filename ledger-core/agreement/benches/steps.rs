//! How many steps of an agreement a core computes in a second: a purchase in twelve instalments under escrow, from the first
//! deposit to the last payment. One step is one transaction with its input, as the ledger's rule computes it.

// A bench may count on its set-up: the library itself is checked without it.
#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use ledger_agreement::{
    Action, BigInt, Case, Contract, Input, Party, Payee, TimeInterval, Token, Transaction, Value, play_trace,
};

const INSTALMENTS: i64 = 12;
const PRICE: i64 = 100_000;

fn party(name: &str) -> Party {
    Party::Role(name.to_owned())
}

fn cny() -> Token {
    Token { currency_symbol: String::new(), token_name: "CNY".to_owned() }
}

/// Each instalment is deposited before its deadline and paid on at once; who misses one closes the contract.
fn contract() -> Arc<Contract> {
    let instalment = |then: Arc<Contract>, number: i64| {
        let pay = Contract::Pay {
            from_account: party("Buyer"),
            to: Payee::Party(party("Seller")),
            token: cny(),
            pay: Value::DivValue(
                Box::new(Value::Constant(PRICE.into())),
                Box::new(Value::Constant(INSTALMENTS.into())),
            ),
            then,
        };
        let deposits = Value::AddValue(
            Box::new(Value::Constant((PRICE / INSTALMENTS).into())),
            Box::new(Value::Constant(BigInt::ZERO)),
        );
        let action = Action::Deposit { into_account: party("Buyer"), party: party("Buyer"), of_token: cny(), deposits };
        let cases = vec![Case { action, then: Arc::new(pay) }];
        Arc::new(Contract::When {
            cases,
            timeout: ((number + 1) * 1_000).into(),
            timeout_continuation: Arc::new(Contract::Close),
        })
    };
    (0..INSTALMENTS).rev().fold(Arc::new(Contract::Close), instalment)
}

fn trace() -> Vec<Transaction> {
    let paid = |number: i64| Transaction {
        interval: TimeInterval { from: (number * 1_000).into(), to: (number * 1_000 + 999).into() },
        inputs: vec![Input::Deposit {
            into_account: party("Buyer"),
            input_from_party: party("Buyer"),
            of_token: cny(),
            that_deposits: (PRICE / INSTALMENTS).into(),
        }],
    };
    (0..INSTALMENTS).map(paid).collect()
}

fn main() {
    let (contract, trace) = (contract(), trace());
    let played = play_trace(BigInt::ZERO, &contract, &trace).expect("values are small").expect("it plays");
    assert_eq!((played.payments.len(), &*played.contract), (12, &Contract::Close));
    let mut criterion = Criterion::default().without_plots();
    let mut group = criterion.benchmark_group("agreement");
    group.throughput(Throughput::Elements(12));
    group.bench_function("steps", |bencher| {
        bencher.iter(|| black_box(play_trace(BigInt::ZERO, black_box(&contract), black_box(&trace))));
    });
    group.finish();
    criterion.final_summary();
}
