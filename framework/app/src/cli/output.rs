//! What commands print: tables for people, JSON for programs.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde_json::Value;

/// How a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Tables and sentences.
    Text,
    /// One JSON value.
    Json,
}

impl Output {
    /// Prints facts as a table of names and values, or the JSON.
    pub fn facts(self, rows: &[(&str, String)], as_json: &Value) {
        match self {
            Self::Json => print_line(&as_json.to_string()),
            Self::Text => {
                let mut table = table();
                for (name, value) in rows {
                    table.add_row([*name, value.as_str()]);
                }
                print_line(&table.to_string());
            }
        }
    }

    /// Prints a table with a head, or the JSON.
    pub fn table(self, head: &[&str], rows: &[Vec<String>], as_json: &Value) {
        match self {
            Self::Json => print_line(&as_json.to_string()),
            Self::Text => print_line(&text_table(head, rows)),
        }
    }

    /// Prints one line as it is; for JSON, as a string.
    pub fn line(self, text: &str) {
        match self {
            Self::Json => print_line(&Value::from(text).to_string()),
            Self::Text => print_line(text),
        }
    }

    /// Prints one JSON value that is written already, to programs only.
    pub(super) fn raw(self, as_json: &impl std::fmt::Display) {
        if self == Self::Json {
            print_line(&as_json.to_string());
        }
    }

    /// Prints a sentence to people only.
    pub fn say(self, text: &str) {
        if self == Self::Text {
            print_line(text);
        }
    }
}

/// A table with a head, as text.
pub(super) fn text_table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = table();
    table.set_header(head.iter().copied());
    rows.iter().for_each(|row| {
        table.add_row(row);
    });
    table.to_string()
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// Prints a line; a closed pipe is no error.
pub(super) fn print_line(text: &str) {
    use std::io::Write;
    // The reader may have gone, as `head` does.
    let _closed = writeln!(std::io::stdout().lock(), "{text}");
}
