//! How each kind of database writes and orders values, so that equal rows read equal from both.

use sea_orm::DbBackend;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Integer,
    Boolean,
    Text,
    Bytes,
}

impl Class {
    /// Of a column's declared type.
    pub(super) fn of_type(declared: &str) -> Self {
        let declared = declared.to_ascii_lowercase();
        let is = |names: &[&str]| names.iter().any(|name| declared.contains(name));
        match () {
            () if is(&["bool"]) => Self::Boolean,
            () if is(&["int"]) => Self::Integer,
            () if is(&["blob", "bytea", "binary"]) => Self::Bytes,
            () => Self::Text,
        }
    }
}

/// The expression that reads a column as its storage class and a literal; PostgreSQL's are written as SQLite writes its own.
pub(super) fn classed(backend: DbBackend, column: &str, class: Class) -> String {
    if backend == DbBackend::Sqlite {
        let bytes = format!("CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) ELSE {column} END");
        return format!("typeof({column}) || ' ' || quote({bytes})");
    }
    let hexadecimal = |bytes: &str| format!("'X''' || upper(encode({bytes}, 'hex')) || ''''");
    let value = match class {
        Class::Integer => format!("'integer ' || {column}::text"),
        Class::Boolean => format!("'integer ' || {column}::int::text"),
        Class::Text => format!("'text ' || {}", hexadecimal(&format!("convert_to({column}, 'UTF8')"))),
        Class::Bytes => format!("'blob ' || {}", hexadecimal(column)),
    };
    format!("COALESCE({value}, 'null NULL')")
}

/// The column as rows are ordered by it: text by its bytes, whatever the server's language is.
pub(super) fn ordered(backend: DbBackend, column: &str, class: Class) -> String {
    if backend == DbBackend::Postgres && class == Class::Text {
        format!("{column} COLLATE \"C\"")
    } else {
        column.to_owned()
    }
}

/// The literal that writes a value which [`classed`] has read.
pub(super) fn written(backend: DbBackend, value: &str) -> String {
    let Some((class, literal)) = value.split_once(' ') else { return value.to_owned() };
    let bytea = || format!("'\\x{}'::bytea", literal.trim_start_matches("X'").trim_end_matches('\''));
    match (backend, class) {
        (DbBackend::Sqlite, "text") => format!("CAST({literal} AS TEXT)"),
        (DbBackend::Postgres, "text") => format!("convert_from({}, 'UTF8')", bytea()),
        (DbBackend::Postgres, "blob") => bytea(),
        _ => literal.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_database_writes_values_in_its_own_form() {
        assert_eq!(written(DbBackend::Sqlite, "text X'6869'"), "CAST(X'6869' AS TEXT)");
        assert_eq!(written(DbBackend::Postgres, "text X'6869'"), "convert_from('\\x6869'::bytea, 'UTF8')");
        assert_eq!(written(DbBackend::Postgres, "blob X'00FF'"), "'\\x00FF'::bytea");
        assert_eq!(written(DbBackend::Postgres, "integer -7"), "-7");
    }

    #[test]
    fn declared_types_are_of_four_classes() {
        for (declared, class) in [
            ("bigint", Class::Integer),
            ("BOOLEAN", Class::Boolean),
            ("blob", Class::Bytes),
            ("varchar(64)", Class::Text),
        ] {
            assert_eq!(Class::of_type(declared), class, "{declared}");
        }
    }
}
