//! A party with its own key and its own session, as if on a machine of its own.

use std::cell::RefCell;

use hive_platform::session::challenge::sign_in_bytes;
use ledger_core::{Address, SigningKey};
use serde_json::{Value, json};

use super::{ProposalDocument, Reply, Role, ScenarioError, Transport};

/// A signature as `signProposal` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureInput {
    /// The party it is given for.
    pub party: Address,
    /// Public key, hexadecimal.
    pub key: String,
    /// Signature, hexadecimal.
    pub signature: String,
}

impl SignatureInput {
    /// The input object of GraphQL.
    pub fn to_json(&self) -> Value {
        json!({ "party": self.party.to_string(), "key": self.key, "signature": self.signature })
    }
}

/// A party that can sign.
pub struct Seat {
    /// What it plays.
    pub role: Role,
    /// Its address.
    pub address: Address,
    key: SigningKey,
    token: RefCell<Option<String>>,
}

impl Seat {
    /// A seat that has not signed in yet.
    pub fn new(role: Role, address: Address, key: SigningKey) -> Self {
        Self { role, address, key, token: RefCell::new(None) }
    }

    /// Signs a proposal for its own party, after its bytes were recomputed.
    ///
    /// # Errors
    /// [`ScenarioError::Dishonest`].
    pub fn sign(&self, document: &ProposalDocument) -> Result<SignatureInput, ScenarioError> {
        Ok(self.sign_bytes(self.address, &document.bytes_to_sign(&self.address)?))
    }

    /// Signs bytes as they are and gives the signature for a party, even another: for steps that must be refused.
    pub fn sign_bytes(&self, party: Address, bytes: &[u8]) -> SignatureInput {
        SignatureInput {
            party,
            key: hex::encode(self.key.public().as_bytes()),
            signature: hex::encode(self.key.sign(bytes).as_bytes()),
        }
    }

    /// Posts as this party, signing in first where that is needed.
    ///
    /// # Errors
    /// As of the transport, or a refused sign-in.
    pub fn post(&self, transport: &dyn Transport, path: &str, body: &Value) -> Result<Reply, ScenarioError> {
        let token = self.access_token(transport)?;
        let reply = transport.post(path, Some(&token), body)?;
        if reply.status != 401 {
            return Ok(reply);
        }
        // The token has run out; a new one is asked for once.
        transport.post(path, Some(&self.sign_in(transport)?), body)
    }

    /// The access token of its session; signs in if there is none.
    ///
    /// # Errors
    /// As for [`Self::post`].
    pub fn access_token(&self, transport: &dyn Transport) -> Result<String, ScenarioError> {
        let known = self.token.borrow().clone();
        known.map_or_else(|| self.sign_in(transport), Ok)
    }

    fn sign_in(&self, transport: &dyn Transport) -> Result<String, ScenarioError> {
        let party = self.address.to_string();
        let opened = accepted(transport.post("/auth/challenge", None, &json!({ "party": party }))?)?;
        let challenge = member(&opened, "challenge")?;
        let audience = member(&opened, "audience")?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(&challenge, &mut bytes).map_err(|_| ScenarioError::unexpected("challenge"))?;
        let signed = self.sign_bytes(self.address, &sign_in_bytes(&audience, &self.address, &bytes));
        let answer =
            json!({ "party": party, "key": signed.key, "challenge": challenge, "signature": signed.signature });
        let granted = accepted(transport.post("/auth/token", None, &answer)?)?;
        let token = member(&granted, "accessToken")?;
        *self.token.borrow_mut() = Some(token.clone());
        Ok(token)
    }
}

fn member(value: &Value, name: &str) -> Result<String, ScenarioError> {
    value[name].as_str().map(str::to_owned).ok_or_else(|| ScenarioError::unexpected(name))
}

/// The body of an answer with a good status.
fn accepted(reply: Reply) -> Result<Value, ScenarioError> {
    if reply.status == 200 {
        return Ok(reply.body);
    }
    Err(refusal(&reply.body["error"], "code"))
}

/// A refusal from the object that carries its code under `code`.
pub(super) fn refusal(error: &Value, code: &str) -> ScenarioError {
    let text = |value: &Value| value.as_str().unwrap_or("(none)").to_owned();
    let at = |name: &str| text(&error[name]);
    let extensions = &error["extensions"];
    let request_id = if extensions.is_object() { text(&extensions["requestId"]) } else { at("requestId") };
    let code = if extensions.is_object() { text(&extensions[code]) } else { at(code) };
    ScenarioError::Refused { code, message: at("message"), request_id }
}
