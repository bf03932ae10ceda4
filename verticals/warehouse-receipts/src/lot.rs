//! Lots: goods that a depositor brought into a warehouse together, and how much of them receipts speak for.

pub mod contract;
pub mod model;
