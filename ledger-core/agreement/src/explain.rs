//! A contract as people read it: a text by indented lines, or a diagram.

mod mermaid;
mod phrase;
mod step;
mod template;
#[cfg(test)]
mod tests;

use chrono::DateTime;
use num_bigint::BigInt;

use crate::contract::{Case, Contract};
use phrase::Phrases;

pub use step::{account, input, next, payment, warning};
pub use template::template;

/// The language of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

/// The contract as indented lines: what happens, who can do what, until when, and what follows.
pub fn text(contract: &Contract, language: Language) -> String {
    let mut lines = Vec::new();
    statement(contract, 0, Phrases::of(language), &mut lines);
    lines.join("\n")
}

/// The contract as a flowchart for Mermaid.
pub fn mermaid(contract: &Contract, language: Language) -> String {
    mermaid::flowchart(contract, Phrases::of(language))
}

fn statement(contract: &Contract, depth: usize, phrases: Phrases, lines: &mut Vec<String>) {
    // What follows in the same row is said in the same row of lines; only ways that part are indented.
    let mut contract = contract;
    loop {
        say(depth, &phrases.statement(contract), lines);
        match contract {
            Contract::Close => return,
            Contract::Pay { then, .. } | Contract::Let { then, .. } | Contract::Assert { then, .. } => contract = then,
            Contract::If { then, otherwise, .. } => {
                let inner = depth.saturating_add(1);
                statement(then, inner, phrases, lines);
                say(depth, phrases.otherwise(), lines);
                return statement(otherwise, inner, phrases, lines);
            }
            Contract::When { cases, timeout, timeout_continuation } => {
                for Case { action, then } in cases {
                    say(depth, &format!("- {}", phrases.action(action)), lines);
                    statement(then, depth.saturating_add(1), phrases, lines);
                }
                say(depth, &format!("- {}", phrases.once_past(timeout)), lines);
                return statement(timeout_continuation, depth.saturating_add(1), phrases, lines);
            }
        }
    }
}

fn say(depth: usize, line: &str, lines: &mut Vec<String>) {
    lines.push(format!("{}{line}", "  ".repeat(depth)));
}

/// An instant of the ledger's years as date and time in UTC, any other as its number. In milliseconds since 1970.
pub fn time(milliseconds: &BigInt) -> String {
    let instant = i64::try_from(milliseconds).ok().and_then(DateTime::from_timestamp_millis);
    let is_date = |instant: &DateTime<chrono::Utc>| (1970..=9999).contains(&chrono::Datelike::year(instant));
    let written = instant.filter(is_date).map(|instant| instant.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string());
    written.map_or_else(|| milliseconds.to_string(), |written| written.replace(".000 UTC", " UTC"))
}
