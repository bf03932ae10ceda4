//! From a tree to its one text.

use std::fmt::{Display, Formatter, Result, Write};

use super::Json;

impl Display for Json {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(truth) => out.write_str(if *truth { "true" } else { "false" }),
            Self::Number(digits) => out.write_str(digits),
            Self::String(text) => quote(text, out),
            Self::Array(values) => list(out, ('[', ']'), values, |value, out| value.fmt(out)),
            Self::Object(fields) => list(out, ('{', '}'), fields, |(name, value), out| {
                quote(name, out)?;
                out.write_char(':')?;
                value.fmt(out)
            }),
        }
    }
}

fn list<T>(
    out: &mut Formatter<'_>,
    (begin, end): (char, char),
    entries: &[T],
    write: impl Fn(&T, &mut Formatter<'_>) -> Result,
) -> Result {
    out.write_char(begin)?;
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            out.write_char(',')?;
        }
        write(entry, out)?;
    }
    out.write_char(end)
}

/// A text in quotes, in ASCII alone.
fn quote(text: &str, out: &mut Formatter<'_>) -> Result {
    out.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            ' '..='~' => out.write_char(letter)?,
            _ => {
                let mut units = [0; 2];
                letter.encode_utf16(&mut units).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
            }
        }
    }
    out.write_char('"')
}
