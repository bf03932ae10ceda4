//! What is refused, what is found, and that what is not found does not happen.

use std::sync::Arc;

use super::interval::Interval;
use super::{AnalysisError, Finding, analyse};
use crate::sample::Sample;
use crate::{BigInt, Contract, JsonForm, State, TransactionWarning, compute_transaction};

const A: &str = r#"{"role_token":"A"}"#;
const B: &str = r#"{"role_token":"B"}"#;
const CNY: &str = r#"{"currency_symbol":"","token_name":"CNY"}"#;

fn deposit(amount: &str, then: &str) -> String {
    format!(
        r#"{{"when":[{{"case":{{"into_account":{A},"party":{B},"of_token":{CNY},"deposits":{amount}}},"then":{then}}}],"timeout":100,"timeout_continuation":"close"}}"#
    )
}

fn pay(amount: &str, to: &str, then: &str) -> String {
    format!(r#"{{"from_account":{A},"to":{to},"token":{CNY},"pay":{amount},"then":{then}}}"#)
}

fn choose(from: &str, to: &str, timeout: i64, then: &str) -> String {
    format!(
        r#"{{"when":[{{"case":{{"for_choice":{CHOICE},"choose_between":[{{"from":{from},"to":{to}}}]}},"then":{then}}}],"timeout":{timeout},"timeout_continuation":"close"}}"#
    )
}

const CHOICE: &str = r#"{"choice_name":"n","choice_owner":{"role_token":"A"}}"#;
const CHOSEN: &str = r#"{"value_of_choice":{"choice_name":"n","choice_owner":{"role_token":"A"}}}"#;
const CLOSE: &str = r#""close""#;

fn outcome(contract: &str) -> Result<Vec<Finding>, AnalysisError> {
    let contract = Contract::from_text(contract).unwrap_or_else(|error| panic!("{error}: {contract}"));
    analyse(&Arc::new(contract), &State::empty(BigInt::ZERO), 10)
}

fn found(contract: &str) -> Vec<String> {
    let told = |finding: Finding| format!("{} {finding}", finding.code());
    outcome(contract).expect("the contract is opened").into_iter().map(told).collect()
}

fn refused(contract: &str) -> String {
    let error = outcome(contract).expect_err("the contract is refused");
    format!("{} {error}", error.code())
}

#[test]
fn a_contract_has_a_length() {
    let padded = |length: usize| {
        let name = "n".repeat(length - r#"{"let":"","be":1,"then":"close"}"#.len());
        format!(r#"{{"let":"{name}","be":1,"then":"close"}}"#)
    };
    assert_eq!(found(&padded(super::CONTRACT_BYTES_MAX)), [""; 0]);
    assert!(refused(&padded(super::CONTRACT_BYTES_MAX + 1)).starts_with("AGREEMENT_TOO_LONG "));
    let step = |then: Contract| Contract::Assert { observation: crate::Observation::TrueObs, then: Arc::new(then) };
    let deep = (0..600).fold(Contract::Close, |then, _| step(then));
    let error = analyse(&Arc::new(deep), &State::empty(BigInt::ZERO), 10).expect_err("nobody could read it again");
    assert_eq!(error.code(), "AGREEMENT_UNREADABLE");
}

#[test]
fn values_have_256_bits() {
    let square = |times: usize| {
        (0..times).fold(CHOSEN.to_owned(), |value, _| format!(r#"{{"multiply":{value},"times":{CHOSEN}}}"#))
    };
    let of = |value: &str| choose("0", "18446744073709551615", 50, &pay(value, &format!(r#"{{"party":{B}}}"#), CLOSE));
    assert!(found(&of(&square(3))).iter().all(|told| !told.contains("VALUE")), "four times 64 bits");
    let told = refused(&of(&square(4)));
    assert!(told.starts_with("AGREEMENT_VALUE_UNBOUNDED $.when[0].then.pay could be a number of 320 bits"), "{told}");
}

/// Each condition is asked several times for the one around it: the work is bounded, not only the depth.
#[test]
fn conditions_in_conditions_are_bounded() {
    let entangled = |times: usize| {
        let value = (0..times).fold(CHOSEN.to_owned(), |value, _| {
            format!(r#"{{"if":{{"value":{value},"lt":5}},"then":{CHOSEN},"else":2}}"#)
        });
        choose("1", "9", 50, &format!(r#"{{"let":"x","be":{value},"then":"close"}}"#))
    };
    assert_eq!(found(&entangled(6)), [""; 0]);
    let told = refused(&entangled(60));
    assert!(told.starts_with("AGREEMENT_TOO_COMPLEX $.when[0].then.be is too entangled"), "{told}");
}

#[test]
fn deposits_and_accounts_are_amounts() {
    let most = "9223372036854775807";
    assert_eq!(found(&deposit(most, CLOSE)), [""; 0]);
    let told = refused(&deposit("9223372036854775808", CLOSE));
    assert!(told.starts_with("AGREEMENT_DEPOSIT_UNBOUNDED $.when[0].case.deposits"), "{told}");
    let told = refused(&deposit(most, &deposit("1", CLOSE)));
    assert!(told.starts_with("AGREEMENT_ACCOUNT_UNBOUNDED after $.when[0].then.when[0].case.deposits"), "{told}");
    let spent = pay(most, &format!(r#"{{"party":{B}}}"#), &deposit("1", CLOSE));
    assert_eq!(found(&deposit(most, &spent)), [""; 0], "what is paid out makes room");
    let bounded = choose("1", "1000", 50, &deposit(CHOSEN, CLOSE));
    assert_eq!(found(&bounded), [""; 0]);
    let unbounded = choose("1", "9223372036854775808", 50, &deposit(CHOSEN, CLOSE));
    assert!(refused(&unbounded).starts_with("AGREEMENT_DEPOSIT_UNBOUNDED"));
}

#[test]
fn deadlines_come_and_rise() {
    let passed = found(&choose("0", "1", 10, CLOSE));
    assert!(passed[0].starts_with("AGREEMENT_DEADLINE_PASSED $.timeout: the deadline 10 has passed"), "{passed:?}");
    assert_eq!(found(&choose("0", "1", 11, CLOSE)), [""; 0]);
    let unordered = found(&choose("0", "1", 60, &choose("0", "1", 50, CLOSE)));
    assert_eq!(
        unordered,
        [
            "AGREEMENT_DEADLINE_OUT_OF_ORDER $.when[0].then.timeout: the deadline 50 lies before 60, the one of the wait around it"
        ]
    );
    assert_eq!(found(&choose("0", "1", 60, &choose("0", "1", 60, CLOSE))), [""; 0]);
    let late = choose("0", "1", 253_402_300_800_000, CLOSE);
    assert!(refused(&late).starts_with("AGREEMENT_DEADLINE_TOO_LATE $.timeout"));
    assert_eq!(found(&choose("0", "1", 253_402_300_799_999, CLOSE)), [""; 0]);
}

#[test]
fn parts_that_are_never_reached_are_told() {
    let compare = |number: u64| format!(r#"{{"if":{{"value":{CHOSEN},"gt":{number}}},"then":"close","else":"close"}}"#);
    assert_eq!(found(&choose("0", "9", 50, &compare(5))), [""; 0]);
    let told = found(&choose("0", "9", 50, &compare(9)));
    assert_eq!(told, ["AGREEMENT_UNREACHABLE $.when[0].then.then: never reached"]);
    assert_eq!(found(&choose("9", "0", 50, CLOSE)), ["AGREEMENT_UNREACHABLE $.when[0]: never reached"]);
    let narrowed = format!(r#"{{"if":{{"value":{CHOSEN},"lt":3}},"then":{},"else":"close"}}"#, compare(2));
    let told = found(&choose("0", "9", 50, &narrowed));
    assert_eq!(told, ["AGREEMENT_UNREACHABLE $.when[0].then.then.then: never reached"]);
}

#[test]
fn payments_that_may_be_short_or_of_nothing_are_told() {
    let to = format!(r#"{{"account":{B}}}"#);
    assert_eq!(found(&deposit("10", &pay("10", &to, CLOSE))), [""; 0]);
    let short = found(&deposit("10", &pay("11", &to, CLOSE)));
    assert_eq!(
        short,
        ["AGREEMENT_PAYMENT_SHORT $.when[0].then.pay: asks for up to 11, where the account may hold as little as 10"]
    );
    let nothing = found(&deposit("10", &pay("0", &to, CLOSE)));
    assert_eq!(nothing, ["AGREEMENT_NOT_POSITIVE $.when[0].then.pay: may be 0, and nothing is paid for zero or less"]);
    let least = format!(r#"{{"if":{{"value":{CHOSEN},"lt":10}},"then":{CHOSEN},"else":10}}"#);
    let bounded = deposit("10", &choose("1", "99", 90, &pay(&least, &to, CLOSE)));
    let told = found(&bounded);
    assert_eq!(told.len(), 1, "the smaller of a choice and what is there: {told:?}");
    assert!(told[0].starts_with("AGREEMENT_DEADLINE_OUT_OF_ORDER"), "{told:?}");
}

#[test]
fn replaced_values_and_assertions_are_told() {
    let twice = r#"{"let":"x","be":1,"then":{"let":"x","be":2,"then":{"assert":{"value":{"use_value":"x"},"equal_to":2},"then":"close"}}}"#;
    assert_eq!(found(twice), [r#"AGREEMENT_VALUE_SHADOWED $.then: may replace what was remembered as "x""#]);
    let told = found(
        &twice.replace(r#""equal_to":2"#, r#""equal_to":3"#).replace(r#""let":"x","be":1"#, r#""let":"y","be":1"#),
    );
    assert_eq!(told, ["AGREEMENT_ASSERTION_FAILS $.then.then.assert: may not hold"]);
}

/// Every operation lies within what the analysis gives, whatever lies in the intervals.
#[test]
fn intervals_hold_every_result() {
    let mut sample = Sample::seeded(1);
    let mut end = || BigInt::from(sample.below(13)) - BigInt::from(6);
    for _ in 0..400 {
        let (one, other) = ((end(), end()), (end(), end()));
        let (Some(left), Some(right)) = (Interval::new(one.0, one.1), Interval::new(other.0, other.1)) else {
            continue;
        };
        let all = |interval: &Interval| {
            let (low, high) = (interval.low().clone(), interval.high().clone());
            (0..14).map(move |step| &low + BigInt::from(step)).take_while(move |integer| *integer <= high)
        };
        for x in all(&left) {
            for y in all(&right) {
                for (interval, result) in [
                    (left.plus(&right), &x + &y),
                    (left.minus(&right), &x - &y),
                    (left.times(&right), &x * &y),
                    (left.divided_by(&right), crate::evaluate::quotient(&x, &y)),
                    (left.smaller(&right), x.clone().min(y.clone())),
                    (left.negated(), -&x),
                ] {
                    assert!(*interval.low() <= result && result <= *interval.high(), "{left:?} {right:?} {x} {y}");
                }
            }
        }
    }
}

/// Random contracts that the analysis lets pass: no warning comes that was not found, and no amount leaves its bound.
#[test]
fn what_is_not_found_does_not_happen() {
    let (mut warned, mut clean, mut errors) = (0, 0, 0);
    for seed in 0..4_000 {
        let mut sample = Sample::seeded(seed);
        let (mut contract, mut state) = (Arc::new(sample.contract(5)), sample.state());
        let Ok(findings) = analyse(&contract, &state, 0) else {
            errors += 1;
            continue;
        };
        let has = |code: &str| findings.iter().any(|finding| finding.code() == code);
        for _ in 0..6 {
            let transaction = sample.transaction(&state, &contract);
            let Ok(next) = compute_transaction(&transaction, &state, &contract).expect("values are bounded") else {
                continue;
            };
            for warning in &next.warnings {
                let code = match warning {
                    TransactionWarning::NonPositiveDeposit { .. } | TransactionWarning::NonPositivePay { .. } => {
                        "AGREEMENT_NOT_POSITIVE"
                    }
                    TransactionWarning::PartialPay { .. } => "AGREEMENT_PAYMENT_SHORT",
                    TransactionWarning::Shadowing { .. } => "AGREEMENT_VALUE_SHADOWED",
                    TransactionWarning::AssertionFailed => "AGREEMENT_ASSERTION_FAILS",
                };
                assert!(has(code), "seed {seed}: {warning:?} was not found");
                warned += 1;
            }
            clean += usize::from(next.warnings.is_empty());
            let most = BigInt::from(i64::MAX);
            assert!(next.payments.iter().all(|payment| payment.amount <= most));
            assert!(next.state.accounts.iter().all(|(_, amount)| *amount <= most));
            assert!(next.state.bound_values.iter().all(|(_, value)| value.bits() <= 256));
            (state, contract) = (next.state, next.contract);
        }
    }
    assert!(warned > 500 && clean > 500 && errors > 20, "{warned} {clean} {errors}");
}
