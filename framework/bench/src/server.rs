//! A PostgreSQL server of the bench's own, as Debian packages it: in a fresh folder, on loopback alone, stopped at the end.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::storage;

/// Where Debian puts the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Attempts to reach a server that starts, a tenth of a second apart.
const ATTEMPTS: usize = 100;

/// A running server; dropping it stops it and removes its folder.
pub(crate) struct Server {
    url: String,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts one; the reason why there is none is for people.
    pub(crate) async fn start() -> Result<Self, String> {
        let programs = programs().ok_or("PostgreSQL is not installed here; run: sudo apt-get install postgresql")?;
        let folder = tempfile::Builder::new().prefix("hive-bench-").tempdir();
        let folder = folder.map_err(|error| format!("no temporary folder: {error}"))?;
        let owner = owner()?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group)).map_err(|error| error.to_string())?;
        }
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            if let Some((user, group)) = owner {
                command.uid(user).gid(group);
            }
            command.current_dir(folder.path());
            command
        };
        let data = folder.path().join("data");
        let made = program("initdb")
            .args(["--username=hive", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"])
            .arg(&data)
            .output()
            .map_err(|error| format!("initdb does not start: {error}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr).trim()));
        }
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let log = folder.path().join("server.log");
        let told = File::create(&log).map_err(|error| error.to_string())?;
        let process = program("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-k"])
            .arg(folder.path())
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"])
            .stdout(told.try_clone().map_err(|error| error.to_string())?)
            .stderr(told)
            .spawn()
            .map_err(|error| format!("postgres does not start: {error}"))?;
        let mut server = Self { url: format!("postgres://hive@127.0.0.1:{port}"), process, _folder: folder };
        for _ in 0..ATTEMPTS {
            if storage::is_usable(&server.url).await.is_ok() {
                return Ok(server);
            }
            if !matches!(server.process.try_wait(), Ok(None)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(format!("postgres does not come up: {}", last_line(&log)))
    }

    /// `postgres://USER@HOST:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Sessions are ended and what is written is kept; it does not matter whether it had ended by itself.
        if let Some(id) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            let _ended = kill_process(id, Signal::INT);
        }
        let _ended = self.process.wait();
    }
}

/// The programs of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).ok()?.flatten().map(|version| version.path());
    let number = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest = versions.filter(|path| path.join("bin/postgres").is_file()).max_by_key(number)?;
    Some(newest.join("bin"))
}

/// Whom the server belongs to, where this is root: PostgreSQL does not run as root.
fn owner() -> Result<Option<(u32, u32)>, String> {
    if fs::metadata("/proc/self").map_err(|error| error.to_string())?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let found = users.lines().find_map(|line| line.strip_prefix("postgres:"));
    let mut fields = found.ok_or("there is no user postgres, whom the server would belong to")?.split(':').skip(1);
    let mut id = || fields.next().and_then(|id| id.parse().ok());
    id().zip(id()).map(Some).ok_or_else(|| "the user postgres has no ids".to_owned())
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn last_line(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default().lines().last().unwrap_or("it said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_ends_with_its_process_and_leaves_no_folder() {
        let server = match Server::start().await {
            Ok(server) => server,
            Err(reason) => return eprintln!("skipped: {reason}"),
        };
        let (id, folder) = (server.process.id(), server._folder.path().to_owned());
        assert!(storage::is_usable(server.url()).await.is_ok() && Path::new(&format!("/proc/{id}")).exists());
        drop(server);
        assert!(!Path::new(&format!("/proc/{id}")).exists() && !folder.exists());
    }
}
