//! The HTTP server: GraphQL endpoints, sign-in, health.

pub mod accept;
mod auth;
mod body;
pub mod cost;
mod failure;
pub mod graphql;
mod health;
pub mod identity;
pub mod limits;
mod metrics;
mod page;
mod parameters;
mod recheck;
mod router;
pub mod schema;
mod sse;
mod tag;
mod websocket;

pub use router::{App, router, serve};

#[cfg(test)]
mod tests;
