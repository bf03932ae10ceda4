//! The command line: what people and scripts say to a node.

mod agreement;
mod audience;
pub mod audit;
mod backup;
mod bench;
pub mod boot;
pub mod chain;
pub mod client;
pub mod database;
pub mod demonstration;
mod doctor;
pub mod error;
mod finance;
pub mod folder;
pub mod key;
pub mod key_file;
mod memory;
pub mod open;
pub mod output;
mod play;
mod rebuild;
pub mod schema;
pub mod serve;
pub mod sign;
pub mod sign_in;
mod top;
mod upgrade;
pub mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::endpoint::vertical::Verticals;
use error::CliError;
use folder::DataFolder;
use output::Output;

/// A node of Hivechain: dedicated ledgers on which trades settle
#[derive(Debug, Parser)]
#[command(name = "hive", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Options {
    /// Folder with the node's database and keys
    #[arg(long, env = "HIVE_DATA", default_value = "data", global = true)]
    data: PathBuf,
    /// Database of a PostgreSQL server with the chains, postgres://USER@HOST:PORT/NAME; without it a file in the folder.
    /// Give a password in PGPASSWORD, ~/.pgpass, or with the whole address in HIVE_DATABASE, never here
    #[arg(long, value_name = "ADDRESS", global = true)]
    database: Option<String>,
    /// Print JSON for programs instead of tables for people
    #[arg(long, global = true)]
    json: bool,
    /// What to log, e.g. debug or hive_chain=debug,info
    #[arg(
        long,
        env = "HIVE_LOG",
        default_value = "warn,hive_app=info,hive_chain=info,hive_platform=info",
        global = true,
        hide_default_value = true
    )]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the node; the first start makes a demonstration chain
    Serve(serve::ServeArguments),
    /// Plays a trade against the running node, each party with its own key
    Demo(play::DemoArguments),
    /// Reads a file into the ledger of the running node
    Import(play::ImportArguments),
    /// Verifies every block, signature, rule and stored value; the node must not be running
    Audit(audit::AuditArguments),
    /// Writes everything the node holds but its keys into one file; the node may be running
    Backup(backup::BackupArguments),
    /// Brings a backup into an empty data folder that has the node's keys, once all of it is verified
    Restore(backup::RestoreArguments),
    /// Builds projections' tables anew from the stored blocks; for a node that runs: hive serve --rebuild
    Rebuild(rebuild::RebuildArguments),
    /// Adds what this release changes in the node's database; a database that lacks it is not opened
    Upgrade(upgrade::UpgradeArguments),
    /// Lists chains, exports and imports a chain
    #[command(subcommand)]
    Chain(chain::ChainCommand),
    /// Checks an archive or a proof offline
    Verify(verify::VerifyArguments),
    /// Works on contracts in files, without a node: explains and analyses them, answers the conformance driver
    #[command(subcommand)]
    Agreement(agreement::AgreementCommand),
    /// Computes on files, without a node: what obligations come to when they are set off
    #[command(subcommand)]
    Finance(finance::FinanceCommand),
    /// Signs a party in and prints an access token for trying queries
    SignIn(sign_in::SignInArguments),
    /// Shows what a proposal's bytes say and signs it with a party's own key
    Sign(sign::SignArguments),
    /// Makes and shows key files
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Prints, writes or compares the schemas of the endpoints
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
    /// Measures what a node achieves on this machine, on databases of its own
    Bench(bench::BenchArguments),
    /// Shows what a running node does, chain by chain, until Ctrl-C
    Top(top::TopArguments),
    /// Looks for anything that could keep the node from working
    Doctor(doctor::DoctorArguments),
}

impl Command {
    /// False for clients of a node and for what works on files: they need not know where chains are kept.
    fn opens_the_database(&self) -> bool {
        match self {
            Self::Demo(_) | Self::Import(_) | Self::SignIn(_) | Self::Sign(_) | Self::Top(_) => false,
            Self::Verify(_)
            | Self::Agreement(_)
            | Self::Finance(_)
            | Self::Key(_)
            | Self::Schema(_)
            | Self::Bench(_) => false,
            Self::Serve(_) | Self::Audit(_) | Self::Chain(_) | Self::Doctor(_) => true,
            Self::Backup(_) | Self::Restore(_) | Self::Rebuild(_) | Self::Upgrade(_) => true,
        }
    }
}

