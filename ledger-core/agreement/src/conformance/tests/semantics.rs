//! "Semantics": what is evaluated and computed through the protocol is what the functions give.

use std::sync::Arc;

use super::payload;
use crate::sample::Sample;
use crate::{JsonForm, Value, compute_transaction, eval_observation, eval_value};

#[test]
fn values_and_observations_are_evaluated() {
    for seed in 0..300 {
        let mut sample = Sample::seeded(seed);
        let (environment, state, value, observation) =
            (sample.environment(), sample.state(), sample.value(4), sample.observation(4));
        let request = |name: &str, what: &str, text: String| {
            let (environment, state) = (environment.to_text(), state.to_text());
            payload(&format!(r#"{{"request":"{name}","environment":{environment},"state":{state},"{what}":{text}}}"#))
        };
        let expected = eval_value(&environment, &state, &value).expect("samples are small");
        assert_eq!(request("eval-value", "value", value.to_text()), expected.to_string());
        let expected = eval_observation(&environment, &state, &observation).expect("samples are small");
        assert_eq!(request("eval-observation", "observation", observation.to_text()), expected.to_string());

        let larger = Value::AddValue(Box::new(Value::Constant(sample.integer() + 1)), Box::new(value.clone()));
        let (less, more) = (eval_value(&environment, &state, &value), eval_value(&environment, &state, &larger));
        if less.expect("samples are small").magnitude() < more.expect("samples are small").magnitude() {
            let division = Value::DivValue(Box::new(value), Box::new(larger));
            assert_eq!(request("eval-value", "value", division.to_text()), "0");
        }
    }
}

#[test]
fn transactions_are_computed() {
    for seed in 0..300 {
        let mut sample = Sample::seeded(seed);
        let (contract, state) = (Arc::new(sample.contract(5)), sample.state());
        let transaction = sample.transaction(&state, &contract);
        let request = format!(
            r#"{{"request":"compute-transaction","transactionInput":{},"state":{},"coreContract":{}}}"#,
            transaction.to_text(),
            state.to_text(),
            contract.to_text()
        );
        let expected = compute_transaction(&transaction, &state, &contract).expect("samples are small");
        assert_eq!(payload(&request), expected.to_text());
    }
}
