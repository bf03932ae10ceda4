//! Warehouse receipts: the document, its issue, and what becomes of its title.

pub mod contract;
pub mod model;
pub mod transaction;
