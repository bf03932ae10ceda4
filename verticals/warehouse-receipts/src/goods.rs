//! What lots and receipts both say: goods, storage, tariffs.

pub mod model;
