//! Contracts, cases and actions.
//!
//! Contracts lie deep in each other: what follows is read and written first and in functions apart, so that little else lies
//! on the stack meanwhile.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::contract::{Action, Case, Contract};
use crate::json::{Json, JsonError, JsonForm, Node, Reads};
use crate::party::{Party, Payee, Token, ValueId};
use crate::value::{Observation, Value};

/// The field that tells a form, and what reads it.
const FORMS: [(&str, Reads<Contract>); 6] =
    [("pay", pay), ("from_account", pay), ("if", branch), ("when", wait), ("let", remember), ("assert", assertion)];

impl JsonForm for Contract {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if matches!(node.json(), Json::String(text) if text == "close") {
            return Ok(Self::Close);
        }
        match FORMS.iter().find(|(name, _)| node.has(name)) {
            Some((_, read)) => read(node),
            None => Err(node.unexpected("contract: \"close\", or an object with one of pay, if, when, let, assert")),
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Close => Json::text("close"),
            Self::Pay { from_account, to, token, pay, then } => {
                let then = then.to_json();
                payment_json(from_account, to, token, pay, then)
            }
            Self::If { observation, then, otherwise } => {
                let (then, otherwise) = (then.to_json(), otherwise.to_json());
                branch_json(observation, then, otherwise)
            }
            Self::When { cases, timeout, timeout_continuation } => {
                let (cases, continuation) = (Json::array(cases), timeout_continuation.to_json());
                wait_json(cases, timeout, continuation)
            }
            Self::Let { value_id, be, then } => {
                let then = then.to_json();
                remember_json(value_id, be, then)
            }
            Self::Assert { observation, then } => {
                let then = then.to_json();
                assertion_json(observation, then)
            }
        }
    }
}

fn payment_json(from_account: &Party, to: &Payee, token: &Token, pay: &Value, then: Json) -> Json {
    Json::object([
        ("from_account", from_account.to_json()),
        ("to", to.to_json()),
        ("token", token.to_json()),
        ("pay", pay.to_json()),
        ("then", then),
    ])
}

fn branch_json(observation: &Observation, then: Json, otherwise: Json) -> Json {
    Json::object([("if", observation.to_json()), ("then", then), ("else", otherwise)])
}

fn wait_json(cases: Json, timeout: &BigInt, continuation: Json) -> Json {
    Json::object([("when", cases), ("timeout", timeout.to_json()), ("timeout_continuation", continuation)])
}

fn remember_json(value_id: &ValueId, be: &Value, then: Json) -> Json {
    Json::object([("let", value_id.to_json()), ("be", be.to_json()), ("then", then)])
}

fn assertion_json(observation: &Observation, then: Json) -> Json {
    Json::object([("assert", observation.to_json()), ("then", then)])
}

fn follows(node: &Node<'_>, name: &'static str) -> Result<Arc<Contract>, JsonError> {
    Contract::from_node(&node.field(name)?).map(Arc::new)
}

fn read<T: JsonForm>(node: &Node<'_>, name: &'static str) -> Result<T, JsonError> {
    T::from_node(&node.field(name)?)
}

fn pay(node: &Node<'_>) -> Result<Contract, JsonError> {
    node.expect(["from_account", "to", "token", "pay", "then"])?;
    let then = follows(node, "then")?;
    pay_before(node, then)
}

fn pay_before(node: &Node<'_>, then: Arc<Contract>) -> Result<Contract, JsonError> {
    let (from_account, to) = (read(node, "from_account")?, read(node, "to")?);
    Ok(Contract::Pay { from_account, to, token: read(node, "token")?, pay: read(node, "pay")?, then })
}

fn branch(node: &Node<'_>) -> Result<Contract, JsonError> {
    node.expect(["if", "then", "else"])?;
    let (then, otherwise) = (follows(node, "then")?, follows(node, "else")?);
    read(node, "if").map(|observation| Contract::If { observation, then, otherwise })
}

fn wait(node: &Node<'_>) -> Result<Contract, JsonError> {
    node.expect(["when", "timeout", "timeout_continuation"])?;
    let timeout_continuation = follows(node, "timeout_continuation")?;
    let cases = node.field("when")?.list()?;
    read(node, "timeout").map(|timeout| Contract::When { cases, timeout, timeout_continuation })
}

fn remember(node: &Node<'_>) -> Result<Contract, JsonError> {
    node.expect(["let", "be", "then"])?;
    let then = follows(node, "then")?;
    remember_before(node, then)
}

fn remember_before(node: &Node<'_>, then: Arc<Contract>) -> Result<Contract, JsonError> {
    Ok(Contract::Let { value_id: read(node, "let")?, be: read(node, "be")?, then })
}

fn assertion(node: &Node<'_>) -> Result<Contract, JsonError> {
    node.expect(["assert", "then"])?;
    let then = follows(node, "then")?;
    read(node, "assert").map(|observation| Contract::Assert { observation, then })
}

impl JsonForm for Case {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        node.expect(["case", "then"])?;
        let then = follows(node, "then")?;
        read(node, "case").map(|action| Self { action, then })
    }

    fn to_json(&self) -> Json {
        let then = self.then.to_json();
        Json::object([("case", self.action.to_json()), ("then", then)])
    }
}

impl JsonForm for Action {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if node.has("deposits") {
            return deposit(node);
        }
        if node.has("for_choice") {
            node.expect(["for_choice", "choose_between"])?;
            let choose_between = node.field("choose_between")?.list()?;
            return read(node, "for_choice").map(|for_choice| Self::Choice { for_choice, choose_between });
        }
        if node.has("notify_if") {
            node.expect(["notify_if"])?;
            return read(node, "notify_if").map(|notify_if| Self::Notify { notify_if });
        }
        Err(node.unexpected("action: an object with one of deposits, for_choice, notify_if"))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Deposit { into_account, party, of_token, deposits } => Json::object([
                ("into_account", into_account.to_json()),
                ("party", party.to_json()),
                ("of_token", of_token.to_json()),
                ("deposits", deposits.to_json()),
            ]),
            Self::Choice { for_choice, choose_between } => {
                Json::object([("for_choice", for_choice.to_json()), ("choose_between", Json::array(choose_between))])
            }
            Self::Notify { notify_if } => Json::object([("notify_if", notify_if.to_json())]),
        }
    }
}

fn deposit(node: &Node<'_>) -> Result<Action, JsonError> {
    node.expect(["into_account", "party", "of_token", "deposits"])?;
    let (into_account, party) = (read(node, "into_account")?, read(node, "party")?);
    Ok(Action::Deposit { into_account, party, of_token: read(node, "of_token")?, deposits: read(node, "deposits")? })
}
