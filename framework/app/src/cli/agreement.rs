//! `hive agreement`: contracts in the language Marlowe Core, in files, without a node.

mod spec_client;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use ledger_agreement::explain::{self, Language};
use ledger_agreement::json::TEXT_BYTES_MAX;
use ledger_agreement::{BigInt, Contract, JsonForm, State, analysis};
use serde_json::{Value, json};

use super::error::CliError;
use super::output::Output;

/// What to do with contracts.
#[derive(Debug, Subcommand)]
pub enum AgreementCommand {
    /// Says in words or as a diagram what a contract does: who can do what, until when, what follows
    Explain {
        /// A file with the contract's JSON
        file: PathBuf,
        /// How it is told
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// In which language
        #[arg(long, value_enum, default_value_t = Tongue::En)]
        language: Tongue,
    },
    /// Says what keeps a contract from being opened and what in it was hardly meant
    Analyse {
        /// A file with the contract's JSON
        file: PathBuf,
        /// When it is opened, in milliseconds since 1970; deadlines before that have passed
        #[arg(long, default_value_t = 0)]
        at: i64,
    },
    /// Answers the public Marlowe conformance driver (marlowe-spec-test) on standard input and output
    SpecClient,
}

/// How a contract is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Indented lines.
    Text,
    /// A flowchart for Mermaid.
    Mermaid,
}

/// In which language a contract is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tongue {
    /// English.
    En,
    /// Simplified Chinese.
    #[value(name = "zh-CN")]
    ZhCn,
}

/// Runs `hive agreement`.
///
/// # Errors
/// The file cannot be read or holds no contract; the contract cannot be opened, or something in it was hardly meant.
pub fn run(command: &AgreementCommand, output: Output) -> Result<(), CliError> {
    match command {
        AgreementCommand::Explain { file, format, language } => {
            let language = if *language == Tongue::En { Language::English } else { Language::Chinese };
            let told = if *format == Format::Text { explain::text } else { explain::mermaid };
            output.line(&told(&read(file)?, language));
            Ok(())
        }
        AgreementCommand::Analyse { file, at } => analyse(&Arc::new(read(file)?), *at, output),
        AgreementCommand::SpecClient => spec_client::run(),
    }
}

fn read(path: &Path) -> Result<Contract, CliError> {
    let failed = |source| CliError::File { path: path.into(), action: "cannot be read", source };
    let refused = |reason| CliError::Content { path: path.into(), expected: "contract", reason };
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if usize::try_from(bytes).map_or(true, |bytes| bytes > TEXT_BYTES_MAX) {
        return Err(refused(format!("it has {bytes} bytes, at most {TEXT_BYTES_MAX} are read")));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Contract::from_text(&text).map_err(|error| refused(format!("{}: {error}", error.code())))
}

fn analyse(contract: &Arc<Contract>, at: i64, output: Output) -> Result<(), CliError> {
    let findings = analysis::analyse(contract, &State::empty(at.into()), at)
        .map_err(|error| CliError::node(error.code(), &error))?;
    let told = |finding: &analysis::Finding| (finding.code(), finding.to_string());
    let rows: Vec<_> = findings.iter().map(told).collect();
    let last = contract.max_time();
    let transactions = contract.max_transactions();
    let as_json = json!({
        "maxTransactions": transactions,
        "lastDeadline": last.to_string(),
        "findings": rows.iter().map(|(code, text)| json!({ "code": code, "text": text })).collect::<Value>(),
    });
    let ends =
        if last == BigInt::ZERO { "has no deadline".to_owned() } else { format!("ends by {last} at the latest") };
    output.say(&format!("The contract {ends}, after at most {transactions} transactions."));
    let rows: Vec<_> = rows.into_iter().map(|(code, text)| vec![code.to_owned(), text]).collect();
    if output == Output::Json || !rows.is_empty() {
        output.table(&["code", "what was hardly meant"], &rows, &as_json);
    }
    match rows.len() {
        0 => Ok(()),
        count => Err(CliError::Found(format!("{count} findings; look at each before the contract is opened"))),
    }
}
