//! Reads journals and the keys of their readers.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{journal_entry, journal_reader};
use super::{StorageError, unsigned};

/// A chain's journal entries above `number`, in order; at most `limit`.
pub(crate) async fn entries_after(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    number: i64,
    limit: u64,
) -> Result<Vec<journal_entry::Model>, StorageError> {
    Ok(journal_entry::Entity::find()
        .filter(journal_entry::Column::ChainId.eq(chain_number))
        .filter(journal_entry::Column::Number.gt(number))
        .order_by_asc(journal_entry::Column::Number)
        .limit(limit)
        .all(connection)
        .await?)
}

/// Number of a chain's last entry; 0 before the first.
pub(crate) async fn last_number(connection: &impl ConnectionTrait, chain_number: i64) -> Result<u64, StorageError> {
    let last: Option<Option<i64>> = journal_entry::Entity::find()
        .select_only()
        .column_as(journal_entry::Column::Number.max(), "last")
        .filter(journal_entry::Column::ChainId.eq(chain_number))
        .into_tuple()
        .one(connection)
        .await?;
    unsigned("journal_entry", "number", last.flatten().unwrap_or(0))
}

/// Numbers of the chains that have journal entries or readers, each with its table.
pub(crate) async fn journalled_chains(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(&'static str, i64)>, StorageError> {
    let entries = journal_entry::Entity::find().select_only().column(journal_entry::Column::ChainId).distinct();
    let readers = journal_reader::Entity::find().select_only().column(journal_reader::Column::ChainId).distinct();
    let entries: Vec<i64> = entries.into_tuple().all(connection).await?;
    let readers: Vec<i64> = readers.into_tuple().all(connection).await?;
    let entries = entries.into_iter().map(|number| ("journal_entry", number));
    Ok(entries.chain(readers.into_iter().map(|number| ("journal_reader", number))).collect())
}

/// The readers of all epochs of a chain, in order.
pub(crate) async fn readers(
    connection: &impl ConnectionTrait,
    chain_number: i64,
) -> Result<Vec<journal_reader::Model>, StorageError> {
    Ok(journal_reader::Entity::find()
        .filter(journal_reader::Column::ChainId.eq(chain_number))
        .order_by_asc(journal_reader::Column::Epoch)
        .order_by_asc(journal_reader::Column::Ordinal)
        .all(connection)
        .await?)
}

/// The readers of one epoch of a chain, in order.
pub(crate) async fn readers_of(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    epoch: i64,
) -> Result<Vec<journal_reader::Model>, StorageError> {
    Ok(journal_reader::Entity::find()
        .filter(journal_reader::Column::ChainId.eq(chain_number))
        .filter(journal_reader::Column::Epoch.eq(epoch))
        .order_by_asc(journal_reader::Column::Ordinal)
        .all(connection)
        .await?)
}

/// The keys that one reader was given.
pub(crate) async fn keys_of(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    reader: &[u8; 32],
) -> Result<Vec<journal_reader::Model>, StorageError> {
    Ok(journal_reader::Entity::find()
        .filter(journal_reader::Column::ChainId.eq(chain_number))
        .filter(journal_reader::Column::Reader.eq(reader.to_vec()))
        .all(connection)
        .await?)
}
