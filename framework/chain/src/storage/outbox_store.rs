//! Reads the outbox.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::StorageError;
use super::entity::outbox_event;

/// Events above `sequence`, in order; at most `limit`.
pub(crate) async fn events_after(
    connection: &impl ConnectionTrait,
    sequence: i64,
    limit: u64,
) -> Result<Vec<outbox_event::Model>, StorageError> {
    Ok(outbox_event::Entity::find()
        .filter(outbox_event::Column::Sequence.gt(sequence))
        .order_by_asc(outbox_event::Column::Sequence)
        .limit(limit)
        .all(connection)
        .await?)
}

/// The highest sequence; 0 before the first event.
pub(crate) async fn last_sequence(connection: &impl ConnectionTrait) -> Result<i64, StorageError> {
    let last: Option<Option<i64>> = outbox_event::Entity::find()
        .select_only()
        .column_as(outbox_event::Column::Sequence.max(), "last")
        .into_tuple()
        .one(connection)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}
