//! Pledges of receipts: the rights that the built-in contract keeps, as this vertical's people look at them.

pub mod graphql;
pub(crate) mod migration;
pub mod projection;
pub mod query;
pub mod service;
