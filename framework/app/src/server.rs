//! The HTTP server: GraphQL endpoints, sign-in, health.

pub mod accept;
mod body;
pub mod cost;
mod failure;
pub mod graphql;
pub mod identity;
pub mod limits;
mod page;
mod parameters;
mod recheck;
pub mod schema;
mod sse;
pub mod tag;
mod websocket;

#[cfg(test)]
mod tests;
