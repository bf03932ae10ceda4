//! What a value or an observation comes to.

use num_bigint::BigInt;
use thiserror::Error;

use crate::state::{Environment, State};
use crate::value::{Observation, Value};

/// The longest integer that is computed, read or written, in bits: about 19,700 decimal digits.
///
/// The language's integers have no bound. A contract that squares a number a thousand times would fill any machine, so
/// beyond this the answer is an error, not a number; no contract that the analysis lets pass comes near it.
pub const VALUE_BITS_MAX: u64 = 65_536;

/// Why something cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvaluationError {
    /// Past [`VALUE_BITS_MAX`].
    #[error("a value has {bits} bits, at most {VALUE_BITS_MAX} are computed; bound what is multiplied")]
    ValueTooLarge {
        /// As many as it has.
        bits: u64,
    },
}

impl EvaluationError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ValueTooLarge { .. } => "AGREEMENT_VALUE_TOO_LARGE",
        }
    }
}

/// The integer, unless it is past [`VALUE_BITS_MAX`].
pub(crate) fn within_bits(integer: BigInt) -> Result<BigInt, EvaluationError> {
    let bits = integer.bits();
    if bits > VALUE_BITS_MAX { Err(EvaluationError::ValueTooLarge { bits }) } else { Ok(integer) }
}

/// The value in a state, within a time: the specification's `evalValue`.
pub fn eval_value(environment: &Environment, state: &State, value: &Value) -> Result<BigInt, EvaluationError> {
    let eval = |value: &Value| eval_value(environment, state, value);
    let known = |found: Option<&BigInt>| found.cloned().unwrap_or_default();
    match value {
        Value::AvailableMoney(account, token) => Ok(known(state.accounts.lookup(&(account.clone(), token.clone())))),
        Value::Constant(integer) => Ok(integer.clone()),
        Value::NegValue(value) => Ok(-eval(value)?),
        Value::AddValue(left, right) => within_bits(eval(left)? + eval(right)?),
        Value::SubValue(left, right) => within_bits(eval(left)? - eval(right)?),
        Value::MulValue(left, right) => within_bits(eval(left)? * eval(right)?),
        Value::DivValue(left, right) => Ok(quotient(&eval(left)?, &eval(right)?)),
        Value::ChoiceValue(choice) => Ok(known(state.choices.lookup(choice))),
        Value::TimeIntervalStart => Ok(environment.time_interval.from.clone()),
        Value::TimeIntervalEnd => Ok(environment.time_interval.to.clone()),
        Value::UseValue(name) => Ok(known(state.bound_values.lookup(name))),
        Value::Cond(observation, then, otherwise) => {
            eval(if eval_observation(environment, state, observation)? { then } else { otherwise })
        }
    }
}

/// Rounded towards zero; zero where the divisor is.
pub(crate) fn quotient(dividend: &BigInt, divisor: &BigInt) -> BigInt {
    if *divisor == BigInt::ZERO { BigInt::ZERO } else { dividend / divisor }
}

/// Whether the observation holds in a state, within a time: the specification's `evalObservation`.
pub fn eval_observation(
    environment: &Environment,
    state: &State,
    observation: &Observation,
) -> Result<bool, EvaluationError> {
    let eval = |value: &Value| eval_value(environment, state, value);
    let holds = |observation: &Observation| eval_observation(environment, state, observation);
    Ok(match observation {
        Observation::AndObs(left, right) => holds(left)? && holds(right)?,
        Observation::OrObs(left, right) => holds(left)? || holds(right)?,
        Observation::NotObs(observation) => !holds(observation)?,
        Observation::ChoseSomething(choice) => state.choices.lookup(choice).is_some(),
        Observation::ValueGE(left, right) => eval(left)? >= eval(right)?,
        Observation::ValueGT(left, right) => eval(left)? > eval(right)?,
        Observation::ValueLT(left, right) => eval(left)? < eval(right)?,
        Observation::ValueLE(left, right) => eval(left)? <= eval(right)?,
        Observation::ValueEQ(left, right) => eval(left)? == eval(right)?,
        Observation::TrueObs => true,
        Observation::FalseObs => false,
    })
}
