//! The four errors of a transaction, and what lies just beside each.

use super::*;
use crate::{EvaluationError, Observation, ValueId, play_trace};

const USELESS: &str = r#""TEUselessTransaction""#;
const NO_MATCH: &str = r#""TEApplyNoMatchError""#;
const AMBIGUOUS: &str = r#""TEAmbiguousTimeIntervalError""#;

#[test]
fn a_transaction_that_changes_nothing_is_useless() {
    assert_eq!(refused((1, 2), vec![], &state(0, &[]), when(vec![], 10)), USELESS);
    assert_eq!(refused((1, 2), vec![], &state(0, &[("Buyer", 5)]), when(vec![], 10)), USELESS, "money waits too");
    assert_eq!(refused((1, 2), vec![], &state(0, &[]), Contract::Close), USELESS, "it has ended");
    assert!(compute((1, 2), vec![], &state(0, &[("Buyer", 5)]), Contract::Close).is_ok(), "a refund is something");
    assert!(compute((10, 12), vec![], &state(0, &[]), when(vec![], 10)).is_ok(), "a deadline is something");
    // An account of zero comes only from outside; the specification looks at the list alone, and so the list stays.
    let zero = state(0, &[("Buyer", 0)]);
    let left = compute((1, 2), vec![], &zero, Contract::Close).expect("the list is not empty");
    assert_eq!((left.payments.len(), &left.state.accounts), (0, &zero.accounts));
}

#[test]
fn intervals_that_are_none_or_past_are_refused() {
    let wait = || when(vec![], 10);
    assert_eq!(
        refused((5, 4), vec![], &state(0, &[]), wait()),
        r#"{"error":"TEIntervalError","context":{"invalidInterval":{"from":5,"to":4}}}"#
    );
    assert_eq!(
        refused((1, 4), vec![], &state(5, &[]), wait()),
        r#"{"error":"TEIntervalError","context":{"intervalInPastError":{"minTime":5,"from":1,"to":4}}}"#
    );
    let both = refused((4, 1), vec![], &state(5, &[]), wait());
    assert!(both.contains("invalidInterval"), "an interval that is none is not past: {both}");
    let trimmed = compute((1, 20), vec![], &state(10, &[]), wait()).expect("it begins with the state's time");
    assert_eq!(trimmed.state.min_time, BigInt::from(10));
    let whole = compute((10, 10), vec![], &state(10, &[]), wait()).expect("one instant is an interval");
    assert_eq!(*whole.contract, Contract::Close);
}

#[test]
fn a_deadline_within_the_interval_is_ambiguous() {
    for (interval, expected) in [((8, 9), USELESS), ((8, 10), AMBIGUOUS), ((9, 99), AMBIGUOUS)] {
        assert_eq!(refused(interval, vec![], &state(0, &[]), when(vec![], 10)), expected, "{interval:?}");
    }
    let inner = when(
        vec![(Action::Choice { for_choice: choice("x"), choose_between: bounds(&[(0, 1)]) }, when(vec![], 9))],
        20,
    );
    assert_eq!(refused((8, 9), vec![chosen("x", 1)], &state(0, &[]), inner), AMBIGUOUS, "also after an input");
}

#[test]
fn inputs_that_no_case_takes_are_refused() {
    let contract = || when(vec![(deposit("Seller", "Buyer", constant(10)), Contract::Close)], 100);
    let of = |input| compute((1, 2), vec![input], &state(0, &[]), contract());
    assert!(of(paid_in("Seller", "Buyer", 10)).is_ok());
    for input in [
        paid_in("Seller", "Buyer", 9),
        paid_in("Seller", "Buyer", 11),
        paid_in("Buyer", "Buyer", 10),
        paid_in("Seller", "Seller", 10),
        chosen("x", 10),
        Input::Notify,
    ] {
        assert_eq!(of(input.clone()).map_err(|error| error.to_text()), Err(NO_MATCH.to_owned()), "{input:?}");
    }
    let ended = compute((1, 2), vec![paid_in("Seller", "Buyer", 10); 2], &state(0, &[]), contract());
    assert_eq!(ended.map_err(|error| error.to_text()), Err(NO_MATCH.to_owned()), "nothing waits for the second");
}

#[test]
fn a_choice_lies_within_one_of_its_bounds() {
    for (allowed, number, is_taken) in [
        (&[(0, 0), (3, 5)][..], 0, true),
        (&[(0, 0), (3, 5)], 1, false),
        (&[(0, 0), (3, 5)], 3, true),
        (&[(0, 0), (3, 5)], 5, true),
        (&[(0, 0), (3, 5)], 6, false),
        (&[(0, 0), (3, 5)], -1, false),
        (&[(5, 3)], 4, false),
        (&[], 0, false),
        (&[(-4, -2)], -3, true),
    ] {
        let action = Action::Choice { for_choice: choice("x"), choose_between: bounds(allowed) };
        let output =
            compute((1, 2), vec![chosen("x", number)], &state(0, &[]), when(vec![(action, Contract::Close)], 9));
        assert_eq!(output.is_ok(), is_taken, "{number} of {allowed:?}");
    }
}

#[test]
fn a_notification_needs_what_it_says() {
    let notify = |notify_if| when(vec![(Action::Notify { notify_if }, Contract::Close)], 9);
    assert!(compute((1, 2), vec![Input::Notify], &state(0, &[]), notify(Observation::TrueObs)).is_ok());
    assert_eq!(refused((1, 2), vec![Input::Notify], &state(0, &[]), notify(Observation::FalseObs)), NO_MATCH);
}

#[test]
fn the_first_error_ends_a_trace() {
    let contract = Arc::new(when(vec![], 10));
    let trace = [transaction((11, 12), vec![]), transaction((13, 14), vec![]), transaction((1, 2), vec![])];
    let play = |count: usize| play_trace(BigInt::ZERO, &contract, &trace[..count]).expect("the values are small");
    assert!(play(0).is_ok() && play(1).is_ok(), "no transaction at all is no error");
    assert_eq!(play(2).map_err(|error| error.to_text()), Err(USELESS.to_owned()));
    assert_eq!(play(3), play(2));
}

#[test]
fn a_number_that_grows_without_end_is_refused() {
    let square = |then| {
        let x = || Box::new(Value::UseValue(ValueId("x".to_owned())));
        Contract::Let { value_id: ValueId("x".to_owned()), be: Value::MulValue(x(), x()), then: Arc::new(then) }
    };
    let grown = |times: usize| {
        let squared = (0..times).fold(Contract::Close, |then, _| square(then));
        let be = constant(BigInt::from(1) << 1_000);
        let contract = Contract::Let { value_id: ValueId("x".to_owned()), be, then: Arc::new(squared) };
        compute_transaction(&transaction((1, 2), vec![]), &state(0, &[]), &Arc::new(contract))
    };
    assert!(grown(6).is_ok(), "64,001 bits are computed");
    let error = grown(60).expect_err("2^60 thousand bits are not");
    assert_eq!(error, EvaluationError::ValueTooLarge { bits: 128_001 });
    assert_eq!(error.code(), "AGREEMENT_VALUE_TOO_LARGE");
}
