//! `hive doctor`: everything that must be right before a node starts or while it runs, each check with its code.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use clap::Args;
use hive_chain::{Database, StorageError};
use serde_json::{Value, json};

use super::boot;
use super::error::CliError;
use super::folder::DataFolder;
use super::key_file::KeyFile;
use super::output::Output;
use crate::endpoint::vertical::Registered;

/// How long a node may take to say that it is ready.
const READY_PATIENCE: Duration = Duration::from_secs(3);

/// One check.
struct Check {
    /// Stable code.
    code: &'static str,
    /// What is looked at.
    what: &'static str,
    /// What is so, or what is wrong and what to do.
    outcome: Result<String, String>,
}

/// Which node to look at.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// URL of the node
    #[arg(long, env = "HIVE_NODE", default_value = "http://127.0.0.1:4000")]
    node: String,
}

/// Runs `hive doctor`.
///
/// # Errors
/// A check failed; all are printed first.
pub async fn run(
    arguments: &DoctorArguments,
    verticals: &[Registered],
    folder: &DataFolder,
    output: Output,
) -> Result<(), CliError> {
    let mut checks = vec![
        Check { code: "DATA_FOLDER", what: "data folder", outcome: data_folder(folder) },
        Check { code: "NODE_KEYS", what: "the node's secrets", outcome: node_keys(folder) },
        Check { code: "PARTY_KEYS", what: "key files of parties", outcome: party_keys(folder) },
        Check { code: "DATABASE", what: "database", outcome: database(folder).await },
        Check { code: "NODE_READY", what: "the running node", outcome: ready(&arguments.node) },
    ];
    let findings = boot::findings(verticals).await;
    if findings.is_empty() {
        let outcome = Ok(format!("{} fit the framework and each other", verticals.len()));
        checks.push(Check { code: "VERTICALS", what: "verticals", outcome });
    }
    let wrong = findings.into_iter();
    checks.extend(wrong.map(|finding| Check { code: finding.code, what: "verticals", outcome: Err(finding.message) }));
    let mark = |check: &Check| if check.outcome.is_ok() { "ok" } else { "wrong" };
    let text = |check: &Check| check.outcome.clone().unwrap_or_else(|wrong| wrong);
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| vec![check.code.to_owned(), check.what.to_owned(), mark(check).to_owned(), text(check)])
        .collect();
    let as_json: Vec<Value> = checks
        .iter()
        .map(|check| json!({ "code": check.code, "ok": check.outcome.is_ok(), "detail": text(check) }))
        .collect();
    output.table(&["code", "check", "", "detail"], &rows, &Value::from(as_json));
    let wrong: Vec<&str> = checks.iter().filter(|check| check.outcome.is_err()).map(|check| check.code).collect();
    if wrong.is_empty() { Ok(()) } else { Err(CliError::Found(format!("not right: {}", wrong.join(", ")))) }
}

fn data_folder(folder: &DataFolder) -> Result<String, String> {
    let (root, keys) = (folder.root().display(), folder.keys());
    let mode = fs::metadata(&keys).map_err(|_| format!("{root} holds no node yet; start one with: hive serve"))?;
    match mode.permissions().mode() & 0o777 {
        0o700 => Ok(root.to_string()),
        mode => Err(format!("{0} has mode {mode:o}; run: chmod 700 {0}", keys.display())),
    }
}

fn node_keys(folder: &DataFolder) -> Result<String, String> {
    let secrets = folder.node_secrets(false).map_err(|error| error.to_string())?;
    secrets.recorder().map_err(|error| error.to_string())?;
    Ok(format!("node {}", secrets.node_id))
}

fn party_keys(folder: &DataFolder) -> Result<String, String> {
    let entries = fs::read_dir(folder.keys()).map_err(|error| format!("{}: {error}", folder.keys().display()))?;
    let mut count = 0_u32;
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let is_party = path.extension().is_some_and(|extension| extension == "json")
            && path.file_stem().is_some_and(|stem| stem != "node");
        if is_party {
            KeyFile::read(&path).map_err(|error| error.to_string())?;
            count = count.saturating_add(1);
        }
    }
    Ok(format!("{count} key files, closed to others"))
}

async fn database(folder: &DataFolder) -> Result<String, String> {
    if let Some(server) = folder.server() {
        let bytes = stored(server.url()).await.map_err(|error| error.to_string())?;
        return Ok(format!("{} ({bytes} bytes); check its content with: hive audit", server.place()));
    }
    let path = folder.database();
    let bytes = fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?.len();
    Ok(format!("{} ({bytes} bytes); check its content with: hive audit", path.display()))
}

/// Bytes of a server's database, whether its node runs or not.
async fn stored(url: &str) -> Result<u64, StorageError> {
    let database = Database::open_existing(url).await?;
    let bytes = database.bytes().await;
    database.close().await?;
    bytes
}

fn ready(url: &str) -> Result<String, String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(READY_PATIENCE)).http_status_as_error(false).build().into();
    let asked = format!("{url}/readyz");
    match agent.get(&asked).call() {
        Ok(answer) if answer.status() == 200 => Ok(format!("{asked} answers 200")),
        Ok(answer) => Err(format!("{asked} answers {}; see the node's terminal for the reason", answer.status())),
        // A stopped node is not ill.
        Err(error) => Ok(format!("none answers at {url} ({error}); start one with: hive serve")),
    }
}
