//! GraphQL over HTTP, as its specification has it: what may be asked by GET and POST, and which status answers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request, Response, ServerError, Value};
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Query};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, request};
use axum::response::IntoResponse;
use hive_platform::Principal;
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::party::PartyNames;
use hive_plug::{Locale, RequestId};
use serde::Serialize;

use super::accept::{MediaType, preferred};
use super::failure::{graphql_body, is_request_error, status};
use super::identity::{Identity, caller};
use super::limits::{BODY_BYTES_MAX, BULK_BODY_BYTES_MAX, BULK_FIELDS};
use super::schema::Endpoint;
use super::{body, cost, page, parameters, sse, websocket};

/// What an endpoint needs besides its schema.
#[derive(Clone)]
pub struct Door {
    /// The name in its path.
    pub name: String,
    /// The schema.
    pub endpoint: Endpoint,
    /// Knows the sessions.
    pub identity: Arc<dyn Identity>,
    /// True if people may explore with a page.
    pub development: bool,
}

/// A refusal before GraphQL has a say.
struct Refusal {
    status: StatusCode,
    error: ApiError,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self { status: status(error.code), error }
    }
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, error: ApiError::bad_input(message) }
    }
}

/// Answers any request to an endpoint.
pub async fn handle(door: Door, request_id: RequestId, request: axum::extract::Request) -> axum::response::Response {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::GET && websocket::is_upgrade(&parts.headers) {
        return match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
            Ok(upgrade) => websocket::serve(door, request_id, upgrade),
            Err(refusal) => refusal.into_response(),
        };
    }
    let media_type = preferred(&parts.headers);
    match answer(&door, &request_id, &parts, body, media_type).await {
        Ok(response) => response,
        Err(refusal) => {
            let form = media_type.filter(|form| *form == MediaType::GraphqlResponse).unwrap_or(MediaType::Json);
            let text = graphql_body(&refusal.error, &request_id).to_string();
            let mut response = respond(refusal.status, form, text);
            if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
            }
            response
        }
    }
}

async fn answer(
    door: &Door,
    request_id: &RequestId,
    parts: &request::Parts,
    body: Body,
    media_type: Option<MediaType>,
) -> Result<axum::response::Response, Refusal> {
    let unacceptable = "answers come as application/graphql-response+json, application/json or text/event-stream";
    let media_type = media_type.ok_or_else(|| Refusal::new(StatusCode::NOT_ACCEPTABLE, unacceptable))?;
    let mut request = match parts.method {
        Method::GET => match by_get(parts)? {
            Some(request) => request,
            None if media_type == MediaType::Html && door.development => return Ok(page::of(&door.name)),
            None => return Err(ApiError::bad_input("the parameter query is missing").into()),
        },
        Method::POST => by_post(&parts.headers, body).await?,
        _ => return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "only GET and POST are answered here")),
    };
    let principal = caller(&door.identity, &parts.headers).await?;
    if parts.method == Method::GET && asks_for(&mut request) == Some(OperationType::Mutation) {
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "a mutation comes by POST; GET changes nothing"));
    }
    dress(&mut request, request_id, &parts.headers, principal.clone());
    // Strangers of a productive node learn its schema from its operator.
    if !door.development && principal.is_none() {
        request = request.disable_introspection();
    }
    if media_type != MediaType::EventStream {
        request.data.insert(PartyNames::default());
    }
    match media_type {
        MediaType::EventStream => Ok(sse::serve(door, request_id.clone(), principal, request)),
        MediaType::Html => Ok(finish(MediaType::Json, door.endpoint.execute(request).await)),
        form => Ok(finish(form, door.endpoint.execute(request).await)),
    }
}

fn by_get(parts: &request::Parts) -> ApiResult<Option<Request>> {
    let malformed = |error| ApiError::bad_input(format!("the URL's query is malformed: {error}"));
    let Query(parameters) = Query::<HashMap<String, String>>::try_from_uri(&parts.uri).map_err(malformed)?;
    parameters::of_url(parameters)
}

async fn by_post(headers: &HeaderMap, body: Body) -> Result<Request, Refusal> {
    if !is_json(headers) {
        let message = "the body must be application/json in UTF-8, and its Content-Type must say so";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let large = |error: ApiError, limit| {
        let is_size = error == body::too_large(limit);
        let status = if is_size { StatusCode::PAYLOAD_TOO_LARGE } else { status(error.code) };
        Refusal { status, error }
    };
    let read = body::read(body, BULK_BODY_BYTES_MAX).await;
    let bytes = read.map_err(|error| large(error, BULK_BODY_BYTES_MAX))?;
    let is_large = bytes.len() > BODY_BYTES_MAX;
    let mut request = parameters::of_body(&bytes)?;
    if is_large && !is_bulk(&mut request) {
        return Err(large(body::too_large(BODY_BYTES_MAX), BODY_BYTES_MAX));
    }
    Ok(request)
}

/// True for a JSON content type that claims no other character set than UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_json = parts.next().is_some_and(|essence| essence == "application/json");
    is_json && parts.all(|part| part.strip_prefix("charset=").is_none_or(|set| set.trim_matches('"') == "utf-8"))
}

/// True if the request is one bulk write and nothing else.
fn is_bulk(request: &mut Request) -> bool {
    let name = request.operation_name.clone();
    if cost::text_is_parsable(&request.query).is_err() {
        return false;
    }
    let Ok(document) = request.parsed_query() else { return false };
    cost::operation(document, name.as_deref()).is_some_and(
        |operation| matches!(cost::root_fields(operation).as_slice(), [field] if BULK_FIELDS.contains(field)),
    )
}

/// The kind of the operation that a request asks for, if its document parses.
fn asks_for(request: &mut Request) -> Option<OperationType> {
    let name = request.operation_name.clone();
    cost::text_is_parsable(&request.query).ok()?;
    cost::operation(request.parsed_query().ok()?, name.as_deref()).map(|operation| operation.ty)
}

/// Gives the request what resolvers ask their context for.
fn dress(request: &mut Request, request_id: &RequestId, headers: &HeaderMap, principal: Option<Principal>) {
    request.data.insert(request_id.clone());
    request.data.insert(locale(headers));
    if let Some(principal) = principal {
        request.data.insert(principal);
    }
}

/// The language of a request.
pub fn locale(headers: &HeaderMap) -> Locale {
    let header = headers.get("accept-language").and_then(|value| value.to_str().ok());
    header.map_or_else(Locale::default, Locale::from_accept_language)
}

/// An answer as it is sent: fields stand in the order in which they were asked.
#[derive(Serialize)]
struct Answer<'r> {
    #[serde(skip_serializing_if = "slice_is_empty")]
    errors: &'r [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'r Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'r BTreeMap<String, Value>,
}

fn slice_is_empty<T>(slice: &&[T]) -> bool {
    slice.is_empty()
}

/// The answer in its form, with the status that the form gives it.
fn finish(form: MediaType, response: Response) -> axum::response::Response {
    let is_refused = is_request_error(&response);
    let body = Answer {
        errors: &response.errors,
        data: (!is_refused).then_some(&response.data),
        extensions: &response.extensions,
    };
    let text = serde_json::to_string(&body).unwrap_or_default();
    let is_told = form == MediaType::GraphqlResponse && is_refused;
    let status = if is_told { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    respond(status, form, text)
}

fn respond(status: StatusCode, form: MediaType, text: String) -> axum::response::Response {
    (status, [(CONTENT_TYPE, form.content_type())], text).into_response()
}
