//! Values and observations.

use crate::json::{Json, JsonError, JsonForm, Node, Reads};
use crate::party::{Party, Token};
use crate::value::{Observation, Value};

/// Two values, observations or one of each, in the fields of an object.
fn two<A: JsonForm, B: JsonForm>(node: &Node<'_>, names: [&'static str; 2]) -> Result<(Box<A>, Box<B>), JsonError> {
    node.expect(names)?;
    let [left, right] = names;
    Ok((boxed(node, left)?, boxed(node, right)?))
}

fn one<T: JsonForm>(node: &Node<'_>, name: &'static str) -> Result<Box<T>, JsonError> {
    node.expect([name])?;
    boxed(node, name)
}

/// What stands in a field: apart, so that it takes no room on the stack of whoever reads what lies around it.
fn boxed<T: JsonForm>(node: &Node<'_>, name: &'static str) -> Result<Box<T>, JsonError> {
    T::from_node(&node.field(name)?).map(Box::new)
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
            Json::Object(_) => match FORMS.iter().find(|(name, _)| node.has(name)) {
                Some((_, read)) => read(node),
                None => Err(node.unexpected("value of any known form")),
            },
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

/// The field that only one form has, and what reads it. A function for each keeps the stack of deep values small.
const FORMS: [(&str, Reads<Value>); 10] = [
    ("in_account", available),
    ("amount_of_token", available),
    ("negate", |node| one(node, "negate").map(Value::NegValue)),
    ("add", |node| two(node, ["add", "and"]).map(|(left, right)| Value::AddValue(left, right))),
    ("minus", |node| two(node, ["value", "minus"]).map(|(left, right)| Value::SubValue(left, right))),
    ("multiply", |node| two(node, ["multiply", "times"]).map(|(left, right)| Value::MulValue(left, right))),
    ("divide", |node| two(node, ["divide", "by"]).map(|(left, right)| Value::DivValue(left, right))),
    ("value_of_choice", |node| one(node, "value_of_choice").map(|choice| Value::ChoiceValue(*choice))),
    ("use_value", |node| one(node, "use_value").map(|name| Value::UseValue(*name))),
    ("if", conditional),
];

fn available(node: &Node<'_>) -> Result<Value, JsonError> {
    let [account, token] = node.fields(["in_account", "amount_of_token"])?;
    Ok(Value::AvailableMoney(Party::from_node(&account)?, Token::from_node(&token)?))
}

fn conditional(node: &Node<'_>) -> Result<Value, JsonError> {
    node.expect(["if", "then", "else"])?;
    Ok(Value::Cond(boxed(node, "if")?, boxed(node, "then")?, boxed(node, "else")?))
}

impl JsonForm for Observation {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        match node.json() {
            Json::Bool(true) => Ok(Self::TrueObs),
            Json::Bool(false) => Ok(Self::FalseObs),
            Json::Object(_) => match OBSERVATIONS.iter().find(|(name, _)| node.has(name)) {
                Some((_, read)) => read(node),
                None => Err(node.unexpected("observation of any known form")),
            },
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

/// As [`FORMS`].
const OBSERVATIONS: [(&str, Reads<Observation>); 9] = [
    ("both", |node| two(node, ["both", "and"]).map(|(left, right)| Observation::AndObs(left, right))),
    ("either", |node| two(node, ["either", "or"]).map(|(left, right)| Observation::OrObs(left, right))),
    ("not", |node| one(node, "not").map(Observation::NotObs)),
    ("chose_something_for", |node| one(node, "chose_something_for").map(|choice| Observation::ChoseSomething(*choice))),
    ("ge_than", |node| two(node, ["value", "ge_than"]).map(|(left, right)| Observation::ValueGE(left, right))),
    ("gt", |node| two(node, ["value", "gt"]).map(|(left, right)| Observation::ValueGT(left, right))),
    ("lt", |node| two(node, ["value", "lt"]).map(|(left, right)| Observation::ValueLT(left, right))),
    ("le_than", |node| two(node, ["value", "le_than"]).map(|(left, right)| Observation::ValueLE(left, right))),
    ("equal_to", |node| two(node, ["value", "equal_to"]).map(|(left, right)| Observation::ValueEQ(left, right))),
];
