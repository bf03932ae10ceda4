//! `hive schema`: the schema definitions of every endpoint, printed, written, or compared with what is committed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::error::CliError;
use super::output::{Output, print_line};
use crate::server::schema::Endpoint;

/// What to do with schemas.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Prints the schema of an endpoint
    Print {
        /// Name of the endpoint, e.g. platform
        endpoint: String,
    },
    /// Writes every schema into a folder
    Write {
        /// The folder
        #[arg(default_value = "schema")]
        folder: PathBuf,
    },
    /// Compares every schema with the file in a folder
    Check {
        /// The folder
        #[arg(default_value = "schema")]
        folder: PathBuf,
    },
}

/// Runs `hive schema`.
///
/// # Errors
/// There is no such endpoint, a file cannot be used, or a schema differs (status 2).
pub fn run(command: &SchemaCommand, endpoints: &BTreeMap<String, Endpoint>, output: Output) -> Result<(), CliError> {
    match command {
        SchemaCommand::Print { endpoint } => match endpoints.get(endpoint) {
            Some(found) => print_line(found.sdl().trim_end()),
            None => {
                let names = endpoints.keys().cloned().collect::<Vec<_>>().join(", ");
                let message = format!("there is no endpoint {endpoint}; there are: {names}");
                return Err(CliError::Node { code: "NO_SUCH_NAME".to_owned(), message });
            }
        },
        SchemaCommand::Write { folder } => {
            let refused = |source| CliError::File { path: folder.clone(), action: "cannot be created", source };
            fs::create_dir_all(folder).map_err(refused)?;
            for (name, endpoint) in endpoints {
                let path = path(folder, name);
                let refused = |source| CliError::File { path: path.clone(), action: "cannot be written", source };
                fs::write(&path, endpoint.sdl()).map_err(refused)?;
                output.line(&path.display().to_string());
            }
        }
        SchemaCommand::Check { folder } => {
            let drifted = drifted(endpoints, folder);
            if !drifted.is_empty() {
                let files = drifted.join(", ");
                return Err(CliError::Found(format!(
                    "SCHEMA_DRIFT: {files}; run `hive schema write` and look at the difference"
                )));
            }
            let count = endpoints.len();
            output
                .facts(&[("schemas", format!("{count}, all as committed"))], &json!({ "schemas": count, "drift": [] }));
        }
    }
    Ok(())
}

/// The file of an endpoint's schema.
pub fn path(folder: &Path, endpoint: &str) -> PathBuf {
    folder.join(format!("{endpoint}.graphql"))
}

/// Files that are missing or differ from what the code says.
pub fn drifted(endpoints: &BTreeMap<String, Endpoint>, folder: &Path) -> Vec<String> {
    let differs = |(name, endpoint): (&String, &Endpoint)| {
        let path = path(folder, name);
        let is_same = fs::read_to_string(&path).is_ok_and(|text| text == endpoint.sdl());
        (!is_same).then(|| path.display().to_string())
    };
    endpoints.iter().filter_map(differs).collect()
}
