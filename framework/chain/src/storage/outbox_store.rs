//! Reads the outbox.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use std::collections::BTreeMap;

use super::StorageError;
use super::entity::outbox_event;
use crate::rebuild::{CAUGHT_UP, CaughtUp};

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

/// Where projections that stood still have caught up, by the sequence of the event that says it.
pub(crate) async fn caught_up(connection: &impl ConnectionTrait) -> BTreeMap<i64, CaughtUp> {
    let said = outbox_event::Entity::find().filter(outbox_event::Column::Kind.eq(CAUGHT_UP)).all(connection).await;
    // Where one of them is damaged none is read: then the audit finds the outbox different from there.
    said.unwrap_or_default().iter().filter_map(|row| Some((row.sequence, CaughtUp::read(row)?))).collect()
}
