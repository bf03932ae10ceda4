//! Commodity warehouse receipts: issue, transfer, pledge, release.

pub mod desk;
pub mod filter;
#[cfg(test)]
mod fixture;
pub mod goods;
pub mod graphql;
pub mod lot;
mod migration;
pub mod pledge;
pub mod projection;
pub(crate) mod query;
pub mod receipt;
pub mod supervision;
pub(crate) mod version;

/// The vertical's name.
pub const NAME: &str = "warehouse-receipts";

/// Messages of `schema/warehouse_receipts.proto`, as generated from it.
#[allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction)]
pub mod wire {
    include!(concat!(env!("OUT_DIR"), "/hivechain.warehouse_receipts.v1.rs"));
}
