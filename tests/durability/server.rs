//! A PostgreSQL server of the test's own, which can be killed and started again on its folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use crate::node::repository;

/// Installing, filling the folder and starting take this long at most; so does a recovery.
const START_MAX: Duration = Duration::from_secs(120);

/// The server; dropping it kills it.
pub(super) struct Server {
    folder: TempDir,
    process: Option<Child>,
}

/// How a server ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The postmaster and every process of it, at one moment.
    Killed,
    /// As `pg_ctl stop -m immediate`: without a checkpoint, so that it recovers when it starts.
    Immediate,
}

impl Server {
    /// Starts a server; none where there is no PostgreSQL and none can be installed, which is said.
    pub(super) fn start() -> Option<Self> {
        // In memory where the system has such a folder: killing processes loses nothing of either, and recovery is quicker.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        let mut server = Self { folder: folder.expect("room for a folder"), process: None };
        server.restart().then_some(server)
    }

    /// Starts it again and waits until it takes connections; false where PostgreSQL is missing.
    pub(super) fn restart(&mut self) -> bool {
        assert!(self.process.is_none(), "the server runs already");
        let mut process = Command::new(repository().join("tests/postgres/server"))
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("bash starts");
        let deadline = Instant::now() + START_MAX;
        let is_first = !self.folder.path().join("port").exists();
        while self.try_execute("postgres", "SELECT 1").is_err() {
            if let Some(status) = process.try_wait().expect("a child can be waited for") {
                // A server that ran before and does not start any more is what this test looks for.
                assert!(is_first && status.code() == Some(1), "the server ends with {status}: {}", self.log());
                return false;
            }
            if Instant::now() > deadline {
                let _ = process.kill();
                panic!("the server does not start: {}", self.log());
            }
            thread::sleep(Duration::from_millis(50));
        }
        self.process = Some(process);
        true
    }

    /// The URL of a database.
    pub(super) fn url(&self, database: &str) -> String {
        let port = fs::read_to_string(self.folder.path().join("port")).unwrap_or_default();
        format!("postgres://hive@127.0.0.1:{}/{database}", port.trim())
    }

    /// Makes a database and answers its URL.
    pub(super) fn database(&self, name: &str) -> String {
        self.try_execute("postgres", &format!("CREATE DATABASE {name}")).expect("a database is made");
        self.url(name)
    }

    fn try_execute(&self, database: &str, sql: &str) -> Result<(), sea_orm::DbErr> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut options = sea_orm::ConnectOptions::new(self.url(database));
        options.max_connections(1).acquire_timeout(Duration::from_secs(1)).sqlx_logging(false);
        runtime.block_on(async {
            let connection = sea_orm::Database::connect(options).await?;
            connection.execute_unprepared(sql).await?;
            connection.close().await
        })
    }

    /// Ends the server without warning.
    pub(super) fn end(&mut self, how: End) {
        let mut process = self.process.take().expect("the server runs");
        let signal = match how {
            End::Killed => "KILL",
            End::Immediate => "QUIT",
        };
        // The postmaster first, so that it starts nothing anew.
        let mut ids = vec![process.id()];
        ids.extend(if matches!(how, End::Killed) { children(process.id()) } else { Vec::new() });
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let _some_are_gone = Command::new("kill").arg("-s").arg(signal).args(&ids).stderr(Stdio::null()).status();
        process.wait().expect("the server has ended");
    }

    fn log(&self) -> String {
        crate::command::tail(&fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.end(End::Immediate);
        }
    }
}

/// The processes that another has started.
fn children(of: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc is there").filter_map(Result::ok);
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |id: &u32| {
        let path: PathBuf = ["/proc", &id.to_string(), "stat"].iter().collect();
        let stat = fs::read_to_string(path).ok()?;
        // The name in brackets may hold anything; state and parent follow it.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    ids.filter(|id| parent(id) == Some(of)).collect()
}
