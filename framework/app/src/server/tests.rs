//! GraphQL over HTTP against a small schema: one endpoint behind a real socket.

use std::net::SocketAddr;
use std::sync::Arc;

use async_graphql::{Object, Schema, Subscription};
use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use hive_platform::Principal;
use hive_plug::RequestId;
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::scalar::Decimal;
use serde_json::{Value, json};

use super::graphql::{Door, handle};
use super::identity::Identity;
use super::limits::{BODY_BYTES_MAX, BULK_BODY_BYTES_MAX};
use super::schema::Endpoint;

mod http;
mod streams;

struct Nobody;

impl Identity for Nobody {
    fn of_token<'a>(&'a self, _token: &'a str) -> BoxFuture<'a, Result<Principal, ApiError>> {
        Box::pin(async { Err(ApiError::unauthenticated()) })
    }

    fn still_counts<'a>(&'a self, _principal: &'a Principal) -> BoxFuture<'a, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }
}

struct Query;

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "hello"
    }

    async fn nested(&self) -> Query {
        Query
    }

    async fn echo(&self, price: Decimal) -> Decimal {
        price
    }

    async fn secret(&self) -> ApiResult<&str> {
        Err(ApiError::unauthenticated())
    }

    async fn never(&self) -> &str {
        std::future::pending().await
    }

    async fn fault(&self) -> async_graphql::Result<&str> {
        Err(std::io::Error::other("the table platform_secret is on fire").into())
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn submit_transactions(&self, transactions: Vec<String>) -> usize {
        transactions.len()
    }
}

struct Events;

#[Subscription]
impl Events {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        futures_util::stream::iter(1..=to)
    }
}

/// Serves the small schema on a port of its own.
async fn start() -> SocketAddr {
    start_as(true).await
}

async fn start_as(development: bool) -> SocketAddr {
    let endpoint = Endpoint::new(Schema::build(Query, Mutation, Events));
    let door = Door { name: "small".to_owned(), endpoint, identity: Arc::new(Nobody), development };
    let router = Router::new()
        .route("/graphql", any(move |request: Request| handle(door.clone(), RequestId("test".to_owned()), request)))
        .layer(axum::extract::DefaultBodyLimit::disable());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
