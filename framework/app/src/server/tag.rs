//! The id of a request: told to the caller, written in the log, carried by every error.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use hive_platform::secret::random_bytes;
use hive_plug::RequestId;
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives every request an id, the caller's own if it is plain, and logs what became of it: no headers, no bodies.
pub async fn tagged(mut request: Request, next: Next) -> Response {
    let id = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_plain(id));
    let id = id.map_or_else(fresh, str::to_owned);
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(RequestId(id.clone()));
    let started = std::time::Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), milliseconds, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn is_plain(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Without randomness the request is answered all the same.
fn fresh() -> String {
    random_bytes::<8>().map_or_else(|_| "unnumbered".to_owned(), hex::encode)
}
