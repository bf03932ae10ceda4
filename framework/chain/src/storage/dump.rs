//! Reads any table row by row in the order of its key, every value with its storage class: `integer 7`, `text X'6869'`.
//!
//! The audit compares two databases with it, of one kind or of two, so it names no column: a table added tomorrow is compared
//! too. Text is read as bytes, because a damaged text need not be UTF-8.

mod copy;
mod dialect;

pub(crate) use copy::{Pages, insert};

use dialect::Class;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::StorageError;

/// Rows read per statement.
const ROWS_PER_PAGE: usize = 500;

/// A table's columns, and which of them are its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableShape {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// What each column holds.
    classes: Vec<Class>,
    /// Places of the key's columns, in the key's order.
    pub(crate) key: Vec<usize>,
}

/// A row's key in the database's own order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum KeyPart {
    Null,
    Integer(i64),
    Text(String),
    Bytes(String),
}

/// One row: a value per column, as its storage class, a space and a literal.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) values: Vec<String>,
    key: Vec<KeyPart>,
}

/// How two rows of one key stand to each other.
pub(crate) enum Pair {
    /// Only the left database has it.
    Left(Row),
    /// Only the right database has it.
    Right(Row),
    /// Both have it; values may differ.
    Both(Row, Row),
}

impl TableShape {
    /// Asks an SQLite database; a table it does not have has no columns.
    pub(crate) async fn of(connection: &impl ConnectionTrait, table: &str) -> Result<Self, StorageError> {
        let sql = format!("SELECT name, pk, type FROM pragma_table_info({}) ORDER BY cid", literal(table));
        let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
        let (mut columns, mut classes) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        let mut key = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            columns.push(row.try_get_by_index::<String>(0)?);
            classes.push(Class::of_type(&row.try_get_by_index::<String>(2)?));
            let order: i64 = row.try_get_by_index(1)?;
            if order > 0 {
                key.push((order, place));
            }
        }
        key.sort_unstable();
        let mut key: Vec<usize> = key.into_iter().map(|(_, place)| place).collect();
        if key.is_empty() {
            key = (0..columns.len()).collect();
        }
        Ok(Self { name: table.to_owned(), columns, classes, key })
    }

    /// The key of a row for people: `chain_id 1, height 7`.
    pub(crate) fn key_text(&self, row: &Row) -> String {
        let part = |place: &usize| match (self.columns.get(*place), row.values.get(*place)) {
            (Some(column), Some(value)) => format!("{column} {}", readable(value)),
            _ => String::new(),
        };
        self.key.iter().map(part).collect::<Vec<_>>().join(", ")
    }

    /// The value that a row has in a column.
    pub(crate) fn value<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        let place = self.columns.iter().position(|name| name == column)?;
        row.values.get(place).map(String::as_str)
    }

    fn column(&self, place: usize) -> Option<(String, Class)> {
        Some((identifier(self.columns.get(place)?), *self.classes.get(place)?))
    }

    fn key_columns(&self, backend: DbBackend) -> String {
        let columns = self.key.iter().filter_map(|place| self.column(*place));
        columns.map(|(column, class)| dialect::ordered(backend, &column, class)).collect::<Vec<_>>().join(", ")
    }
}

/// Walks two databases' tables side by side.
pub(crate) struct SideBySide<'a, L, R> {
    shape: &'a TableShape,
    left: Cursor<'a, L>,
    right: Cursor<'a, R>,
}

struct Cursor<'a, C> {
    connection: &'a C,
    page: std::iter::Peekable<std::vec::IntoIter<Row>>,
    after: Option<Vec<String>>,
    ended: bool,
    /// Rows read per statement.
    rows: usize,
}

impl<'a, L: ConnectionTrait, R: ConnectionTrait> SideBySide<'a, L, R> {
    pub(crate) fn new(left: &'a L, right: &'a R, shape: &'a TableShape) -> Self {
        Self { shape, left: Cursor::new(left), right: Cursor::new(right) }
    }

    /// The next key, in ascending order; none at the end of both tables.
    pub(crate) async fn next(&mut self) -> Result<Option<Pair>, StorageError> {
        self.left.fill(self.shape).await?;
        self.right.fill(self.shape).await?;
        let order = match (self.left.page.peek(), self.right.page.peek()) {
            (None, None) => return Ok(None),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(left), Some(right)) => left.key.cmp(&right.key),
        };
        Ok(match order {
            std::cmp::Ordering::Less => self.left.page.next().map(Pair::Left),
            std::cmp::Ordering::Greater => self.right.page.next().map(Pair::Right),
            std::cmp::Ordering::Equal => {
                self.left.page.next().zip(self.right.page.next()).map(|(left, right)| Pair::Both(left, right))
            }
        })
    }
}

impl<'a, C: ConnectionTrait> Cursor<'a, C> {
    fn new(connection: &'a C) -> Self {
        Self { connection, page: Vec::new().into_iter().peekable(), after: None, ended: false, rows: ROWS_PER_PAGE }
    }

