//! Lots: goods that a depositor brought into a warehouse together, and how much of them receipts speak for.

pub mod contract;
pub mod graphql;
pub(crate) mod migration;
pub mod model;
pub mod projection;
pub mod query;
