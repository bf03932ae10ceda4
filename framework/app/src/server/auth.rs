//! Sign-in over REST: a challenge, its signature by a key of the party, tokens that rotate.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use hive_platform::{Grant, Principal, SessionError, Sessions, SignIn, Source};
use hive_plug::RequestId;
use hive_plug::error::{ApiError, ErrorCode};
use hive_plug::scalar::DateTime;
use ledger_core::{Address, Coded, PublicKey, Signature};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::body;
use super::failure::{rest_body, status};
use super::identity::Identity;

/// Bodies of sign-in are small, bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// The platform's sessions as what knows who calls.
pub struct PlatformIdentity(pub Sessions);

impl Identity for PlatformIdentity {
    fn of_token<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, ApiError>> {
        Box::pin(async { self.0.authenticate(token).await.map_err(|error| Refusal::from(error).error) })
    }

    fn still_counts<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<(), ApiError>> {
        Box::pin(async {
            let live = self.0.still_live(principal).await;
            live.map(|_| ()).map_err(|error| Refusal::from(error).error)
        })
    }
}

/// A refusal with the rule that refused, and when to try again.
pub struct Refusal {
    error: ApiError,
    reason: Option<&'static str>,
    retry_after_seconds: Option<u64>,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self { error, reason: None, retry_after_seconds: None }
    }
}

impl From<SessionError> for Refusal {
    fn from(error: SessionError) -> Self {
        let retry_after_seconds = match &error {
            SessionError::Throttled { retry_after_ms } => Some(retry_after_ms.div_ceil(1_000)),
            _ => None,
        };
        let code = match &error {
            SessionError::Throttled { .. } => ErrorCode::RateLimited,
            SessionError::ChallengesFull => ErrorCode::Busy,
            SessionError::Unknown => ErrorCode::NotFound,
            SessionError::Storage(_) | SessionError::Randomness(_) => ErrorCode::Internal,
            _ => ErrorCode::Unauthenticated,
        };
        Self { error: ApiError::new(code, error.to_string()), reason: Some(error.code()), retry_after_seconds }
    }
}

impl Refusal {
    fn answer(self, request_id: &RequestId) -> Response {
        let mut content = rest_body(&self.error, request_id);
        if let Some(reason) = self.reason.filter(|_| self.error.code != ErrorCode::Internal) {
            content["error"]["reason"] = reason.into();
        }
        let is_too_large = self.error == body::too_large(BODY_BYTES_MAX);
        let status = if is_too_large { StatusCode::PAYLOAD_TOO_LARGE } else { status(self.error.code) };
        let mut response = answer(status, &content);
        if let Some(seconds) =
            self.retry_after_seconds.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok())
        {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChallengeRequest {
    party: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    party: String,
    key: String,
    challenge: String,
    signature: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefreshRequest {
    refresh_token: String,
}

/// `POST /auth/challenge`: what to sign.
pub async fn challenge(
    State(sessions): State<Sessions>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(request_id): Extension<RequestId>,
    body: Body,
) -> Response {
    let outcome = async {
        let request: ChallengeRequest = read(body).await?;
        let challenge = sessions.challenge(&party(&request.party)?, source(peer)).await?;
        Ok(json!({
            "challenge": hex::encode(challenge.challenge),
            "audience": challenge.audience,
            "bytesToSign": hex::encode(&challenge.bytes_to_sign),
            "expiresAt": moment(challenge.expires_at_ms),
        }))
    };
    finish(outcome.await, &request_id)
}

/// `POST /auth/token`: opens a session for a signed challenge.
pub async fn token(
    State(sessions): State<Sessions>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(request_id): Extension<RequestId>,
    body: Body,
) -> Response {
    let outcome = async {
        let request: TokenRequest = read(body).await?;
        let key = PublicKey::from_bytes(&bytes(&request.key, "key")?);
        let signature = Signature::from_bytes(&bytes(&request.signature, "signature")?);
        let sign_in = SignIn {
            party: party(&request.party)?,
            key: key.map_err(|error| ApiError::bad_input(error.to_string()))?,
            challenge: bytes(&request.challenge, "challenge")?
                .try_into()
                .map_err(|_| ApiError::bad_input("challenge must be 64 hexadecimal digits"))?,
            signature: signature.map_err(|error| ApiError::bad_input(error.to_string()))?,
        };
        Ok(granted(&sessions.sign_in(&sign_in, source(peer)).await?))
    };
    finish(outcome.await, &request_id)
}

/// `POST /auth/refresh`: trades a refresh token for new tokens.
pub async fn refresh(
    State(sessions): State<Sessions>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(request_id): Extension<RequestId>,
    body: Body,
) -> Response {
    let outcome = async {
        let request: RefreshRequest = read(body).await?;
        Ok(granted(&sessions.refresh(&request.refresh_token, source(peer)).await?))
    };
    finish(outcome.await, &request_id)
}

/// `POST /auth/revoke`: ends the session of a refresh token. An unknown token changes nothing and answers the same.
pub async fn revoke(
    State(sessions): State<Sessions>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(request_id): Extension<RequestId>,
    body: Body,
) -> Response {
    let outcome = async {
        let request: RefreshRequest = read(body).await?;
        sessions.revoke_by_refresh_token(&request.refresh_token, source(peer)).await?;
        Ok(json!({}))
    };
    finish(outcome.await, &request_id)
}

/// `GET /.well-known/jwks.json`: the public keys of access tokens.
pub async fn jwks(State(sessions): State<Sessions>) -> Response {
    let keys = serde_json::to_value(sessions.tokens().jwks()).unwrap_or_default();
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, keys.to_string()).into_response()
}

fn finish(outcome: Result<Value, Refusal>, request_id: &RequestId) -> Response {
    match outcome {
        Ok(body) => answer(StatusCode::OK, &body),
        Err(refusal) => refusal.answer(request_id),
    }
}

fn granted(grant: &Grant) -> Value {
    json!({
        "tokenType": "Bearer",
        "accessToken": grant.access_token.reveal(),
        "expiresAt": moment(grant.access_expires_at_ms),
        "refreshToken": grant.refresh_token.reveal().as_str(),
        "session": grant.session.to_string(),
        "sessionExpiresAt": moment(grant.session_expires_at_ms),
    })
}

async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let bytes = body::read(body, BODY_BYTES_MAX).await?;
    // What is wrong is told by its place; the text itself may be a secret.
    let refused = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        ApiError::bad_input(format!("the body is not the JSON object expected here: line {line}, column {column}"))
    };
    serde_json::from_slice(&bytes).map_err(|error| refused(error).into())
}

fn party(text: &str) -> Result<Address, ApiError> {
    text.parse().map_err(|_| ApiError::bad_input("party must be an address that begins with hc1"))
}

fn bytes(text: &str, name: &str) -> Result<Vec<u8>, ApiError> {
    hex::decode(text).map_err(|_| ApiError::bad_input(format!("{name} must be hexadecimal")))
}

fn source(peer: SocketAddr) -> Source {
    Source::from(peer.ip())
}

fn moment(ms: u64) -> Value {
    match async_graphql::ScalarType::to_value(&DateTime(ms)) {
        async_graphql::Value::String(text) => Value::String(text),
        _ => Value::Null,
    }
}
