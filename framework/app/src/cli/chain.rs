//! `hive chain`: what concerns one chain of a node.

mod import;

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use hive_chain::{ExportProgress, ExportReport, ListedChain};
use indicatif::{ProgressBar, ProgressStyle};
use ledger_core::archive::Version;
use ledger_core::{ChainId, Date};
use serde_json::json;

use super::error::CliError;
use super::folder::DataFolder;
use super::open;
use super::output::Output;
use crate::endpoint::vertical::Registered;

/// What to do with a chain.
#[derive(Debug, Subcommand)]
pub enum ChainCommand {
    /// Shows the chains of the node; it may be running
    List,
    /// Writes a chain's archive, which `hive verify` checks anywhere; the node may be running
    Export(ExportArguments),
    /// Takes a chain from its archive into this node, every block verified; the node must not be running, and the archive of a
    /// chain with a journal must hold it
    Import(import::ImportArguments),
}

/// Which chain, and where to.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The chain, hexadecimal, as `hive chain list` shows it
    chain: String,
    /// The file to write
    file: PathBuf,
    /// Adds the chain's journal, sealed, to move the chain to another database or machine of the same keys; not for outsiders:
    /// it tells who did what when
    #[arg(long)]
    with_journal: bool,
}

/// Runs `hive chain`.
///
/// # Errors
/// The chain cannot be read, or the file cannot be written.
pub async fn run(
    command: &ChainCommand,
    folder: &DataFolder,
    verticals: &[Registered],
    output: Output,
) -> Result<(), CliError> {
    match command {
        ChainCommand::List => list(folder, output).await,
        ChainCommand::Export(arguments) => export(arguments, folder, verticals, output).await,
        ChainCommand::Import(arguments) => import::run(arguments, folder, verticals, output).await,
    }
}

async fn list(folder: &DataFolder, output: Output) -> Result<(), CliError> {
    let chains = open::chains(folder).await?;
    let began = |chain: &ListedChain| Date::of_ms(chain.created_ms).map(|date| date.to_string()).unwrap_or_default();
    let row =
        |chain: &ListedChain| vec![chain.chain.to_string(), chain.name.clone(), chain.height.to_string(), began(chain)];
    let value = |chain: &ListedChain| {
        json!({ "chain": chain.chain.to_string(), "name": chain.name, "height": chain.height,
            "createdAtMilliseconds": chain.created_ms })
    };
    let rows: Vec<_> = chains.iter().map(row).collect();
    output.table(&["chain", "name at genesis", "height", "began (UTC)"], &rows, &chains.iter().map(value).collect());
    Ok(())
}

async fn export(
    arguments: &ExportArguments,
    folder: &DataFolder,
    verticals: &[Registered],
    output: Output,
) -> Result<(), CliError> {
    let ExportArguments { chain, file, with_journal } = arguments;
    let version = if *with_journal { Version::WithJournal } else { Version::Blocks };
    let not_an_id = |_| CliError::Node {
        code: "CHAIN_UNKNOWN".to_owned(),
        message: format!("{chain:?} is no chain; give the 64 hexadecimal digits that hive chain list shows"),
    };
    let chain: ChainId = chain.parse().map_err(not_an_id)?;
    let (partial, target) = begin(file)?;
    let refused = |source| CliError::File { path: partial.clone(), action: "cannot be written", source };
    let mut target = BufWriter::with_capacity(1 << 20, target);
    let write = |bytes: &[u8]| target.write_all(bytes);
    let written = open::export(folder, verticals, (&chain, version), write, progress(output)).await;
    let ExportReport { end, journal_entries } = match written {
        Ok(exported) => exported,
        Err(error) => {
            give_up(&partial);
            return Err(error);
        }
    };
    let whole = target.into_inner().map_err(|error| refused(error.into_error()))?;
    whole.sync_all().map_err(refused)?;
    give_name(&partial, file)?;
    let rows = [
        ("chain", chain.to_string()),
        ("height", end.height.to_string()),
        ("transactions", end.transactions.to_string()),
        ("journal entries", journal_entries.to_string()),
        ("tip", end.tip.to_string()),
        ("state root", end.state_root.to_string()),
        ("file", file.display().to_string()),
    ];
    output.facts(
        &rows,
        &json!({ "chain": chain.to_string(), "height": end.height, "transactions": end.transactions,
            "journalEntries": journal_entries, "tip": end.tip.to_string(), "stateRoot": end.state_root.to_string(), "file": file.display().to_string() }),
    );
    output.say(&match version {
        Version::Blocks => format!("Exported. Anyone can check it: hive verify {}", file.display()),
        Version::WithJournal => format!(
            "Exported with its journal, for a node of the same keys: hive chain import {}. Give outsiders one without it.",
            file.display()
        ),
    });
    Ok(())
}

/// What is half written is of no use; that it stays is no second error. It goes while it is still locked.
pub(super) fn give_up(partial: &Path) {
    let _left = fs::remove_file(partial);
}

/// Gives a whole and durable file its name, as durable as what it names.
pub(super) fn give_name(partial: &Path, file: &Path) -> Result<(), CliError> {
    let refused = |source| CliError::File { path: partial.to_owned(), action: "cannot be written", source };
    fs::rename(partial, file).map_err(refused)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(refused)
}

/// The file under its name while it is written, locked against another export and closed to other users.
pub(super) fn begin(file: &Path) -> Result<(PathBuf, File), CliError> {
    let mut partial = file.to_owned().into_os_string();
    partial.push(".new");
    let partial = PathBuf::from(partial);
    let refused = |source| CliError::File { path: partial.clone(), action: "cannot be written", source };
    if file.exists() {
        return Err(CliError::Exists { path: file.to_owned() });
    }
    let target = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&partial);
    let target = target.map_err(refused)?;
    match target.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(CliError::BeingWritten { path: partial }),
        Err(TryLockError::Error(source)) => return Err(refused(source)),
    }
    // Another export may have ended between the two: then what is locked here is its whole file, or one that is gone.
    if file.exists() {
        return Err(CliError::Exists { path: file.to_owned() });
    }
    let locked = target.metadata().map_err(refused)?.ino();
    if fs::metadata(&partial).map_err(refused)?.ino() != locked {
        return Err(CliError::BeingWritten { path: partial });
    }
    target.set_permissions(Permissions::from_mode(0o600)).and_then(|()| target.set_len(0)).map_err(refused)?;
    Ok((partial, target))
}

/// A bar on the terminal that follows an export; silent for programs.
fn progress(output: Output) -> impl FnMut(ExportProgress) {
    let bar = if output == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if let Ok(style) =
        ProgressStyle::with_template("writing blocks {wide_bar} {pos}/{len}, {elapsed} (remaining {eta})")
    {
        bar.set_style(style);
    }
    move |progress| {
        bar.set_length(progress.blocks_total);
        bar.set_position(progress.blocks);
        if progress.blocks == progress.blocks_total {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_export_writes_a_file_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.archive");
        fs::write(folder.path().join("chain.archive.new"), "left by an export that was killed").unwrap();
        let (partial, mut target) = begin(&file).unwrap();
        assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        target.write_all(b"whole").unwrap();
        assert!(matches!(begin(&file), Err(CliError::BeingWritten { path }) if path == partial));
        assert_eq!(fs::read(&partial).unwrap(), b"whole");
        fs::rename(&partial, &file).unwrap();
        assert!(matches!(begin(&file), Err(CliError::Exists { .. })));
        assert_eq!(fs::read(&file).unwrap(), b"whole");
        fs::remove_file(&file).unwrap();
        drop(target);
        assert!(begin(&file).is_ok());
    }
}
