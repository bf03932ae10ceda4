//! What comes of a transaction: warnings, errors, success.

use std::sync::Arc;

use crate::contract::Contract;
use crate::json::{Json, JsonError, JsonForm, Node};
use crate::party::{Party, Payee, Token, ValueId};
use crate::state::{State, TimeInterval};
use crate::transaction::{IntervalError, TransactionError, TransactionOutput, TransactionSuccess, TransactionWarning};

impl JsonForm for TransactionWarning {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if matches!(node.json(), Json::String(text) if text == "assertion_failed") {
            return Ok(Self::AssertionFailed);
        }
        if node.has("asked_to_deposit") {
            let [party, amount, token, account] =
                node.fields(["party", "asked_to_deposit", "of_token", "in_account"])?;
            return Ok(Self::NonPositiveDeposit {
                party: Party::from_node(&party)?,
                in_account: Party::from_node(&account)?,
                of_token: Token::from_node(&token)?,
                asked_to_deposit: amount.integer()?,
            });
        }
        if node.has("asked_to_pay") {
            return payment_warning(node);
        }
        if node.has("value_id") {
            let [name, had, is] = node.fields(["value_id", "had_value", "is_now_assigned"])?;
            let (had_value, is_now_assigned) = (had.integer()?, is.integer()?);
            return Ok(Self::Shadowing { value_id: ValueId::from_node(&name)?, had_value, is_now_assigned });
        }
        Err(node.unexpected("warning of any known form"))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::NonPositiveDeposit { party, in_account, of_token, asked_to_deposit } => Json::object([
                ("party", party.to_json()),
                ("asked_to_deposit", asked_to_deposit.to_json()),
                ("of_token", of_token.to_json()),
                ("in_account", in_account.to_json()),
            ]),
            Self::NonPositivePay { account, to_payee, of_token, asked_to_pay } => Json::object([
                ("account", account.to_json()),
                ("asked_to_pay", asked_to_pay.to_json()),
                ("of_token", of_token.to_json()),
                ("to_payee", to_payee.to_json()),
            ]),
            Self::PartialPay { account, to_payee, of_token, asked_to_pay, but_only_paid } => Json::object([
                ("account", account.to_json()),
                ("asked_to_pay", asked_to_pay.to_json()),
                ("of_token", of_token.to_json()),
                ("to_payee", to_payee.to_json()),
                ("but_only_paid", but_only_paid.to_json()),
            ]),
            Self::Shadowing { value_id, had_value, is_now_assigned } => Json::object([
                ("value_id", value_id.to_json()),
                ("had_value", had_value.to_json()),
                ("is_now_assigned", is_now_assigned.to_json()),
            ]),
            Self::AssertionFailed => Json::text("assertion_failed"),
        }
    }
}

fn payment_warning(node: &Node<'_>) -> Result<TransactionWarning, JsonError> {
    let is_partial = node.has("but_only_paid");
    let [account, asked, token, payee] = if is_partial {
        let names = ["account", "asked_to_pay", "of_token", "to_payee", "but_only_paid"];
        let [account, asked, token, payee, _] = node.fields(names)?;
        [account, asked, token, payee]
    } else {
        node.fields(["account", "asked_to_pay", "of_token", "to_payee"])?
    };
    let (account, to_payee) = (Party::from_node(&account)?, Payee::from_node(&payee)?);
    let (of_token, asked_to_pay) = (Token::from_node(&token)?, asked.integer()?);
    if is_partial {
        let but_only_paid = node.field("but_only_paid")?.integer()?;
        return Ok(TransactionWarning::PartialPay { account, to_payee, of_token, asked_to_pay, but_only_paid });
    }
    Ok(TransactionWarning::NonPositivePay { account, to_payee, of_token, asked_to_pay })
}

impl JsonForm for IntervalError {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if node.has("intervalInPastError") {
            let [past] = node.fields(["intervalInPastError"])?;
            let [min_time, from, to] = past.fields(["minTime", "from", "to"])?;
            let interval = TimeInterval { from: from.integer()?, to: to.integer()? };
            return Ok(Self::IntervalInPast { min_time: min_time.integer()?, interval });
        }
        let [invalid] = node.fields(["invalidInterval"])?;
        Ok(Self::InvalidInterval(TimeInterval::from_node(&invalid)?))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::InvalidInterval(interval) => Json::object([("invalidInterval", interval.to_json())]),
            Self::IntervalInPast { min_time, interval } => {
                let past = Json::object([
                    ("minTime", min_time.to_json()),
                    ("from", interval.from.to_json()),
                    ("to", interval.to.to_json()),
                ]);
                Json::object([("intervalInPastError", past)])
            }
        }
    }
}

impl JsonForm for TransactionError {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let Json::String(name) = node.json() else {
            let [error, context] = node.fields(["error", "context"])?;
            if error.text()? != "TEIntervalError" {
                return Err(error.unexpected("name of an error with a context, which is \"TEIntervalError\""));
            }
            return Ok(Self::Interval(IntervalError::from_node(&context)?));
        };
        match name.as_str() {
            "TEAmbiguousTimeIntervalError" => Ok(Self::AmbiguousTimeInterval),
            "TEApplyNoMatchError" => Ok(Self::ApplyNoMatch),
            "TEUselessTransaction" => Ok(Self::UselessTransaction),
            _ => Err(node.unexpected("name of an error")),
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::AmbiguousTimeInterval => Json::text("TEAmbiguousTimeIntervalError"),
            Self::ApplyNoMatch => Json::text("TEApplyNoMatchError"),
            Self::UselessTransaction => Json::text("TEUselessTransaction"),
            Self::Interval(error) => {
                Json::object([("error", Json::text("TEIntervalError")), ("context", error.to_json())])
            }
        }
    }
}

impl JsonForm for TransactionOutput {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if node.has("transaction_error") {
            let [error] = node.fields(["transaction_error"])?;
            return Ok(Err(TransactionError::from_node(&error)?));
        }
        let [warnings, payments, state, contract] = node.fields(["warnings", "payments", "state", "contract"])?;
        Ok(Ok(TransactionSuccess {
            warnings: warnings.list()?,
            payments: payments.list()?,
            state: State::from_node(&state)?,
            contract: Arc::new(Contract::from_node(&contract)?),
        }))
    }

    fn to_json(&self) -> Json {
        match self {
            Err(error) => Json::object([("transaction_error", error.to_json())]),
            Ok(success) => Json::object([
                ("warnings", Json::array(&success.warnings)),
                ("payments", Json::array(&success.payments)),
                ("state", success.state.to_json()),
                ("contract", success.contract.to_json()),
            ]),
        }
    }
}
