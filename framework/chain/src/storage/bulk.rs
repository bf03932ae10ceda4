//! Inserts of many rows by few statements: rows of variables for SQLite, whole columns as arrays for PostgreSQL.
//!
//! The text of a statement is the same for the same table and number of rows, so the database prepares it once.

mod array;

use std::fmt::Write;

use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, EntityName, EntityTrait, IdenStatic, Insert,
    IntoActiveModel, Iterable, Statement, Value,
};

use super::StorageError;

// SQLite binds at most 32,766 variables in a statement, PostgreSQL 65,535.
const VARIABLES_MAX: usize = 32_000;
// More rows than this in one statement gain nothing and make its text large.
const ROWS_MAX: usize = 500;
// A column is one variable, whatever its length; this bounds what a statement takes of memory.
const ARRAY_ROWS_MAX: usize = 4_000;

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
    let columns: Vec<<A::Entity as EntityTrait>::Column> = <A::Entity as EntityTrait>::Column::iter().collect();
    let backend = connection.get_database_backend();
    let is_server = backend == DbBackend::Postgres;
    let size = if is_server { ARRAY_ROWS_MAX } else { rows_per_statement(columns.len()) };
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    loop {
        let piece: Vec<A> = rows.by_ref().take(size).collect();
        if piece.is_empty() {
            return Ok(());
        }
        // What a row leaves out is the column's default, which only the ORM's own statement says.
        if piece.iter().any(|row| columns.iter().any(|column| row.is_not_set(*column))) {
            insert_by_orm(connection, piece, columns.len()).await?;
            continue;
        }
        let value = |row: &mut A, column| match row.take(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value),
            ActiveValue::NotSet => None,
        };
        let values = |mut row: A| columns.iter().filter_map(|column| value(&mut row, *column)).collect();
        let piece: Vec<Vec<Value>> = piece.into_iter().map(values).collect();
        let target = Target::of::<A>(&columns);
        if is_server {
            insert_columns(connection, &target, piece).await?;
        } else {
            insert_rows(connection, &target, piece).await?;
        }
    }
}

/// A table and its columns, as statements name them.
struct Target {
    table: String,
    columns: String,
    width: usize,
}

impl Target {
    fn of<A: ActiveModelTrait>(columns: &[<A::Entity as EntityTrait>::Column]) -> Self {
        let names: Vec<_> = columns.iter().map(|column| quoted(column.as_str())).collect();
        Self { table: quoted(A::Entity::default().table_name()), columns: names.join(", "), width: columns.len() }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn insert_by_orm<A, C>(connection: &C, rows: Vec<A>, columns: usize) -> Result<(), StorageError>
where
    C: ConnectionTrait,
    A: ActiveModelTrait + Send,
{
    let mut rows = rows.into_iter();
    loop {
        let piece: Vec<A> = rows.by_ref().take(rows_per_statement(columns)).collect();
        if piece.is_empty() {
            return Ok(());
        }
        Insert::<A>::many(piece).exec_without_returning(connection).await?;
    }
}

/// One variable for each value.
async fn insert_rows(
    connection: &impl ConnectionTrait,
    target: &Target,
    rows: Vec<Vec<Value>>,
) -> Result<(), StorageError> {
    let backend = connection.get_database_backend();
    let mut rows = rows.into_iter();
    loop {
        let piece: Vec<Vec<Value>> = rows.by_ref().take(rows_per_statement(target.width)).collect();
        if piece.is_empty() {
            return Ok(());
        }
        let mut sql = format!("INSERT INTO {} ({}) VALUES ", target.table, target.columns);
        let mut variable = 0_usize;
        for row in 0..piece.len() {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..target.width {
                variable = variable.saturating_add(1);
                sql.push_str(if column == 0 { "" } else { ", " });
                // Writing to a string does not fail.
                let _ = match backend {
                    DbBackend::Postgres => write!(sql, "${variable}"),
                    _ => write!(sql, "?"),
                };
            }
            sql.push(')');
        }
        let values = piece.into_iter().flatten();
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
}

/// One variable for each column; row by row where a column is of a kind that makes no array.
async fn insert_columns(
    connection: &impl ConnectionTrait,
    target: &Target,
    rows: Vec<Vec<Value>>,
) -> Result<(), StorageError> {
    let Some(kinds) = array::kinds(&rows, target.width) else {
        return insert_rows(connection, target, rows).await;
    };
    let statement = array::insert(&target.table, &target.columns, array::of_columns(&kinds, rows));
    connection.execute_raw(statement).await?;
    Ok(())
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
