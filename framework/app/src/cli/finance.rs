//! `hive finance`: the mathematics of settlement, on files, without a node.

mod contract_file;
mod netting;
mod obligations;
mod schedule;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::error::CliError;
use super::output::Output;

/// What to compute.
#[derive(Debug, Subcommand)]
pub enum FinanceCommand {
    /// Sets obligations of one currency off against each other: by pairs, by net positions, along cycles
    Netting(NettingArguments),
    /// Lists the events and cash flows of an ACTUS contract
    Schedule(ScheduleArguments),
}

/// Which obligations, and how the result is printed.
#[derive(Debug, Args)]
pub struct NettingArguments {
    /// A CSV file with the columns debtor, creditor, amount, currency, due (a date as 2026-09-28)
    file: PathBuf,
    /// Only rows in this currency; needed where the file has several
    #[arg(long)]
    currency: Option<String>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Which contract, and how its schedule is printed.
#[derive(Debug, Args)]
pub struct ScheduleArguments {
    /// A JSON file with terms, and where the contract asks for them to, dataObserved, eventsObserved
    file: PathBuf,
    /// How the schedule is printed
    #[arg(long, value_enum, default_value_t = ScheduleFormat::Table)]
    format: ScheduleFormat,
}

/// How a schedule is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScheduleFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Runs `hive finance`.
///
/// # Errors
/// The file cannot be read, or what it holds is refused.
pub fn run(command: &FinanceCommand, output: Output) -> Result<(), CliError> {
    match command {
        FinanceCommand::Netting(NettingArguments { file, currency, format }) => {
            let output = if *format == Format::Json { Output::Json } else { output };
            netting::run(file, currency.as_deref(), output)
        }
        FinanceCommand::Schedule(ScheduleArguments { file, format }) => {
            let format = if output == Output::Json { ScheduleFormat::Json } else { *format };
            schedule::run(file, format)
        }
    }
}
