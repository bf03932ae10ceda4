//! `hive audit`: verifies everything from genesis, and every stored value against the blocks.

use clap::Args;
use hive_chain::{AuditProgress, AuditReport, AuditSample, AuditStage, Finding};
use indicatif::{ProgressBar, ProgressStyle};
use ledger_core::Coded;
use serde_json::{Value, json};

use super::error::CliError;
use super::output::Output;

/// How thoroughly.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Verify the parties' signatures of so many of a hundred blocks only; of every block the seal, rules, roots and stored values
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    sample: Option<u8>,
    /// Choose the blocks of the sample by this number, as an earlier audit printed it
    #[arg(long, requires = "sample")]
    seed: Option<u64>,
}

impl AuditArguments {
    /// The sample; its seed is random where none is given.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn sample(&self) -> Result<Option<AuditSample>, CliError> {
        let Some(percent) = self.sample else { return Ok(None) };
        let random = || getrandom::u64().map_err(|error| CliError::Randomness(error.to_string()));
        let seed = self.seed.map_or_else(random, Ok)?;
        Ok(Some(AuditSample { percent, seed }))
    }
}

/// A bar on the terminal that follows an audit; silent for programs.
pub fn progress(output: Output) -> impl FnMut(AuditProgress) + Send {
    let bar = if output == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let style = "{msg} {wide_bar} {pos}/{len} blocks, {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    move |progress| {
        bar.set_length(progress.blocks_total);
        bar.set_position(progress.blocks);
        bar.set_message(match progress.stage {
            AuditStage::Blocks => verifying(&progress),
            AuditStage::Journals => "verifying journals".to_owned(),
            AuditStage::Tables => format!("comparing tables, {} rows", progress.rows),
        });
        if progress.stage == AuditStage::Tables {
            bar.finish_and_clear();
        }
    }
}

/// The rate so far, and how long it takes at that rate.
fn verifying(progress: &AuditProgress) -> String {
    let left = progress.seconds_left().map_or(String::new(), |seconds| format!(", {seconds} s left"));
    format!("verifying blocks, {} transactions/s{left}", progress.transactions_per_second())
}

/// Prints the report; findings are an error of status 2.
///
/// # Errors
/// Something differs.
pub fn tell(report: &AuditReport, sample: Option<AuditSample>, output: Output) -> Result<(), CliError> {
    let rows = [
        ("chains", report.chains.to_string()),
        ("blocks", report.blocks.to_string()),
        ("transactions", report.transactions.to_string()),
        ("with signatures", report.transactions_signed.to_string()),
        ("journal entries", report.journal_entries.to_string()),
        ("rows compared", report.rows.to_string()),
        ("findings", (report.findings.len() as u64).saturating_add(report.findings_omitted).to_string()),
        ("milliseconds", report.elapsed_ms.to_string()),
        ("transactions per second", (report.transactions.saturating_mul(1_000) / report.elapsed_ms.max(1)).to_string()),
    ];
    output.facts(&rows, &as_json(report, sample));
    if let Some(AuditSample { percent, seed }) = sample {
        output.say(&format!(
            "A sample: seed {seed} chose {percent} percent of the blocks, {} of {} transactions, whose parties' signatures were \
             verified. Of every block: seal, rules, roots, journal and stored values.",
            report.transactions_signed, report.transactions
        ));
    }
    if report.is_clean() {
        output.say(match sample {
            None => "Audit passed: every block, signature, rule and stored value agrees.",
            Some(_) => "Audit of the sample passed. Signatures outside of it were not verified: that is hive audit.",
        });
        return Ok(());
    }
    report.findings.iter().for_each(|finding| output.say(&format!("  {finding}")));
    Err(CliError::Found(format!(
        "AUDIT_FAILED: {} differences; restore the database from a backup, and keep this one for the examiner",
        (report.findings.len() as u64).saturating_add(report.findings_omitted)
    )))
}

fn as_json(report: &AuditReport, sample: Option<AuditSample>) -> Value {
    json!({
        "passed": report.is_clean(),
        "chains": report.chains,
        "blocks": report.blocks,
        "transactions": report.transactions,
        "transactionsSigned": report.transactions_signed,
        "sample": sample.map(|sample| json!({ "percent": sample.percent, "seed": sample.seed.to_string() })),
        "journalEntries": report.journal_entries,
        "rows": report.rows,
        "elapsedMs": report.elapsed_ms,
        "findingsOmitted": report.findings_omitted,
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.kind.code(),
        "table": finding.table,
        "key": finding.key,
        "column": finding.column,
        "height": finding.height,
        "found": finding.found,
        "expected": finding.expected,
    })
}
