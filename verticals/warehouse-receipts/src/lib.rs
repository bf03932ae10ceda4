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
pub mod scenario;
pub mod supervision;
pub(crate) mod version;

use hive_chain::Projection;
use hive_plug::scenario::{Importer, Scenario};
use hive_plug::{FRAMEWORK_VERSION, Locale, LocaleFile, Manifest, Vertical};
use ledger_core::Contract;

use crate::graphql::{WarehouseReceiptsMutation, WarehouseReceiptsQuery, WarehouseReceiptsRegulator};
use crate::lot::contract::LotContract;
use crate::projection::WarehouseProjection;
use crate::receipt::contract::ReceiptContract;
use crate::receipt::event::ReceiptEvent;
use crate::receipt::graphql::{WarehouseReceiptsRegulatorSubscription, WarehouseReceiptsSubscription};

/// The vertical's name.
pub const NAME: &str = "warehouse-receipts";

/// The vertical.
#[derive(Clone, Copy, Debug)]
pub struct WarehouseReceipts;

impl Vertical for WarehouseReceipts {
    const NAME: &'static str = NAME;
    type Query = WarehouseReceiptsQuery;
    type Mutation = WarehouseReceiptsMutation;
    type Subscription = WarehouseReceiptsSubscription;
    type Regulator = WarehouseReceiptsRegulator;
    type RegulatorSubscription = WarehouseReceiptsRegulatorSubscription;

    fn manifest() -> Manifest {
        Manifest {
            version: env!("CARGO_PKG_VERSION"),
            framework_version: FRAMEWORK_VERSION,
            locales: &[
                LocaleFile { locale: Locale::En, text: include_str!("../locales/en.ftl") },
                LocaleFile { locale: Locale::ZhCn, text: include_str!("../locales/zh-CN.ftl") },
            ],
            events: &ReceiptEvent::KINDS,
        }
    }

    fn contracts() -> Vec<Box<dyn Contract>> {
        let lot = LotContract::new().map(|contract| Box::new(contract) as Box<dyn Contract>);
        let receipt = ReceiptContract::new().map(|contract| Box::new(contract) as Box<dyn Contract>);
        // Both have plain names, as a test shows; a chain that names a missing one is refused when it opens.
        [lot, receipt].into_iter().flatten().collect()
    }

    fn projections() -> Vec<Box<dyn Projection>> {
        vec![Box::new(WarehouseProjection)]
    }

    fn scenarios() -> Vec<Scenario> {
        vec![scenario::FIRST_TRADE]
    }

    fn importers() -> Vec<Importer> {
        vec![scenario::RECEIPTS]
    }
}

/// Messages of `schema/warehouse_receipts.proto`, as generated from it.
#[allow(missing_docs, clippy::all, clippy::pedantic, clippy::restriction)]
pub mod wire {
    include!(concat!(env!("OUT_DIR"), "/hivechain.warehouse_receipts.v1.rs"));
}

#[cfg(test)]
mod tests;
