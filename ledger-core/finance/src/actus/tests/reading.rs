//! JSON of test files as values. Theirs are floats printed with 15 digits and more, so their own text is exact enough.

use crate::actus::Value;

/// A JSON value; none for null.
pub(super) fn value(json: &serde_json::Value) -> Option<Value> {
    match json {
        serde_json::Value::Null => None,
        serde_json::Value::Bool(flag) => Some(Value::Text(flag.to_string())),
        serde_json::Value::Number(number) => Some(Value::Text(number.to_string())),
        serde_json::Value::String(text) => Some(Value::Text(text.clone())),
        serde_json::Value::Array(entries) => Some(Value::List(entries.iter().filter_map(value).collect())),
        serde_json::Value::Object(fields) => {
            let field = |(name, json): (&String, &serde_json::Value)| value(json).map(|value| (name.clone(), value));
            Some(Value::Record(fields.iter().filter_map(field).collect()))
        }
    }
}
