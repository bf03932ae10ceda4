//! `hive upgrade`: what a new release adds to a node's database.

use clap::Args;
use hive_chain::{UpgradeProgress, UpgradeReport};
use ledger_core::Coded;
use serde_json::json;

use super::error::CliError;
use super::folder::DataFolder;
use super::output::Output;
use super::{audit, backup, open};
use crate::endpoint::vertical::Registered;

/// Try or do.
#[derive(Debug, Args)]
pub struct UpgradeArguments {
    /// Only try it on a copy and audit that; the node may be running, nothing of it changes
    #[arg(long)]
    check: bool,
}

/// Runs `hive upgrade`.
///
/// # Errors
/// There is no node in the folder, one runs on it, a migration fails, or the audit of the trial finds something.
pub async fn run(
    arguments: &UpgradeArguments,
    folder: &DataFolder,
    verticals: &[Registered],
    output: Output,
) -> Result<(), CliError> {
    if arguments.check {
        return check(folder, verticals, output).await;
    }
    let lock = open::locked(folder)?;
    let (config, _) = open::closed(folder, verticals)?;
    let report = hive_chain::upgrade(config).await.map_err(|error| CliError::node(error.code(), &error))?;
    drop(lock);
    tell(&report, output);
    output.say(match report.migrations.as_slice() {
        [] => "Nothing was missing.",
        _ => "Upgraded. Start the node: hive serve; tables of a vertical that is new here are filled by: hive rebuild",
    });
    Ok(())
}

async fn check(folder: &DataFolder, verticals: &[Registered], output: Output) -> Result<(), CliError> {
    let (config, _) = open::closed(folder, verticals)?;
    let scratch = folder.root().join("hive.upgrading");
    let (mut copies, mut audits) = (backup::rows_progress(output), audit::progress(output));
    let progress = move |progress| match progress {
        UpgradeProgress::Rows { rows, rows_total } => copies(rows, rows_total),
        UpgradeProgress::Audit(progress) => audits(progress),
    };
    let checked = hive_chain::check_upgrade(config, &scratch, progress).await;
    let report = checked.map_err(|error| CliError::node(error.code(), &error))?;
    tell(&report, output);
    let findings = report.audit.map(|audit| audit.findings).unwrap_or_default();
    if let Some(first) = findings.first() {
        findings.iter().for_each(|finding| output.say(&format!("  {finding}")));
        return Err(CliError::Found(format!(
            "UPGRADE_CHECK_FAILED: the audit of the migrated copy has {} findings, the first: {first}; mend the database \
             before the upgrade",
            findings.len()
        )));
    }
    output.say(match report.migrations.as_slice() {
        [] => "Nothing is missing, and the audit of the copy passes.",
        _ => "The upgrade passes on a copy, and so does the copy's audit. Back up, stop the node, then: hive upgrade",
    });
    Ok(())
}

fn tell(report: &UpgradeReport, output: Output) {
    let rows = [
        ("migrations", report.migrations.join(", ")),
        ("milliseconds for them", report.migration_ms.to_string()),
        ("milliseconds in all", report.elapsed_ms.to_string()),
    ];
    let findings = report.audit.as_ref().map(|audit| audit.findings.len());
    output.facts(
        &rows,
        &json!({ "migrations": report.migrations, "migrationMs": report.migration_ms, "elapsedMs": report.elapsed_ms,
            "auditFindings": findings, "transactions": report.audit.as_ref().map(|audit| audit.transactions) }),
    );
}
