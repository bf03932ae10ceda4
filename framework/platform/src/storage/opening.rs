//! Openings of sealed fields, sealed to their recipients.

use hive_chain::Database;
use ledger_core::Address;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::StorageError;
use super::convert::{fixed, signed, unsigned};
use super::entity::sealed_opening::{ActiveModel, Column, Entity, Model};
use crate::opening::{SealedField, SealedFor, SealedOpening};

fn of_field(field: &SealedField) -> Condition {
    Condition::all().add(Column::Chain.eq(field.chain.to_vec())).add(Column::Commitment.eq(field.commitment.to_vec()))
}

/// Keeps openings; those of the same field, recipient and party give way.
pub(crate) async fn keep(
    database: &Database,
    field: &SealedField,
    put_by: Address,
    now_ms: u64,
    openings: &[SealedFor],
) -> Result<(), StorageError> {
    let put_at_ms = signed("platform_sealed_opening.put_at_ms", now_ms)?;
    let rows = openings.iter().map(|opening| ActiveModel {
        chain: Set(field.chain.to_vec()),
        commitment: Set(field.commitment.to_vec()),
        recipient: Set(opening.recipient.to_vec()),
        put_by: Set(put_by.to_vec()),
        put_at_ms: Set(put_at_ms),
        sealed: Set(opening.sealed.clone()),
    });
    let key = [Column::Chain, Column::Commitment, Column::Recipient, Column::PutBy];
    let newer = OnConflict::columns(key).update_columns([Column::PutAtMs, Column::Sealed]).to_owned();
    let write = database.begin_write().await?;
    Entity::insert_many(rows).on_conflict(newer).exec_without_returning(write.orm()).await?;
    write.commit().await?;
    Ok(())
}

/// What is sealed to a recipient, by the party that put it.
pub(crate) async fn of_recipient(
    database: &Database,
    field: &SealedField,
    recipient: Address,
) -> Result<Vec<SealedOpening>, StorageError> {
    let rows = Entity::find()
        .filter(of_field(field))
        .filter(Column::Recipient.eq(recipient.to_vec()))
        .order_by_asc(Column::PutBy)
        .all(database.read())
        .await?;
    rows.into_iter().map(opening).collect()
}

/// For whom a party has put openings of a field.
pub(crate) async fn recipients_of(
    database: &Database,
    field: &SealedField,
    put_by: Address,
) -> Result<Vec<Address>, StorageError> {
    let put = Entity::find().select_only().column(Column::Recipient).filter(of_field(field));
    let put = put.filter(Column::PutBy.eq(put_by.to_vec()));
    let recipients: Vec<Vec<u8>> = put.into_tuple().all(database.read()).await?;
    let address = |bytes: Vec<u8>| Ok(Address::from_bytes(fixed("platform_sealed_opening.recipient", &bytes)?));
    recipients.into_iter().map(address).collect()
}

/// How many openings of a field a party has put.
pub(crate) async fn count_put_by(
    database: &Database,
    field: &SealedField,
    put_by: Address,
) -> Result<u64, StorageError> {
    let put = Entity::find().filter(of_field(field)).filter(Column::PutBy.eq(put_by.to_vec()));
    Ok(put.count(database.read()).await?)
}

/// Destroys what a party has put for a field; answers how many openings that were.
pub(crate) async fn destroy_put_by(
    database: &Database,
    field: &SealedField,
    put_by: Address,
) -> Result<u64, StorageError> {
    let write = database.begin_write().await?;
    let put = Entity::delete_many().filter(of_field(field)).filter(Column::PutBy.eq(put_by.to_vec()));
    let destroyed = put.exec(write.orm()).await?;
    write.commit().await?;
    Ok(destroyed.rows_affected)
}

fn opening(row: Model) -> Result<SealedOpening, StorageError> {
    Ok(SealedOpening {
        put_by: Address::from_bytes(fixed("platform_sealed_opening.put_by", &row.put_by)?),
        put_at_ms: unsigned("platform_sealed_opening.put_at_ms", row.put_at_ms)?,
        sealed: row.sealed,
    })
}
