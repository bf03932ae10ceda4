//! What was measured, for people and for programs.

use serde_json::{Value, json};

use crate::column::Column;

/// What was measured.
#[derive(Debug)]
pub struct Report {
    pub(crate) states: u64,
    pub(crate) accounts: u64,
    pub(crate) sqlite: Column,
}

impl Report {
    /// A table: its head and rows.
    pub fn table(&self) -> (Vec<&'static str>, Vec<Vec<String>>) {
        let column = &self.sqlite;
        let mut rows = vec![
            vec!["states".to_owned(), self.states.to_string()],
            vec!["accounts".to_owned(), self.accounts.to_string()],
            vec!["transfers a second".to_owned(), format!("{:.0}", column.even.rate())],
            vec!["signatures a second, zebra".to_owned(), format!("{:.0}", column.signatures.zebra)],
            vec!["signatures a second, dalek".to_owned(), format!("{:.0}", column.signatures.dalek)],
            vec!["signatures a second, ledger".to_owned(), format!("{:.0}", column.signatures.ledger)],
            vec!["R1".to_owned(), format!("{:.3}", column.even.rate() / column.signatures.best())],
            vec!["CPU µs a transfer".to_owned(), format!("{:.1}", column.even.cpu_us())],
        ];
        rows.extend(column.even.shares().into_iter().map(|share| {
            let wall = share.wall_us.map_or_else(String::new, |wall| format!(" (wall {wall:.1})"));
            vec![format!("  {}", share.name), format!("{:.1}{wall}", share.cpu_us)]
        }));
        (vec!["", "sqlite"], rows)
    }

    /// The figures for programs.
    pub fn json(&self) -> Value {
        json!({ "r1": { "sqlite": self.sqlite.even.rate() / self.sqlite.signatures.best() } })
    }
}
