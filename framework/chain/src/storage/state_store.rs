//! Finds the row of a state by where it was created.

use std::cmp::Ordering;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::StorageError;
use super::entity::state;

/// Where a state was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) height: i64,
    pub(crate) position: i64,
    pub(crate) output_index: i64,
}

/// The row of the state that was created there.
///
/// Numbers are dense and follow the order of creation, so the primary key is searched by halves: an index that only lost races
/// need would make every block dearer.
pub(crate) async fn at(
    connection: &impl ConnectionTrait,
    chain_number: i64,
    place: Place,
) -> Result<Option<state::Model>, StorageError> {
    let (mut low, mut high) = (1, last_number(connection, chain_number).await?);
    while low <= high {
        let middle = low.midpoint(high);
        let Some(row) = state::Entity::find_by_id((chain_number, middle)).one(connection).await? else {
            return Ok(None);
        };
        let found = Place { height: row.height, position: row.position, output_index: row.output_index };
        match found.cmp(&place) {
            Ordering::Less => low = middle.saturating_add(1),
            Ordering::Greater => high = middle.saturating_sub(1),
            Ordering::Equal => return Ok(Some(row)),
        }
    }
    Ok(None)
}

/// The number of a chain's last state; 0 before the first.
async fn last_number(connection: &impl ConnectionTrait, chain_number: i64) -> Result<i64, StorageError> {
    let last: Option<Option<i64>> = state::Entity::find()
        .select_only()
        .column_as(state::Column::Number.max(), "last")
        .filter(state::Column::ChainId.eq(chain_number))
        .into_tuple()
        .one(connection)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}