    async fn fill(&mut self, shape: &TableShape) -> Result<(), StorageError> {
        if self.ended || self.page.peek().is_some() {
            return Ok(());
        }
        let rows = self.read(shape).await?;
        self.ended = rows.len() < self.rows;
        if let Some(last) = rows.last() {
            let backend = self.connection.get_database_backend();
            let key = shape.key.iter().filter_map(|place| last.values.get(*place));
            self.after = Some(key.map(|value| dialect::written(backend, value)).collect());
        }
        self.page = rows.into_iter().peekable();
        Ok(())
    }

    async fn read(&self, shape: &TableShape) -> Result<Vec<Row>, StorageError> {
        let backend = self.connection.get_database_backend();
        let columns = (0..shape.columns.len()).filter_map(|place| shape.column(place));
        let literals: Vec<_> = columns.map(|(column, class)| dialect::classed(backend, &column, class)).collect();
        let key = shape.key_columns(backend);
        // The values of `after` are literals that the database itself wrote, so they can stand in the statement.
        let above =
            self.after.as_ref().map_or(String::new(), |after| format!("WHERE ({key}) > ({})", after.join(", ")));
        let (literals, table, limit) = (literals.join(", "), identifier(&shape.name), self.rows);
        let query = format!("SELECT {literals} FROM {table} {above} ORDER BY {key} LIMIT {limit}");
        let found = self.connection.query_all_raw(Statement::from_string(backend, query)).await?;
        let mut rows = Vec::with_capacity(found.len());
        for row in found {
            let mut values = Vec::with_capacity(shape.columns.len());
            for place in 0..shape.columns.len() {
                values.push(row.try_get_by_index::<String>(place)?);
            }
            let key =
                shape.key.iter().filter_map(|place| values.get(*place)).map(|value| KeyPart::read(value)).collect();
            rows.push(Row { values, key });
        }
        Ok(rows)
    }
}

impl KeyPart {
    fn read(value: &str) -> Self {
        match value.split_once(' ') {
            Some(("integer", literal)) => Self::Integer(literal.parse().unwrap_or(i64::MAX)),
            Some(("text", literal)) => Self::Text(literal.to_owned()),
            Some(("blob", literal)) => Self::Bytes(literal.to_owned()),
            _ => Self::Null,
        }
    }
}

/// A value for people: numbers and text as they are, bytes in hexadecimal.
pub(crate) fn readable(value: &str) -> String {
    let Some((class, literal)) = value.split_once(' ') else { return value.to_owned() };
    let digits = literal.trim_start_matches("X'").trim_end_matches('\'');
    match class {
        "text" => String::from_utf8_lossy(&hex::decode(digits).unwrap_or_default()).into_owned(),
        "blob" => digits.to_ascii_lowercase(),
        "null" => "null".to_owned(),
        _ => literal.to_owned(),
    }
}

/// The names of all tables, sorted.
pub(crate) async fn tables(connection: &impl ConnectionTrait) -> Result<Vec<String>, StorageError> {
    let backend = connection.get_database_backend();
    let select = match backend {
        DbBackend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    };
    let rows = connection.query_all_raw(Statement::from_string(backend, select)).await?;
    let mut tables = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<String>, _>>()?;
    tables.sort_unstable();
    Ok(tables)
}

/// How many rows a table has.
pub(crate) async fn count(connection: &impl ConnectionTrait, table: &str) -> Result<u64, StorageError> {
    let select = format!("SELECT count(*) FROM {}", identifier(table));
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), select)).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Takes all rows out of a table.
pub(crate) async fn clear(connection: &impl ConnectionTrait, table: &str) -> Result<(), StorageError> {
    connection.execute_unprepared(&format!("DELETE FROM {}", identifier(table))).await?;
    Ok(())
}

/// Columns that a server numbers by itself go on behind the highest number that was copied.
pub(crate) async fn go_on_counting(connection: &impl ConnectionTrait) -> Result<(), StorageError> {
    let select = "SELECT table_name::text, column_name::text FROM information_schema.columns \
                  WHERE table_schema = current_schema() AND column_default LIKE 'nextval(%'";
    for row in connection.query_all_raw(Statement::from_string(DbBackend::Postgres, select)).await? {
        let (table, column): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let sequence = format!("pg_get_serial_sequence({}, {})", literal(&identifier(&table)), literal(&column));
        let (table, column) = (identifier(&table), identifier(&column));
        let last = format!("SELECT setval({sequence}, max({column})) FROM {table} HAVING max({column}) IS NOT NULL");
        connection.execute_unprepared(&last).await?;
    }
    Ok(())
}

/// What SQLite finds wrong with its file and indexes; nothing for a sound one. A server keeps its files itself.
pub(crate) async fn file_problems(connection: &impl ConnectionTrait) -> Result<Vec<String>, StorageError> {
    if connection.get_database_backend() != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check(100)");
    let rows = connection.query_all_raw(check).await?;
    let mut problems = Vec::new();
    for row in rows {
        let problem: String = row.try_get_by_index(0)?;
        if problem != "ok" {
            problems.push(problem);
        }
    }
    Ok(problems)
}

pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
