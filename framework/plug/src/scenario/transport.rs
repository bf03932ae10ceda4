//! The way to a node; the command line gives one over HTTP.

use serde_json::Value;

use super::ScenarioError;

/// An answer of the node.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body, if it is JSON, else null.
    pub body: Value,
}

/// Sends requests to one node.
pub trait Transport {
    /// Posts JSON. An answer of any status is an answer; only a missing one is an error.
    ///
    /// # Errors
    /// [`ScenarioError::Unreachable`].
    fn post(&self, path: &str, bearer: Option<&str>, body: &Value) -> Result<Reply, ScenarioError>;
}
