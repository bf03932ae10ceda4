//! What the command line refuses with: what is true, and what to do.

use std::path::PathBuf;

use thiserror::Error;

/// Why a command did not do what it was asked.
#[derive(Debug, Error)]
pub enum CliError {
    /// A file or folder cannot be used.
    #[error("{} {action}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What failed.
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{} is no {expected}: {reason}", path.display())]
    Content {
        /// Which one.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A key file that others can read.
    #[error("{} can be read by others (mode {mode:o}); run: chmod 600 {}", path.display(), path.display())]
    KeyOpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file that must not be overwritten.
    #[error("{} exists; choose another path or move it away first", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another export writes the file.
    #[error("another export is writing {}; wait for its end or choose another path", path.display())]
    BeingWritten {
        /// The file under the name it has while it is written.
        path: PathBuf,
    },
    /// Another process works on the data folder.
    #[error("a node is running on {}; stop it first (Ctrl-C in its terminal) or name another folder with --data", path.display())]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// Nothing is there yet.
    #[error("{} holds no node yet; start one with: hive serve", path.display())]
    NoNode {
        /// The data folder.
        path: PathBuf,
    },
    /// The system gives no randomness.
    #[error("the system gives no randomness: {0}")]
    Randomness(String),
    /// The node refuses.
    #[error("{code}: {message}")]
    Node {
        /// The rule's code.
        code: String,
        /// What is true and what to do.
        message: String,
    },
    /// The check found something.
    #[error("{0}")]
    Found(String),
}

impl CliError {
    /// Exit status: 2 when a check found something, 1 for everything else.
    pub fn exit_status(&self) -> u8 {
        if matches!(self, Self::Found(_)) { 2 } else { 1 }
    }

    /// An error of the node as the command line shows it.
    pub fn node(code: &str, error: &impl std::fmt::Display) -> Self {
        Self::Node { code: code.to_owned(), message: error.to_string() }
    }
}

/// Tells people or programs what went wrong, on the error stream.
pub fn tell(error: &CliError, output: super::output::Output) {
    let text = match output {
        super::output::Output::Text => format!("error: {error}"),
        super::output::Output::Json => serde_json::json!({ "error": error.to_string() }).to_string(),
    };
    use std::io::Write;
    // Nobody reads the error stream: then nobody is told.
    let _closed = writeln!(std::io::stderr().lock(), "{text}");
}
