//! The way of the command line's own clients to a node: HTTP, as any other client would come.

use std::time::Duration;

use hive_plug::scenario::{Reply, ScenarioError, Transport};
use serde_json::Value;

/// Longer than the node itself works on a request.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// A node at a URL.
pub struct HttpTransport {
    agent: ureq::Agent,
    url: String,
}

impl HttpTransport {
    /// The node at this URL, e.g. `http://127.0.0.1:4000`.
    pub fn new(url: &str) -> Self {
        let config =
            ureq::Agent::config_builder().timeout_global(Some(ANSWER_TIME_MAX)).http_status_as_error(false).build();
        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned() }
    }
}

impl Transport for HttpTransport {
    fn post(&self, path: &str, bearer: Option<&str>, body: &Value) -> Result<Reply, ScenarioError> {
        let unreachable =
            |error: ureq::Error| ScenarioError::Unreachable { node: self.url.clone(), reason: error.to_string() };
        let mut request = self.agent.post(format!("{}{path}", self.url)).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut answer = request.send_json(body).map_err(unreachable)?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(unreachable)?;
        Ok(Reply { status, body: serde_json::from_str(&text).unwrap_or_default() })
    }
}
