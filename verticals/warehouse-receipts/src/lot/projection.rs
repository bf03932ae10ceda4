//! Lots as rows.

use hive_chain::{ProjectionError, ProjectionWriter};
use ledger_core::LedgerTransaction;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, IntoActiveModel, QueryOrder};

use crate::lot::model::{LOT, Lot, NAME, read_lot};
use crate::projection::{At, days, end_version, next_row_number, signed};

/// The table.
pub const TABLE: &str = "warehouse_receipts_lot";

/// A version of a lot.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "warehouse_receipts_lot")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Dense per chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_number: i64,
    /// The operator's number of the lot.
    pub number: String,
    /// Address of the operator.
    #[sea_orm(column_type = "Blob")]
    pub operator: Vec<u8>,
    /// Address of the depositor.
    #[sea_orm(column_type = "Blob")]
    pub depositor: Vec<u8>,
    /// What the goods are.
    pub commodity: String,
    /// Net mass.
    pub mass_kilograms: i64,
    /// Net mass for which receipts have been issued.
    pub receipted_kilograms: i64,
    /// Days since 1970-01-01.
    pub inbound_on: i64,
    /// The lot's canonical message.
    #[sea_orm(column_type = "Blob")]
    pub document: Vec<u8>,
    /// The transaction that made this version.
    #[sea_orm(column_type = "Blob")]
    pub transaction_id: Vec<u8>,
    /// Its place in its block, from 0.
    pub position: i64,
    /// Place of the lot's state among its outputs.
    pub output_index: i64,
    /// Height from which the version holds.
    pub from_height: i64,
    /// Height that replaced it; null while it holds.
    pub to_height: Option<i64>,
    /// Time of the block at `from_height`, milliseconds UTC.
    pub recorded_at_ms: i64,
    /// Time of the block at `to_height`.
    pub ended_at_ms: Option<i64>,
    /// Business date from which it holds, days since 1970-01-01.
    pub effective_on: i64,
    /// Business date that replaced it.
    pub ended_on: Option<i64>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a block does to lots.
#[derive(Default)]
pub(crate) struct Fold {
    pub(crate) last_row: Option<i64>,
    pending: Vec<Model>,
}

impl Fold {
    pub(crate) async fn transaction(
        &mut self,
        writer: &mut ProjectionWriter<'_>,
        at: &At,
        transaction: &LedgerTransaction,
    ) -> Result<(), ProjectionError> {
        let is_booked = transaction.inputs_of(NAME, LOT).next().is_some();
        for (output, state) in transaction.outputs_of(NAME, LOT) {
            let lot = read_lot(state)?;
            let mut effective_on = at.effective_on;
            if is_booked {
                self.flush(writer).await?;
                effective_on = end(writer, at, &lot).await?;
            }
            let row_number = next_row_number!(self, writer, Entity, Column);
            self.pending.push(Model {
                chain_id: writer.chain_number(),
                row_number,
                number: lot.number,
                operator: lot.operator.to_vec(),
                depositor: lot.depositor.to_vec(),
                commodity: lot.goods.commodity,
                mass_kilograms: signed(lot.mass.kilograms())?,
                receipted_kilograms: signed(lot.receipted.kilograms())?,
                inbound_on: days(lot.inbound_date),
                document: state.data.clone(),
                transaction_id: at.transaction.to_vec(),
                position: at.position,
                output_index: i64::from(output),
                from_height: at.height,
                to_height: None,
                recorded_at_ms: at.recorded_at_ms,
                ended_at_ms: None,
                effective_on,
                ended_on: None,
            });
        }
        Ok(())
    }

    /// Writes what has gathered, in one statement.
    pub(crate) async fn flush(&mut self, writer: &mut ProjectionWriter<'_>) -> Result<(), ProjectionError> {
        let rows = std::mem::take(&mut self.pending);
        writer.insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
    }
}

/// Ends the lot's present version; answers the business date of the next.
async fn end(writer: &mut ProjectionWriter<'_>, at: &At, lot: &Lot) -> Result<i64, ProjectionError> {
    let (number, operator) = (lot.number.clone(), lot.operator.to_vec());
    let present = writer
        .one::<Entity>(|select| {
            select
                .filter(Column::Number.eq(number))
                .filter(Column::Operator.eq(operator))
                .filter(Column::ToHeight.is_null())
        })
        .await?;
    let missing = || ProjectionError::RowMissing { table: TABLE, key: lot.number.clone() };
    let present = present.ok_or_else(missing)?;
    let ended_on = at.effective_after(present.effective_on);
    let row = present.row_number;
    writer
        .update::<Entity>(|update| end_version!(update, Column, at, ended_on).filter(Column::RowNumber.eq(row)))
        .await?;
    Ok(ended_on)
}
