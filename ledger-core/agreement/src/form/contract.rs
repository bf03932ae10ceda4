//! Contracts, cases and actions.

use std::sync::Arc;

use crate::contract::{Action, Case, Contract};
use crate::json::{Json, JsonError, JsonForm, Node};
use crate::party::{ChoiceId, Party, Payee, Token, ValueId};
use crate::value::{Observation, Value};

impl JsonForm for Contract {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if matches!(node.json(), Json::String(text) if text == "close") {
            return Ok(Self::Close);
        }
        if node.has("pay") || node.has("from_account") {
            return pay(node);
        }
        if node.has("if") {
            let [observation, then, otherwise] = node.fields(["if", "then", "else"])?;
            let (then, otherwise) = (follows(&then)?, follows(&otherwise)?);
            return Ok(Self::If { observation: Observation::from_node(&observation)?, then, otherwise });
        }
        if node.has("when") {
            let [cases, timeout, continuation] = node.fields(["when", "timeout", "timeout_continuation"])?;
            let (timeout, timeout_continuation) = (timeout.integer()?, follows(&continuation)?);
            return Ok(Self::When { cases: cases.list()?, timeout, timeout_continuation });
        }
        if node.has("let") {
            let [name, be, then] = node.fields(["let", "be", "then"])?;
            let (value_id, be) = (ValueId::from_node(&name)?, Value::from_node(&be)?);
            return Ok(Self::Let { value_id, be, then: follows(&then)? });
        }
        if node.has("assert") {
            let [observation, then] = node.fields(["assert", "then"])?;
            return Ok(Self::Assert { observation: Observation::from_node(&observation)?, then: follows(&then)? });
        }
        Err(node.unexpected("contract: \"close\", or an object with one of pay, if, when, let, assert"))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Close => Json::text("close"),
            Self::Pay { from_account, to, token, pay, then } => Json::object([
                ("from_account", from_account.to_json()),
                ("to", to.to_json()),
                ("token", token.to_json()),
                ("pay", pay.to_json()),
                ("then", then.to_json()),
            ]),
            Self::If { observation, then, otherwise } => {
                Json::object([("if", observation.to_json()), ("then", then.to_json()), ("else", otherwise.to_json())])
            }
            Self::When { cases, timeout, timeout_continuation } => Json::object([
                ("when", Json::array(cases)),
                ("timeout", timeout.to_json()),
                ("timeout_continuation", timeout_continuation.to_json()),
            ]),
            Self::Let { value_id, be, then } => {
                Json::object([("let", value_id.to_json()), ("be", be.to_json()), ("then", then.to_json())])
            }
            Self::Assert { observation, then } => {
                Json::object([("assert", observation.to_json()), ("then", then.to_json())])
            }
        }
    }
}

fn follows(node: &Node<'_>) -> Result<Arc<Contract>, JsonError> {
    Contract::from_node(node).map(Arc::new)
}

fn pay(node: &Node<'_>) -> Result<Contract, JsonError> {
    let [account, to, token, pay, then] = node.fields(["from_account", "to", "token", "pay", "then"])?;
    Ok(Contract::Pay {
        from_account: Party::from_node(&account)?,
        to: Payee::from_node(&to)?,
        token: Token::from_node(&token)?,
        pay: Value::from_node(&pay)?,
        then: follows(&then)?,
    })
}

impl JsonForm for Case {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [action, then] = node.fields(["case", "then"])?;
        Ok(Self { action: Action::from_node(&action)?, then: follows(&then)? })
    }

    fn to_json(&self) -> Json {
        Json::object([("case", self.action.to_json()), ("then", self.then.to_json())])
    }
}

impl JsonForm for Action {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if node.has("deposits") {
            return deposit(node);
        }
        if node.has("for_choice") {
            let [choice, bounds] = node.fields(["for_choice", "choose_between"])?;
            return Ok(Self::Choice { for_choice: ChoiceId::from_node(&choice)?, choose_between: bounds.list()? });
        }
        if node.has("notify_if") {
            let [observation] = node.fields(["notify_if"])?;
            return Ok(Self::Notify { notify_if: Observation::from_node(&observation)? });
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
    let [account, party, token, deposits] = node.fields(["into_account", "party", "of_token", "deposits"])?;
    Ok(Action::Deposit {
        into_account: Party::from_node(&account)?,
        party: Party::from_node(&party)?,
        of_token: Token::from_node(&token)?,
        deposits: Value::from_node(&deposits)?,
    })
}
