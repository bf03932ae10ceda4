//! Values and observations.

use crate::json::{Json, JsonError, JsonForm, Node};
use crate::party::{ChoiceId, Party, Token, ValueId};
use crate::value::{Observation, Value};

/// Two values, observations or one of each, in the fields of an object.
fn two<A: JsonForm, B: JsonForm>(node: &Node<'_>, names: [&'static str; 2]) -> Result<(Box<A>, Box<B>), JsonError> {
    let [left, right] = node.fields(names)?;
    Ok((Box::new(A::from_node(&left)?), Box::new(B::from_node(&right)?)))
}

fn one<T: JsonForm>(node: &Node<'_>, name: &'static str) -> Result<T, JsonError> {
    let [only] = node.fields([name])?;
    T::from_node(&only)
}

fn written<A: JsonForm, B: JsonForm>(left: (&str, &A), right: (&str, &B)) -> Json {
    Json::object([(left.0, left.1.to_json()), (right.0, right.1.to_json())])
}

impl JsonForm for Value {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        const EXPECTED: &str = "value: an integer, \"time_interval_start\", \"time_interval_end\" or an object";
        match node.json() {
            Json::Number(_) => Ok(Self::Constant(node.integer()?)),
            Json::String(text) if text == "time_interval_start" => Ok(Self::TimeIntervalStart),
            Json::String(text) if text == "time_interval_end" => Ok(Self::TimeIntervalEnd),
            Json::Object(_) => composed(node)?.ok_or_else(|| node.unexpected("value of any known form")),
            _ => Err(node.unexpected(EXPECTED)),
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::AvailableMoney(account, token) => written(("amount_of_token", token), ("in_account", account)),
            Self::Constant(integer) => integer.to_json(),
            Self::NegValue(value) => Json::object([("negate", value.to_json())]),
            Self::AddValue(left, right) => written(("add", &**left), ("and", &**right)),
            Self::SubValue(left, right) => written(("value", &**left), ("minus", &**right)),
            Self::MulValue(left, right) => written(("multiply", &**left), ("times", &**right)),
            Self::DivValue(left, right) => written(("divide", &**left), ("by", &**right)),
            Self::ChoiceValue(choice) => Json::object([("value_of_choice", choice.to_json())]),
            Self::TimeIntervalStart => Json::text("time_interval_start"),
            Self::TimeIntervalEnd => Json::text("time_interval_end"),
            Self::UseValue(name) => Json::object([("use_value", name.to_json())]),
            Self::Cond(observation, then, otherwise) => {
                Json::object([("if", observation.to_json()), ("then", then.to_json()), ("else", otherwise.to_json())])
            }
        }
    }
}

/// A value that is written as an object, told by the field that only its form has.
fn composed(node: &Node<'_>) -> Result<Option<Value>, JsonError> {
    Ok(Some(if node.has("in_account") || node.has("amount_of_token") {
        let [account, token] = node.fields(["in_account", "amount_of_token"])?;
        Value::AvailableMoney(Party::from_node(&account)?, Token::from_node(&token)?)
    } else if node.has("negate") {
        Value::NegValue(Box::new(one(node, "negate")?))
    } else if node.has("add") {
        two(node, ["add", "and"]).map(|(left, right)| Value::AddValue(left, right))?
    } else if node.has("minus") {
        two(node, ["value", "minus"]).map(|(left, right)| Value::SubValue(left, right))?
    } else if node.has("multiply") {
        two(node, ["multiply", "times"]).map(|(left, right)| Value::MulValue(left, right))?
    } else if node.has("divide") {
        two(node, ["divide", "by"]).map(|(left, right)| Value::DivValue(left, right))?
    } else if node.has("value_of_choice") {
        Value::ChoiceValue(one::<ChoiceId>(node, "value_of_choice")?)
    } else if node.has("use_value") {
        Value::UseValue(one::<ValueId>(node, "use_value")?)
    } else if node.has("if") {
        conditional(node)?
    } else {
        return Ok(None);
    }))
}

fn conditional(node: &Node<'_>) -> Result<Value, JsonError> {
    let [observation, then, otherwise] = node.fields(["if", "then", "else"])?;
    Ok(Value::Cond(
        Box::new(Observation::from_node(&observation)?),
        Box::new(Value::from_node(&then)?),
        Box::new(Value::from_node(&otherwise)?),
    ))
}

impl JsonForm for Observation {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        match node.json() {
            Json::Bool(true) => Ok(Self::TrueObs),
            Json::Bool(false) => Ok(Self::FalseObs),
            Json::Object(_) => {
                composed_observation(node)?.ok_or_else(|| node.unexpected("observation of any known form"))
            }
            _ => Err(node.unexpected("observation: true, false or an object")),
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::AndObs(left, right) => written(("both", &**left), ("and", &**right)),
            Self::OrObs(left, right) => written(("either", &**left), ("or", &**right)),
            Self::NotObs(observation) => Json::object([("not", observation.to_json())]),
            Self::ChoseSomething(choice) => Json::object([("chose_something_for", choice.to_json())]),
            Self::ValueGE(left, right) => written(("value", &**left), ("ge_than", &**right)),
            Self::ValueGT(left, right) => written(("value", &**left), ("gt", &**right)),
            Self::ValueLT(left, right) => written(("value", &**left), ("lt", &**right)),
            Self::ValueLE(left, right) => written(("value", &**left), ("le_than", &**right)),
            Self::ValueEQ(left, right) => written(("value", &**left), ("equal_to", &**right)),
            Self::TrueObs => Json::Bool(true),
            Self::FalseObs => Json::Bool(false),
        }
    }
}

fn composed_observation(node: &Node<'_>) -> Result<Option<Observation>, JsonError> {
    Ok(Some(if node.has("both") {
        two(node, ["both", "and"]).map(|(left, right)| Observation::AndObs(left, right))?
    } else if node.has("either") {
        two(node, ["either", "or"]).map(|(left, right)| Observation::OrObs(left, right))?
    } else if node.has("not") {
        Observation::NotObs(Box::new(one(node, "not")?))
    } else if node.has("chose_something_for") {
        Observation::ChoseSomething(one(node, "chose_something_for")?)
    } else {
        return comparison(node);
    }))
}

fn comparison(node: &Node<'_>) -> Result<Option<Observation>, JsonError> {
    type Comparison = fn(Box<Value>, Box<Value>) -> Observation;
    const COMPARISONS: [(&str, Comparison); 5] = [
        ("ge_than", Observation::ValueGE),
        ("gt", Observation::ValueGT),
        ("lt", Observation::ValueLT),
        ("le_than", Observation::ValueLE),
        ("equal_to", Observation::ValueEQ),
    ];
    let Some((name, make)) = COMPARISONS.into_iter().find(|(name, _)| node.has(name)) else { return Ok(None) };
    two(node, ["value", name]).map(|(left, right)| Some(make(left, right)))
}
