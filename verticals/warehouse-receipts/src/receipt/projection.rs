//! Receipts as rows: the document with what its title says of it.

use hive_chain::{ProjectionError, ProjectionWriter};
use ledger_core::contract::title::{self, Title, offer_on, read_title};
use ledger_core::{Address, LedgerTransaction, LockKind, State, TitleId};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelTrait, IntoActiveModel, QueryOrder};

use crate::projection::{At, days, end_version, next_row_number, once, signed, unreadable};
use crate::receipt::event::ReceiptEvent;
use crate::receipt::model::{NAME, RECEIPT, Receipt, read_receipt};

/// The table.
pub const TABLE: &str = "warehouse_receipts_receipt";
/// Free in its holder's hands.
pub const HELD: &str = "held";
/// Offered to a transferee.
pub const OFFERED: &str = "offered";
/// Pledged.
pub const PLEDGED: &str = "pledged";
/// Its title was split or merged into others.
pub const REPLACED: &str = "replaced";

/// A version of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "warehouse_receipts_receipt")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Dense per chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_number: i64,
    /// Id of the title.
    #[sea_orm(column_type = "Blob")]
    pub title: Vec<u8>,
    /// The operator's serial.
    pub number: String,
    /// The lot it speaks for.
    pub lot_number: String,
    /// What the goods are.
    pub commodity: String,
    /// Net mass.
    pub mass_kilograms: i64,
    /// Days since 1970-01-01.
    pub issued_on: i64,
    /// held, offered or pledged.
    pub status: String,
    /// Address of the operator.
    #[sea_orm(column_type = "Blob")]
    pub operator: Vec<u8>,
    /// Address of the holder.
    #[sea_orm(column_type = "Blob")]
    pub holder: Vec<u8>,
    /// Address of the pledgee, while pledged.
    #[sea_orm(column_type = "Blob", nullable)]
    pub pledgee: Option<Vec<u8>>,
    /// Address of the transferee, while offered.
    #[sea_orm(column_type = "Blob", nullable)]
    pub offered_to: Option<Vec<u8>>,
    /// When the offer ends, milliseconds UTC.
    pub offered_until_ms: Option<i64>,
    /// The receipt's canonical message.
    #[sea_orm(column_type = "Blob")]
    pub document: Vec<u8>,
    /// The transaction that made this version.
    #[sea_orm(column_type = "Blob")]
    pub transaction_id: Vec<u8>,
    /// Its place in its block, from 0.
    pub position: i64,
    /// Place of the title's state among its outputs.
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

/// What a title's state says of its receipt.
struct Hands {
    holder: Address,
    status: &'static str,
    pledgee: Option<Address>,
    offered_to: Option<Address>,
    offered_until_ms: Option<i64>,
}

impl Hands {
    fn of(state: &State) -> Self {
        let pledge = state.locks.iter().find(|lock| lock.kind == LockKind::Pledge);
        let offer = offer_on(state);
        let status = match (pledge, offer) {
            (Some(_), _) => PLEDGED,
            (None, Some(_)) => OFFERED,
            (None, None) => HELD,
        };
        Self {
            holder: state.owner,
            status,
            pledgee: pledge.map(|lock| lock.locker),
            offered_to: offer.map(|lock| lock.locker),
            // A time past the calendar is as good as none.
            offered_until_ms: offer.and_then(|lock| lock.until_ms).and_then(|until| i64::try_from(until).ok()),
        }
    }

    fn parties(&self) -> impl Iterator<Item = Address> {
        std::iter::once(self.holder).chain(self.pledgee).chain(self.offered_to)
    }
}

