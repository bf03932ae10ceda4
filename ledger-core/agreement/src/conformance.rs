//! What the public Marlowe conformance driver (marlowe-spec-test) asks, answered with the functions of this crate.
//!
//! One request is one JSON text, one answer is one line of it. How requests come in and answers go out is the caller's.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::json::{Json, JsonError, JsonForm, Node, Reads};
use crate::sample::Sample;
use crate::{
    Action, BigInt, Bound, Case, ChoiceId, Contract, Environment, EvaluationError, Input, IntervalError, Observation,
    Party, Payee, Payment, State, Token, Transaction, TransactionError, TransactionOutput, TransactionWarning, Value,
    compute_transaction, eval_observation, eval_value, play_trace,
};

/// Roles and tokens that are given as random ones, in ASCII, beside addresses.
const ROLES: [&str; 8] = ["Buyer", "Seller", "Mediator", "Oracle", "Lender", "Borrower", "Carrier", "Insurer"];
const TOKENS: [&str; 8] = ["CNY", "USD", "Grain", "Steel", "Freight", "Deposit", "Copper", "Margin"];

/// Why a request has no answer of its own.
enum Refused {
    Json(JsonError),
    Evaluation(EvaluationError),
    Unknown,
    NotImplemented,
}

impl From<JsonError> for Refused {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl From<EvaluationError> for Refused {
    fn from(error: EvaluationError) -> Self {
        Self::Evaluation(error)
    }
}

/// The answer to a request: one line of JSON in ASCII.
pub fn answer(request: &str) -> String {
    let invalid =
        |code: &str, error: String| Json::object([("invalid-request", Json::text(format!("{code}: {error}")))]);
    let answer = match respond(request) {
        Ok(payload) => Json::object([("request-response", payload)]),
        Err(Refused::Json(error)) => invalid(error.code(), error.to_string()),
        Err(Refused::Evaluation(error)) => invalid(error.code(), error.to_string()),
        Err(Refused::Unknown) => Json::text("UnknownRequest"),
        Err(Refused::NotImplemented) => Json::text("RequestNotImplemented"),
    };
    answer.to_string()
}

fn respond(request: &str) -> Result<Json, Refused> {
    let json = Json::read(request)?;
    let node = Node::root(&json);
    match node.field("request")?.text()? {
        "test-roundtrip-serialization" => Ok(roundtrip(&node)?),
        "generate-random-value" => Ok(random(&node)?),
        "compute-transaction" => computed(&node),
        "playtrace" => played(&node),
        "eval-value" => {
            let (environment, state) = surroundings(&node)?;
            Ok(eval_value(&environment, &state, &Value::from_node(&node.field("value")?)?)?.to_json())
        }
        "eval-observation" => {
            let (environment, state) = surroundings(&node)?;
            let observation = Observation::from_node(&node.field("observation")?)?;
            Ok(Json::Bool(eval_observation(&environment, &state, &observation)?))
        }
        // Earlier drivers ask these; the published protocol has no form for their answers.
        "fix-interval" | "reduce-contract-until-quiescent" => Err(Refused::NotImplemented),
        _ => Err(Refused::Unknown),
    }
}

fn surroundings(node: &Node<'_>) -> Result<(Environment, State), JsonError> {
    Ok((Environment::from_node(&node.field("environment")?)?, State::from_node(&node.field("state")?)?))
}

fn contract(node: &Node<'_>) -> Result<Arc<Contract>, JsonError> {
    Contract::from_node(&node.field("coreContract")?).map(Arc::new)
}

fn computed(node: &Node<'_>) -> Result<Json, Refused> {
    let transaction = Transaction::from_node(&node.field("transactionInput")?)?;
    let state = State::from_node(&node.field("state")?)?;
    Ok(compute_transaction(&transaction, &state, &contract(node)?)?.to_json())
}

fn played(node: &Node<'_>) -> Result<Json, Refused> {
    let transactions: Vec<Transaction> = node.field("transactionInputs")?.list()?;
    let initial_time = BigInt::from_node(&node.field("initialTime")?)?;
    Ok(play_trace(initial_time, &contract(node)?, &transactions)?.to_json())
}

/// The types that can be read and written back, by the driver's names.
const ROUNDTRIPS: [(&str, Reads<Json>); 18] = [
    ("Core.Action", again::<Action>),
    ("Core.Bound", again::<Bound>),
    ("Core.Case", again::<Case>),
    ("Core.ChoiceId", again::<ChoiceId>),
    ("Core.Contract", again::<Contract>),
    ("Core.Input", again::<Input>),
    ("Core.IntervalError", again::<IntervalError>),
    ("Core.Observation", again::<Observation>),
    ("Core.Party", again::<Party>),
    ("Core.Payee", again::<Payee>),
    ("Core.Payment", again::<Payment>),
    ("Core.State", again::<State>),
    ("Core.Token", again::<Token>),
    ("Core.Transaction", again::<Transaction>),
    ("Core.TransactionError", again::<TransactionError>),
    ("Core.TransactionOutput", again::<TransactionOutput>),
    ("Core.TransactionWarning", again::<TransactionWarning>),
    ("Core.Value", again::<Value>),
];

fn again<T: JsonForm>(node: &Node<'_>) -> Result<Json, JsonError> {
    T::from_node(node).map(|value| value.to_json())
}

fn roundtrip(node: &Node<'_>) -> Result<Json, JsonError> {
    let (type_id, json) = (node.field("typeId")?.text()?, node.field("json")?);
    let Some((_, again)) = ROUNDTRIPS.iter().find(|(name, _)| *name == type_id) else {
        return Ok(Json::object([("unknown-type", Json::text(type_id))]));
    };
    Ok(match again(&json) {
        Ok(value) => Json::object([("serialization-success", value)]),
        Err(error) => Json::object([("serialization-error", Json::text(format!("{}: {error}", error.code())))]),
    })
}

fn random(node: &Node<'_>) -> Result<Json, JsonError> {
    let type_id = node.field("typeId")?.text()?;
    let seed = node.optional("seed").map_or(Ok(BigInt::ZERO), |seed| seed.integer())?;
    // Any integer is a seed: its lowest 64 bits. The driver's size says nothing here; parties and tokens do not grow.
    let lowest = seed.iter_u64_digits().next().unwrap_or_default();
    let mut sample = Sample::seeded(lowest);
    let value = match type_id {
        "Core.Party" => match sample.below(2) {
            0 => sample.address().to_json(),
            _ => Party::Role(sample.word(&ROLES)).to_json(),
        },
        "Core.Token" => {
            let name = sample.word(&TOKENS);
            Token { currency_symbol: format!("{:06x}", sample.below(16)), token_name: name }.to_json()
        }
        _ => return Ok(Json::object([("unknown-type", Json::text(type_id))])),
    };
    Ok(Json::object([("value", value)]))
}
