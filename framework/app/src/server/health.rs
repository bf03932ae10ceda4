//! How the node is, for people and machines that watch it.

use axum::Json;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hive_plug::FRAMEWORK_VERSION;
use serde_json::json;

use super::router::App;

/// `GET /livez`: the process answers.
pub async fn live() -> &'static str {
    "alive\n"
}

/// Chains told one by one at most; how many there are is told besides.
const STOPPED_MAX: usize = 16;

/// `GET /readyz`: 200 while the node accepts transactions, else 503 with the reason. A chain that has stopped alone does not
/// make it less ready; it is told with its reason.
pub async fn ready(State(app): State<App>) -> Response {
    let parked: Vec<_> = app
        .services
        .node
        .parked()
        .into_iter()
        .map(|parked| json!({ "name": parked.name, "height": parked.height }))
        .collect();
    let node = &app.services.node;
    let stopped = node.stopped_chains(STOPPED_MAX).into_iter();
    let stopped: Vec<_> =
        stopped.map(|stopped| json!({ "chain": stopped.chain.to_string(), "reason": stopped.reason })).collect();
    let mut body = json!({ "ready": true, "parked": parked, "chainsStopped": node.chain_counts().stopped,
        "stoppedChains": stopped });
    match node.ready() {
        Ok(()) => (StatusCode::OK, Json(body)).into_response(),
        Err(reason) => {
            body["ready"] = false.into();
            body["reason"] = reason.into();
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

/// `GET /version`: what runs here.
pub async fn version(State(app): State<App>) -> Response {
    let verticals: serde_json::Map<_, _> =
        app.services.about.verticals.iter().map(|(name, version)| ((*name).to_owned(), json!(version))).collect();
    Json(json!({ "framework": FRAMEWORK_VERSION, "node": app.services.about.id, "verticals": verticals }))
        .into_response()
}

/// `GET /metrics`: figures for monitoring; as JSON, for `hive top`, where the caller accepts nothing else.
pub async fn metrics(State(app): State<App>, headers: HeaderMap) -> Response {
    let measured = app.services.node.measured().await;
    if headers.get(ACCEPT).is_some_and(|accepted| accepted == "application/json") {
        return Json(measured).into_response();
    }
    let form = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (form, app.metrics.page(&measured)).into_response()
}
