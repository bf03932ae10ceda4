//! The data folder: database, keys of the node, keys of the demonstration's parties, and the lock of the process on it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::CliError;
use super::key_file::{KeyFile, NodeSecrets};

/// A data folder and what lies where in it.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
}

/// Held while a process works on the folder.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl DataFolder {
    /// The folder at a path; nothing is created yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.root.join("hive.sqlite")
    }

    /// The URL of the database.
    pub fn database_url(&self) -> String {
        std::env::var("HIVE_DATABASE").unwrap_or_else(|_| format!("sqlite:{}", self.database().display()))
    }

    /// The folder of keys.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The key file of a party of the demonstration.
    pub fn key_of(&self, name: &str) -> PathBuf {
        self.keys().join(format!("{name}.json"))
    }

    /// What a demonstration remembers across crashes.
    pub fn memory(&self) -> PathBuf {
        self.root.join("demo.json")
    }

    fn node_secrets_path(&self) -> PathBuf {
        self.keys().join("node.json")
    }

    /// Creates the folder, readable by its owner alone.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn create(&self) -> Result<(), CliError> {
        let folder = self.keys();
        let refused = |source| CliError::File { path: folder.clone(), action: "cannot be created", source };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(refused)
    }

    /// Takes the folder for this process, until the lock is dropped.
    ///
    /// # Errors
    /// Another process has it.
    pub fn lock(&self) -> Result<FolderLock, CliError> {
        let path = self.root.join("node.lock");
        let refused = |source| CliError::File { path: path.clone(), action: "cannot be opened", source };
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(refused)?;
        match file.try_lock() {
            Ok(()) => Ok(FolderLock(file)),
            Err(TryLockError::WouldBlock) => Err(CliError::InUse { path: self.root.clone() }),
            Err(TryLockError::Error(source)) => Err(refused(source)),
        }
    }

    /// The node's own secrets; made on first use when `create` is set.
    ///
    /// # Errors
    /// The file is missing, unreadable or open to others.
    pub fn node_secrets(&self, create: bool) -> Result<NodeSecrets, CliError> {
        let path = self.node_secrets_path();
        if path.exists() {
            return read_secret_file(&path, "key file of a node");
        }
        if !create {
            return Err(CliError::NoNode { path: self.root.clone() });
        }
        let secrets = NodeSecrets::generate()?;
        write_secret_file(&path, &secrets)?;
        Ok(secrets)
    }

    /// The key of a party; made on first use.
    ///
    /// # Errors
    /// The file is unreadable or open to others.
    pub fn key_or_new(&self, name: &str) -> Result<KeyFile, CliError> {
        let path = self.key_of(name);
        if path.exists() {
            return KeyFile::read(&path);
        }
        let key = KeyFile::generate(name)?;
        key.write(&path)?;
        Ok(key)
    }
}

/// Reads a file that only its owner may read.
pub(super) fn read_secret_file<T: DeserializeOwned>(path: &Path, expected: &'static str) -> Result<T, CliError> {
    let refused = |source| CliError::File { path: path.to_owned(), action: "cannot be read", source };
    let mode = fs::metadata(path).map_err(refused)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(CliError::KeyOpenToOthers { path: path.to_owned(), mode });
    }
    let text = fs::read_to_string(path).map_err(refused)?;
    // The parser's own text may quote the file, so only the place is told.
    serde_json::from_str(&text).map_err(|error| CliError::Content {
        path: path.to_owned(),
        expected,
        reason: format!("line {}, column {}", error.line(), error.column()),
    })
}

/// Writes a new file that only its owner may read; it is whole or not there.
pub(super) fn write_secret_file(path: &Path, content: &impl Serialize) -> Result<(), CliError> {
    let refused = |source: std::io::Error| match source.kind() {
        ErrorKind::AlreadyExists => CliError::Exists { path: path.to_owned() },
        _ => CliError::File { path: path.to_owned(), action: "cannot be written", source },
    };
    let text = serde_json::to_string_pretty(content).map_err(|error| refused(error.into()))?;
    let partial = path.with_extension("json.new");
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&partial).map_err(refused)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .map_err(refused)?;
    // A hard link refuses an existing target, which a rename would replace.
    let linked = fs::hard_link(&partial, path).map_err(refused);
    fs::remove_file(&partial).map_err(refused)?;
    linked
}
