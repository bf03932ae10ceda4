//! Commands of the binary `hive`, run to their end within a bounded time.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The longest that a command may take; a slow machine gets more than it needs.
const COMMAND_MAX: Duration = Duration::from_secs(150);

/// What became of a command.
pub(crate) struct Outcome {
    /// Exit status; none if it was killed.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The same, if the command ended with this exit status.
    #[track_caller]
    pub(crate) fn expect_status(self, expected: i32) -> Self {
        let shown = (tail(&self.stdout), tail(&self.stderr));
        assert_eq!(self.status, Some(expected), "stdout:\n{}\nstderr:\n{}", shown.0, shown.1);
        self
    }

    /// The JSON values of the lines on standard output.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The last JSON value on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        self.json_lines().pop().unwrap_or_else(|| panic!("no JSON on standard output: {}", tail(&self.stdout)))
    }
}

/// A command of `hive` on a data folder, untouched by the environment of whoever runs the tests.
pub(crate) fn hive(data: &Path) -> Command {
    of_binary(&binary(), data)
}

/// The same of the binary that ends at a named point.
pub(crate) fn hive_with_faults(data: &Path) -> Command {
    of_binary(&binary_with_faults(), data)
}

fn of_binary(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    for name in ["HIVE_DATA", "HIVE_DATABASE", "HIVE_LISTEN", "HIVE_PRODUCTION", "HIVE_LOG", "HIVE_NODE"] {
        command.env_remove(name);
    }
    command.arg("--data").arg(data).env("NO_COLOR", "1");
    command
}

/// The binary that was built beside this test.
pub(crate) fn binary() -> PathBuf {
    built("hive", "cargo build --workspace --bin hive")
}

/// The same node with the fault switch.
pub(crate) fn binary_with_faults() -> PathBuf {
    built("hive-faults", "cargo build --workspace --bin hive-faults --features trade-node/faults")
}

fn built(name: &str, command: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let folder = test.parent().and_then(Path::parent).expect("cargo puts tests into <target>/<profile>/deps");
    let path = folder.join(name);
    assert!(path.is_file(), "{} is missing. Run: {command}", path.display());
    path
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    Running::start(command).finish()
}

/// A command under way. Dropping it kills it.
pub(crate) struct Running {
    process: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts a command with nothing on its standard input.
    pub(crate) fn start(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = piped.spawn().unwrap_or_else(|error| panic!("{:?} does not start: {error}", piped));
        let (stdout, stderr) = (reader(process.stdout.take()), reader(process.stderr.take()));
        Self { process, stdout: Some(stdout), stderr: Some(stderr) }
    }

    /// True once it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("a child can be waited for").is_some()
    }

    /// Asks it to end, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("sh runs").success(), "it still runs");
    }

    /// Waits for its end. A command that takes too long fails the test.
    pub(crate) fn finish(mut self) -> Outcome {
        let deadline = Instant::now() + COMMAND_MAX;
        while !self.has_ended() {
            assert!(Instant::now() < deadline, "a command takes longer than {COMMAND_MAX:?}");
            thread::sleep(Duration::from_millis(10));
        }
        self.outcome()
    }

    /// Kills it wherever it is.
    pub(crate) fn kill(mut self) -> Outcome {
        let _ = self.process.kill();
        self.outcome()
    }

    fn outcome(&mut self) -> Outcome {
        let status = self.process.wait().expect("a child can be waited for").code();
        let text =
            |reader: Option<JoinHandle<String>>| reader.and_then(|reader| reader.join().ok()).unwrap_or_default();
        Outcome { status, stdout: text(self.stdout.take()), stderr: text(self.stderr.take()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before the pipe broke is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The end of a text, enough to see what went wrong.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
