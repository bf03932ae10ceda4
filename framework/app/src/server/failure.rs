//! Errors as they leave the node: a code of the closed set, the request's id, and nothing of the node's inside.

use async_graphql::{PathSegment, Response, ServerError, Value};
use axum::http::StatusCode;
use hive_plug::RequestId;
use hive_plug::error::{ApiError, ErrorCode};
use hive_plug::scalar::STRING_SCALARS;
use serde_json::json;

/// What people read instead of the details of a fault.
const MASKED: &str = "the node failed to answer this; its operator finds the reason in the log under the request id";

/// The HTTP status of a code, where the status tells about the request.
pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::BadUserInput | ErrorCode::InvalidCursor | ErrorCode::ComplexityLimit => StatusCode::BAD_REQUEST,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict | ErrorCode::IdempotencyKeyReused => StatusCode::CONFLICT,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Busy => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The GraphQL error of an error of the API.
pub fn graphql_error(error: ApiError) -> ServerError {
    async_graphql::Error::from(error).into_server_error(async_graphql::Pos::default())
}

/// The body of a request that failed before GraphQL had a say.
pub fn graphql_body(error: &ApiError, request_id: &RequestId) -> serde_json::Value {
    let message = shown(error, request_id);
    json!({ "errors": [{ "message": message, "extensions": { "code": error.code.as_str(), "requestId": request_id.0 } }] })
}

/// The body of a REST answer that failed.
pub fn rest_body(error: &ApiError, request_id: &RequestId) -> serde_json::Value {
    json!({ "error": { "code": error.code.as_str(), "message": shown(error, request_id), "requestId": request_id.0 } })
}

fn shown<'e>(error: &'e ApiError, request_id: &RequestId) -> &'e str {
    if error.code == ErrorCode::Internal {
        tracing::error!(request = request_id.0, reason = error.message, "a request failed");
        return MASKED;
    }
    &error.message
}

/// Gives every error of an answer its code, the code of the rule where one refuses, and the request's id; masks faults.
pub fn present(response: &mut Response, request_id: &RequestId) {
    let before_execution = is_request_error(response);
    for error in &mut response.errors {
        let code = code_of(error, before_execution);
        let rule = error.source::<ApiError>().and_then(|error| error.rule.clone());
        if code == ErrorCode::Internal.as_str() {
            let path = path(&error.path);
            tracing::error!(request = request_id.0, path, reason = error.message, "a field failed");
            error.message = MASKED.to_owned();
        } else if let Some(hint) = hint(&error.message) {
            error.message.push_str(&hint);
        }
        // Without a place the position 0:0 would only mislead.
        error.locations.retain(|place| place.line > 0);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", code);
        if let Some(rule) = rule {
            extensions.set("rule", rule);
        }
        extensions.set("requestId", request_id.0.as_str());
    }
}

/// True if the request failed before anything was executed; the answer then has no `data`.
pub fn is_request_error(response: &Response) -> bool {
    let no_path = response.errors.iter().all(|error| error.path.is_empty());
    !response.errors.is_empty() && response.data == Value::Null && no_path
}

fn code_of(error: &ServerError, before_execution: bool) -> String {
    if let Some(Value::String(code)) = error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        return code.clone();
    }
    if let Some(error) = error.source::<ApiError>() {
        return error.code.as_str().to_owned();
    }
    let is_limit = |message: &str| {
        message == "Query is too complex."
            || message == "Query is nested too deep."
            || message.contains("cannot be greater than")
            || message.contains("recursion limit")
    };
    let is_input = |message: &str| message.starts_with("Failed to parse") || message.starts_with("Expected input type");
    let code = if before_execution && is_limit(&error.message) {
        ErrorCode::ComplexityLimit
    } else if before_execution || is_input(&error.message) {
        ErrorCode::BadUserInput
    } else {
        ErrorCode::Internal
    };
    code.as_str().to_owned()
}

/// Tells people who gave a number where a string belongs what to write.
fn hint(message: &str) -> Option<String> {
    let expects = |name: &str| message.ends_with(&format!("expected type \"{name}\""));
    let (name, example) = STRING_SCALARS.iter().find(|(name, _)| expects(name))?;
    Some(format!(
        "; {name} is written as a string such as \"{example}\": numbers are refused, because floats lose digits"
    ))
}

fn path(segments: &[PathSegment]) -> String {
    let parts = segments.iter().map(|segment| match segment {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    });
    parts.collect::<Vec<_>>().join(".")
}