/// What a block does to receipts.
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
        let issued: Vec<(Receipt, &State)> = transaction
            .outputs_of(NAME, RECEIPT)
            .map(|(_, state)| read_receipt(state).map(|receipt| (receipt, state)))
            .collect::<Result<_, _>>()?;
        for (output, state) in transaction.outputs_of(title::NAME, title::TITLE) {
            let title = read_title(state).map_err(unreadable)?;
            let is_of = |receipt: &Receipt| receipt.number == title.number && receipt.operator == title.custodian;
            match issued.iter().find(|(receipt, _)| is_of(receipt)) {
                Some((receipt, document)) => {
                    self.issued(writer, at, (output, state), &title, receipt, document).await?;
                }
                None => self.moved(writer, at, (output, state), &title, transaction).await?,
            }
        }
        self.replaced(writer, at, transaction).await
    }

    /// Titles that a split or a merge consumed: their receipts speak for nothing any more.
    async fn replaced(
        &mut self,
        writer: &mut ProjectionWriter<'_>,
        at: &At,
        transaction: &LedgerTransaction,
    ) -> Result<(), ProjectionError> {
        let titles = |state: &State| read_title(state).map(|title| title.title).map_err(unreadable);
        let live: Vec<TitleId> = transaction
            .outputs_of(title::NAME, title::TITLE)
            .map(|(_, state)| titles(state))
            .collect::<Result<_, _>>()?;
        for input in transaction.inputs_of(title::NAME, title::TITLE) {
            let title = titles(&input.state)?;
            if live.contains(&title) {
                continue;
            }
            self.flush(writer).await?;
            let Some(before) = present(writer, title).await? else { continue };
            let effective_on = self.end(writer, at, &before).await?;
            let row_number = next_row_number!(self, writer, Entity, Column);
            let output_index = before.output_index;
            let hands = Hands {
                holder: input.state.owner,
                status: REPLACED,
                pledgee: None,
                offered_to: None,
                offered_until_ms: None,
            };
            let row = version(Model { row_number, effective_on, ..before }, at, 0, hands);
            self.pending.push(Model { output_index, ..row });
        }
        Ok(())
    }

    /// Ends a version; answers the business date from which the next one holds.
    async fn end(&self, writer: &mut ProjectionWriter<'_>, at: &At, before: &Model) -> Result<i64, ProjectionError> {
        let (row, ended_on) = (before.row_number, at.effective_after(before.effective_on));
        writer
            .update::<Entity>(|update| end_version!(update, Column, at, ended_on).filter(Column::RowNumber.eq(row)))
            .await?;
        Ok(ended_on)
    }

    async fn issued(
        &mut self,
        writer: &mut ProjectionWriter<'_>,
        at: &At,
        (output, state): (u32, &State),
        title: &Title,
        receipt: &Receipt,
        document: &State,
    ) -> Result<(), ProjectionError> {
        let hands = Hands::of(state);
        let row_number = next_row_number!(self, writer, Entity, Column);
        let blank = Model {
            chain_id: writer.chain_number(),
            row_number,
            title: title.title.to_vec(),
            number: receipt.number.clone(),
            lot_number: receipt.lot_number.clone(),
            commodity: receipt.goods.commodity.clone(),
            mass_kilograms: signed(receipt.mass.kilograms())?,
            issued_on: days(receipt.issue_date),
            status: String::new(),
            operator: receipt.operator.to_vec(),
            holder: Vec::new(),
            pledgee: None,
            offered_to: None,
            offered_until_ms: None,
            document: document.data.clone(),
            transaction_id: Vec::new(),
            position: 0,
            output_index: 0,
            from_height: 0,
            to_height: None,
            recorded_at_ms: 0,
            ended_at_ms: None,
            effective_on: at.effective_on,
            ended_on: None,
        };
        let parties = once(hands.parties().chain([receipt.operator]));
        self.pending.push(version(blank, at, output, hands));
        ReceiptEvent::Issued.emit(writer, &parties, title, &at.transaction);
        Ok(())
    }

    /// The title of a receipt has changed hands or locks. Titles without a receipt are others' business.
    async fn moved(
        &mut self,
        writer: &mut ProjectionWriter<'_>,
        at: &At,
        (output, state): (u32, &State),
        title: &Title,
        transaction: &LedgerTransaction,
    ) -> Result<(), ProjectionError> {
        self.flush(writer).await?;
        let Some(before) = present(writer, title.title).await? else { return Ok(()) };
        let hands = Hands::of(state);
        let ended_on = self.end(writer, at, &before).await?;
        let parties = once(hands.parties().chain(parties_of(&before)?));
        let row_number = next_row_number!(self, writer, Entity, Column);
        self.pending.push(version(Model { row_number, effective_on: ended_on, ..before }, at, output, hands));
        if let Some(event) = ReceiptEvent::of(transaction) {
            event.emit(writer, &parties, title, &at.transaction);
        }
        Ok(())
    }

    /// Writes what has gathered, in one statement.
    pub(crate) async fn flush(&mut self, writer: &mut ProjectionWriter<'_>) -> Result<(), ProjectionError> {
        let rows = std::mem::take(&mut self.pending);
        writer.insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
    }
}

/// The row in other hands, from here on.
fn version(row: Model, at: &At, output: u32, hands: Hands) -> Model {
    Model {
        status: hands.status.to_owned(),
        holder: hands.holder.to_vec(),
        pledgee: hands.pledgee.map(|party| party.to_vec()),
        offered_to: hands.offered_to.map(|party| party.to_vec()),
        offered_until_ms: hands.offered_until_ms,
        transaction_id: at.transaction.to_vec(),
        position: at.position,
        output_index: i64::from(output),
        from_height: at.height,
        to_height: None,
        recorded_at_ms: at.recorded_at_ms,
        ended_at_ms: None,
        ended_on: None,
        ..row
    }
}

/// Everybody a version concerns.
fn parties_of(row: &Model) -> Result<Vec<Address>, ProjectionError> {
    let columns = [Some(&row.operator), Some(&row.holder), row.pledgee.as_ref(), row.offered_to.as_ref()];
    let read = |bytes: &Vec<u8>| Address::try_from(bytes.as_slice()).map_err(ProjectionError::from);
    columns.into_iter().flatten().map(read).collect()
}

/// The present version of the receipt with this title.
async fn present(writer: &mut ProjectionWriter<'_>, title: TitleId) -> Result<Option<Model>, ProjectionError> {
    writer
        .one::<Entity>(|select| select.filter(Column::Title.eq(title.to_vec())).filter(Column::ToHeight.is_null()))
        .await
}
