//! `hive key`: makes and shows key files.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::error::CliError;
use super::key_file::KeyFile;
use super::output::Output;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Makes a new key file, readable by you alone; an existing one is never overwritten
    New {
        /// Where to write it
        file: PathBuf,
        /// Name for people
        #[arg(long)]
        name: Option<String>,
    },
    /// Shows what a key file is for; never the private key
    Show {
        /// The key file
        file: PathBuf,
    },
    /// Prints a key file's address alone
    Address {
        /// The key file
        file: PathBuf,
    },
}

/// Runs `hive key`.
///
/// # Errors
/// The file exists, is unreadable or open to others.
pub fn run(command: &KeyCommand, output: Output) -> Result<(), CliError> {
    match command {
        KeyCommand::New { file, name } => {
            let key = KeyFile::generate(name.as_deref().unwrap_or_else(|| name_of(file)))?;
            key.write(file)?;
            show(&key, output);
        }
        KeyCommand::Show { file } => show(&KeyFile::read(file)?, output),
        KeyCommand::Address { file } => output.line(&KeyFile::read(file)?.address),
    }
    Ok(())
}

fn name_of(file: &Path) -> &str {
    file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("key")
}

fn show(key: &KeyFile, output: Output) {
    let rows = [("name", &key.name), ("address", &key.address), ("public key", &key.public_key)];
    let as_json: Value = json!({ "name": key.name, "address": key.address, "publicKey": key.public_key });
    output.facts(&rows.map(|(name, value)| (name, value.clone())), &as_json);
}
