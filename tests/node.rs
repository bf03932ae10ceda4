//! A real node in a process of its own, on a data folder of its own and a free port of the loopback.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use hive_app::cli::key_file::KeyFile;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{Client, Http};
use crate::command::{self, Outcome, hive};

/// A node is ready so soon after it was started, and gone so soon after it was told to stop.
const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(15);

/// A data folder, and the node that runs on it. Dropping it kills the node.
pub(crate) struct Node {
    folder: TempDir,
    options: Vec<String>,
    environment: Vec<(String, String)>,
    log: String,
    running: Option<Running>,
}

struct Running {
    process: Child,
    url: String,
}

impl Node {
    /// Starts a node on a new data folder.
    pub(crate) fn start() -> Self {
        Self::with_options(&[])
    }

    /// Starts a node with further options of `hive serve`.
    pub(crate) fn with_options(options: &[&str]) -> Self {
        let mut node = Self::stopped(options);
        node.restart();
        node
    }

    /// A data folder on which no node has run yet.
    pub(crate) fn stopped(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("the system has room for a temporary folder");
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Self { folder, options, environment: Vec::new(), log: "warn".to_owned(), running: None }
    }

    /// The same with a variable of the environment, for the node and for commands on its folder.
    pub(crate) fn in_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same that logs this.
    pub(crate) fn logging(mut self, what: &str) -> Self {
        what.clone_into(&mut self.log);
        self
    }

    /// A command of `hive` on the data folder.
    fn command(&self) -> Command {
        let mut command = hive(&self.data());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the node again on its data folder, on another port, and waits until it is ready.
    pub(crate) fn restart(&mut self) {
        assert!(self.running.is_none(), "the node runs already");
        let mut process = self.spawn();
        let lines = lines_of(&mut process);
        let deadline = Instant::now() + START_MAX;
        let url = loop {
            let line = lines.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let Ok(line) = line else {
                let _ = process.kill();
                let _ = process.wait();
                panic!("the node does not say that it is ready; its log:\n{}", self.log());
            };
            let said: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(url) = said["url"].as_str() {
                break url.to_owned();
            }
        };
        self.running = Some(Running { process, url });
        assert_eq!(self.http().get("/readyz").status, 200, "a node that says it is ready is ready");
    }

    /// Starts the node and kills it after a moment, wherever it is.
    pub(crate) fn cut_start_short(&mut self, after: Duration) {
        let mut process = self.spawn();
        let lines = lines_of(&mut process);
        // A node that is ready before the moment is over is killed all the same.
        let _ = lines.recv_timeout(after);
        process.kill().expect("the node can be killed");
        process.wait().expect("the node has ended");
    }

    fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.log_path()).expect("the log can be written");
        self.command()
            .args(["--json", "--log", &self.log, "serve", "--listen", "127.0.0.1:0"])
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("hive starts")
    }

    /// Kills the node as a power failure would: it gets no chance to end anything.
    pub(crate) fn kill(&mut self) {
        let mut running = self.running.take().expect("the node runs");
        running.process.kill().expect("the node can be killed");
        running.process.wait().expect("the node has ended");
    }

    /// Asks the node to stop and waits until it has.
    pub(crate) fn stop(&mut self) {
        let mut running = self.running.take().expect("the node runs");
        let id = running.process.id();
        let asked = Command::new("sh").arg("-c").arg(format!("kill -TERM {id}")).status().expect("sh runs");
        assert!(asked.success(), "the node takes signals");
        let deadline = Instant::now() + STOP_MAX;
        loop {
            match running.process.try_wait().expect("the node can be waited for") {
                Some(status) => {
                    break assert!(status.success(), "the node ends well, not with {status}: {}", self.log());
                }
                None if Instant::now() > deadline => {
                    let _ = running.process.kill();
                    panic!("the node does not stop within {STOP_MAX:?}; its log:\n{}", self.log());
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// The URL of the running node.
    pub(crate) fn url(&self) -> &str {
        &self.running.as_ref().expect("the node runs").url
    }

    /// The process of the running node.
    pub(crate) fn process_id(&self) -> u32 {
        self.running.as_ref().expect("the node runs").process.id()
    }

    /// A way to the node without a sign-in.
    pub(crate) fn http(&self) -> Http {
        Http::new(self.url())
    }

    /// A party of the demonstration, signed in with its key file.
    pub(crate) fn party(&self, name: &str) -> Client {
        Client::sign_in(self.url(), &self.key(name))
    }

    /// The key file of a party of the demonstration.
    pub(crate) fn key(&self, name: &str) -> KeyFile {
        KeyFile::read(&self.key_path(name)).expect("the first start has written the party's key file")
    }

    /// Where a party's key file lies.
    pub(crate) fn key_path(&self, name: &str) -> PathBuf {
        self.data().join("keys").join(format!("{name}.json"))
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A path for files of the test.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command of `hive` on the data folder to its end.
    pub(crate) fn hive(&self, arguments: &[&str]) -> Outcome {
        command::run(self.command().args(arguments))
    }

    /// Runs a command of `hive` that is a client of the running node.
    pub(crate) fn client_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command.args(arguments).args(["--node", self.url()]);
        command
    }

    /// What the node has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("node.log")
    }

    /// The node still takes transactions.
    #[track_caller]
    pub(crate) fn assert_up(&self) {
        let ready = self.http().get("/readyz");
        assert_eq!(ready.status, 200, "{}\n{}", ready.text(), self.log());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = running.process.kill();
            let _ = running.process.wait();
        }
        if thread::panicking() {
            eprintln!("the node's log:\n{}", command::tail(&self.log()));
        }
    }
}

/// The repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the repository")
}

/// Lines of a process' standard output; it is read to its end, so that the process never waits for a reader.
pub(crate) fn lines_of(process: &mut Child) -> mpsc::Receiver<String> {
    let output = process.stdout.take().expect("the output is piped");
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // Nobody listens any more once the node is ready.
            let _ = sender.send(line);
        }
    });
    lines
}
