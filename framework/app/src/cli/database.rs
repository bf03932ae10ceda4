//! Which database a folder's node keeps its chains in: a file in the folder, or a database of a PostgreSQL server.
//!
//! The address comes from `--database` or `HIVE_DATABASE`; the folder remembers it without its password. A password comes
//! in `HIVE_DATABASE`, in `PGPASSWORD` or from `~/.pgpass`, where other users of the machine do not see it.

use std::path::{Path, PathBuf};

use hive_chain::{Place, StorageError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::error::CliError;
use super::folder::{DataFolder, read_secret_file, write_secret_file};

/// Says the address where the command line does not.
const VARIABLE: &str = "HIVE_DATABASE";

/// A database of a server, with what opens it.
#[derive(Clone)]
pub struct ServerDatabase {
    url: String,
    place: Place,
}

/// What a folder remembers of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// `postgres://USER@HOST:PORT/NAME`, never with a password.
    database: String,
}

/// Why a folder's node is not opened in this database.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// Arguments are seen by everybody who lists processes.
    #[error(
        "a password in --database is seen by every user of this machine; change it, and give it in HIVE_DATABASE, PGPASSWORD or ~/.pgpass"
    )]
    PasswordVisible,
    /// It is no address of a PostgreSQL database.
    #[error("{source}; without an address the chains are kept in a file of the data folder")]
    Address {
        /// What is wrong with it.
        source: StorageError,
    },
    /// The folder's node has its chains elsewhere.
    #[error("the node of {} keeps its chains in {kept}, not in {asked}; leave out --database and HIVE_DATABASE, or name another folder with --data; a database that was moved gets its new address in {}", folder.display(), file.display())]
    Other {
        /// The data folder.
        folder: PathBuf,
        /// Where its chains are.
        kept: String,
        /// Where they were looked for.
        asked: String,
        /// The file that remembers it.
        file: PathBuf,
    },
}

impl DatabaseError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PasswordVisible => "DATABASE_PASSWORD_VISIBLE",
            Self::Address { .. } => "DATABASE_ADDRESS",
            Self::Other { .. } => "DATABASE_OTHER",
        }
    }
}

impl From<DatabaseError> for CliError {
    fn from(error: DatabaseError) -> Self {
        Self::node(error.code(), &error)
    }
}

impl std::fmt::Debug for ServerDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.place.fmt(f)
    }
}

impl ServerDatabase {
    fn at(url: &str) -> Result<Self, DatabaseError> {
        let place = Place::of(url).map_err(|source| DatabaseError::Address { source })?;
        Ok(Self { url: url.to_owned(), place })
    }

    /// What opens it; it may hold a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What may be shown of it.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// The data folder with the database that the command line, the environment or the folder itself name.
///
/// # Errors
/// The address is none or shows a password, or the folder's node has its chains elsewhere.
pub fn folder(root: &Path, argument: Option<&str>) -> Result<DataFolder, CliError> {
    if argument.is_some_and(Place::shows_password) {
        return Err(DatabaseError::PasswordVisible.into());
    }
    let said = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    named(root, argument.or(said.as_deref()))
}

fn named(root: &Path, asked: Option<&str>) -> Result<DataFolder, CliError> {
    let folder = DataFolder::new(root);
    let asked = asked.map(ServerDatabase::at).transpose()?;
    let file = kept_in(root);
    let kept = if file.exists() {
        let kept: Kept = read_secret_file(&file, "address of a database")?;
        Some(ServerDatabase::at(&kept.database)?)
    } else {
        None
    };
    let elsewhere = match (&asked, &kept) {
        (Some(asked), Some(kept)) => (!asked.place.is_same(&kept.place)).then(|| kept.place.to_string()),
        (Some(_), None) => folder.database().exists().then(|| folder.database().display().to_string()),
        (None, _) => None,
    };
    match (elsewhere, asked) {
        (Some(kept), Some(asked)) => {
            let (folder, asked) = (root.to_owned(), asked.place.to_string());
            Err(DatabaseError::Other { folder, kept, asked, file }.into())
        }
        (_, asked) => Ok(folder.on(asked.or(kept))),
    }
}

/// The folder remembers where its node's chains are, from the first time they were opened there.
///
/// # Errors
/// The file system refuses.
pub fn remember(folder: &DataFolder) -> Result<(), CliError> {
    let file = kept_in(folder.root());
    match folder.server() {
        Some(server) if !file.exists() => write_secret_file(&file, &Kept { database: server.place.to_string() }),
        _ => Ok(()),
    }
}

fn kept_in(root: &Path) -> PathBuf {
    root.join("database.json")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ADDRESS: &str = "postgres://hive:s3cret@db/trade";

    fn refusal(outcome: Result<DataFolder, CliError>) -> String {
        let refused = outcome.unwrap_err().to_string();
        assert!(!refused.contains("s3cret"), "{refused}");
        refused
    }

    #[test]
    fn a_folder_remembers_its_database_without_the_password() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path();
        let first = named(root, Some(ADDRESS)).unwrap();
        assert!(!format!("{first:?}").contains("s3cret"));
        remember(&first).unwrap();
        assert!(!fs::read_to_string(kept_in(root)).unwrap().contains("s3cret"));
        assert_eq!(named(root, None).unwrap().database_url(), "postgres://hive@db:5432/trade");
        assert_eq!(named(root, Some(ADDRESS)).unwrap().database_url(), ADDRESS, "what is asked for opens it");
        remember(&named(root, Some("postgres://auditor@db/trade")).unwrap()).unwrap();
        assert_eq!(named(root, None).unwrap().database_url(), "postgres://hive@db:5432/trade", "the first stays");
        let refused = refusal(named(root, Some("postgres://hive:s3cret@db/other")));
        assert!(refused.starts_with("DATABASE_OTHER: ") && refused.contains("database.json"), "{refused}");
    }

    #[test]
    fn a_node_on_a_file_is_not_begun_anew_on_a_server() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = named(temporary.path(), None).unwrap();
        assert!(folder.database_url().starts_with("sqlite:") && !folder.has_database());
        fs::write(folder.database(), "").unwrap();
        assert!(folder.has_database());
        let refused = refusal(named(temporary.path(), Some(ADDRESS)));
        assert!(refused.starts_with("DATABASE_OTHER: ") && refused.contains("--data"), "{refused}");
        remember(&folder).unwrap();
        assert!(!kept_in(temporary.path()).exists());
    }

    #[test]
    fn an_address_that_is_none_is_refused_unseen() {
        let temporary = tempfile::tempdir().unwrap();
        for address in ["sqlite:hive:s3cret", "postgres://hive:s3cret@db", "mysql://hive:s3cret@db/trade"] {
            let refused = refusal(named(temporary.path(), Some(address)));
            assert!(refused.starts_with("DATABASE_ADDRESS: "), "{refused}");
        }
        let refused = refusal(folder(temporary.path(), Some(ADDRESS)));
        assert!(refused.starts_with("DATABASE_PASSWORD_VISIBLE: ") && refused.contains("PGPASSWORD"), "{refused}");
    }
}
