//! Reads chains, blocks and where transactions stand.

use sea_orm::sea_query::{ExprTrait, IntoCondition};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::entity::{block, chain, chain_party, committed_transaction, parked_projection, state};
use super::{StorageError, WriteTransaction, bulk, present_store};

/// Blocks read per statement while streaming a chain.
const BLOCKS_PER_PAGE: u64 = 64;

/// First eight bytes of a hash, big endian: what the index holds of it.
pub(crate) fn prefix(hash: &[u8; 32]) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// What a chain is rebuilt from.
#[derive(Clone)]
pub(crate) struct StoredChain {
    pub(crate) number: i64,
    pub(crate) identity: Vec<u8>,
    pub(crate) genesis: Vec<u8>,
}

/// All chains by their number. The name is left out: it stands in the genesis, and a damaged one need not be text.
pub(crate) async fn chains(connection: &impl ConnectionTrait) -> Result<Vec<StoredChain>, StorageError> {
    select_chains(connection, Condition::all()).await
}

/// The chain of a number.
pub(crate) async fn chain_numbered(
    connection: &impl ConnectionTrait,
    number: i64,
) -> Result<Option<StoredChain>, StorageError> {
    Ok(select_chains(connection, chain::Column::ChainId.eq(number).into_condition()).await?.pop())
}

/// The chain of an id.
pub(crate) async fn chain_of(
    connection: &impl ConnectionTrait,
    identity: &[u8; 32],
) -> Result<Option<StoredChain>, StorageError> {
    Ok(select_chains(connection, chain::Column::Identity.eq(identity.to_vec()).into_condition()).await?.pop())
}

/// The next chains above a number, in the order of their numbers.
pub(crate) async fn chains_after(
    connection: &impl ConnectionTrait,
    number: i64,
    limit: u64,
) -> Result<Vec<StoredChain>, StorageError> {
    let above = chain::Column::ChainId.gt(number).into_condition();
    read_chains(chain_rows().filter(above).limit(limit), connection).await
}

/// A chain's last block, without its bytes.
pub(crate) struct StoredTip {
    pub(crate) height: i64,
    pub(crate) hash: Vec<u8>,
    pub(crate) time_ms: i64,
}

/// Where a chain's stored blocks end; none before the first.
pub(crate) async fn tip(
    connection: &impl ConnectionTrait,
    chain_number: i64,
) -> Result<Option<StoredTip>, StorageError> {
    let last: Option<(i64, Vec<u8>, i64)> = block::Entity::find()
        .select_only()
        .columns([block::Column::Height, block::Column::Hash, block::Column::TimeMs])
        .filter(block::Column::ChainId.eq(chain_number))
        .order_by_desc(block::Column::Height)
        .into_tuple()
        .one(connection)
        .await?;
    Ok(last.map(|(height, hash, time_ms)| StoredTip { height, hash, time_ms }))
}

async fn select_chains(connection: &impl ConnectionTrait, which: Condition) -> Result<Vec<StoredChain>, StorageError> {
    read_chains(chain_rows().filter(which), connection).await
}

fn chain_rows() -> Select<chain::Entity> {
    let columns = [chain::Column::ChainId, chain::Column::Identity, chain::Column::Genesis];
    chain::Entity::find().select_only().columns(columns).order_by_asc(chain::Column::ChainId)
}

