//! `hive agreement`: contracts in the language Marlowe Core, in files, without a node.

mod spec_client;

use clap::Subcommand;

use super::error::CliError;
use super::output::Output;

/// What to do with contracts.
#[derive(Debug, Subcommand)]
pub enum AgreementCommand {
    /// Answers the public Marlowe conformance driver (marlowe-spec-test) on standard input and output
    SpecClient,
}

/// Runs `hive agreement`.
///
/// # Errors
/// The file cannot be read, or holds no contract.
pub fn run(command: &AgreementCommand, _output: Output) -> Result<(), CliError> {
    match command {
        AgreementCommand::SpecClient => spec_client::run(),
    }
}
