//! GraphQL over server-sent events, distinct connections: one stream for one operation.

use std::convert::Infallible;
use std::sync::Arc;

use async_graphql::{Data, Executor, Request};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use futures_util::{StreamExt, stream};
use hive_platform::Principal;
use hive_plug::RequestId;
use tokio_stream::StreamExt as _;

use super::accept::MediaType;
use super::graphql::Door;
use super::limits::RECHECK;

/// Answers an operation as a stream of `next` events with a `complete` at its end.
pub fn serve(
    door: &Door,
    request_id: RequestId,
    principal: Option<Principal>,
    request: Request,
) -> axum::response::Response {
    let mut session = Data::default();
    session.insert(request_id);
    session.insert(door.identity.clone());
    if let Some(principal) = principal {
        session.insert(principal);
    }
    let events = door.endpoint.execute_stream(request, Some(Arc::new(session)));
    let next = StreamExt::map(events, |response| event("next", &serde_json::to_string(&response).unwrap_or_default()));
    let all = StreamExt::chain(next, stream::iter([event("complete", "")]));
    // A comment now and then shows both sides that the other one is still there.
    let kept_alive = all.timeout_repeating(tokio::time::interval(RECHECK));
    let bytes =
        StreamExt::map(kept_alive, |event| Ok::<_, Infallible>(event.unwrap_or_else(|_| Bytes::from_static(b":\n\n"))));
    let headers = [(CONTENT_TYPE, MediaType::EventStream.content_type()), (CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(bytes)).into_response()
}

/// JSON has no line breaks of its own, so an event is one line of data.
fn event(name: &str, data: &str) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
