//! What lots and receipts both say: goods, storage, tariffs.

pub mod graphql;
pub mod model;
