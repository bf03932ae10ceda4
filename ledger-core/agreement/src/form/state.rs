//! States, environments, intervals.

use num_bigint::BigInt;

use crate::association::AssociationList;
use crate::json::{Json, JsonError, JsonForm, Node};
use crate::party::{Party, Token};
use crate::state::{Environment, State, TimeInterval};

/// A list of pairs of key and integer, in its own order.
impl<K: JsonForm> JsonForm for AssociationList<K> {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let entry = |item: Node<'_>| {
            let (key, integer) = item.pair()?;
            Ok((K::from_node(&key)?, integer.integer()?))
        };
        node.items()?.map(entry).collect::<Result<Vec<_>, JsonError>>().map(Self::from)
    }

    fn to_json(&self) -> Json {
        let entry = |(key, integer): &(K, BigInt)| Json::Array(vec![key.to_json(), integer.to_json()]);
        Json::Array(self.iter().map(entry).collect())
    }
}

/// The key of an account.
impl JsonForm for (Party, Token) {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let (party, token) = node.pair()?;
        Ok((Party::from_node(&party)?, Token::from_node(&token)?))
    }

    fn to_json(&self) -> Json {
        Json::Array(vec![self.0.to_json(), self.1.to_json()])
    }
}

impl JsonForm for State {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [accounts, choices, bound, min_time] = node.fields(["accounts", "choices", "boundValues", "minTime"])?;
        Ok(Self {
            accounts: AssociationList::from_node(&accounts)?,
            choices: AssociationList::from_node(&choices)?,
            bound_values: AssociationList::from_node(&bound)?,
            min_time: min_time.integer()?,
        })
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("accounts", self.accounts.to_json()),
            ("choices", self.choices.to_json()),
            ("boundValues", self.bound_values.to_json()),
            ("minTime", self.min_time.to_json()),
        ])
    }
}

impl JsonForm for TimeInterval {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [from, to] = node.fields(["from", "to"])?;
        Ok(Self { from: from.integer()?, to: to.integer()? })
    }

    fn to_json(&self) -> Json {
        Json::object([("from", self.from.to_json()), ("to", self.to.to_json())])
    }
}

impl JsonForm for Environment {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let [interval] = node.fields(["timeInterval"])?;
        Ok(Self { time_interval: TimeInterval::from_node(&interval)? })
    }

    fn to_json(&self) -> Json {
        Json::object([("timeInterval", self.time_interval.to_json())])
    }
}
