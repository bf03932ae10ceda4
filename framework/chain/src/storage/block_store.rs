//! Reads chains, blocks and where transactions stand.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{block, chain, committed_transaction, journal_entry, parked_projection};
use super::{Database, StorageError, WriteTransaction, bulk};

/// Blocks read per statement while streaming a chain.
const BLOCKS_PER_PAGE: u64 = 64;

/// First eight bytes of a hash, big endian: what the index holds of it.
pub(crate) fn prefix(hash: &[u8; 32]) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

pub(crate) async fn chains(database: &Database) -> Result<Vec<chain::Model>, StorageError> {
    Ok(chain::Entity::find()
        .order_by_asc(chain::Column::ChainId)
        .all(database.read())
        .await?)
}

pub(crate) async fn write_chain(transaction: &WriteTransaction, row: chain::Model) -> Result<(), StorageError> {
    bulk::insert_all::<chain::ActiveModel, _, _>(transaction.orm(), vec![row]).await
}

/// The next page of a chain's blocks above `height`; empty at the tip.
pub(crate) async fn blocks_after(
    database: &Database,
    chain_number: i64,
    height: i64,
) -> Result<Vec<block::Model>, StorageError> {
    Ok(block::Entity::find()
        .filter(block::Column::ChainId.eq(chain_number))
        .filter(block::Column::Height.gt(height))
        .order_by_asc(block::Column::Height)
        .limit(BLOCKS_PER_PAGE)
        .all(database.read())
        .await?)
}

pub(crate) async fn block(
    database: &Database,
    chain_number: i64,
    height: i64,
) -> Result<Option<block::Model>, StorageError> {
    Ok(block::Entity::find_by_id((chain_number, height))
        .one(database.read())
        .await?)
}

/// The highest commit number over all chains; 0 before the first block.
pub(crate) async fn last_sequence(database: &Database) -> Result<i64, StorageError> {
    let last: Option<Option<i64>> = block::Entity::find()
        .select_only()
        .column_as(block::Column::Sequence.max(), "last")
        .into_tuple()
        .one(database.read())
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

pub(crate) async fn by_transaction_id(
    database: &Database,
    chain_number: i64,
    id: &[u8; 32],
) -> Result<Option<committed_transaction::Model>, StorageError> {
    Ok(committed_transaction::Entity::find()
        .filter(committed_transaction::Column::ChainId.eq(chain_number))
        .filter(committed_transaction::Column::IdPrefix.eq(prefix(id)))
        .filter(committed_transaction::Column::Id.eq(id.to_vec()))
        .one(database.read())
        .await?)
}

pub(crate) async fn by_command_id(
    database: &Database,
    chain_number: i64,
    command_id: &[u8; 32],
) -> Result<Option<committed_transaction::Model>, StorageError> {
    Ok(committed_transaction::Entity::find()
        .filter(committed_transaction::Column::ChainId.eq(chain_number))
        .filter(committed_transaction::Column::CommandPrefix.eq(prefix(command_id)))
        .filter(committed_transaction::Column::CommandId.eq(command_id.to_vec()))
        .one(database.read())
        .await?)
}

/// A chain's journal entries above `number`, in order; at most `limit`.
pub(crate) async fn journal_after(
    database: &Database,
    chain_number: i64,
    number: i64,
    limit: u64,
) -> Result<Vec<journal_entry::Model>, StorageError> {
    Ok(journal_entry::Entity::find()
        .filter(journal_entry::Column::ChainId.eq(chain_number))
        .filter(journal_entry::Column::Number.gt(number))
        .order_by_asc(journal_entry::Column::Number)
        .limit(limit)
        .all(database.read())
        .await?)
}

pub(crate) async fn parked(database: &Database) -> Result<Vec<parked_projection::Model>, StorageError> {
    Ok(parked_projection::Entity::find().all(database.read()).await?)
}