/// Runs the command line of a node with these verticals; its `main` calls nothing else.
pub fn run<L: Verticals>() -> ExitCode {
    let cli = Cli::parse();
    let output = if cli.options.json { Output::Json } else { Output::Text };
    log_to_stderr(&cli.options, &cli.command);
    match execute::<L>(&cli, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error::tell(&error, output);
            ExitCode::from(error.exit_status())
        }
    }
}

fn execute<L: Verticals>(cli: &Cli, output: Output) -> Result<(), CliError> {
    let folder = if cli.command.opens_the_database() {
        database::folder(&cli.options.data, cli.options.database.as_deref())?
    } else {
        DataFolder::new(&cli.options.data)
    };
    match &cli.command {
        Command::Serve(arguments) => wait_for(async {
            boots::<L>().await?;
            serve::run::<L>(arguments, &folder, output).await
        }),
        Command::Demo(arguments) => play::demo(arguments, &L::registered(), &folder, output),
        Command::Import(arguments) => play::import(arguments, &L::registered(), &folder, output),
        Command::Audit(arguments) => wait_for(audit_node::<L>(arguments, &folder, output)),
        Command::Backup(arguments) => wait_for(backup::backup(arguments, &folder, &L::registered(), output)),
        Command::Restore(arguments) => wait_for(backup::restore(arguments, &folder, &L::registered(), output)),
        Command::Rebuild(arguments) => wait_for(rebuild::run(arguments, &folder, &L::registered(), output)),
        Command::Upgrade(arguments) => wait_for(upgrade::run(arguments, &folder, &L::registered(), output)),
        Command::Chain(command) => wait_for(chain::run(command, &folder, &L::registered(), output)),
        Command::Verify(arguments) => verify::run(arguments, &open::contracts(&L::registered()), output),
        Command::Agreement(command) => agreement::run(command, &folder, output),
        Command::Finance(command) => finance::run(command, output),
        Command::SignIn(arguments) => sign_in::run(arguments, &folder, &serve::cast(&L::registered()), output),
        Command::Sign(arguments) => sign::run(arguments, &folder, &serve::cast(&L::registered()), output),
        Command::Key(command) => key::run(command, output),
        Command::Schema(command) => schema::run(command, &serve::endpoints::<L>(None), output),
        Command::Bench(arguments) => wait_for(bench::run(arguments, &L::registered(), output)),
        Command::Top(arguments) => wait_for(top::run(arguments, output)),
        Command::Doctor(arguments) => wait_for(doctor::run(arguments, &L::registered(), &folder, output)),
    }
}

/// The verticals fit together, or the node does not start.
async fn boots<L: Verticals>() -> Result<(), CliError> {
    match boot::findings(&L::registered()).await.first() {
        None => Ok(()),
        Some(finding) => Err(CliError::Node { code: finding.code.to_owned(), message: finding.message.clone() }),
    }
}

async fn audit_node<L: Verticals>(
    arguments: &audit::AuditArguments,
    folder: &DataFolder,
    output: Output,
) -> Result<(), CliError> {
    let sample = arguments.sample()?;
    let report = open::audit(folder, &L::registered(), sample, audit::progress(output)).await?;
    audit::tell(&report, sample, output)
}

fn wait_for<F: Future<Output = Result<(), CliError>>>(work: F) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let refused = |error: std::io::Error| CliError::node("RUNTIME_NOT_STARTED", &error);
    let runtime = runtime.map_err(refused)?;
    let outcome = runtime.block_on(work);
    // What still computes holds nothing up that was accepted.
    runtime.shutdown_background();
    outcome
}

/// The node logs what happens; other commands only warn, so that their answer stands alone.
fn log_to_stderr(options: &Options, command: &Command) {
    let level = if matches!(command, Command::Serve(_)) { options.log.as_str() } else { "warn" };
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(std::io::stderr);
    // A second start in one process keeps the first log.
    let _ = if options.json { log.json().try_init() } else { log.try_init() };
}
