//! When chains are to be woken up for their agreements and netting rounds.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::chain_timer;
use super::{Database, StorageError, WriteTransaction, bulk};

/// Sets a chain's timer, or takes it away.
pub(crate) async fn set(
    transaction: &WriteTransaction,
    chain_number: i64,
    due_ms: Option<i64>,
) -> Result<(), StorageError> {
    chain_timer::Entity::delete_by_id(chain_number).exec(transaction.orm()).await?;
    let rows = due_ms.map(|due_ms| chain_timer::Model { chain_id: chain_number, due_ms }).into_iter().collect();
    bulk::insert_all::<chain_timer::ActiveModel, _, _>(transaction.orm(), rows).await
}

/// Writes and takes back, in a transaction that is made durable: fails where a commit would.
pub(crate) async fn try_to_write(database: &Database) -> Result<(), StorageError> {
    /// No chain has this number.
    const NOBODY: i64 = 0;
    let transaction = database.begin_write().await?;
    set(&transaction, NOBODY, Some(i64::MAX)).await?;
    set(&transaction, NOBODY, None).await?;
    transaction.commit().await
}

/// The timers that go off first, after one of this time and chain.
pub(crate) async fn after(
    connection: &impl ConnectionTrait,
    after: Option<(i64, i64)>,
    limit: u64,
) -> Result<Vec<chain_timer::Model>, StorageError> {
    let (due_ms, chain_id) = after.unwrap_or((-1, 0));
    let same_time = chain_timer::Column::DueMs.eq(due_ms).and(chain_timer::Column::ChainId.gt(chain_id));
    Ok(chain_timer::Entity::find()
        .filter(chain_timer::Column::DueMs.gt(due_ms).or(same_time))
        .order_by_asc(chain_timer::Column::DueMs)
        .order_by_asc(chain_timer::Column::ChainId)
        .limit(limit)
        .all(connection)
        .await?)
}
