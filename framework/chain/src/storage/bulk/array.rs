//! Whole columns as arrays of PostgreSQL.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Statement, Value};

/// One column of many rows.
pub(super) struct Array {
    kind: Kind,
    values: Vec<Value>,
    /// Which of the values are none, where one is; the driver's arrays hold no none, so something else stands in its place.
    nulls: Vec<Value>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Integer,
    BigInteger,
    Text,
    Bytes,
}

impl Kind {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(_) => Some(Self::Boolean),
            Value::Int(_) => Some(Self::Integer),
            Value::BigInt(_) => Some(Self::BigInteger),
            Value::String(_) => Some(Self::Text),
            Value::Bytes(_) => Some(Self::Bytes),
            _ => None,
        }
    }

    fn is_null(value: &Value) -> bool {
        matches!(
            value,
            Value::Bool(None) | Value::Int(None) | Value::BigInt(None) | Value::String(None) | Value::Bytes(None)
        )
    }

    fn filler(self) -> Value {
        match self {
            Self::Boolean => Value::Bool(Some(false)),
            Self::Integer => Value::Int(Some(0)),
            Self::BigInteger => Value::BigInt(Some(0)),
            Self::Text => Value::String(Some(String::new())),
            Self::Bytes => Value::Bytes(Some(Vec::new())),
        }
    }

    fn array_type(self) -> ArrayType {
        match self {
            Self::Boolean => ArrayType::Bool,
            Self::Integer => ArrayType::Int,
            Self::BigInteger => ArrayType::BigInt,
            Self::Text => ArrayType::String,
            Self::Bytes => ArrayType::Bytes,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::BigInteger => "bigint",
            Self::Text => "text",
            Self::Bytes => "bytea",
        }
    }
}

/// What the columns of these rows hold; none where one holds something else, or two kinds.
pub(super) fn kinds(rows: &[Vec<Value>], width: usize) -> Option<Vec<Kind>> {
    let kind_of = |column: usize| {
        let kind = Kind::of(rows.first()?.get(column)?)?;
        rows.iter().all(|row| row.get(column).and_then(Kind::of) == Some(kind)).then_some(kind)
    };
    (0..width).map(kind_of).collect()
}

/// The columns of rows that hold these kinds.
pub(super) fn of_columns(kinds: &[Kind], rows: Vec<Vec<Value>>) -> Vec<Array> {
    let column = |kind: &Kind| Array { kind: *kind, values: Vec::with_capacity(rows.len()), nulls: Vec::new() };
    let mut arrays: Vec<Array> = kinds.iter().map(column).collect();
    for row in rows {
        for (array, value) in arrays.iter_mut().zip(row) {
            array.push(value);
        }
    }
    arrays
}

impl Array {
    fn push(&mut self, value: Value) {
        let is_null = Kind::is_null(&value);
        if is_null && self.nulls.is_empty() {
            self.nulls.resize(self.values.len(), Value::Bool(Some(false)));
        }
        if is_null || !self.nulls.is_empty() {
            self.nulls.push(Value::Bool(Some(is_null)));
        }
        self.values.push(if is_null { self.kind.filler() } else { value });
    }
}

/// The statement that inserts these columns; table and columns are quoted names.
pub(super) fn insert(table: &str, columns: &str, arrays: Vec<Array>) -> Statement {
    let (mut chosen, mut named, mut given, mut values) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut give = |kind: Kind, array: Vec<Value>| {
        values.push(Value::Array(kind.array_type(), Some(Box::new(array))));
        let name = format!("c{}", values.len());
        given.push(format!("${}::{}[]", values.len(), kind.name()));
        named.push(name.clone());
        name
    };
    for Array { kind, values, nulls } in arrays {
        let value = give(kind, values);
        chosen.push(if nulls.is_empty() {
            value
        } else {
            format!("CASE WHEN {} THEN NULL ELSE {value} END", give(Kind::Boolean, nulls))
        });
    }
    let (chosen, given, named) = (chosen.join(", "), given.join(", "), named.join(", "));
    let sql = format!("INSERT INTO {table} ({columns}) SELECT {chosen} FROM UNNEST({given}) AS given({named})");
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: Option<i64>, text: &str) -> Vec<Value> {
        vec![Value::BigInt(number), Value::String(Some(text.to_owned()))]
    }

    #[test]
    fn a_column_with_none_in_it_says_where() {
        let rows = vec![row(Some(7), "a"), row(None, "b"), row(Some(8), "c")];
        let arrays = of_columns(&kinds(&rows, 2).unwrap(), rows);
        let statement = insert("\"t\"", "\"n\", \"s\"", arrays);
        assert_eq!(
            statement.sql,
            "INSERT INTO \"t\" (\"n\", \"s\") SELECT CASE WHEN c2 THEN NULL ELSE c1 END, c3 \
             FROM UNNEST($1::bigint[], $2::boolean[], $3::text[]) AS given(c1, c2, c3)"
        );
        let values = statement.values.unwrap().0;
        let flags = [false, true, false].map(|flag| Value::Bool(Some(flag)));
        assert_eq!(values[1], Value::Array(ArrayType::Bool, Some(Box::new(flags.to_vec()))));
    }

    #[test]
    fn a_column_of_another_kind_or_of_two_makes_no_array() {
        assert_eq!(kinds(&[vec![Value::Double(Some(1.0))]], 1), None);
        assert_eq!(kinds(&[vec![Value::Int(Some(1))], vec![Value::BigInt(Some(1))]], 1), None);
        assert_eq!(kinds(&[vec![Value::Int(Some(1))], vec![Value::Int(None)]], 1), Some(vec![Kind::Integer]));
    }
}