async fn read_chains(
    select: Select<chain::Entity>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<StoredChain>, StorageError> {
    let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = select.into_tuple().all(connection).await?;
    Ok(rows.into_iter().map(|(number, identity, genesis)| StoredChain { number, identity, genesis }).collect())
}

/// Writes a new chain, with what it knows of parties from its genesis on.
pub(crate) async fn write_chain(
    transaction: &WriteTransaction,
    row: chain::Model,
    parties: Vec<chain_party::Model>,
) -> Result<(), StorageError> {
    bulk::insert_all::<chain::ActiveModel, _, _>(transaction.orm(), vec![row]).await?;
    present_store::write_parties(transaction, parties).await
}

/// The next page of a chain's blocks above `height`; empty at the tip.
pub(crate) async fn blocks_after(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    height: i64,
) -> Result<Vec<block::Model>, StorageError> {
    Ok(block::Entity::find()
        .filter(block::Column::ChainId.eq(chain_number))
        .filter(block::Column::Height.gt(height))
        .order_by_asc(block::Column::Height)
        .limit(BLOCKS_PER_PAGE)
        .all(connection)
        .await?)
}

pub(crate) async fn block(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    height: i64,
) -> Result<Option<block::Model>, StorageError> {
    Ok(block::Entity::find_by_id((chain_number, height)).one(connection).await?)
}

/// Height of a chain's last block; 0 before the first.
pub(crate) async fn height(connection: &impl ConnectionTrait, chain_number: i64) -> Result<u64, StorageError> {
    let last: Option<Option<i64>> = block::Entity::find()
        .select_only()
        .column_as(block::Column::Height.max(), "last")
        .filter(block::Column::ChainId.eq(chain_number))
        .into_tuple()
        .one(connection)
        .await?;
    super::unsigned("block", "height", last.flatten().unwrap_or(0))
}

/// Transactions of a chain's blocks up to a height.
pub(crate) async fn transactions_up_to(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    height: i64,
) -> Result<u64, StorageError> {
    let sum: Option<Option<i64>> = block::Entity::find()
        .select_only()
        .column_as(block::Column::TransactionCount.into_expr().sum().cast_as("bigint"), "transactions")
        .filter(block::Column::ChainId.eq(chain_number))
        .filter(block::Column::Height.lte(height))
        .into_tuple()
        .one(connection)
        .await?;
    super::unsigned("block", "transaction_count", sum.flatten().unwrap_or(0))
}

/// How many rows of transactions a chain has above a height, and the highest height among them.
pub(crate) async fn transaction_rows_above(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    height: i64,
) -> Result<(u64, Option<i64>), StorageError> {
    let found: Option<(i64, Option<i64>)> = committed_transaction::Entity::find()
        .select_only()
        .column_as(committed_transaction::Column::Position.count(), "rows")
        .column_as(committed_transaction::Column::Height.max(), "highest")
        .filter(committed_transaction::Column::ChainId.eq(chain_number))
        .filter(committed_transaction::Column::Height.gt(height))
        .into_tuple()
        .one(connection)
        .await?;
    rows_above("committed_transaction", found)
}

/// How many rows of states a chain has above a number, and the highest number among them.
pub(crate) async fn state_rows_above(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    number: i64,
) -> Result<(u64, Option<i64>), StorageError> {
    let found: Option<(i64, Option<i64>)> = state::Entity::find()
        .select_only()
        .column_as(state::Column::Number.count(), "rows")
        .column_as(state::Column::Number.max(), "highest")
        .filter(state::Column::ChainId.eq(chain_number))
        .filter(state::Column::Number.gt(number))
        .into_tuple()
        .one(connection)
        .await?;
    rows_above("state", found)
}

fn rows_above(table: &'static str, found: Option<(i64, Option<i64>)>) -> Result<(u64, Option<i64>), StorageError> {
    let (rows, highest) = found.unwrap_or_default();
    Ok((super::unsigned(table, "rows", rows)?, highest))
}

/// The highest commit number over all chains; 0 before the first block.
pub(crate) async fn last_sequence(connection: &impl ConnectionTrait) -> Result<i64, StorageError> {
    let last: Option<Option<i64>> = block::Entity::find()
        .select_only()
        .column_as(block::Column::Sequence.max(), "last")
        .into_tuple()
        .one(connection)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

pub(crate) async fn by_transaction_id(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    id: &[u8; 32],
) -> Result<Option<committed_transaction::Model>, StorageError> {
    Ok(committed_transaction::Entity::find()
        .filter(committed_transaction::Column::ChainId.eq(chain_number))
        .filter(committed_transaction::Column::IdPrefix.eq(prefix(id)))
        .filter(committed_transaction::Column::Id.eq(id.to_vec()))
        .one(connection)
        .await?)
}

/// Command ids of a chain's transactions behind a place and up to a height, with their places, in order; at most `limit`.
pub(crate) async fn commands_behind(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    (height, position): (i64, i64),
    (until, limit): (i64, u64),
) -> Result<Vec<(i64, i64, Vec<u8>)>, StorageError> {
    use committed_transaction::Column;
    let behind = Column::Height.gt(height).or(Column::Height.eq(height).and(Column::Position.gt(position)));
    Ok(committed_transaction::Entity::find()
        .select_only()
        .columns([Column::Height, Column::Position, Column::CommandId])
        .filter(Column::ChainId.eq(chain_number))
        // The first condition alone is one range of the key.
        .filter(Column::Height.gte(height))
        .filter(behind)
        .filter(Column::Height.lte(until))
        .order_by_asc(Column::Height)
        .order_by_asc(Column::Position)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?)
}

pub(crate) async fn by_command_id(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    command_id: &[u8; 32],
) -> Result<Option<committed_transaction::Model>, StorageError> {
    Ok(committed_transaction::Entity::find()
        .filter(committed_transaction::Column::ChainId.eq(chain_number))
        .filter(committed_transaction::Column::CommandPrefix.eq(prefix(command_id)))
        .filter(committed_transaction::Column::CommandId.eq(command_id.to_vec()))
        .one(connection)
        .await?)
}

/// Where a block stands in its chain; listed in the order of the commits over all chains.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockPlace {
    pub(crate) chain_number: i64,
    pub(crate) height: i64,
}

/// Transactions of all blocks of all chains, as their rows say.
pub(crate) async fn transactions(connection: &impl ConnectionTrait) -> Result<u64, StorageError> {
    let counts: Vec<i64> = block::Entity::find()
        .select_only()
        .column(block::Column::TransactionCount)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(counts.into_iter().filter_map(|count| u64::try_from(count).ok()).fold(0, u64::saturating_add))
}

/// Every block's place, in the order of the commits.
pub(crate) async fn places(connection: &impl ConnectionTrait) -> Result<Vec<BlockPlace>, StorageError> {
    let rows: Vec<(i64, i64)> = block::Entity::find()
        .select_only()
        .columns([block::Column::ChainId, block::Column::Height])
        .order_by_asc(block::Column::Sequence)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|(chain_number, height)| BlockPlace { chain_number, height }).collect())
}

pub(crate) async fn parked(connection: &impl ConnectionTrait) -> Result<Vec<parked_projection::Model>, StorageError> {
    Ok(parked_projection::Entity::find().all(connection).await?)
}
