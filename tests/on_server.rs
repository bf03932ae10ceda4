//! A node whose chains are in a database of a PostgreSQL server, as its operator starts it, and who sees the password.

use std::path::Path;

use hive_test_database::{execute, server, skips_on_file};
use serde_json::Value;

use crate::command::{self, Outcome, hive};
use crate::node::Node;

/// Of the role that the server does not trust without it.
const PASSWORD: &str = "horse-battery-staple";

/// A database of this name, and its address with and without the password.
fn database(server: &str, name: &str) -> (String, String) {
    let postgres = format!("{server}/postgres");
    // Another test may have made the role.
    let _ = execute(&postgres, &format!("CREATE ROLE with_password LOGIN PASSWORD '{PASSWORD}'"));
    execute(&postgres, &format!("CREATE DATABASE {name} OWNER with_password")).expect("the server makes a database");
    let (_, place) = server.split_once('@').expect("an address with its user");
    (format!("postgres://with_password:{PASSWORD}@{place}/{name}"), format!("postgres://with_password@{place}/{name}"))
}

/// Whatever is printed, the password is not in it.
#[track_caller]
fn tells_nothing(outcome: Outcome) -> Outcome {
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!said.contains(PASSWORD), "{said}");
    outcome
}

/// A command on the folder with one variable of the environment.
fn with(data: &Path, (name, value): (&str, &str), arguments: &[&str]) -> Outcome {
    tells_nothing(command::run(hive(data).env(name, value).args(arguments)))
}

#[test]
fn the_first_trade_is_played_on_a_server_and_its_password_is_told_to_nobody() {
    if skips_on_file("the binary on PostgreSQL needs a server; run tests/postgres/with_server") {
        return;
    }
    let server = server().expect("asked above");
    let (address, place) = database(&server, "first_trade");
    let mut node = Node::stopped(&[]).logging("debug").in_environment("HIVE_DATABASE", &address);
    node.restart();
    tells_nothing(command::run(&mut node.client_command(&["--json", "demo"])).expect_status(0));
    let metrics = node.http().get("/metrics").text();
    assert!(metrics.lines().any(|line| line.starts_with("hive_database_bytes ")), "{metrics}");
    for path in ["/version", "/metrics", "/readyz", "/"] {
        assert!(!node.http().get(path).text().contains(PASSWORD), "{path}");
    }
    let commands = std::fs::read(format!("/proc/{}/cmdline", node.process_id())).expect("the node runs");
    assert!(!String::from_utf8_lossy(&commands).contains(PASSWORD));
    let doctor = tells_nothing(command::run(&mut node.client_command(&["--json", "doctor"])).expect_status(0)).json();
    let database = doctor.as_array().into_iter().flatten().find(|check| check["code"] == "DATABASE");
    let detail = database.and_then(|check| check["detail"].as_str()).unwrap_or_default();
    assert!(detail.starts_with(&place) && detail.contains(" bytes)"), "{doctor}");
    node.stop();
    assert!(!node.data().join("hive.sqlite").exists(), "nothing is kept in a file");
    assert!(!node.log().contains(PASSWORD), "the log tells no password");

    let report = tells_nothing(node.hive(&["audit", "--json"]).expect_status(0)).json();
    assert_eq!((&report["passed"], &report["findings"]), (&Value::from(true), &serde_json::json!([])), "{report}");
    assert!(report["transactions"].as_u64() > Some(4), "{report}");
    // The folder knows its database; the password alone comes from outside.
    let data = node.data();
    let kept = std::fs::read_to_string(data.join("database.json")).expect("the folder remembers");
    assert!(kept.contains(&place) && !kept.contains(PASSWORD), "{kept}");
    let listed = with(&data, ("PGPASSWORD", PASSWORD), &["--json", "chain", "list"]).expect_status(0).json();
    let chain = listed[0]["chain"].as_str().expect("the demonstration chain").to_owned();
    let archive = node.path("chain.archive").display().to_string();
    let exported = with(&data, ("PGPASSWORD", PASSWORD), &["chain", "export", &chain, &archive]).expect_status(0);
    drop(exported);
    command::run(hive(&data).args(["verify", &archive])).expect_status(0);
    let refused = with(&data, ("PGPASSWORD", "wrong"), &["audit"]).expect_status(1);
    assert!(refused.stderr.contains("NODE_DATABASE") && refused.stderr.contains("PGPASSWORD"), "{}", refused.stderr);
}

#[test]
fn a_folder_and_its_database_stay_together() {
    if skips_on_file("the binary on PostgreSQL needs a server; run tests/postgres/with_server") {
        return;
    }
    let server = server().expect("asked above");
    let ((address, _), (other, _)) = (database(&server, "kept"), database(&server, "other"));
    let options = ["serve", "--listen", "127.0.0.1:0"];
    let fresh = Node::stopped(&[]);
    let visible = tells_nothing(fresh.hive(&["serve", "--database", &address]).expect_status(1));
    assert!(visible.stderr.contains("DATABASE_PASSWORD_VISIBLE"), "{}", visible.stderr);
    let missing = address.replace("/kept", "/missing");
    let missing = with(&fresh.data(), ("HIVE_DATABASE", &missing), &options).expect_status(1);
    assert!(missing.stderr.contains("NODE_DATABASE") && missing.stderr.contains("createdb"), "{}", missing.stderr);

    let mut node = Node::stopped(&[]).in_environment("HIVE_DATABASE", &address);
    node.restart();
    let taken = with(&fresh.data(), ("HIVE_DATABASE", &address), &options).expect_status(1);
    assert!(taken.stderr.contains("another node runs on this database"), "{}", taken.stderr);
    node.stop();
    let elsewhere = with(&node.data(), ("HIVE_DATABASE", &other), &options).expect_status(1);
    assert!(elsewhere.stderr.contains("DATABASE_OTHER"), "{}", elsewhere.stderr);
    let foreign = with(&fresh.data(), ("HIVE_DATABASE", &address), &options).expect_status(1);
    assert!(foreign.stderr.contains("CHAIN_RECORDER_FOREIGN"), "{}", foreign.stderr);
    let mut on_file = Node::start();
    on_file.stop();
    let elsewhere = with(&on_file.data(), ("HIVE_DATABASE", &other), &options).expect_status(1);
    assert!(elsewhere.stderr.contains("DATABASE_OTHER"), "{}", elsewhere.stderr);
}
