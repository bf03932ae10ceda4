//! `hive chain import`: a chain from its archive into this node.

use std::path::PathBuf;

use clap::Args;
use hive_chain::{ImportError, ImportProgress};
use indicatif::ProgressBar;
use ledger_core::archive::{ArchiveError, Record};

use super::super::error::CliError;
use super::super::folder::DataFolder;
use super::super::output::Output;
use super::super::verify::archive;
use super::super::{backup, open};
use crate::endpoint::vertical::Registered;

/// Records read ahead of their verification.
const READ_AHEAD: usize = 4;

/// Where from.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The archive that hive chain export wrote
    file: PathBuf,
}

/// Verifies an archive block by block and takes its chain into the folder's node, whole or not at all.
///
/// # Errors
/// A node runs on the folder, the archive does not verify, or the node cannot have the chain.
pub(super) async fn run(
    arguments: &ImportArguments,
    folder: &DataFolder,
    verticals: &[Registered],
    output: Output,
) -> Result<(), CliError> {
    let lock = open::locked(folder)?;
    let (config, _) = open::closed(folder, verticals)?;
    if !archive::is_archive(&arguments.file)? {
        return Err(archive::no_archive(&arguments.file));
    }
    let (records, mut read) = tokio::sync::mpsc::channel::<Record>(READ_AHEAD);
    let file = arguments.file.clone();
    let reading = tokio::task::spawn_blocking(move || {
        archive::each_record(&file, |record| {
            // Once a record was refused nobody takes further ones, and that refusal is what is told.
            records.blocking_send(record).map_err(|error| CliError::node("ARCHIVE_NOT_READ", &error))
        })
    });
    let scratch = folder.root().join("hive.importing");
    let imported = hive_chain::import(config, &scratch, async || read.recv().await, progress(output)).await;
    drop(read);
    let unread = |error: tokio::task::JoinError| CliError::node("ARCHIVE_NOT_READ", &error);
    let read = reading.await.map_err(unread)?;
    let report = match imported {
        Ok(report) => report,
        // The records ended too early where the file cannot be read further: that is the reason.
        Err(ImportError::Archive(ArchiveError::CutOff { .. })) if read.is_err() => return read,
        Err(error) => return Err(CliError::node(error.code(), &error)),
    };
    drop(lock);
    let mut as_json = backup::chain_json(&report.chain);
    as_json["transactions"] = report.transactions.into();
    as_json["journalEntries"] = report.journal_entries.into();
    let rows = [
        ("chain", report.chain.chain.to_string()),
        ("name at genesis", report.chain.name.clone()),
        ("height", report.chain.height.to_string()),
        ("transactions", report.transactions.to_string()),
        ("journal entries", report.journal_entries.to_string()),
        ("tip", report.chain.tip.to_string()),
        ("state root", report.chain.state_root.to_string()),
    ];
    output.facts(&rows, &as_json);
    output.say("Imported: every block, signature, rule and root was verified. Start the node: hive serve");
    Ok(())
}

fn progress(output: Output) -> impl FnMut(ImportProgress) + Send {
    let bar = if output == Output::Json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    move |progress| {
        bar.set_message(format!("verified {} blocks, {} transactions", progress.blocks, progress.transactions));
        bar.tick();
    }
}
