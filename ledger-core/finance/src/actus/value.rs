//! What is read: texts, lists and records, whatever format they came in. Numbers are texts, so none passes through a float.

use super::bounds::{LIST_MAX, TEXT_BYTES_MAX};
use super::error::ActusError;

/// A value of whatever format: JSON, a form, a ledger's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, or a number as it was written.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Names with values, in the order given.
    Record(Vec<(String, Value)>),
}

impl Value {
    /// The text without spaces around it.
    pub(super) fn text(&self, path: &str) -> Result<&str, ActusError> {
        let Self::Text(text) = self else {
            return Err(ActusError::Form { path: path.to_owned(), expected: "a text or a number" });
        };
        let text = text.trim();
        if text.len() > TEXT_BYTES_MAX {
            return Err(ActusError::TextTooLong { path: path.to_owned() });
        }
        Ok(text)
    }

    /// The entries of a list; one value alone is a list of one.
    pub(super) fn entries(&self, path: &str) -> Result<&[Value], ActusError> {
        let entries = match self {
            Self::List(entries) => entries.as_slice(),
            one => std::slice::from_ref(one),
        };
        if entries.len() > LIST_MAX {
            return Err(ActusError::ListTooLong { path: path.to_owned() });
        }
        Ok(entries)
    }

    /// The fields of a record, no name twice.
    pub(super) fn fields(&self, path: &str) -> Result<&[(String, Value)], ActusError> {
        let Self::Record(fields) = self else {
            return Err(ActusError::Form { path: path.to_owned(), expected: "a record of names with values" });
        };
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if let Some(name) = names.windows(2).find_map(|pair| (pair.first() == pair.last()).then(|| pair.first())) {
            return Err(ActusError::NameTwice { path: inside(path, name.copied().unwrap_or_default()) });
        }
        Ok(fields)
    }
}

/// The path of a name in a record; a name from outside is cut after 64 characters.
pub(super) fn inside(path: &str, name: &str) -> String {
    let name: String = name.chars().take(64).collect();
    if path.is_empty() { name } else { format!("{path}.{name}") }
}
