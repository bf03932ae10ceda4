//! Reads of pledges, and a supervisor's totals.

use hive_chain::{ReadView, StorageError};
use hive_plug::Page;
use ledger_core::{ChainId, PledgeId, TitleId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use crate::filter::{Comparison, Filter, TimePoint, Viewer};
pub use crate::pledge::projection::Model;
use crate::pledge::projection::{ACTIVE, Column, Entity};
use crate::query::{Fields, Key, OrderBy, at, compared, filtered, page as keyset_page, versions};

versions!(Entity, Column);

/// Fields by which pledges are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PledgeFields {
    /// Number of the receipt.
    pub receipt_number: Comparison<String>,
    /// active, released.
    pub status: Comparison<String>,
    /// Address of the pledgor, the obligor.
    pub pledgor: Comparison<Vec<u8>>,
    /// Address of the pledgee.
    pub pledgee: Comparison<Vec<u8>>,
    /// Pledged mass in kilograms.
    pub mass_kilograms: Comparison<i64>,
}

impl Fields for PledgeFields {
    fn condition(&self) -> Condition {
        Condition::all()
            .add(compared(Column::Number, &self.receipt_number))
            .add(compared(Column::Status, &self.status))
            .add(compared(Column::Pledgor, &self.pledgor))
            .add(compared(Column::Pledgee, &self.pledgee))
            .add(compared(Column::Quantity, &self.mass_kilograms))
    }
}

/// What pledges are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PledgeOrder {
    /// Number of the receipt.
    #[default]
    ReceiptNumber,
    /// Pledged mass.
    Mass,
    /// In the order in which the ledger recorded them.
    Recorded,
}

/// Which pledges are asked for.
#[derive(Clone, Debug)]
pub struct PledgeQuery {
    /// Who looks.
    pub viewer: Viewer,
    /// When.
    pub time: TimePoint,
    /// Which.
    pub filter: Filter<PledgeFields>,
    /// In which order.
    pub order: PledgeOrder,
    /// From the last to the first.
    pub descending: bool,
}

/// By whom totals are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalsBy {
    /// Who has pledged.
    Obligor,
    /// For whom it is pledged.
    Pledgee,
}

/// What is pledged by or for one party, secured in one asset.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct PledgeTotal {
    /// The chain's number.
    pub chain_id: i64,
    /// Address of the obligor or pledgee.
    pub party: Vec<u8>,
    /// Asset of the secured debts.
    pub secured_asset: Vec<u8>,
    /// How many pledges.
    pub pledges: i64,
    /// Pledged mass in kilograms.
    pub mass_kilograms: i64,
    /// Sum of the secured maxima, in the asset's smallest unit.
    pub secured_maximum: i64,
}

impl PledgeQuery {
    fn condition(&self) -> Condition {
        Condition::all().add(at::<Entity>(&self.time)).add(filtered(&self.filter)).add(seen_by(self.viewer))
    }

    fn key(&self, row: &Model) -> Key {
        let (text, number) = match self.order {
            PledgeOrder::ReceiptNumber => (row.number.clone(), 0),
            PledgeOrder::Mass => (String::new(), row.quantity),
            PledgeOrder::Recorded => (String::new(), row.row_number),
        };
        (text, number, row.chain_id, row.row_number)
    }

    /// One page, and one row more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn page(&self, view: &ReadView, page: &Page<Key>) -> Result<Vec<(Key, Model)>, StorageError> {
        let (column, is_text) = match self.order {
            PledgeOrder::ReceiptNumber => (Column::Number, true),
            PledgeOrder::Mass => (Column::Quantity, false),
            PledgeOrder::Recorded => (Column::RowNumber, false),
        };
        let order = OrderBy { column, is_text, descending: self.descending };
        let rows = keyset_page::<Entity>(view, self.condition(), order, page).await?;
        Ok(rows.into_iter().map(|row| (self.key(&row), row)).collect())
    }

    /// How many there are.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count(&self, view: &ReadView) -> Result<u64, StorageError> {
        view.count::<Entity>(|select| select.filter(self.condition())).await
    }
}

/// A pledge is seen by its pledgor, pledgee and custodian, and by supervisors.
fn seen_by(viewer: Viewer) -> Condition {
    match viewer {
        Viewer::Supervisor => Condition::all(),
        Viewer::Party(party) => Condition::any()
            .add(Column::Pledgor.eq(party.to_vec()))
            .add(Column::Pledgee.eq(party.to_vec()))
            .add(Column::Custodian.eq(party.to_vec())),
    }
}

/// A pledge by its id, if the viewer sees it.
///
/// # Errors
/// The database fails.
pub async fn by_id(
    view: &ReadView,
    viewer: Viewer,
    chain: &ChainId,
    pledge: &PledgeId,
) -> Result<Option<Model>, StorageError> {
    let condition = Condition::all()
        .add(at::<Entity>(&TimePoint::default()))
        .add(Column::ChainId.eq(view.number(chain)))
        .add(Column::Pledge.eq(pledge.to_vec()))
        .add(seen_by(viewer));
    view.one::<Entity>(|select| select.filter(condition)).await
}

/// The live pledge of a title, if the viewer sees it.
///
/// # Errors
/// The database fails.
pub async fn active_of(
    view: &ReadView,
    viewer: Viewer,
    chain: &ChainId,
    title: &TitleId,
) -> Result<Option<Model>, StorageError> {
    let condition = Condition::all()
        .add(at::<Entity>(&TimePoint::default()))
        .add(Column::ChainId.eq(view.number(chain)))
        .add(Column::Title.eq(title.to_vec()))
        .add(Column::Status.eq(ACTIVE))
        .add(seen_by(viewer));
    view.one::<Entity>(|select| select.filter(condition)).await
}

/// What is pledged on the view's chains at a point in time, by obligor or pledgee and asset; at most 1,000 lines.
///
/// # Errors
/// The database fails.
pub async fn totals(view: &ReadView, by: TotalsBy, time: &TimePoint) -> Result<Vec<PledgeTotal>, StorageError> {
    let party = match by {
        TotalsBy::Obligor => Column::Pledgor,
        TotalsBy::Pledgee => Column::Pledgee,
    };
    // PostgreSQL widens sums of integers to numeric.
    let sum = |column: Column| column.into_expr().sum().cast_as("bigint");
    view.all_as::<Entity, PledgeTotal>(|select| {
        select
            .select_only()
            .column(Column::ChainId)
            .column_as(party, "party")
            .column(Column::SecuredAsset)
            .column_as(Expr::col(Column::RowNumber).count(), "pledges")
            .column_as(sum(Column::Quantity), "mass_kilograms")
            .column_as(sum(Column::SecuredMaximum), "secured_maximum")
            .filter(at::<Entity>(time))
            .filter(Column::Status.eq(ACTIVE))
            .group_by(Column::ChainId)
            .group_by(party)
            .group_by(Column::SecuredAsset)
            .order_by_asc(Column::ChainId)
            .order_by_asc(party)
            .order_by_asc(Column::SecuredAsset)
            .limit(1_000)
    })
    .await
}
