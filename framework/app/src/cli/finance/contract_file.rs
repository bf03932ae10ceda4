//! Files of contracts: JSON as values whose numbers are kept as they are written, so that none passes through a float.

use std::fmt;

use ledger_core::codes;
use ledger_finance::actus::Value;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

/// Largest file, in bytes.
pub(super) const FILE_BYTES_MAX: usize = 4 << 20;
/// Values inside each other at most: a contract in the structure of another one has six.
const DEPTH_MAX: usize = 8;

/// Why a file is no contract.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum ContractFileError {
    /// Past [`FILE_BYTES_MAX`].
    #[error("it has {bytes} bytes, at most {FILE_BYTES_MAX} are read; leave out observations that are not needed")]
    TooLarge {
        /// As many as it has.
        bytes: usize,
    },
    /// Not JSON.
    #[error("it is no JSON: {reason}")]
    Malformed {
        /// What is wrong, and where.
        reason: String,
    },
    /// Not an object.
    #[error("it is no object; give {{\"terms\": {{…}}}}")]
    NoObject,
    /// Past [`DEPTH_MAX`].
    #[error("{path} lies more than {DEPTH_MAX} deep; a contract covers contracts, which cover none")]
    TooDeep {
        /// Where.
        path: String,
    },
    /// True or false, which no term is.
    #[error("{path} is true or false, which no term is; give a text or a number")]
    Flag {
        /// Where.
        path: String,
    },
}

codes!(ContractFileError {
    TooLarge => "CONTRACT_FILE_TOO_LARGE",
    Malformed => "CONTRACT_FILE_MALFORMED",
    NoObject => "CONTRACT_FILE_NO_OBJECT",
    TooDeep => "CONTRACT_FILE_TOO_DEEP",
    Flag => "CONTRACT_FILE_FLAG",
});

/// The fields of an object in their order, those given twice twice.
struct Fields<'j>(Vec<(String, &'j RawValue)>);

impl<'j> Deserialize<'j> for Fields<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'j> Visitor<'j> for Collect {
            type Value = Fields<'j>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// The fields of a file's object. `skipped` are not read any further.
pub(super) fn read(bytes: &[u8], skipped: &[&str]) -> Result<Vec<(String, Value)>, ContractFileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ContractFileError::TooLarge { bytes: bytes.len() });
    }
    let raw: &RawValue = serde_json::from_slice(bytes).map_err(malformed)?;
    if !raw.get().starts_with('{') {
        return Err(ContractFileError::NoObject);
    }
    let fields = parsed::<Fields<'_>>(raw)?.0.into_iter().filter(|(name, _)| !skipped.contains(&name.as_str()));
    let read = |(name, raw): (String, &RawValue)| Ok(value(raw, &name, 1)?.map(|value| (name, value)));
    fields.map(read).filter_map(Result::transpose).collect()
}

/// A value; none for null, which is what a term is that is not given.
fn value(raw: &RawValue, path: &str, depth: usize) -> Result<Option<Value>, ContractFileError> {
    let is_nested = raw.get().starts_with(['{', '[']);
    if is_nested && depth >= DEPTH_MAX {
        return Err(ContractFileError::TooDeep { path: path.to_owned() });
    }
    let inner = depth.saturating_add(1);
    match raw.get().as_bytes().first() {
        Some(b'{') => {
            let fields = parsed::<Fields<'_>>(raw)?.0.into_iter();
            let read = |(name, raw): (String, &RawValue)| {
                Ok(value(raw, &format!("{path}.{name}"), inner)?.map(|value| (name, value)))
            };
            Ok(Some(Value::Record(fields.map(read).filter_map(Result::transpose).collect::<Result<_, _>>()?)))
        }
        Some(b'[') => {
            let entries = parsed::<Vec<&RawValue>>(raw)?.into_iter().enumerate();
            let read = |(place, raw): (usize, &RawValue)| value(raw, &format!("{path}[{place}]"), inner);
            Ok(Some(Value::List(entries.map(read).filter_map(Result::transpose).collect::<Result<_, _>>()?)))
        }
        Some(b'"') => Ok(Some(Value::Text(parsed(raw)?))),
        Some(b't' | b'f') => Err(ContractFileError::Flag { path: path.to_owned() }),
        Some(b'n') => Ok(None),
        _ => Ok(Some(Value::Text(raw.get().to_owned()))),
    }
}

fn parsed<'j, T: Deserialize<'j>>(raw: &'j RawValue) -> Result<T, ContractFileError> {
    serde_json::from_str(raw.get()).map_err(malformed)
}

fn malformed(error: serde_json::Error) -> ContractFileError {
    ContractFileError::Malformed { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use ledger_core::Coded;

    use super::*;

    fn code(text: &str) -> String {
        read(text.as_bytes(), &["results"]).map_or_else(|error| error.code().to_owned(), |fields| format!("{fields:?}"))
    }

    #[test]
    fn numbers_are_kept_as_they_are_written() {
        let read =
            read(br#"{"terms": {"rate": 0.10000000000000000000001, "none": null}, "results": [true]}"#, &["results"]);
        let rate = ("rate".to_owned(), Value::Text("0.10000000000000000000001".to_owned()));
        assert_eq!(read, Ok(vec![("terms".to_owned(), Value::Record(vec![rate]))]));
    }

    #[test]
    fn what_is_no_contract_file_is_told_with_its_place() {
        let deep = format!("{{\"terms\": {}1{}}}", "[".repeat(500_000), "]".repeat(500_000));
        let large = format!("{{\"terms\": \"{}\"}}", "a".repeat(FILE_BYTES_MAX));
        for (text, expected) in [
            ("{\"terms\": {}", "CONTRACT_FILE_MALFORMED"),
            ("[]", "CONTRACT_FILE_NO_OBJECT"),
            ("{\"terms\": {\"calendar\": true}}", "CONTRACT_FILE_FLAG"),
            (&deep, "CONTRACT_FILE_TOO_DEEP"),
            (&large, "CONTRACT_FILE_TOO_LARGE"),
            ("{\"terms\": {\"a\": \"\\ud800\"}}", "CONTRACT_FILE_MALFORMED"),
        ] {
            assert_eq!(code(text), expected);
        }
    }
}
