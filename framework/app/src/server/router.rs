//! Paths of the node and who answers them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, FromRef, MatchedPath, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use hive_platform::Sessions;
use hive_plug::RequestId;
use hive_plug::error::ApiError;
use tokio::net::TcpListener;

use super::auth::{self, PlatformIdentity};
use super::failure::rest_body;
use super::graphql::{Door, handle};
use super::health;
use super::identity::Identity;
use super::metrics::Metrics;
use super::schema::Endpoint;
use super::tag::tagged;
use crate::endpoint::Services;

/// How long open connections get to end by themselves when the node stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// What the server serves. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Node, platform, texts.
    pub services: Services,
    /// GraphQL endpoints by name.
    pub endpoints: Arc<BTreeMap<String, Endpoint>>,
    /// Figures.
    pub metrics: Metrics,
    /// Knows who calls.
    pub identity: Arc<dyn Identity>,
    /// True if people may explore with a page.
    pub development: bool,
}

impl App {
    /// A server of these endpoints.
    pub fn new(services: Services, endpoints: BTreeMap<String, Endpoint>, development: bool) -> Self {
        let identity: Arc<dyn Identity> = Arc::new(PlatformIdentity(services.platform.sessions().clone()));
        Self { services, endpoints: Arc::new(endpoints), metrics: Metrics::default(), identity, development }
    }
}

impl FromRef<App> for Sessions {
    fn from_ref(app: &App) -> Self {
        app.services.platform.sessions().clone()
    }
}

/// Every path of the node.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(contents))
        .route("/graphql/{name}", any(graphql))
        .route("/schema/{file}", get(schema))
        .route("/auth/challenge", post(auth::challenge))
        .route("/auth/token", post(auth::token))
        .route("/auth/refresh", post(auth::refresh))
        .route("/auth/revoke", post(auth::revoke))
        .route("/.well-known/jwks.json", get(auth::jwks))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/version", get(health::version))
        .route("/metrics", get(health::metrics))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(app.clone(), counted))
        .layer(from_fn(tagged))
        .with_state(app)
}

/// Serves until `stop` comes true; then open connections get a moment to end.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let graceful = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        let _ = stopping.send(());
    });
    let farewell = async {
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(FAREWELL).await;
    };
    // Subscriptions would stay for ever; their clients resume elsewhere or later.
    tokio::select! {
        outcome = graceful => outcome,
        () = farewell => Ok(()),
    }
}

async fn graphql(
    State(app): State<App>,
    Path(name): Path<String>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let Some(endpoint) = app.endpoints.get(&name).cloned() else { return missing(&id, "endpoint") };
    let door = Door { name, endpoint, identity: app.identity.clone(), development: app.development };
    handle(door, id, request).await
}

async fn schema(State(app): State<App>, Path(file): Path<String>, Extension(id): Extension<RequestId>) -> Response {
    let endpoint = file.strip_suffix(".graphql").and_then(|name| app.endpoints.get(name));
    match endpoint {
        Some(endpoint) => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], endpoint.sdl()).into_response(),
        None => missing(&id, "schema"),
    }
}

/// What there is, for whoever opens the node in a browser.
async fn contents(State(app): State<App>) -> String {
    let endpoints: Vec<String> =
        app.endpoints.keys().map(|name| format!("/graphql/{name}   /schema/{name}.graphql")).collect();
    let rest = "/auth/challenge /auth/token /auth/refresh /auth/revoke   /livez /readyz /version /metrics";
    format!("Hivechain node {}\n\n{}\n\n{rest}\n", app.services.about.id, endpoints.join("\n"))
}

async fn unknown(Extension(id): Extension<RequestId>) -> Response {
    missing(&id, "path here")
}

async fn wrong_method(Extension(id): Extension<RequestId>) -> Response {
    let body = rest_body(&ApiError::bad_input("this path answers another method"), &id);
    (StatusCode::METHOD_NOT_ALLOWED, [(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string())
        .into_response()
}

fn missing(id: &RequestId, what: &str) -> Response {
    let body = rest_body(&ApiError::not_found(what), id);
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

async fn counted(State(app): State<App>, request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    app.metrics.count(&route, response.status().as_u16(), milliseconds);
    response
}
