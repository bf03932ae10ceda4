//! Pledges of receipts as rows.

use std::collections::BTreeMap;

use hive_chain::{ProjectionError, ProjectionWriter};
use ledger_core::LedgerTransaction;
use ledger_core::contract::pledge::{COLLECT, ENFORCE, NAME, PLEDGE, Pledge, read_pledge};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, IntoActiveModel, QueryOrder};

use crate::projection::{At, end_version, next_row_number, signed, unreadable};

/// The table.
pub const TABLE: &str = "warehouse_receipts_pledge";
/// The title is locked.
pub const ACTIVE: &str = "active";
/// The pledgee has released it.
pub const RELEASED: &str = "released";
/// The pledgee has enforced it.
pub const ENFORCED: &str = "enforced";

/// A version of a pledge.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "warehouse_receipts_pledge")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Dense per chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_number: i64,
    /// Id of the pledge.
    #[sea_orm(column_type = "Blob")]
    pub pledge: Vec<u8>,
    /// Id of the title.
    #[sea_orm(column_type = "Blob")]
    pub title: Vec<u8>,
    /// Number of the receipt.
    pub number: String,
    /// active or released.
    pub status: String,
    /// Address of the pledgor.
    #[sea_orm(column_type = "Blob")]
    pub pledgor: Vec<u8>,
    /// Address of the pledgee.
    #[sea_orm(column_type = "Blob")]
    pub pledgee: Vec<u8>,
    /// Address of the operator who keeps the goods.
    #[sea_orm(column_type = "Blob")]
    pub custodian: Vec<u8>,
    /// Pledged quantity, in `unit`.
    pub quantity: i64,
    /// UN/ECE Recommendation 20 code.
    pub unit: String,
    /// Asset of the secured debt.
    #[sea_orm(column_type = "Blob")]
    pub secured_asset: Vec<u8>,
    /// The most that it secures, in the asset's smallest unit.
    pub secured_maximum: i64,
    /// 1 is the senior rank.
    pub rank: i64,
    /// The transaction that made this version.
    #[sea_orm(column_type = "Blob")]
    pub transaction_id: Vec<u8>,
    /// Its place in its block, from 0.
    pub position: i64,
    /// Place of the pledge's state among the outputs of the transaction that pledged.
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

/// What a block does to pledges.
#[derive(Default)]
pub(crate) struct Fold {
    pub(crate) last_row: Option<i64>,
    pending: Vec<Model>,
}

impl Fold {
    /// Runs after the receipts of the same transaction: only pledges of receipts are this vertical's.
    pub(crate) async fn transaction(
        &mut self,
        writer: &mut ProjectionWriter<'_>,
        at: &At,
        transaction: &LedgerTransaction,
    ) -> Result<(), ProjectionError> {
        let mut created = BTreeMap::new();
        for (output, state) in transaction.outputs_of(NAME, PLEDGE) {
            let pledge = read_pledge(state).map_err(unreadable)?;
            created.insert(pledge.pledge, (output, pledge));
        }
        for input in transaction.inputs_of(NAME, PLEDGE) {
            let pledge = read_pledge(&input.state).map_err(unreadable)?;
            let successor = created.remove(&pledge.pledge);
            self.flush(writer).await?;
            let Some(before) = present(writer, &pledge).await? else { continue };
            let (row, ended_on) = (before.row_number, at.effective_after(before.effective_on));
            writer
                .update::<Entity>(|update| end_version!(update, Column, at, ended_on).filter(Column::RowNumber.eq(row)))
                .await?;
            let row_number = next_row_number!(self, writer, Entity, Column);
            let version = match successor {
                Some((output, pledge)) => active(writer.chain_number(), row_number, at, output, &pledge)?,
                None => Model {
                    row_number,
                    status: ending(transaction).to_owned(),
                    transaction_id: at.transaction.to_vec(),
                    position: at.position,
                    from_height: at.height,
                    recorded_at_ms: at.recorded_at_ms,
                    ..before
                },
            };
            self.pending.push(Model { effective_on: ended_on, ..version });
        }
        for (output, pledge) in created.into_values() {
            if is_of_a_receipt(writer, &pledge).await? {
                let row_number = next_row_number!(self, writer, Entity, Column);
                self.pending.push(active(writer.chain_number(), row_number, at, output, &pledge)?);
            }
        }
        Ok(())
    }

    /// Writes what has gathered, in one statement.
    pub(crate) async fn flush(&mut self, writer: &mut ProjectionWriter<'_>) -> Result<(), ProjectionError> {
        let rows = std::mem::take(&mut self.pending);
        writer.insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
    }
}

/// How a pledge ends that a transaction does not create anew.
fn ending(transaction: &LedgerTransaction) -> &'static str {
    let is_enforced =
        transaction.command(NAME).is_some_and(|command| [ENFORCE, COLLECT].contains(&command.name.as_str()));
    if is_enforced { ENFORCED } else { RELEASED }
}

fn active(chain_id: i64, row_number: i64, at: &At, output: u32, pledge: &Pledge) -> Result<Model, ProjectionError> {
    Ok(Model {
        chain_id,
        row_number,
        pledge: pledge.pledge.to_vec(),
        title: pledge.title.to_vec(),
        number: pledge.number.clone(),
        status: ACTIVE.to_owned(),
        pledgor: pledge.pledgor.to_vec(),
        pledgee: pledge.pledgee.to_vec(),
        custodian: pledge.custodian.to_vec(),
        quantity: signed(pledge.quantity.minor())?,
        unit: pledge.unit.clone(),
        secured_asset: pledge.secured_asset.to_vec(),
        secured_maximum: signed(pledge.secured_maximum.minor())?,
        rank: i64::from(pledge.rank),
        transaction_id: at.transaction.to_vec(),
        position: at.position,
        output_index: i64::from(output),
        from_height: at.height,
        to_height: None,
        recorded_at_ms: at.recorded_at_ms,
        ended_at_ms: None,
        effective_on: at.effective_on,
        ended_on: None,
    })
}

async fn is_of_a_receipt(writer: &mut ProjectionWriter<'_>, pledge: &Pledge) -> Result<bool, ProjectionError> {
    use crate::receipt::projection::{Column, Entity};
    let title = pledge.title.to_vec();
    Ok(writer.one::<Entity>(|select| select.filter(Column::Title.eq(title))).await?.is_some())
}

/// The present version of a pledge.
async fn present(writer: &mut ProjectionWriter<'_>, pledge: &Pledge) -> Result<Option<Model>, ProjectionError> {
    let id = pledge.pledge.to_vec();
    writer.one::<Entity>(|select| select.filter(Column::Pledge.eq(id)).filter(Column::ToHeight.is_null())).await
}
