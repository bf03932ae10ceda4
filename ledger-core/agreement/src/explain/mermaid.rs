//! A contract as a Mermaid flowchart: statements are boxes, what may happen are arrows.

use super::phrase::Phrases;
use crate::contract::Contract;

struct Chart {
    lines: Vec<String>,
    nodes: usize,
}

pub(super) fn flowchart(contract: &Contract, phrases: Phrases) -> String {
    let mut chart = Chart { lines: vec!["flowchart TD".to_owned()], nodes: 0 };
    chart.node(contract, phrases);
    chart.lines.join("\n")
}

impl Chart {
    /// Draws a contract and gives its box's number.
    fn node(&mut self, contract: &Contract, phrases: Phrases) -> usize {
        let number = self.nodes;
        self.nodes = self.nodes.saturating_add(1);
        let (open, close) = match contract {
            Contract::Close => ("([", "])"),
            Contract::If { .. } => ("{", "}"),
            Contract::When { .. } => ("{{", "}}"),
            _ => ("[", "]"),
        };
        self.lines.push(format!("  n{number}{open}\"{}\"{close}", label(&phrases.statement(contract))));
        match contract {
            Contract::Close => {}
            Contract::Pay { then, .. } | Contract::Let { then, .. } | Contract::Assert { then, .. } => {
                self.arrow(number, "", then, phrases);
            }
            Contract::If { then, otherwise, .. } => {
                self.arrow(number, "✓", then, phrases);
                self.arrow(number, phrases.otherwise(), otherwise, phrases);
            }
            Contract::When { cases, timeout, timeout_continuation } => {
                for case in cases {
                    self.arrow(number, &phrases.action(&case.action), &case.then, phrases);
                }
                self.arrow(number, &phrases.once_past(timeout), timeout_continuation, phrases);
            }
        }
        number
    }

    fn arrow(&mut self, from: usize, said: &str, then: &Contract, phrases: Phrases) {
        let to = self.node(then, phrases);
        let said = label(said.trim_end_matches([':', '：']));
        self.lines.push(match said.as_str() {
            "" => format!("  n{from} --> n{to}"),
            said => format!("  n{from} -->|\"{said}\"| n{to}"),
        });
    }
}

/// A label in which nothing ends it, begins markup or is an entity.
fn label(text: &str) -> String {
    let mut label = String::new();
    for letter in text.chars() {
        match letter {
            '"' | '#' | '&' | '<' | '>' | '`' | ';' | '|' | '\\' => label.push_str(&format!("#{};", u32::from(letter))),
            _ => label.push(letter),
        }
    }
    label
}
