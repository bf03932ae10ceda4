//! What a run remembers across crashes: a small JSON file, replaced whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use hive_plug::scenario::{Memory, ScenarioError};
use serde::{Deserialize, Serialize};

use super::error::CliError;

/// A run of a scenario, or of an import.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    /// Names the run; idempotency keys derive from it.
    run: String,
    /// True once it came to its end; the next one is a new run.
    finished: bool,
    /// What it remembered.
    values: BTreeMap<String, String>,
}

/// The memory of one run in its file.
pub struct FileMemory {
    path: PathBuf,
    run: Run,
}

impl FileMemory {
    /// The unfinished run of a file, or a new run of this name.
    ///
    /// # Errors
    /// The file is no memory, or cannot be written.
    pub fn of_run(path: &Path, new_run: impl FnOnce() -> Result<String, CliError>) -> Result<Self, CliError> {
        let known = match fs::read_to_string(path) {
            Ok(text) => serde_json::from_str::<Run>(&text).map(Some).map_err(|error| CliError::Content {
                path: path.to_owned(),
                expected: "memory of a run",
                reason: format!("{error}; move it away to begin anew"),
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => return Err(CliError::File { path: path.to_owned(), action: "cannot be read", source }),
        };
        if let Some(run) = known.filter(|run| !run.finished) {
            return Ok(Self { path: path.to_owned(), run });
        }
        let memory = Self { path: path.to_owned(), run: Run { run: new_run()?, ..Run::default() } };
        memory.write().map_err(|source| CliError::File {
            path: path.to_owned(),
            action: "cannot be written",
            source,
        })?;
        Ok(memory)
    }

    /// The run's name.
    pub fn run(&self) -> &str {
        &self.run.run
    }

    /// Marks the run of a file as finished, so that the next one is new.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn finish(path: &Path) -> Result<(), CliError> {
        let mut memory = Self::of_run(path, || Ok(String::new()))?;
        memory.run.finished = true;
        memory.write().map_err(|source| CliError::File { path: path.to_owned(), action: "cannot be written", source })
    }

    /// Whole or not at all, and on the disk before it returns.
    fn write(&self) -> std::io::Result<()> {
        let partial = self.path.with_extension("new");
        let mut file = File::create(&partial)?;
        file.write_all(serde_json::to_string_pretty(&self.run)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, &self.path)
    }
}

impl Memory for FileMemory {
    fn recall(&self, name: &str) -> Option<String> {
        self.run.values.get(name).cloned()
    }

    fn remember(&mut self, name: &str, value: &str) -> Result<(), ScenarioError> {
        self.run.values.insert(name.to_owned(), value.to_owned());
        self.write().map_err(|error| ScenarioError::Memory { reason: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_until_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.json");
        let open = |name: &str| FileMemory::of_run(&path, || Ok(name.to_owned())).unwrap();
        let mut first = open("one");
        first.remember("receipt", "HY-1").unwrap();
        let again = open("two");
        assert_eq!((again.run(), again.recall("receipt").as_deref()), ("one", Some("HY-1")));
        FileMemory::finish(&path).unwrap();
        let next = open("two");
        assert_eq!((next.run(), next.recall("receipt")), ("two", None));
    }

    #[test]
    fn a_damaged_memory_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.json");
        fs::write(&path, "{").unwrap();
        let refused = FileMemory::of_run(&path, || Ok("one".to_owned())).err().unwrap();
        assert!(refused.to_string().contains("move it away"), "{refused}");
    }
}
