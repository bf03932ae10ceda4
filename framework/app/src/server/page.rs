//! The page with which people try queries in development. It loads nothing from elsewhere, so it works offline.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;

use super::accept::MediaType;

/// Only what the page itself holds runs, and it talks to this node alone.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page of an endpoint.
pub fn of(endpoint: &str) -> axum::response::Response {
    let text = include_str!("page.html").replace("{{endpoint}}", endpoint);
    let headers = [
        (CONTENT_TYPE, MediaType::Html.content_type()),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}
