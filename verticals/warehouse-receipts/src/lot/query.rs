//! Reads of lots.

use hive_chain::{ReadView, StorageError};
use hive_plug::Page;
use ledger_core::encoding::{EncodingError, decode};
use ledger_core::{Address, ChainId};
use sea_orm::{ColumnTrait, Condition, QueryFilter};

use crate::filter::{Comparison, Filter, TimePoint, Viewer};
use crate::lot::model::Lot;
pub use crate::lot::projection::Model;
use crate::lot::projection::{Column, Entity};
use crate::query::{Fields, Key, OrderBy, at, compared, filtered, page as keyset_page, versions};

versions!(Entity, Column);

/// Fields by which lots are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LotFields {
    /// The operator's number.
    pub number: Comparison<String>,
    /// What the goods are.
    pub commodity: Comparison<String>,
    /// Net mass in kilograms.
    pub mass_kilograms: Comparison<i64>,
    /// Days since 1970-01-01.
    pub inbound_on: Comparison<i64>,
}

impl Fields for LotFields {
    fn condition(&self) -> Condition {
        Condition::all()
            .add(compared(Column::Number, &self.number))
            .add(compared(Column::Commodity, &self.commodity))
            .add(compared(Column::MassKilograms, &self.mass_kilograms))
            .add(compared(Column::InboundOn, &self.inbound_on))
    }
}

/// What lots are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LotOrder {
    /// Number.
    #[default]
    Number,
    /// Net mass.
    Mass,
    /// Inbound date.
    InboundOn,
}

/// Which lots are asked for.
#[derive(Clone, Debug)]
pub struct LotQuery {
    /// Who looks.
    pub viewer: Viewer,
    /// When.
    pub time: TimePoint,
    /// Which.
    pub filter: Filter<LotFields>,
    /// In which order.
    pub order: LotOrder,
    /// From the last to the first.
    pub descending: bool,
}

impl LotQuery {
    fn condition(&self) -> Condition {
        let all = Condition::all().add(at::<Entity>(&self.time)).add(filtered(&self.filter));
        match self.viewer {
            Viewer::Supervisor => all,
            Viewer::Party(party) => all.add(
                Condition::any().add(Column::Operator.eq(party.to_vec())).add(Column::Depositor.eq(party.to_vec())),
            ),
        }
    }

    fn key(&self, row: &Model) -> Key {
        let (text, number) = match self.order {
            LotOrder::Number => (row.number.clone(), 0),
            LotOrder::Mass => (String::new(), row.mass_kilograms),
            LotOrder::InboundOn => (String::new(), row.inbound_on),
        };
        (text, number, row.chain_id, row.row_number)
    }

    /// One page, and one row more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn page(&self, view: &ReadView, page: &Page<Key>) -> Result<Vec<(Key, Model)>, StorageError> {
        let (column, is_text) = match self.order {
            LotOrder::Number => (Column::Number, true),
            LotOrder::Mass => (Column::MassKilograms, false),
            LotOrder::InboundOn => (Column::InboundOn, false),
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

/// The present version of an operator's lot, if the viewer sees it.
///
/// # Errors
/// The database fails.
pub async fn by_number(
    view: &ReadView,
    viewer: Viewer,
    chain: &ChainId,
    operator: &Address,
    number: &str,
) -> Result<Option<Model>, StorageError> {
    let fields = LotFields { number: Comparison::equal(number.to_owned()), ..LotFields::default() };
    let filter = Filter { fields, ..Filter::default() };
    let query = LotQuery { viewer, time: TimePoint::default(), filter, order: LotOrder::default(), descending: false };
    let condition =
        query.condition().add(Column::ChainId.eq(view.number(chain))).add(Column::Operator.eq(operator.to_vec()));
    view.one::<Entity>(|select| select.filter(condition)).await
}

/// The lot of a row.
///
/// # Errors
/// The row is damaged.
pub fn lot_of(row: &Model) -> Result<Lot, EncodingError> {
    decode(&row.document)
}
