//! Copies a table's rows from one database into another, of one kind or of two, page by page.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::dialect::Class;
use super::{Cursor, Row, TableShape, identifier};
use crate::storage::StorageError;

/// A page that is larger than this makes the next one smaller, so that memory stays bounded.
const PAGE_BYTES: usize = 4 << 20;
/// Rows of the first page of a table.
const FIRST_ROWS: usize = 16;

/// Reads a table in pages of bounded size.
pub(crate) struct Pages<'a, C> {
    shape: &'a TableShape,
    cursor: Cursor<'a, C>,
}

/// Rows on their way.
pub(crate) struct Page(Vec<Row>);

impl Page {
    /// How many.
    pub(crate) fn rows(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }
}

impl<'a, C: ConnectionTrait> Pages<'a, C> {
    pub(crate) fn new(connection: &'a C, shape: &'a TableShape) -> Self {
        Self { shape, cursor: Cursor { rows: FIRST_ROWS, ..Cursor::new(connection) } }
    }

    /// The next rows in the order of their keys; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>, StorageError> {
        self.cursor.fill(self.shape).await?;
        let rows: Vec<Row> = self.cursor.page.by_ref().collect();
        let bytes: usize = rows.iter().flat_map(|row| &row.values).map(String::len).sum();
        self.cursor.rows = match bytes {
            bytes if bytes > PAGE_BYTES => (self.cursor.rows / 2).max(1),
            bytes if bytes < PAGE_BYTES / 4 => (self.cursor.rows.saturating_mul(2)).min(super::ROWS_PER_PAGE),
            _ => self.cursor.rows,
        };
        Ok((!rows.is_empty()).then_some(Page(rows)))
    }
}

/// Inserts rows into the same table of another database.
pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    shape: &TableShape,
    page: &Page,
) -> Result<(), StorageError> {
    let backend = connection.get_database_backend();
    let columns: Vec<String> = shape.columns.iter().map(|name| identifier(name)).collect();
    for rows in page.0.chunks(crate::storage::bulk::rows_per_statement(columns.len())) {
        let (mut places, mut values) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let mut marks = Vec::with_capacity(columns.len());
            for (literal, class) in row.values.iter().zip(&shape.classes) {
                values.push(value(shape, literal, *class)?);
                marks.push(match backend {
                    DbBackend::Postgres => format!("${}", values.len()),
                    _ => "?".to_owned(),
                });
            }
            places.push(format!("({})", marks.join(", ")));
        }
        let (table, columns) = (identifier(&shape.name), columns.join(", "));
        let sql = format!("INSERT INTO {table} ({columns}) VALUES {}", places.join(", "));
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// A value as the ORM binds it; what is not of its column's class is refused.
fn value(shape: &TableShape, literal: &str, class: Class) -> Result<Value, StorageError> {
    let refused = |reason: String| StorageError::NotCopied { table: shape.name.clone(), reason };
    let (stored, text) = literal.split_once(' ').unwrap_or((literal, ""));
    let bytes = || hex::decode(text.trim_start_matches("X'").trim_end_matches('\''));
    let bytes = || bytes().map_err(|error| refused(error.to_string()));
    Ok(match (stored, class) {
        ("null", Class::Integer) => Value::BigInt(None),
        ("null", Class::Boolean) => Value::Bool(None),
        ("null", Class::Text) => Value::String(None),
        ("null", Class::Bytes) => Value::Bytes(None),
        ("integer", Class::Integer) => {
            Value::BigInt(Some(text.parse().map_err(|error| refused(format!("{text}: {error}")))?))
        }
        ("integer", Class::Boolean) => Value::Bool(Some(text != "0")),
        ("text", Class::Text) => {
            Value::String(Some(String::from_utf8(bytes()?).map_err(|error| refused(error.to_string()))?))
        }
        ("blob", Class::Bytes) => Value::Bytes(Some(bytes()?)),
        _ => return Err(refused(format!("a value is {stored} where its column holds {class:?}"))),
    })
}
