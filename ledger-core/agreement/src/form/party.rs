//! Parties, tokens, payees, choices and bounds.

use crate::json::{Json, JsonError, JsonForm, Node};
use crate::party::{Bound, ChoiceId, Party, Payee, Token, ValueId};

impl JsonForm for Party {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if node.has("role_token") {
            let [role] = node.fields(["role_token"])?;
            return Ok(Self::Role(role.text()?.to_owned()));
        }
        let [address] = node.fields(["address"])?;
        Ok(Self::Address(address.text()?.to_owned()))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Address(address) => Json::object([("address", Json::text(address))]),
            Self::Role(role) => Json::object([("role_token", Json::text(role))]),
        }
    }
}

impl JsonForm for Token {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [symbol, name] = node.fields(["currency_symbol", "token_name"])?;
        Ok(Self { currency_symbol: symbol.text()?.to_owned(), token_name: name.text()?.to_owned() })
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("currency_symbol", Json::text(&self.currency_symbol)),
            ("token_name", Json::text(&self.token_name)),
        ])
    }
}

impl JsonForm for Payee {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        if node.has("account") {
            let [account] = node.fields(["account"])?;
            return Ok(Self::Account(Party::from_node(&account)?));
        }
        let [party] = node.fields(["party"])?;
        Ok(Self::Party(Party::from_node(&party)?))
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Account(account) => Json::object([("account", account.to_json())]),
            Self::Party(party) => Json::object([("party", party.to_json())]),
        }
    }
}

impl JsonForm for ChoiceId {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [name, owner] = node.fields(["choice_name", "choice_owner"])?;
        Ok(Self { choice_name: name.text()?.to_owned(), choice_owner: Party::from_node(&owner)? })
    }

    fn to_json(&self) -> Json {
        Json::object([("choice_name", Json::text(&self.choice_name)), ("choice_owner", self.choice_owner.to_json())])
    }
}

impl JsonForm for ValueId {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        Ok(Self(node.text()?.to_owned()))
    }

    fn to_json(&self) -> Json {
        Json::text(&self.0)
    }
}

impl JsonForm for Bound {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [from, to] = node.fields(["from", "to"])?;
        Ok(Self { from: from.integer()?, to: to.integer()? })
    }

    fn to_json(&self) -> Json {
        Json::object([("from", self.from.to_json()), ("to", self.to.to_json())])
    }
}
