//! What whoever watches a node sees of it: figures, `hive top`, and the times of its stages in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{self, Running};
use crate::node::Node;

/// The samples of a page in Prometheus' text form, by name and labels; every line must have that form.
fn samples(page: &str) -> BTreeMap<String, String> {
    let mut described = BTreeSet::new();
    let mut samples = BTreeMap::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a name and a kind");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(described.insert(name.to_owned()), "{name} is described twice");
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').expect("a series and a value");
            let name = series.split('{').next().expect("a name");
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(described.contains(name) || described.contains(family), "{name} is not described");
            assert!(value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{line}");
            assert!(samples.insert(series.to_owned(), value.to_owned()).is_none(), "{series} stands twice");
        }
    }
    samples
}

#[test]
fn figures_tell_what_a_trade_did() {
    let mut node = Node::start();
    command::run(&mut node.client_command(&["demo"])).expect_status(0);
    let samples = samples(&node.http().get("/metrics").text());
    let number = |series: &str| -> u64 {
        let value = samples.get(series).unwrap_or_else(|| panic!("no {series} in {samples:#?}"));
        value.parse().expect("a whole number")
    };
    let accepted = number("hive_transactions_accepted_total");
    assert!(accepted > 10, "{accepted} transactions");
    assert_eq!(number("hive_submissions_refused_total{code=\"PLEDGE_EXISTS\"}"), 1);
    assert_eq!(samples["hive_block_transactions_sum"], accepted.to_string());
    assert_eq!((number("hive_ready"), number("hive_queue_used"), number("hive_commit_failures_total")), (1, 0, 0));
    assert_eq!((number("hive_chains_open"), number("hive_chains_closed"), number("hive_chains_stopped")), (1, 0, 0));
    assert!(number("hive_database_bytes") > 100_000);
    for stage in ["verify", "sequence", "store", "apply", "commit"] {
        let (all, counted) =
            (format!("hive_{stage}_seconds_bucket{{le=\"+Inf\"}}"), format!("hive_{stage}_seconds_count"));
        assert!(number(&all) > 0, "{stage}");
        assert_eq!(number(&all), number(&counted), "{stage}");
    }
    let json = node.http().send("GET", "/metrics", &[("accept", "application/json")], b"").json();
    assert_eq!(json["accepted"], accepted, "{json}");
    let chain = json["chains"][0]["chain"].as_str().expect("the chain's id");
    assert_eq!(number(&format!("hive_chain_accepted_total{{chain=\"{chain}\"}}")), accepted);
    let height = number(&format!("hive_chain_height{{chain=\"{chain}\"}}"));
    assert_eq!(json["chains"][0]["height"], height);
    node.stop();
}

#[test]
fn top_follows_a_node_until_it_is_interrupted_and_tells_when_the_node_is_gone() {
    let mut node = Node::start();
    let top = Running::start(&mut node.client_command(&["--json", "top", "--interval", "1"]));
    thread::sleep(Duration::from_secs(2));
    let asked = Instant::now();
    command::run(&mut node.client_command(&["demo"])).expect_status(0);
    thread::sleep(Duration::from_secs(3));
    let once = command::run(&mut node.client_command(&["top", "--once", "--interval", "1"])).expect_status(0);
    for shown in ["accepts; chains: 1 open, 0 closed", "tx/s", "Demonstration", "median/p99: verify"] {
        assert!(once.stdout.contains(shown), "{shown} in\n{}", once.stdout);
    }
    assert!(!once.stdout.contains('\u{1b}'), "no terminal, no escapes");
    let url = node.url().to_owned();
    node.stop();
    thread::sleep(Duration::from_secs(3));
    top.interrupt();
    let told = top.finish().expect_status(0).json_lines();
    let of = |name: &str| -> Vec<u64> { told.iter().filter_map(|line| line[name].as_u64()).collect() };
    let (accepted, commits) = (of("accepted").iter().sum::<u64>(), of("commits").iter().sum::<u64>());
    assert!(
        accepted > 10 && commits > 0,
        "{accepted} and {commits} of a demonstration of {:?}: {told:?}",
        asked.elapsed()
    );
    let busiest = told.iter().filter(|line| line["reachable"] == true).map(|line| &line["chains"][0]);
    assert!(busiest.into_iter().all(|chain| chain["name"] == "Demonstration"), "{told:?}");
    let last: &Value = told.last().expect("something was told");
    assert_eq!((&last["reachable"], &last["code"]), (&Value::from(false), &Value::from("NODE_UNREACHABLE")), "{last}");
    let refused = node.hive(&["top", "--once", "--node", &url]).expect_status(1);
    assert!(refused.stderr.contains("NODE_UNREACHABLE") && refused.stderr.contains("hive serve"), "{}", refused.stderr);
}

#[test]
fn the_log_tells_on_request_how_long_each_stage_took_and_of_which_chain() {
    let mut node = Node::stopped(&[]).logging("hive_chain=debug");
    node.restart();
    node.stop();
    let log = node.log();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for (stage, fields) in [
        ("verify", &["chain", "count"][..]),
        ("sequence", &["chain", "height", "count"]),
        ("store", &["chains", "count"]),
        ("apply", &["chain", "height", "count"]),
        ("commit", &[]),
    ] {
        let told =
            lines.iter().find(|line| line["span"]["name"] == stage && line["fields"]["message"] == "stage ended");
        let told = told.unwrap_or_else(|| panic!("no line of {stage} in\n{}", command::tail(&log)));
        assert!(told["fields"]["microseconds"].is_u64(), "{told}");
        assert!(fields.iter().all(|field| !told["span"][field].is_null()), "{fields:?} in {told}");
    }
}
