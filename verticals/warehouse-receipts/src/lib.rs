//! Commodity warehouse receipts: issue, transfer, pledge, release.

#[cfg(test)]
mod fixture;
pub mod goods;
pub mod lot;
pub mod receipt;

/// Messages of `schema/warehouse_receipts.proto`, as generated from it.
#[allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction)]
pub mod wire {
    include!(concat!(env!("OUT_DIR"), "/hivechain.warehouse_receipts.v1.rs"));
}
