//! `hive backup` and `hive restore`: a node's database as one file, and back.

use std::path::PathBuf;

use clap::Args;
use hive_chain::{BackupProgress, ChainTip, RestoreProgress};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::error::CliError;
use super::folder::DataFolder;
use super::output::Output;
use super::{audit, chain, open};
use crate::endpoint::vertical::Registered;

/// Where to.
#[derive(Debug, Args)]
pub struct BackupArguments {
    /// The file to write; it must not exist
    file: PathBuf,
}

/// Where from.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The file that hive backup wrote
    file: PathBuf,
}

/// Runs `hive backup`.
///
/// # Errors
/// There is no node in the folder, its history is damaged, or the file exists or cannot be written.
pub async fn backup(
    arguments: &BackupArguments,
    folder: &DataFolder,
    verticals: &[Registered],
    output: Output,
) -> Result<(), CliError> {
    let file = &arguments.file;
    let (config, node_id) = open::closed(folder, verticals)?;
    let (partial, target) = chain::begin(file)?;
    let written = hive_chain::backup(config, &node_id, &partial, backup_progress(output)).await;
    let report = match written {
        Ok(report) => report,
        Err(error) => {
            for ending in ["", "-wal", "-shm", "-journal"] {
                let mut path = partial.clone().into_os_string();
                path.push(ending);
                chain::give_up(path.as_ref());
            }
            return Err(CliError::node(error.code(), &error));
        }
    };
    chain::give_name(&partial, file)?;
    drop(target);
    let mut as_json = report.manifest.as_json();
    as_json["file"] = file.display().to_string().into();
    as_json["rows"] = report.rows.into();
    as_json["bytes"] = report.bytes.into();
    as_json["elapsedMs"] = report.elapsed_ms.into();
    tell_chains(&report.manifest.chains, &as_json, output);
    output.say(&format!(
        "Backed up: {} rows, {} bytes in {} ms, every block verified. The node's keys are not in it: keep {} apart, \
         without it nobody opens the journals or goes on with the chains. Back again: hive restore {}",
        report.rows,
        report.bytes,
        report.elapsed_ms,
        folder.keys().join("node.json").display(),
        file.display()
    ));
    Ok(())
}

/// Runs `hive restore`.
///
/// # Errors
/// The file is no backup of the node whose keys are in the folder, is damaged or does not pass the audit, or there is a
/// database already.
pub async fn restore(
    arguments: &RestoreArguments,
    folder: &DataFolder,
    verticals: &[Registered],
    output: Output,
) -> Result<(), CliError> {
    if !folder.keys().join("node.json").exists() {
        return Err(CliError::Node {
            code: "RESTORE_KEYS_MISSING".to_owned(),
            message: format!(
                "{} holds no keys/node.json, and a backup holds no keys; copy that of the backup's node there first",
                folder.root().display()
            ),
        });
    }
    let lock = folder.lock()?;
    let (config, node_id) = open::configured(folder, verticals)?;
    let scratch = folder.root().join("hive.restoring");
    let restored = hive_chain::restore(config, &node_id, &arguments.file, &scratch, restore_progress(output)).await;
    let report = restored.map_err(|error| CliError::node(error.code(), &error))?;
    drop(lock);
    let mut as_json = report.manifest.as_json();
    as_json["migrations"] = report.migrations.clone().into();
    as_json["transactions"] = report.audit.transactions.into();
    as_json["rows"] = report.audit.rows.into();
    as_json["elapsedMs"] = report.elapsed_ms.into();
    tell_chains(&report.manifest.chains, &as_json, output);
    if !report.migrations.is_empty() {
        output.say(&format!("Migrations of this release were added: {}", report.migrations.join(", ")));
    }
    output.say(&format!(
        "Restored in {} ms: every block, signature, rule and stored value agrees. Start the node: hive serve",
        report.elapsed_ms
    ));
    Ok(())
}

/// Chains with their heights and roots.
fn tell_chains(chains: &[ChainTip], as_json: &Value, output: Output) {
    let row = |chain: &ChainTip| {
        let (tip, root) = (chain.tip.to_string(), chain.state_root.to_string());
        vec![chain.chain.to_string(), chain.name.clone(), chain.height.to_string(), tip, root]
    };
    let rows: Vec<_> = chains.iter().map(row).collect();
    output.table(&["chain", "name at genesis", "height", "tip", "state root"], &rows, as_json);
}

/// A chain as JSON.
pub(super) fn chain_json(chain: &ChainTip) -> Value {
    json!({ "chain": chain.chain.to_string(), "name": chain.name, "height": chain.height,
        "tip": chain.tip.to_string(), "stateRoot": chain.state_root.to_string() })
}

fn backup_progress(output: Output) -> impl FnMut(BackupProgress) + Send {
    let bar = bar(output);
    move |progress| {
        let verifies = progress.blocks_total > 0;
        let (done, all) =
            if verifies { (progress.blocks, progress.blocks_total) } else { (progress.rows, progress.rows_total) };
        bar.set_message(if verifies { "verifying the copy's blocks" } else { "copying rows" });
        bar.set_length(all);
        bar.set_position(done);
        if verifies && done >= all {
            bar.finish_and_clear();
        }
    }
}

/// Follows a copy of rows alone.
pub(super) fn rows_progress(output: Output) -> impl FnMut(u64, u64) + Send {
    let bar = bar(output);
    move |rows, rows_total| {
        bar.set_message("copying rows");
        bar.set_length(rows_total);
        bar.set_position(rows);
        if rows >= rows_total {
            bar.finish_and_clear();
        }
    }
}

fn restore_progress(output: Output) -> impl FnMut(RestoreProgress) + Send {
    let mut of_audit = audit::progress(output);
    let bar = bar(output);
    move |progress| match progress {
        RestoreProgress::Audit(progress) => of_audit(progress),
        RestoreProgress::Rows { rows } => {
            bar.set_message("copying rows");
            bar.set_position(rows);
        }
    }
}

fn bar(output: Output) -> ProgressBar {
    let bar = if output == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {elapsed} (remaining {eta})") {
        bar.set_style(style);
    }
    bar
}
