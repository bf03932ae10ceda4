//! `hive agreement`: contracts in the language Marlowe Core and templates of them, in files without a node, and onto a chain.

mod explain;
mod publish;
mod simulate;
mod spec_client;
mod subject;
mod template;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use ledger_agreement::explain::Language;
use ledger_agreement::{BigInt, Contract, State, analysis};
use serde_json::{Value, json};

use super::error::CliError;
use super::folder::DataFolder;
use super::output::Output;
pub use publish::PublishArguments;
use subject::Subject;

/// What to do with contracts.
#[derive(Debug, Subcommand)]
pub enum AgreementCommand {
    /// Lists the templates that come with the house
    List {
        /// In which language
        #[arg(long, value_enum, default_value_t = Tongue::En)]
        language: Tongue,
    },
    /// Shows a template: title, text, roles, tokens, parameters with their bounds, version
    Show {
        /// A template's name, or a file with its JSON
        template: PathBuf,
        /// In which language
        #[arg(long, value_enum, default_value_t = Tongue::En)]
        language: Tongue,
    },
    /// Says in words or as a diagram what a contract does: who can do what, until when, what follows
    Explain(ExplainArguments),
    /// Plays steps and says what each comes to: who is paid, what accounts hold, what can happen next
    Simulate(SimulateArguments),
    /// Says what keeps a contract from being opened and what in it was hardly meant
    Analyse {
        /// A template's name, or a file with the JSON of a template or a contract
        contract: PathBuf,
        /// A file with the template's parameters
        #[arg(long)]
        parameters: Option<PathBuf>,
        /// When it is opened, in milliseconds since 1970; deadlines before that have passed
        #[arg(long, default_value_t = 0)]
        at: i64,
    },
    /// Publishes a template to a chain while its node runs; other versions of it stay beside it
    Publish(PublishArguments),
    /// Answers the public Marlowe conformance driver (marlowe-spec-test) on standard input and output
    SpecClient,
}

/// Which contract, and how it is told.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// A template's name, or a file with the JSON of a template or a contract
    contract: PathBuf,
    /// A file with the template's parameters; without it, those of the template's worked example
    #[arg(long)]
    parameters: Option<PathBuf>,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// In which language
    #[arg(long, value_enum, default_value_t = Tongue::En)]
    language: Tongue,
    /// When it is opened, in milliseconds since 1970: what can happen next is told as of then
    #[arg(long, default_value_t = 0)]
    at: i64,
}

/// Which contract, and what happens to it.
#[derive(Debug, Args)]
pub struct SimulateArguments {
    /// A template's name, or a file with the JSON of a template or a contract
    contract: PathBuf,
    /// A file with the template's parameters
    #[arg(long)]
    parameters: Option<PathBuf>,
    /// A JSON file with a list of steps: each has at (milliseconds since 1970 or a text as 2026-10-01T08:00:00Z), one of
    /// deposit {party, amount, token, into}, choose {party, choice, number}, notify true, or none of them where a
    /// deadline has come; and payments [{from, to, token, amount}] where they are to be checked
    #[arg(long)]
    steps: PathBuf,
    /// In which language
    #[arg(long, value_enum, default_value_t = Tongue::En)]
    language: Tongue,
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

impl Tongue {
    fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::ZhCn => Language::Chinese,
        }
    }
}

/// Runs `hive agreement`.
///
/// # Errors
/// A file cannot be read or holds something else; parameters or steps are refused; the contract cannot be opened, or
/// something in it was hardly meant.
pub fn run(command: &AgreementCommand, folder: &DataFolder, output: Output) -> Result<(), CliError> {
    match command {
        AgreementCommand::List { language } => template::list(language.language(), output),
        AgreementCommand::Show { template, language } => template::show(template, language.language(), output),
        AgreementCommand::Explain(arguments) => explain::run(arguments, output),
        AgreementCommand::Simulate(arguments) => simulate::run(arguments, output),
        AgreementCommand::Analyse { contract, parameters, at } => {
            let contract = Subject::read(contract)?.contract(parameters.as_deref())?;
            analyse(&Arc::new(contract), *at, output)
        }
        AgreementCommand::Publish(arguments) => publish::run(arguments, folder, output),
        AgreementCommand::SpecClient => spec_client::run(),
    }
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
