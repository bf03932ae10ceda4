//! Who watches a scenario on a terminal: steps and tables for people, one JSON object a line for programs.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement};
use hive_plug::scenario::{Audience, Progress, StepReport, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::output::{Output, print_line};

/// The terminal.
pub struct Terminal(pub Output);

struct Bar(ProgressBar);

impl Progress for Bar {
    fn advance(&mut self, units: u64) {
        self.0.inc(units);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Audience for Terminal {
    fn heading(&mut self, text: &str) {
        match self.0 {
            Output::Json => print_line(&json!({ "heading": text }).to_string()),
            Output::Text => print_line(&format!("\n{text}\n{}", "─".repeat(text.chars().count()))),
        }
    }

    fn step(&mut self, report: &StepReport) {
        match self.0 {
            Output::Json => print_line(&as_json(report)),
            Output::Text => {
                let mark = if report.refusal.is_some() { "✗" } else { "✓" };
                print_line(&format!("{:>3}. {mark} {}", report.number, report.title));
                lines(report).iter().for_each(|line| print_line(&format!("       {line}")));
            }
        }
    }

    fn table(&mut self, table: &Table) {
        match self.0 {
            Output::Json => {
                let rows: Vec<serde_json::Value> = table.rows.iter().map(|row| row_json(table, row)).collect();
                print_line(&json!({ "table": table.title, "rows": rows }).to_string());
            }
            Output::Text => print_line(&format!("\n{}\n{}", table.title, drawn(table))),
        }
    }

    fn progress(&mut self, total: u64, what: &str) -> Box<dyn Progress> {
        let bar = if self.0 == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(total) };
        let style = "{msg} {wide_bar} {pos}/{len}, {per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        Box::new(Bar(bar))
    }
}

/// What became of a step, in lines for people.
fn lines(report: &StepReport) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some((code, message)) = &report.refusal {
        lines.push(format!("refused: {code}"));
        lines.push(message.clone());
    }
    let signed = (!report.signers.is_empty()).then(|| format!("signed by {}", report.signers.join(", ")));
    let block = report.height.map(|height| format!("block {height}"));
    let transaction = report.transaction.as_deref().map(|id| format!("transaction {}", shortened(id)));
    let before = report.done_before.then(|| "done by an earlier run".to_owned());
    let parts: Vec<String> = [signed, block, transaction, before, report.note.clone()].into_iter().flatten().collect();
    if !parts.is_empty() {
        lines.push(parts.join(" · "));
    }
    lines
}

fn shortened(id: &str) -> String {
    id.get(..12).map_or_else(|| id.to_owned(), |head| format!("{head}…"))
}

fn as_json(report: &StepReport) -> String {
    let refusal = report.refusal.as_ref().map(|(code, message)| json!({ "code": code, "message": message }));
    let step = json!({
        "step": report.number,
        "title": report.title,
        "signers": report.signers,
        "height": report.height,
        "transaction": report.transaction,
        "refusal": refusal,
        "doneBefore": report.done_before,
        "note": report.note,
    });
    step.to_string()
}

fn row_json(table: &Table, row: &[String]) -> serde_json::Value {
    let members = table.columns.iter().zip(row).map(|(column, cell)| (column.clone(), json!(cell)));
    serde_json::Value::Object(members.collect())
}

fn drawn(table: &Table) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    drawn.set_header(&table.columns);
    for row in &table.rows {
        drawn.add_row(row);
    }
    for column in &table.numbers {
        if let Some(column) = drawn.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    drawn.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_tells_who_signed_and_where_it_stands() {
        let mut report = StepReport {
            number: 1,
            title: "Pay".to_owned(),
            signers: vec!["Depositor".to_owned(), "Bank A".to_owned()],
            height: Some(7),
            transaction: Some("ab".repeat(32)),
            refusal: None,
            done_before: false,
            note: None,
        };
        assert_eq!(lines(&report), ["signed by Depositor, Bank A · block 7 · transaction abababababab…"]);
        report.refusal = Some(("PLEDGE_EXISTS".to_owned(), "It is pledged.".to_owned()));
        assert_eq!(lines(&report)[0], "refused: PLEDGE_EXISTS");
    }
}
