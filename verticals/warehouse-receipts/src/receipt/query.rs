//! Reads of receipts.

use hive_chain::{ReadView, StorageError};
use hive_plug::Page;
use ledger_core::encoding::{EncodingError, decode};
use ledger_core::{Address, ChainId, TitleId};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use crate::filter::{Comparison, Filter, TimePoint, Viewer};
use crate::query::{Fields, Key, OrderBy, at, compared, filtered, page as keyset_page, versions};
use crate::receipt::model::Receipt;
pub use crate::receipt::projection::Model;
use crate::receipt::projection::{Column, Entity};

versions!(Entity, Column);

/// Fields by which receipts are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptFields {
    /// The operator's serial.
    pub number: Comparison<String>,
    /// The lot it speaks for.
    pub lot_number: Comparison<String>,
    /// What the goods are.
    pub commodity: Comparison<String>,
    /// held, offered, pledged.
    pub status: Comparison<String>,
    /// Net mass in kilograms.
    pub mass_kilograms: Comparison<i64>,
    /// Date of issue, days since 1970-01-01.
    pub issued_on: Comparison<i64>,
    /// Address of the holder.
    pub holder: Comparison<Vec<u8>>,
    /// Address of the operator.
    pub operator: Comparison<Vec<u8>>,
}

impl Fields for ReceiptFields {
    fn condition(&self) -> Condition {
        Condition::all()
            .add(compared(Column::Number, &self.number))
            .add(compared(Column::LotNumber, &self.lot_number))
            .add(compared(Column::Commodity, &self.commodity))
            .add(compared(Column::Status, &self.status))
            .add(compared(Column::MassKilograms, &self.mass_kilograms))
            .add(compared(Column::IssuedOn, &self.issued_on))
            .add(compared(Column::Holder, &self.holder))
            .add(compared(Column::Operator, &self.operator))
    }
}

/// What receipts are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReceiptOrder {
    /// Number.
    #[default]
    Number,
    /// Net mass.
    Mass,
    /// Date of issue.
    IssuedOn,
}

/// Which receipts are asked for.
#[derive(Clone, Debug)]
pub struct ReceiptQuery {
    /// Who looks.
    pub viewer: Viewer,
    /// When.
    pub time: TimePoint,
    /// Which.
    pub filter: Filter<ReceiptFields>,
    /// In which order.
    pub order: ReceiptOrder,
    /// From the last to the first.
    pub descending: bool,
}

impl ReceiptQuery {
    /// The present receipts of a filter, by number.
    pub fn present(viewer: Viewer, fields: ReceiptFields) -> Self {
        let filter = Filter { fields, ..Filter::default() };
        let (time, order) = (TimePoint::default(), ReceiptOrder::default());
        Self { viewer, time, filter, order, descending: false }
    }

    fn condition(&self) -> Condition {
        Condition::all().add(at::<Entity>(&self.time)).add(filtered(&self.filter)).add(seen_by(self.viewer))
    }

    fn key(&self, row: &Model) -> Key {
        let (text, number) = match self.order {
            ReceiptOrder::Number => (row.number.clone(), 0),
            ReceiptOrder::Mass => (String::new(), row.mass_kilograms),
            ReceiptOrder::IssuedOn => (String::new(), row.issued_on),
        };
        (text, number, row.chain_id, row.row_number)
    }

    /// One page, and one row more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn page(&self, view: &ReadView, page: &Page<Key>) -> Result<Vec<(Key, Model)>, StorageError> {
        let (column, is_text) = match self.order {
            ReceiptOrder::Number => (Column::Number, true),
            ReceiptOrder::Mass => (Column::MassKilograms, false),
            ReceiptOrder::IssuedOn => (Column::IssuedOn, false),
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

/// A version is seen by the parties of its title's state, and by supervisors.
fn seen_by(viewer: Viewer) -> Condition {
    match viewer {
        Viewer::Supervisor => Condition::all(),
        Viewer::Party(party) => Condition::any()
            .add(Column::Operator.eq(party.to_vec()))
            .add(Column::Holder.eq(party.to_vec()))
            .add(Column::Pledgee.eq(party.to_vec()))
            .add(Column::OfferedTo.eq(party.to_vec())),
    }
}

/// The present versions of the receipts with a number, at most two: of one operator there is one.
///
/// # Errors
/// The database fails.
pub async fn by_number(
    view: &ReadView,
    viewer: Viewer,
    chain: &ChainId,
    number: &str,
    operator: Option<&Address>,
    time: TimePoint,
) -> Result<Vec<Model>, StorageError> {
    let mut condition = Condition::all()
        .add(at::<Entity>(&time))
        .add(Column::ChainId.eq(view.number(chain)))
        .add(Column::Number.eq(number))
        .add(seen_by(viewer));
    if let Some(operator) = operator {
        condition = condition.add(Column::Operator.eq(operator.to_vec()));
    }
    view.all::<Entity>(|select| select.filter(condition).order_by_asc(Column::RowNumber).limit(2)).await
}

/// The version of the receipt with this title at a point in time, if the viewer sees it.
///
/// # Errors
/// The database fails.
pub async fn by_title(
    view: &ReadView,
    viewer: Viewer,
    chain: &ChainId,
    title: &TitleId,
    time: TimePoint,
) -> Result<Option<Model>, StorageError> {
    let condition = Condition::all()
        .add(at::<Entity>(&time))
        .add(Column::ChainId.eq(view.number(chain)))
        .add(Column::Title.eq(title.to_vec()))
        .add(seen_by(viewer));
    view.one::<Entity>(|select| select.filter(condition)).await
}

/// The receipt of a row.
///
/// # Errors
/// The row is damaged.
pub fn receipt_of(row: &Model) -> Result<Receipt, EncodingError> {
    decode(&row.document)
}
