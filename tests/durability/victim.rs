//! A node that is killed: the real binary with the fault switch, in a process of its own.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::hive_with_faults;
use crate::node::lines_of;

const START_MAX: Duration = Duration::from_secs(120);
/// The signals with which a process ends that was killed, and one that ended at its fault.
const KILLED: i32 = 9;
const ABORTED: i32 = 6;

/// Where a node lives.
#[derive(Clone)]
pub(super) struct Home {
    pub(super) data: PathBuf,
    /// The URL of its database.
    pub(super) database: String,
    /// Whether it makes a demonstration chain.
    pub(super) demonstration: bool,
}

/// A node's process. Dropping it kills it.
pub(super) struct Victim {
    home: Home,
    process: Child,
    pub(super) url: String,
}

/// What a start comes to.
pub(super) enum Start {
    Ready(Victim),
    /// It ended at its fault before it was ready.
    Ended,
}

impl Victim {
    /// Starts the node, which ends at the fault, if any, for example `commit.begun:3`.
    pub(super) fn start(home: &Home, fault: Option<&str>) -> Start {
        let log = File::options().create(true).append(true).open(home.log()).expect("the log can be written");
        let mut command = hive_with_faults(&home.data);
        command.env("HIVE_FAULT_TRACE", home.trace());
        home.name_database(&mut command);
        if let Some(fault) = fault {
            command.env("HIVE_FAULT", fault);
        }
        command.args(["--json", "--log", "warn", "serve", "--listen", "127.0.0.1:0"]);
        if !home.demonstration {
            command.arg("--no-demonstration");
        }
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn();
        let mut process = started.expect("hive starts");
        let lines = lines_of(&mut process);
        let deadline = Instant::now() + START_MAX;
        loop {
            let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) else {
                let status = ended(&mut process);
                let at_fault = fault.is_some() && status.and_then(|status| status.signal()) == Some(ABORTED);
                assert!(at_fault, "the node does not start: {status:?}\n{}", home.told());
                return Start::Ended;
            };
            let said: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(url) = said["url"].as_str() {
                return Start::Ready(Self { home: home.clone(), process, url: url.to_owned() });
            }
        }
    }

    /// True once it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("a child can be waited for").is_some()
    }

    /// True once it has ended by itself, at the latest in a moment.
    pub(super) fn ends_soon(&mut self) -> bool {
        ended(&mut self.process).is_some_and(|status| status.signal() == Some(ABORTED))
    }

    /// Sends it the signal that ends it wherever it is; it may have ended this moment.
    pub(super) fn strike(&mut self) {
        let _ = self.process.kill();
    }

    /// Kills it wherever it is; answers whether it had ended at its fault before.
    pub(super) fn kill(mut self) -> bool {
        self.strike();
        let status = self.process.wait().expect("the node has ended");
        assert!(
            matches!(status.signal(), Some(KILLED | ABORTED)),
            "the node ends by itself: {status}\n{}",
            self.home.told()
        );
        status.signal() == Some(ABORTED)
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Home {
    /// Says where the chains are; a file lies where the data folder has it.
    pub(super) fn name_database(&self, command: &mut Command) {
        if self.database.starts_with("postgres:") {
            command.env("HIVE_DATABASE", &self.database);
        }
    }

    fn log(&self) -> PathBuf {
        self.data.with_extension("log")
    }

    fn trace(&self) -> PathBuf {
        self.data.with_extension("trace")
    }

    /// The end of what the node has logged.
    pub(super) fn told(&self) -> String {
        crate::command::tail(&fs::read_to_string(self.log()).unwrap_or_default())
    }

    /// The point that the node's last process passed last.
    pub(super) fn last_point(&self) -> String {
        fs::read_to_string(self.trace()).map(|name| name.trim().to_owned()).unwrap_or_default()
    }
}

fn ended(process: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        if let Some(status) = process.try_wait().expect("a child can be waited for") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = process.kill();
    let _ = process.wait();
    None
}
