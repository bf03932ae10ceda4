//! JSON as the language is written in: exact integers, errors with their path, bounds on length and depth, one form.
//!
//! serde_json keeps integers past 64 bits only with a feature that would change every crate of the build, so texts are
//! read from json-event-parser's events into a small tree.

mod error;
mod integer;
mod node;
mod read;
#[cfg(test)]
mod tests;
mod write;

use num_bigint::BigInt;

pub use error::JsonError;
pub use integer::DIGITS_MAX;
pub use node::Node;
pub use read::{DEPTH_MAX, FIELDS_MAX, TEXT_BYTES_MAX};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A text.
    String(String),
    /// Values in order.
    Array(Vec<Json>),
    /// Fields in order, each name once.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// An integer of any length.
    pub fn integer(integer: &BigInt) -> Self {
        Self::Number(integer.to_string())
    }

    /// An object with its fields in this order.
    pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The values of a list in order.
    pub fn array<'a, T: JsonForm + 'a>(values: impl IntoIterator<Item = &'a T>) -> Self {
        Self::Array(values.into_iter().map(T::to_json).collect())
    }
}

/// What reads a form from where it stands.
pub(crate) type Reads<T> = fn(&Node<'_>) -> Result<T, JsonError>;

/// What has a published JSON form.
pub trait JsonForm: Sized {
    /// Reads it where it stands in a text.
    ///
    /// # Errors
    /// Anything else stands there; the error names the path.
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError>;

    /// Its form.
    fn to_json(&self) -> Json;

    /// Reads a whole text.
    ///
    /// # Errors
    /// As [`JsonError`] lists them.
    fn from_text(text: &str) -> Result<Self, JsonError> {
        Self::from_node(&Node::root(&Json::read(text)?))
    }

    /// The one text of a value: no spaces, fields in the specification's order, integers in plain digits, everything beyond
    /// ASCII escaped.
    fn to_text(&self) -> String {
        self.to_json().to_string()
    }
}
