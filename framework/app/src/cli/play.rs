//! `hive demo` and `hive import`: clients of a running node, each party with its own key file.

use std::path::PathBuf;

use clap::Args;
use hive_plug::scenario::{ImportReport, Importer, Role, Scenario, ScenarioError, Seat, Stage, StageParts};
use ledger_core::ChainId;
use serde_json::{Value, json};

use super::audience::Terminal;
use super::client::HttpTransport;
use super::demonstration;
use super::error::CliError;
use super::folder::DataFolder;
use super::key_file::KeyFile;
use super::memory::FileMemory;
use super::output::Output;
use super::serve::cast;
use crate::endpoint::vertical::Registered;

/// Where the node is.
#[derive(Debug, Args)]
pub struct NodeArguments {
    /// URL of the running node
    #[arg(long, env = "HIVE_NODE", default_value = "http://127.0.0.1:4000")]
    node: String,
    /// The chain's id; without it the demonstration chain
    #[arg(long)]
    chain: Option<ChainId>,
}

/// Which trade to play.
#[derive(Debug, Args)]
pub struct DemoArguments {
    #[command(flatten)]
    node: NodeArguments,
    /// Name of the scenario; without it the first there is
    scenario: Option<String>,
    /// Begin a new run even if the last one was cut short
    #[arg(long)]
    new: bool,
}

/// What to import.
#[derive(Debug, Args)]
pub struct ImportArguments {
    #[command(flatten)]
    node: NodeArguments,
    /// Name of the vertical
    vertical: String,
    /// The file
    file: PathBuf,
    /// Which of the vertical's importers; without it the first
    #[arg(long = "as")]
    importer: Option<String>,
}

/// Plays a scenario to its end; a run that was cut short goes on where it stopped.
///
/// # Errors
/// The node does not answer, a key is missing, or a step did not go as it must.
pub fn demo(
    arguments: &DemoArguments,
    verticals: &[Registered],
    folder: &DataFolder,
    output: Output,
) -> Result<(), CliError> {
    let (vertical, scenario) = chosen(verticals, arguments.scenario.as_deref())?;
    has_keys(folder)?;
    let path = folder.memory();
    if arguments.new {
        FileMemory::finish(&path)?;
    }
    let memory = FileMemory::of_run(&path, || Ok(format!("{}-{}", scenario.name, random_name()?)))?;
    let mut stage = stage(&arguments.node, vertical.name, scenario.cast, memory, folder, output)?;
    output.say(&format!("{}: run {}", scenario.title, stage.run()));
    (scenario.play)(&mut stage).map_err(|error| {
        let advice = "run this again to go on where it stopped, or with --new to begin anew";
        CliError::node("STOPPED", &format!("{error}; {advice}"))
    })?;
    FileMemory::finish(&path)
}

/// Imports a file; lines that are on the ledger already stay as they are.
///
/// # Errors
/// The node does not answer, a key is missing, the file is unreadable; status 2 if lines were refused.
pub fn import(
    arguments: &ImportArguments,
    verticals: &[Registered],
    folder: &DataFolder,
    output: Output,
) -> Result<(), CliError> {
    let vertical = verticals.iter().find(|vertical| vertical.name == arguments.vertical);
    let names = || verticals.iter().map(|vertical| vertical.name).collect::<Vec<_>>().join(", ");
    let vertical = vertical
        .ok_or_else(|| unknown(format!("there is no vertical {}; there are: {}", arguments.vertical, names())))?;
    let importer = importer(vertical, arguments.importer.as_deref())?;
    has_keys(folder)?;
    let path = folder.root().join(format!("import-{}.json", vertical.name));
    let memory = FileMemory::of_run(&path, || Ok("import".to_owned()))?;
    let cast = cast(std::slice::from_ref(vertical));
    let mut stage = stage(&arguments.node, vertical.name, &cast, memory, folder, output)?;
    let report = (importer.run)(&mut stage, &arguments.file).map_err(stopped)?;
    tell(&report, output)
}

