//! The vertical's GraphQL: its roots, and the inputs that all its lists share.

mod listing;

use async_graphql::{MergedObject, Object};
use hive_plug::guard::Holding;
use ledger_core::Permission;

pub use listing::{AddressFilter, DateFilter, OrderDirection, QuantityFilter, TextFilter};
pub(crate) use listing::{Listing, date_days, time_point, tree_is_small};

use crate::lot::graphql::LotQueries;
use crate::pledge::graphql::{PledgeMutations, PledgeQueries};
use crate::receipt::graphql::{ReceiptMutations, ReceiptQueries};
use crate::supervision::graphql::Supervision;

/// Queries of the vertical.
#[derive(Default, MergedObject)]
pub struct WarehouseReceiptsQuery(ReceiptQueries, LotQueries, PledgeQueries);

/// Mutations of the vertical.
#[derive(Default, MergedObject)]
pub struct WarehouseReceiptsMutation(ReceiptMutations, PledgeMutations);

/// What a supervisor reads of the vertical.
#[derive(Clone, Copy, Debug, Default)]
pub struct WarehouseReceiptsRegulator;

#[Object]
impl WarehouseReceiptsRegulator {
    /// Warehouse receipts and their pledges on the chains you supervise. Each view is put on record in the journal of
    /// those chains, with its purpose. Needs the permission supervise.
    #[graphql(guard = "Holding(Permission::Supervise)")]
    async fn warehouse_receipts(
        &self,
        #[graphql(desc = "Why you look, e.g. \"monthly report\"; 1 to 200 characters.")] purpose: String,
        #[graphql(desc = "The case you look for, if there is one; at most 64 characters.")] case_number: Option<String>,
    ) -> hive_plug::ApiResult<Supervision> {
        Supervision::for_purpose(purpose, case_number)
    }
}

#[cfg(test)]
mod tests;
