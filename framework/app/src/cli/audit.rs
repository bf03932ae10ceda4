//! `hive audit`: verifies everything from genesis, and every stored value against the blocks.

use hive_chain::{AuditProgress, AuditReport, AuditStage, Finding};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::error::CliError;
use super::output::Output;

/// A bar on the terminal that follows an audit; silent for programs.
pub fn progress(output: Output) -> impl FnMut(AuditProgress) + Send {
    let bar = if output == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let style = "{msg} {wide_bar} {pos}/{len} blocks, {elapsed} (remaining {eta})";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    move |progress| {
        bar.set_length(progress.blocks_total);
        bar.set_position(progress.blocks);
        bar.set_message(match progress.stage {
            AuditStage::Blocks => format!("verifying blocks, {} transactions/s", progress.transactions_per_second()),
            AuditStage::Journals => "verifying journals".to_owned(),
            AuditStage::Tables => format!("comparing tables, {} rows", progress.rows),
        });
        if progress.stage == AuditStage::Tables {
            bar.finish_and_clear();
        }
    }
}

/// Prints the report; findings are an error of status 2.
///
/// # Errors
/// Something differs.
pub fn tell(report: &AuditReport, output: Output) -> Result<(), CliError> {
    let rows = [
        ("chains", report.chains.to_string()),
        ("blocks", report.blocks.to_string()),
        ("transactions", report.transactions.to_string()),
        ("journal entries", report.journal_entries.to_string()),
        ("rows compared", report.rows.to_string()),
        ("findings", (report.findings.len() as u64).saturating_add(report.findings_omitted).to_string()),
        ("milliseconds", report.elapsed_ms.to_string()),
    ];
    output.facts(&rows, &as_json(report));
    if report.is_clean() {
        output.say("Audit passed: every block, signature, rule and stored value agrees.");
        return Ok(());
    }
    report.findings.iter().for_each(|finding| output.say(&format!("  {finding}")));
    Err(CliError::Found(format!(
        "AUDIT_FAILED: {} differences; restore the database from a backup, and keep this one for the examiner",
        (report.findings.len() as u64).saturating_add(report.findings_omitted)
    )))
}

fn as_json(report: &AuditReport) -> Value {
    json!({
        "passed": report.is_clean(),
        "chains": report.chains,
        "blocks": report.blocks,
        "transactions": report.transactions,
        "journalEntries": report.journal_entries,
        "rows": report.rows,
        "elapsedMs": report.elapsed_ms,
        "findingsOmitted": report.findings_omitted,
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "table": finding.table,
        "key": finding.key,
        "column": finding.column,
        "height": finding.height,
        "found": finding.found,
        "expected": finding.expected,
    })
}
