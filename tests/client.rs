//! Clients of a node: plain HTTP, and a party that signs in with its own key and signs proposals.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use hive_app::cli::key_file::KeyFile;
use hive_platform::session::challenge::sign_in_bytes;
use hive_plug::scenario::ProposalDocument;
use ledger_core::{Address, SigningKey};
use serde_json::{Value, json};
use ureq::http::Request;

use crate::node::Node;

/// The longest that an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// Answers are small; a larger one is a fault.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// An answer of any status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The code of the first error, in the form of GraphQL or of REST.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        let code = [&body["errors"][0]["extensions"]["code"], &body["error"]["code"]];
        code.into_iter().find_map(Value::as_str).unwrap_or("(none)").to_owned()
    }
}

/// HTTP to one node.
#[derive(Clone)]
pub(crate) struct Http {
    agent: ureq::Agent,
    url: String,
}

impl Http {
    pub(crate) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_MAX))
            .http_status_as_error(false)
            .allow_non_standard_methods(true);
        Self { agent: config.build().into(), url: url.to_owned() }
    }

    /// Sends a request with these headers and body; an error is one of the network.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let outcome = if method == "GET" || method == "HEAD" {
            self.agent.run(request.body(()).map_err(|error| error.to_string())?)
        } else {
            self.agent.run(request.body(body).map_err(|error| error.to_string())?)
        };
        let mut answer = outcome.map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        let mut reader = answer.body_mut().as_reader().take(ANSWER_BYTES_MAX);
        reader.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        Ok(Answer { status, bytes })
    }

    /// The same where the network must not fail.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    /// Posts JSON, with a token if there is one.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.try_post(path, token, body).unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    /// The same; an error is one of the network.
    pub(crate) fn try_post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Answer, String> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json"), ("accept", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        self.try_send("POST", path, &headers, body.to_string().as_bytes())
    }
}

/// A party with a session.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: Http,
    pub(crate) address: Address,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
    key: Arc<SigningKey>,
}

impl Client {
    /// Signs in with the party's key.
    #[track_caller]
    pub(crate) fn sign_in(url: &str, key: &KeyFile) -> Self {
        Self::try_sign_in(url, key).unwrap_or_else(|refusal| panic!("{} cannot sign in: {refusal}", key.name))
    }

    /// The same; a refusal is the body of the answer, or what the network says.
    pub(crate) fn try_sign_in(url: &str, key: &KeyFile) -> Result<Self, String> {
        let http = Http::new(url);
        let (address, signing_key) = (key.party().expect("a sound key"), key.signing_key().expect("a sound key"));
        let post = |path: &str, body: Value| {
            let answer = http.try_post(path, None, &body)?;
            if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text()) }
        };
        let opened = post("/auth/challenge", json!({ "party": address.to_string() }))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut challenge = [0; 32];
        hex::decode_to_slice(text(&opened["challenge"]), &mut challenge).map_err(|error| error.to_string())?;
        // The bytes are built here and not taken from the node, as a careful client does it.
        let signature = signing_key.sign(&sign_in_bytes(&text(&opened["audience"]), &address, &challenge));
        let granted = post(
            "/auth/token",
            json!({
                "party": address.to_string(),
                "key": hex::encode(signing_key.public().as_bytes()),
                "challenge": opened["challenge"],
                "signature": hex::encode(signature.as_bytes()),
            }),
        )?;
        let (token, refresh_token) = (text(&granted["accessToken"]), text(&granted["refreshToken"]));
        Ok(Self { http, address, token, refresh_token, key: Arc::new(signing_key) })
    }

    /// Asks an endpoint, e.g. `platform`.
    #[track_caller]
    pub(crate) fn ask(&self, endpoint: &str, query: &str, variables: Value) -> Answer {
        self.try_ask(endpoint, query, variables).unwrap_or_else(|error| panic!("{endpoint}: {error}"))
    }

    /// The same; an error is one of the network.
    pub(crate) fn try_ask(&self, endpoint: &str, query: &str, variables: Value) -> Result<Answer, String> {
        let body = json!({ "query": query, "variables": variables });
        self.http.try_post(&format!("/graphql/{endpoint}"), Some(&self.token), &body)
    }

    /// Asks, and expects data without any error.
    #[track_caller]
    pub(crate) fn data(&self, endpoint: &str, query: &str, variables: Value) -> Value {
        let answer = self.ask(endpoint, query, variables);
        let body = answer.json();
        assert!(body["errors"].is_null() && answer.status == 200, "{query}\n{} {}", answer.status, answer.text());
        body["data"].clone()
    }

    /// Signs a proposal after recomputing what it asks for; answers the payload, or what the network says.
    pub(crate) fn try_sign(&self, proposal: &Value) -> Result<Value, String> {
        let document = ProposalDocument::read(proposal).map_err(|error| error.to_string())?;
        let bytes = document.bytes_to_sign(&self.address).map_err(|error| error.to_string())?;
        let signature = json!({
            "party": self.address.to_string(),
            "key": hex::encode(self.key.public().as_bytes()),
            "signature": hex::encode(self.key.sign(&bytes).as_bytes()),
        });
        let mutation = format!(
            "mutation($input: SignProposalInput!) {{ signProposal(input: $input) {{ \
             proposal {{ {PROPOSAL} }} userErrors {{ code message }} }} }}"
        );
        let input = json!({ "input": { "id": document.id, "signatures": [signature] } });
        let answer = self.try_ask("platform", &mutation, input)?;
        let payload = answer.json()["data"]["signProposal"].clone();
        if payload.is_null() { Err(answer.text()) } else { Ok(payload) }
    }

    /// Goes on at another address of the same node.
    pub(crate) fn move_to(&mut self, url: &str) {
        if self.http.url != url {
            self.http = Http::new(url);
        }
    }

    /// The same session at the present address of the node.
    pub(crate) fn at(&self, node: &Node) -> Self {
        let mut client = self.clone();
        client.move_to(node.url());
        client
    }

    /// The one chain that this party takes part in.
    #[track_caller]
    pub(crate) fn chain(&self) -> String {
        let chains = self.data("platform", "{ chains { id } }", json!({}));
        chains["chains"][0]["id"].as_str().expect("the party takes part in a chain").to_owned()
    }
}

/// The selection of a proposal that [`Client::try_sign`] needs.
pub(crate) const PROPOSAL: &str = "id status refusal { code } transaction transactionId ledger { height position transactionId } \
    requiredSignatures { party role satisfied bytesToSign }";
