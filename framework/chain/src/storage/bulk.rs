//! Multi-row statements in pieces that stay below the databases' limit of bound variables.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Insert, IntoActiveModel, Iterable};

use super::StorageError;

// SQLite binds at most 32,766 variables in a statement, PostgreSQL 65,535.
pub(super) const VARIABLES_MAX: usize = 32_000;
// More rows than this in one statement gain nothing and make its text large.
const ROWS_MAX: usize = 500;

/// How many rows of `columns` columns go into one statement; at least one.
pub(super) fn rows_per_statement(columns: usize) -> usize {
    (VARIABLES_MAX / columns.max(1)).clamp(1, ROWS_MAX)
}

/// Inserts all rows with as few statements as the limits allow.
pub(super) async fn insert_all<A, M, C>(connection: &C, rows: Vec<M>) -> Result<(), StorageError>
where
    C: ConnectionTrait,
    A: ActiveModelTrait + Send,
    A::Entity: EntityTrait,
    M: IntoActiveModel<A> + Send,
{
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let size = rows_per_statement(columns);
    let mut rows = rows.into_iter();
    loop {
        let piece: Vec<M> = rows.by_ref().take(size).collect();
        if piece.is_empty() {
            return Ok(());
        }
        Insert::<A>::many::<M, _>(piece).exec_without_returning(connection).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_stay_below_the_variable_limit() {
        for columns in [0, 1, 3, 11, 64, 100, 31_999, 40_000] {
            let rows = rows_per_statement(columns);
            assert!((1..=ROWS_MAX).contains(&rows));
            assert!(rows == 1 || rows * columns <= VARIABLES_MAX, "{columns} columns");
        }
    }
}
