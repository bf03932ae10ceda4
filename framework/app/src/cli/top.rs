//! `hive top`: what a running node does, from two looks at its figures, over and over. A client like any other.

mod rates;
mod screen;

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::Args;
use hive_chain::Measured;
use serde_json::json;
use thiserror::Error;

use super::error::CliError;
use super::output::{Output, print_line};
use rates::Rates;

/// A node that does not answer for so long counts as gone.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Moves a terminal's cursor to its first place and clears what is below.
const REDRAW: &str = "\x1b[H\x1b[J";

/// What to look at, and how often.
#[derive(Debug, Args)]
pub struct TopArguments {
    /// URL of the running node
    #[arg(long, env = "HIVE_NODE", default_value = "http://127.0.0.1:4000")]
    node: String,
    /// Print the rates of one interval and end
    #[arg(long)]
    once: bool,
    /// Seconds between two looks
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    interval: u64,
}

/// Why there is nothing to show.
#[derive(Debug, Error)]
pub(super) enum TopError {
    /// Nobody answers.
    #[error("no node answers at {node} ({reason}); start one with: hive serve, or name another with --node")]
    Unreachable {
        /// Its URL.
        node: String,
        /// What the way there says.
        reason: String,
    },
    /// What answers gives no figures, or not those of this release.
    #[error(
        "{node} answers without figures that this release reads ({reason}); use the hive of the node's own release"
    )]
    Unreadable {
        /// Its URL.
        node: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

impl TopError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "NODE_UNREACHABLE",
            Self::Unreadable { .. } => "NODE_FIGURES_UNREADABLE",
        }
    }
}

/// A node's figures at one moment.
pub(super) struct Look {
    at: Instant,
    measured: Measured,
}

/// The looks so far that rates are made of.
#[derive(Default)]
struct Watch {
    first: Option<Look>,
    last: Option<Look>,
}

/// Runs `hive top` until it is told to stop, or once.
///
/// # Errors
/// With `--once`, the node does not answer; without, it is tried again and again.
pub async fn run(arguments: &TopArguments, output: Output) -> Result<(), CliError> {
    let interval = Duration::from_secs(arguments.interval);
    let refused = |error: TopError| CliError::node(error.code(), &error);
    let mut watch = Watch::default();
    if arguments.once {
        watch.take(look(&arguments.node).await.map_err(refused)?);
        tokio::time::sleep(interval).await;
        if let Some(rates) = watch.take(look(&arguments.node).await.map_err(refused)?) {
            show(&rates, arguments, output, false);
        }
        return Ok(());
    }
    let end = super::serve::Stopping::heard()?.wait();
    tokio::pin!(end);
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let redraws = output == Output::Text && std::io::stdout().is_terminal();
    loop {
        tokio::select! {
            () = &mut end => return Ok(()),
            _ = ticks.tick() => {}
        }
        let looked = tokio::select! {
            () = &mut end => return Ok(()),
            looked = look(&arguments.node) => looked,
        };
        match looked {
            Ok(look) => match watch.take(look) {
                Some(rates) => show(&rates, arguments, output, redraws),
                None => tell("the first figures are there; rates follow with the next", None, output, redraws),
            },
            Err(error) => {
                // What comes back may have begun anew.
                watch = Watch::default();
                tell(&format!("{error}; trying again"), Some(error.code()), output, redraws);
            }
        }
    }
}

impl Watch {
    /// Rates since the look before this one; none for the first, and for the first of a node that was started again.
    fn take(&mut self, look: Look) -> Option<Rates> {
        let goes_on = |before: &Look| before.measured.uptime_ms <= look.measured.uptime_ms;
        if !self.last.as_ref().is_some_and(goes_on) {
            *self = Self::default();
        }
        let rates = self.last.as_ref().zip(self.first.as_ref().or(self.last.as_ref()));
        let rates = rates.map(|(before, first)| Rates::between(first, before, &look));
        let before = self.last.replace(look);
        self.first = self.first.take().or(before);
        rates
    }
}

async fn look(node: &str) -> Result<Look, TopError> {
    let asked = node.to_owned();
    let looked = tokio::task::spawn_blocking(move || ask(&asked)).await;
    let gone =
        |error: tokio::task::JoinError| TopError::Unreachable { node: node.to_owned(), reason: error.to_string() };
    looked.map_err(gone)?
}

fn ask(node: &str) -> Result<Look, TopError> {
    let unreachable = |error: ureq::Error| TopError::Unreachable { node: node.to_owned(), reason: error.to_string() };
    let unreadable = |reason: String| TopError::Unreadable { node: node.to_owned(), reason };
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(ANSWER_TIME_MAX)).http_status_as_error(false).build().into();
    let url = format!("{}/metrics", node.trim_end_matches('/'));
    let mut answer = agent.get(&url).header("accept", "application/json").call().map_err(unreachable)?;
    if answer.status() != 200 {
        return Err(unreadable(format!("status {}", answer.status())));
    }
    let text = answer.body_mut().read_to_string().map_err(unreachable)?;
    let measured = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    Ok(Look { at: Instant::now(), measured })
}

fn show(rates: &Rates, arguments: &TopArguments, output: Output, redraws: bool) {
    match output {
        Output::Json => print_line(&rates.as_json(&arguments.node).to_string()),
        Output::Text => {
            let (height, width) = screen::terminal();
            let rows = if redraws { height } else { usize::MAX };
            draw(&screen::lines(rates, &arguments.node, width, rows).join("\n"), redraws);
        }
    }
}

fn tell(text: &str, code: Option<&str>, output: Output, redraws: bool) {
    match (output, code) {
        (Output::Text, _) => draw(text, redraws),
        (Output::Json, Some(code)) => {
            print_line(&json!({ "reachable": false, "code": code, "error": text }).to_string())
        }
        (Output::Json, None) => {}
    }
}

fn draw(text: &str, redraws: bool) {
    if redraws {
        // The terminal may have gone.
        let _closed = write!(std::io::stdout().lock(), "{REDRAW}");
    }
    print_line(text);
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// What `ask` makes of an answer.
    fn asked(status: &str, body: &str) -> TopError {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1_024]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let error = ask(&url).err().unwrap();
        server.join().unwrap();
        error
    }

    #[test]
    fn what_gives_no_figures_is_told_apart_from_what_is_not_there() {
        for (status, body) in [("404 Not Found", "{}"), ("200 OK", "hive_ready 1"), ("200 OK", "{\"uptimeMs\":1}")] {
            let error = asked(status, body);
            assert_eq!(error.code(), "NODE_FIGURES_UNREADABLE", "{error}");
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(ask(&format!("http://{port}")).err().unwrap().code(), "NODE_UNREACHABLE");
    }

    #[test]
    fn rates_begin_anew_with_a_node_that_was_started_again() {
        let look = |uptime_ms, accepted| {
            let at = Instant::now();
            Look { at, measured: Measured { accepted, ..rates::sample(uptime_ms, &[]) } }
        };
        let mut watch = Watch::default();
        assert!(watch.take(look(1_000, 10)).is_none());
        assert_eq!(watch.take(look(3_000, 14)).unwrap().accepted, 4);
        assert!(watch.take(look(500, 2)).is_none(), "the counters began again");
        assert_eq!(watch.take(look(2_500, 5)).unwrap().accepted, 3);
    }
}
