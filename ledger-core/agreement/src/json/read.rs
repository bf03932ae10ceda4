//! From a text to its tree, without recursion.

use json_event_parser::{JsonEvent, JsonSyntaxError, SliceJsonParser};

use super::{Json, JsonError};

/// The longest text that is read, in bytes.
pub const TEXT_BYTES_MAX: usize = 1 << 20;
/// How deep objects and lists may lie in each other. A case adds three: the list of cases, the case, and its contract. Every
/// function over a tree of this depth fits into a stack of 2 MB, without optimisation too.
pub const DEPTH_MAX: usize = 256;
/// The most fields of one object.
pub const FIELDS_MAX: usize = 16;

/// An object or a list that is not closed yet.
enum Open {
    Array(Vec<Json>),
    Object(Vec<(String, Json)>, Option<String>),
}

impl Json {
    /// Reads one value, which is the whole text.
    ///
    /// # Errors
    /// The text is too long, no JSON, or too deep, or an object has a field twice or too many of them.
    pub fn read(text: &str) -> Result<Self, JsonError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(JsonError::TooLong { bytes: text.len() });
        }
        let mut parser = SliceJsonParser::new(text.as_bytes());
        let mut open = Vec::new();
        let mut whole = None;
        loop {
            let value = match parser.parse_next().map_err(syntax)? {
                JsonEvent::Null => Json::Null,
                JsonEvent::Boolean(truth) => Json::Bool(truth),
                JsonEvent::Number(digits) => Json::Number(digits.into_owned()),
                JsonEvent::String(text) => Json::String(text.into_owned()),
                JsonEvent::ObjectKey(name) => {
                    begin_field(&mut open, name.into_owned())?;
                    continue;
                }
                JsonEvent::StartArray => {
                    push(&mut open, Open::Array(Vec::new()))?;
                    continue;
                }
                JsonEvent::StartObject => {
                    push(&mut open, Open::Object(Vec::new(), None))?;
                    continue;
                }
                JsonEvent::EndArray | JsonEvent::EndObject => match open.pop() {
                    Some(Open::Array(values)) => Json::Array(values),
                    Some(Open::Object(fields, _)) => Json::Object(fields),
                    None => return Err(nothing()),
                },
                JsonEvent::Eof => return whole.ok_or_else(nothing),
            };
            match open.last_mut() {
                Some(Open::Array(values)) => values.push(value),
                Some(Open::Object(fields, name)) => fields.extend(name.take().map(|name| (name, value))),
                None => whole = Some(value),
            }
        }
    }
}

fn push(open: &mut Vec<Open>, container: Open) -> Result<(), JsonError> {
    if open.len() >= DEPTH_MAX {
        return Err(JsonError::TooDeep);
    }
    open.push(container);
    Ok(())
}

fn begin_field(open: &mut [Open], name: String) -> Result<(), JsonError> {
    let Some(Open::Object(fields, begun)) = open.last_mut() else { return Err(nothing()) };
    if fields.iter().any(|(known, _)| *known == name) {
        return Err(JsonError::FieldTwice { name });
    }
    if fields.len() >= FIELDS_MAX {
        return Err(JsonError::TooManyFields);
    }
    *begun = Some(name);
    Ok(())
}

fn syntax(error: JsonSyntaxError) -> JsonError {
    let at = error.location().start;
    let (line, column) = (at.line.saturating_add(1), at.column.saturating_add(1));
    JsonError::Syntax { line, column, reason: error.message().to_owned() }
}

/// A text without a value.
fn nothing() -> JsonError {
    JsonError::Syntax { line: 1, column: 1, reason: "there is no value".to_owned() }
}
