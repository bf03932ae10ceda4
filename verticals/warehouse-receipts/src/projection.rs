//! Folds committed blocks into the vertical's tables: one projection, noun by noun.

use async_trait::async_trait;
use hive_chain::{CommittedBlock, Migrations, Projection, ProjectionError, ProjectionWriter};
use ledger_core::{Address, Date, LedgerTransaction, TransactionId};

use crate::{lot, migration, pledge, receipt};

/// The vertical's projection.
#[derive(Clone, Copy, Debug, Default)]
pub struct WarehouseProjection;

#[async_trait]
impl Projection for WarehouseProjection {
    fn name(&self) -> &'static str {
        crate::NAME
    }

    fn tables(&self) -> &'static [&'static str] {
        &[lot::projection::TABLE, receipt::projection::TABLE, pledge::projection::TABLE]
    }

    fn migrations(&self) -> Migrations {
        migration::migrations()
    }

    async fn apply(&self, writer: &mut ProjectionWriter<'_>, block: &CommittedBlock) -> Result<(), ProjectionError> {
        let mut lots = lot::projection::Fold::default();
        let mut receipts = receipt::projection::Fold::default();
        let mut pledges = pledge::projection::Fold::default();
        for (position, transaction) in block.transactions() {
            let at = At::of(block, position, transaction)?;
            lots.transaction(writer, &at, transaction).await?;
            receipts.transaction(writer, &at, transaction).await?;
            pledges.transaction(writer, &at, transaction).await?;
        }
        lots.flush(writer).await?;
        receipts.flush(writer).await?;
        pledges.flush(writer).await
    }
}

/// Where and when a version begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) transaction: TransactionId,
    pub(crate) position: i64,
    pub(crate) height: i64,
    pub(crate) recorded_at_ms: i64,
    pub(crate) effective_on: i64,
}

impl At {
    fn of(block: &CommittedBlock, position: u32, transaction: &LedgerTransaction) -> Result<Self, ProjectionError> {
        Ok(Self {
            transaction: transaction.id,
            position: i64::from(position),
            height: signed(block.height())?,
            recorded_at_ms: signed(block.time_ms())?,
            effective_on: days(transaction.transaction.effective_on),
        })
    }

    /// The business date of a version behind another: dates of versions never run backwards, whatever a late paper says.
    pub(crate) fn effective_after(&self, before: i64) -> i64 {
        self.effective_on.max(before)
    }
}

/// A date as its column holds it.
pub(crate) fn days(date: Date) -> i64 {
    i64::from(date.days())
}

/// An unsigned number as its column holds it.
pub(crate) fn signed(number: u64) -> Result<i64, ProjectionError> {
    i64::try_from(number).map_err(|error| ProjectionError::Other(Box::new(error)))
}

/// Why a contract's state of a committed block does not read.
pub(crate) fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> ProjectionError {
    ProjectionError::Other(Box::new(error))
}

/// Each party once.
pub(crate) fn once(parties: impl IntoIterator<Item = Address>) -> Vec<Address> {
    let mut parties: Vec<_> = parties.into_iter().collect();
    parties.sort();
    parties.dedup();
    parties
}

/// Puts the columns that end a version into an update.
macro_rules! end_version {
    ($update:expr, $columns:ty, $at:expr, $ended_on:expr) => {
        $update
            .col_expr(<$columns>::ToHeight, sea_orm::sea_query::Expr::value($at.height))
            .col_expr(<$columns>::EndedAtMs, sea_orm::sea_query::Expr::value($at.recorded_at_ms))
            .col_expr(<$columns>::EndedOn, sea_orm::sea_query::Expr::value($ended_on))
    };
}
pub(crate) use end_version;

/// Gives a fold the numbers of its rows: behind the last row of the chain, one after another.
macro_rules! next_row_number {
    ($fold:expr, $writer:expr, $entity:ty, $columns:ty) => {{
        let last = match $fold.last_row {
            Some(last) => last,
            None => {
                let row = $writer.one::<$entity>(|select| select.order_by_desc(<$columns>::RowNumber)).await?;
                row.map_or(0, |row| row.row_number)
            }
        };
        let next = last.saturating_add(1);
        $fold.last_row = Some(next);
        next
    }};
}
pub(crate) use next_row_number;
