//! Warehouse receipts: the document, its issue, and what becomes of its title.

pub mod contract;
pub mod event;
pub mod graphql;
pub mod import;
pub(crate) mod migration;
pub mod model;
pub mod projection;
pub mod query;
pub mod service;
pub mod transaction;
