//! The measurement of a node, on few states: its form and that its figures are possible; how fast it is asks nobody here.

use std::fs;

use serde_json::Value;

use crate::command;
use crate::node::Node;

const FIGURES: [&str; 6] = ["r1", "r2", "r3", "r4", "r5", "r6"];

#[test]
fn a_node_is_measured_in_one_run() {
    let nowhere = Node::stopped(&[]);
    let folder = nowhere.path("temporary");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let mut bench = command::hive(&nowhere.data());
    bench.args(["bench", "--states", "2000", "--postgres", "none", "--json"]).env("TMPDIR", &folder);
    let outcome = command::run(&mut bench).expect_status(0);
    assert_eq!(outcome.stdout.lines().count(), 1, "programs read one line: {}", outcome.stdout);
    let measured = outcome.json();
    for figure in FIGURES {
        assert!(measured[figure]["postgres"].is_null(), "{figure}: {measured}");
        assert_eq!(measured[figure]["sqlite"].is_null(), figure == "r2", "{figure}: {measured}");
    }
    assert!(measured["missing"]["postgres"].as_str().is_some_and(|reason| !reason.is_empty()), "{measured}");

    let number = |path: &str| {
        let found = measured.pointer(path).and_then(Value::as_f64);
        found.unwrap_or_else(|| panic!("{path} is no number: {measured}"))
    };
    // A node does more than to verify the signature of each transfer.
    assert!((0.0..1.0).contains(&number("/r1/sqlite")), "{measured}");
    for path in ["/r1/sqlite", "/r3/sqlite/commit_ms", "/r4/sqlite/ratio", "/r5/sqlite", "/r6/sqlite/states_per_s"] {
        assert!(number(path) > 0.0, "{path}: {measured}");
    }
    assert!(number("/r3/sqlite/lone_ms") > 0.0 && number("/r3/sqlite/p99_half_load_ms") > 0.0, "{measured}");
    // Two thousand states and the process itself take some megabytes, and hardly a gigabyte.
    assert!((1e6..1e9).contains(&number("/r4/sqlite/rss_bytes")), "{measured}");
    let stages = measured["cpu_us"]["sqlite"].as_object().unwrap_or_else(|| panic!("no stages: {measured}"));
    let sum: f64 = stages.iter().filter(|(stage, _)| *stage != "together").filter_map(|(_, cpu)| cpu.as_f64()).sum();
    assert!((sum - number("/cpu_us/sqlite/together")).abs() < sum / 100.0, "{measured}");
    assert!(number("/cpu_us/sqlite/verify") > 0.0 && number("/cpu_us/sqlite/database") > 0.0, "{measured}");

    assert!(outcome.stderr.contains("R1") && outcome.stderr.contains("transfers a second"), "{}", outcome.stderr);
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 0, "databases are removed");
}

#[test]
fn what_is_not_asked_for_is_not_measured() {
    let nowhere = Node::stopped(&[]);
    let measured = nowhere.hive(&["bench", "--states", "1000", "--postgres", "none", "--only", "r6", "--json"]);
    let measured = measured.expect_status(0).json();
    for figure in FIGURES {
        assert_eq!(measured[figure]["sqlite"].is_null(), figure != "r6", "{figure}: {measured}");
    }
    assert!(measured["r6"]["sqlite"]["states_per_s"].as_f64().is_some_and(|rate| rate > 0.0), "{measured}");
}

#[test]
fn nothing_is_measured_where_a_server_or_a_folder_is_missing() {
    let nowhere = Node::stopped(&[]);
    let refused = nowhere.hive(&["bench", "--postgres", "postgres://hive@127.0.0.1:1"]).expect_status(1);
    assert!(refused.stderr.contains("BENCH_SERVER") && refused.stderr.contains("--postgres"), "{}", refused.stderr);
    let mut bench = command::hive(&nowhere.data());
    bench.args(["bench", "--postgres", "none"]).env("TMPDIR", nowhere.path("no-such-folder"));
    let refused = command::run(&mut bench).expect_status(1);
    assert!(refused.stderr.contains("BENCH_SYSTEM") && refused.stderr.contains("TMPDIR"), "{}", refused.stderr);
    let few = nowhere.hive(&["bench", "--states", "10"]).expect_status(2);
    assert!(few.stderr.contains("1000"), "{}", few.stderr);
}
