//! Steps of a contract as people write them, and worked examples of templates.

use num_bigint::BigInt;

use crate::json::{Json, JsonError, JsonForm, Node};
use crate::party::{ChoiceId, Party, Payee, Token};
use crate::template::read_time;
use crate::transaction::{Input, Payment};

/// A worked example of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// When the contract is opened, in milliseconds since 1970.
    pub opened_at: BigInt,
    /// An argument for each parameter.
    pub parameters: Json,
    /// What the analysis finds in the contract, and why it is meant.
    pub findings: Vec<ExplainedFinding>,
    /// Ways that the contract goes, each from its opening to its end.
    pub traces: Vec<Trace>,
}

/// A finding of the analysis that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedFinding {
    /// Its code.
    pub code: String,
    /// Why it is meant.
    pub why: String,
}

/// One way that a contract goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What happens.
    pub name: String,
    /// In their order.
    pub steps: Vec<Step>,
}

/// A step: at most one input, at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Milliseconds since 1970.
    pub at: BigInt,
    /// What somebody does; nothing where a deadline has come.
    pub input: Option<Input>,
    /// What has to be paid out of the contract by the step, where that is said.
    pub payments: Option<Vec<Payment>>,
}

impl Example {
    /// Reads an example's JSON.
    ///
    /// # Errors
    /// It has another form.
    pub fn read(text: &str) -> Result<Self, JsonError> {
        let json = Json::read(text)?;
        let node = Node::root(&json);
        let [opened_at, parameters, findings, traces] =
            node.fields(["opened_at", "parameters", "findings", "traces"])?;
        let finding = |node: Node<'_>| {
            let [code, why] = node.fields(["code", "why"])?;
            Ok(ExplainedFinding { code: code.text()?.to_owned(), why: why.text()?.to_owned() })
        };
        let trace = |node: Node<'_>| {
            let [name, steps] = node.fields(["name", "steps"])?;
            Ok(Trace { name: name.text()?.to_owned(), steps: steps_of(&steps)? })
        };
        Ok(Self {
            opened_at: read_time(&opened_at)?,
            parameters: parameters.json().clone(),
            findings: findings.items()?.map(finding).collect::<Result<_, JsonError>>()?,
            traces: traces.items()?.map(trace).collect::<Result<_, JsonError>>()?,
        })
    }
}

/// Reads a list of steps.
///
/// # Errors
/// It has another form.
pub fn read_steps(text: &str) -> Result<Vec<Step>, JsonError> {
    steps_of(&Node::root(&Json::read(text)?))
}

fn steps_of(node: &Node<'_>) -> Result<Vec<Step>, JsonError> {
    node.items()?.map(|item| step(&item)).collect()
}

fn step(node: &Node<'_>) -> Result<Step, JsonError> {
    let payments = node.optional("payments");
    let form = ["deposit", "choose", "notify"].into_iter().find(|form| node.has(form));
    match (form, payments.is_some()) {
        (Some(form), true) => node.expect(["at", form, "payments"])?,
        (Some(form), false) => node.expect(["at", form])?,
        (None, true) => node.expect(["at", "payments"])?,
        (None, false) => node.expect(["at"])?,
    }
    let input = match form.map(|form| (form, node.field(form))) {
        Some(("deposit", place)) => Some(deposit(&place?)?),
        Some(("choose", place)) => Some(choice(&place?)?),
        Some((_, place)) => Some(notification(&place?)?),
        None => None,
    };
    let payments = payments.map(|list| list.items()?.map(|item| payment(&item)).collect()).transpose()?;
    Ok(Step { at: read_time(&node.field("at")?)?, input, payments })
}

fn deposit(node: &Node<'_>) -> Result<Input, JsonError> {
    let [from, amount, token, into] = node.fields(["party", "amount", "token", "into"])?;
    Ok(Input::Deposit {
        into_account: party(&into)?,
        input_from_party: party(&from)?,
        of_token: token_of(&token)?,
        that_deposits: amount.integer()?,
    })
}

fn choice(node: &Node<'_>) -> Result<Input, JsonError> {
    let [owner, name, number] = node.fields(["party", "choice", "number"])?;
    let for_choice_id = ChoiceId { choice_name: name.text()?.to_owned(), choice_owner: party(&owner)? };
    Ok(Input::Choice { for_choice_id, input_that_chooses_num: number.integer()? })
}

fn notification(node: &Node<'_>) -> Result<Input, JsonError> {
    match node.json() {
        Json::Bool(true) => Ok(Input::Notify),
        _ => Err(node.unexpected("notification: true")),
    }
}

fn payment(node: &Node<'_>) -> Result<Payment, JsonError> {
    let [from, to, token, amount] = node.fields(["from", "to", "token", "amount"])?;
    Ok(Payment {
        payment_from: party(&from)?,
        to: Payee::Party(party(&to)?),
        token: token_of(&token)?,
        amount: amount.integer()?,
    })
}

/// A role by its name, or any party in its published form.
fn party(node: &Node<'_>) -> Result<Party, JsonError> {
    match node.json() {
        Json::String(role) => Ok(Party::Role(role.clone())),
        _ => Party::from_node(node),
    }
}

/// A token by its name, or with its symbol in its published form.
fn token_of(node: &Node<'_>) -> Result<Token, JsonError> {
    match node.json() {
        Json::String(name) => Ok(Token { currency_symbol: String::new(), token_name: name.clone() }),
        _ => Token::from_node(node),
    }
}
