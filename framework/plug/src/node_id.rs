//! Opaque ids of business objects. An id carries its chain, so it can be asked about without naming the chain.

use std::fmt;
use std::str::FromStr;

use async_graphql::ID;
use ledger_core::ChainId;
use thiserror::Error;

/// Version of the ids' inner form.
const VERSION: &str = "1";

/// An object of one chain: its kind and its key within the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeId {
    /// What it is, e.g. `proposal`.
    pub kind: String,
    /// The chain it lives on.
    pub chain: ChainId,
    /// Its key among its kind on the chain.
    pub key: String,
}

/// A text that is no id. Fields answer it with `null`, as they answer an unknown id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the id is none that this node gave")]
pub struct MalformedId;

impl NodeId {
    /// The id of an object.
    pub fn new(kind: &str, chain: ChainId, key: impl fmt::Display) -> Self {
        Self { kind: kind.to_owned(), chain, key: key.to_string() }
    }

    /// Reads an id of this kind.
    pub fn read(kind: &str, id: &ID) -> Option<Self> {
        id.parse::<Self>().ok().filter(|id| id.kind == kind)
    }

    /// The id as a GraphQL value.
    pub fn to_id(&self) -> ID {
        ID(self.to_string())
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = format!("{VERSION}:{}:{}:{}", self.kind, self.chain, self.key);
        formatter.write_str(&hex::encode(plain))
    }
}

impl FromStr for NodeId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let plain = hex::decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(MalformedId)?;
        let mut parts = plain.splitn(4, ':');
        let mut part = || parts.next().ok_or(MalformedId);
        if part()? != VERSION {
            return Err(MalformedId);
        }
        let kind = part()?.to_owned();
        let chain = part()?.parse().map_err(|_| MalformedId)?;
        Ok(Self { kind, chain, key: part()?.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_kind_chain_and_key() {
        let id = NodeId::new("receipt", ChainId::from_bytes([7; 32]), "HY:2026");
        assert_eq!(NodeId::read("receipt", &id.to_id()), Some(id.clone()));
        assert_eq!(NodeId::read("pledge", &id.to_id()), None);
        for text in ["", "00", "zz", &hex::encode("2:receipt:00:x"), &hex::encode("1:receipt:07:x")] {
            assert_eq!(text.parse::<NodeId>(), Err(MalformedId), "{text}");
        }
    }
}