/// The parties' keys lie where the node was started first.
fn has_keys(folder: &DataFolder) -> Result<(), CliError> {
    if folder.keys().is_dir() { Ok(()) } else { Err(CliError::NoNode { path: folder.root().to_owned() }) }
}

fn importer<'v>(vertical: &'v Registered, name: Option<&str>) -> Result<&'v Importer, CliError> {
    let found = match name {
        Some(name) => vertical.importers.iter().find(|importer| importer.name == name),
        None => vertical.importers.first(),
    };
    let names = || vertical.importers.iter().map(|importer| importer.name).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| unknown(format!("{} imports: {}", vertical.name, names())))
}

fn chosen<'v>(verticals: &'v [Registered], name: Option<&str>) -> Result<(&'v Registered, &'v Scenario), CliError> {
    let all =
        || verticals.iter().flat_map(|vertical| vertical.scenarios.iter().map(move |scenario| (vertical, scenario)));
    let found = match name {
        Some(name) => all().find(|(_, scenario)| scenario.name == name),
        None => all().next(),
    };
    let names = || all().map(|(_, scenario)| scenario.name).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| unknown(format!("there is no such scenario; there are: {}", names())))
}

fn unknown(message: String) -> CliError {
    CliError::Node { code: "NO_SUCH_NAME".to_owned(), message }
}

/// A stage on which each role has its own key, against the demonstration chain of a running node.
fn stage(
    arguments: &NodeArguments,
    vertical: &'static str,
    cast: &[Role],
    memory: FileMemory,
    folder: &DataFolder,
    output: Output,
) -> Result<Stage, CliError> {
    let transport = HttpTransport::new(&arguments.node);
    let mut seats = Vec::new();
    for role in cast {
        let path = folder.key_of(role.name);
        let key = KeyFile::read(&path)?;
        seats.push(Seat::new(*role, key.party()?, key.signing_key()?));
    }
    let chain = match (arguments.chain, seats.first()) {
        (Some(chain), _) => chain,
        (None, Some(seat)) => demonstration::chain_of(&transport, seat).map_err(stopped)?,
        (None, None) => return Err(unknown("the scenario has no parties".to_owned())),
    };
    let run = memory.run().to_owned();
    Ok(Stage::new(StageParts {
        transport: Box::new(transport),
        audience: Box::new(Terminal(output)),
        memory: Box::new(memory),
        seats,
        chain,
        vertical,
        run,
    }))
}

fn tell(report: &ImportReport, output: Output) -> Result<(), CliError> {
    let rows = [
        ("imported", report.imported.to_string()),
        ("already there", report.already_there.to_string()),
        ("refused", report.refused.len().to_string()),
    ];
    let refused: Vec<Value> =
        report.refused.iter().map(|bad| json!({ "line": bad.line, "code": bad.code, "reason": bad.reason })).collect();
    let as_json = json!({ "imported": report.imported, "alreadyThere": report.already_there, "refused": refused });
    output.facts(&rows, &as_json);
    if report.refused.is_empty() {
        return Ok(());
    }
    if output == Output::Text {
        let rows: Vec<Vec<String>> =
            report.refused.iter().map(|bad| vec![bad.line.to_string(), bad.code.clone(), bad.reason.clone()]).collect();
        output.table(&["line", "code", "reason"], &rows, &Value::Null);
    }
    let count = report.refused.len();
    Err(CliError::Found(format!(
        "IMPORT_LINES_REFUSED: {count} lines; correct them and import the file again, the others stay"
    )))
}

pub(super) fn stopped(error: ScenarioError) -> CliError {
    CliError::node("STOPPED", &error)
}

fn random_name() -> Result<String, CliError> {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes).map_err(|error| CliError::Randomness(error.to_string()))?;
    Ok(hex::encode(bytes))
}
