//! Finds the row of a state by where it was created.

use std::cmp::Ordering;

use sea_orm::{ConnectionTrait, EntityTrait};

use super::StorageError;
use super::entity::state;

/// Where a state was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) height: i64,
    pub(crate) position: i64,
    pub(crate) output_index: i64,
}

/// The row of the state that was created there, among the first `count` of the chain.
///
/// Numbers are dense and follow the order of creation, so the primary key is searched by halves: an index that only lost races
/// need would make every block dearer.
pub(crate) async fn at(
    connection: &impl ConnectionTrait,
    (chain_number, count): (i64, i64),
    place: Place,
) -> Result<Option<state::Model>, StorageError> {
    let (mut low, mut high) = (1, count);
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
