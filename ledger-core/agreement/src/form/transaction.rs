//! Inputs, transactions, payments.

use crate::json::{Json, JsonError, JsonForm, Node};
use crate::party::{ChoiceId, Party, Payee, Token};
use crate::state::TimeInterval;
use crate::transaction::{Input, Payment, Transaction};

impl JsonForm for Input {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if matches!(node.json(), Json::String(text) if text == "input_notify") {
            return Ok(Self::Notify);
        }
        if node.has("input_that_chooses_num") {
            let [choice, number] = node.fields(["for_choice_id", "input_that_chooses_num"])?;
            let for_choice_id = ChoiceId::from_node(&choice)?;
            return Ok(Self::Choice { for_choice_id, input_that_chooses_num: number.integer()? });
        }
        if node.has("that_deposits") {
            let names = ["into_account", "input_from_party", "of_token", "that_deposits"];
            let [account, party, token, amount] = node.fields(names)?;
            return Ok(Self::Deposit {
                into_account: Party::from_node(&account)?,
                input_from_party: Party::from_node(&party)?,
                of_token: Token::from_node(&token)?,
                that_deposits: amount.integer()?,
            });
        }
        Err(node.unexpected("input: \"input_notify\", or an object with that_deposits or input_that_chooses_num"))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Deposit { into_account, input_from_party, of_token, that_deposits } => Json::object([
                ("input_from_party", input_from_party.to_json()),
                ("that_deposits", that_deposits.to_json()),
                ("of_token", of_token.to_json()),
                ("into_account", into_account.to_json()),
            ]),
            Self::Choice { for_choice_id, input_that_chooses_num } => Json::object([
                ("input_that_chooses_num", input_that_chooses_num.to_json()),
                ("for_choice_id", for_choice_id.to_json()),
            ]),
            Self::Notify => Json::text("input_notify"),
        }
    }
}

impl JsonForm for Transaction {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [interval, inputs] = node.fields(["tx_interval", "tx_inputs"])?;
        Ok(Self { interval: TimeInterval::from_node(&interval)?, inputs: inputs.list()? })
    }

    fn to_json(&self) -> Json {
        Json::object([("tx_interval", self.interval.to_json()), ("tx_inputs", Json::array(&self.inputs))])
    }
}

impl JsonForm for Payment {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [from, to, token, amount] = node.fields(["payment_from", "to", "token", "amount"])?;
        Ok(Self {
            payment_from: Party::from_node(&from)?,
            to: Payee::from_node(&to)?,
            token: Token::from_node(&token)?,
            amount: amount.integer()?,
        })
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("payment_from", self.payment_from.to_json()),
            ("to", self.to.to_json()),
            ("token", self.token.to_json()),
            ("amount", self.amount.to_json()),
        ])
    }
}
