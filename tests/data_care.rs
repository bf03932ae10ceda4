//! A node's data in the hands of its operator: backed up while it runs, brought back elsewhere, rebuilt, moved as an archive.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::thread;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::cast::{DEPOSITOR, SUPPLIER};
use crate::command;
use crate::node::Node;
use crate::trade::Purse;

/// A small chain's rows are built anew so soon after its node was started.
const REBUILT_MAX: Duration = Duration::from_secs(60);

/// Another data folder with the node's own keys, on which no node has run.
fn with_keys_of(node: &Node, options: &[&str]) -> Node {
    let other = Node::stopped(options);
    let keys = other.data().join("keys");
    DirBuilder::new().recursive(true).mode(0o700).create(&keys).expect("the folder can be made");
    for file in fs::read_dir(node.data().join("keys")).expect("the node has keys").map(|file| file.expect("a file")) {
        fs::copy(file.path(), keys.join(file.file_name())).expect("keys can be copied");
    }
    other
}

/// Ids and heights of the chains.
fn chains(node: &Node) -> Vec<(Value, Value)> {
    let listed = node.hive(&["--json", "chain", "list"]).expect_status(0).json();
    let rows = listed.as_array().expect("a list").iter();
    rows.map(|chain| (chain["chain"].clone(), chain["height"].clone())).collect()
}

#[test]
fn a_running_node_is_backed_up_and_comes_back_elsewhere() {
    let mut node = Node::start();
    command::run(&mut node.client_command(&["demo"])).expect_status(0);
    let file = node.path("node.backup").display().to_string();
    let backup = node.hive(&["--json", "backup", &file]).expect_status(0).json();
    assert_eq!(backup["chains"].as_array().map(Vec::len), Some(1));
    let again = node.hive(&["backup", &file]).expect_status(1);
    assert!(again.stderr.contains("exists"), "{}", again.stderr);
    let check = node.hive(&["--json", "upgrade", "--check"]).expect_status(0).json();
    assert_eq!((&check["migrations"], &check["auditFindings"]), (&serde_json::json!([]), &0.into()));
    node.assert_up();
    for arguments in [&["rebuild"][..], &["upgrade"]] {
        let refused = node.hive(arguments).expect_status(1);
        assert!(refused.stderr.contains("a node is running on"), "{}", refused.stderr);
    }

    let nobody = Node::stopped(&[]);
    let refused = nobody.hive(&["restore", &file]).expect_status(1);
    assert!(refused.stderr.contains("RESTORE_KEYS_MISSING"), "{}", refused.stderr);
    let mut other = with_keys_of(&node, &["--rebuild", "warehouse-receipts"]);
    let mut damaged = fs::read(&file).expect("the backup can be read");
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let damaged_file = node.path("damaged.backup").display().to_string();
    fs::write(&damaged_file, damaged).expect("a file can be written");
    let refused = other.hive(&["restore", &damaged_file]).expect_status(1);
    assert!(refused.stderr.contains("RESTORE_DAMAGED"), "{}", refused.stderr);
    assert!(!other.data().join("hive.sqlite").exists());
    let restored = other.hive(&["--json", "restore", &file]).expect_status(0).json();
    assert_eq!(restored["chains"], backup["chains"]);
    let refused = other.hive(&["restore", &file]).expect_status(1);
    assert!(refused.stderr.contains("RESTORE_NOT_EMPTY"), "{}", refused.stderr);
    assert_eq!(chains(&other), chains(&node));

    let rebuilt = other.hive(&["--json", "rebuild"]).expect_status(0).json();
    let rows: Vec<_> = rebuilt.as_array().expect("a list").iter().map(|row| row["rows"].as_u64()).collect();
    assert!(rows.iter().any(|rows| *rows > Some(0)), "{rebuilt}");
    let unknown = other.hive(&["rebuild", "--projection", "nothing"]).expect_status(1);
    assert!(unknown.stderr.contains("REBUILD_PROJECTION_UNKNOWN"), "{}", unknown.stderr);
    let sampled = other.hive(&["--json", "audit", "--sample", "50", "--seed", "7"]).expect_status(0).json();
    assert_eq!((&sampled["passed"], &sampled["sample"]["seed"]), (&true.into(), &"7".into()));
    let (signed, all) = (sampled["transactionsSigned"].as_u64(), sampled["transactions"].as_u64());
    assert!(signed < all, "half of the blocks leave signatures out: {sampled}");
    let full = other.hive(&["--json", "audit"]).expect_status(0).json();
    assert_eq!(full["transactionsSigned"], full["transactions"]);

    // The same while a node serves.
    let rows = || statement(&other, "SELECT count(*) FROM warehouse_receipts_receipt");
    let before = rows();
    statement(&other, "DELETE FROM warehouse_receipts_receipt");
    assert!(before > 0 && rows() == 0);
    other.restart();
    let rows = || statement(&other, "SELECT count(*) FROM warehouse_receipts_receipt");
    let deadline = Instant::now() + REBUILT_MAX;
    while rows() != before {
        assert!(Instant::now() < deadline, "the node does not rebuild: {} of {before} rows", rows());
        thread::sleep(Duration::from_millis(50));
    }
    other.assert_up();
    node.stop();
}

/// Runs one statement on a node's database; answers the number it gives, if any.
fn statement(node: &Node, sql: &str) -> i64 {
    let url = format!("sqlite:{}", node.data().join("hive.sqlite").display());
    let done = async {
        let connection = Database::connect(url).await.expect("the database opens");
        let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.expect("it runs");
        let number = row.map(|row| row.try_get_by_index(0).expect("a number"));
        connection.close().await.expect("it closes");
        number.unwrap_or(0)
    };
    Runtime::new().expect("a runtime").block_on(done)
}

#[test]
fn a_chain_moves_to_another_node_of_the_same_keys_as_an_archive() {
    let mut node = Node::start();
    node.stop();
    let chain = chains(&node).remove(0);
    let archive = node.path("chain.archive").display().to_string();
    let id = chain.0.as_str().expect("an id").to_owned();
    let exported = node.hive(&["--json", "chain", "export", &id, &archive]).expect_status(0).json();

    let mut other = with_keys_of(&node, &["--no-demonstration"]);
    let refused = other.hive(&["chain", "import", &archive]).expect_status(1);
    assert!(refused.stderr.contains("hive serve"), "{}", refused.stderr);
    other.restart();
    other.stop();
    let imported = other.hive(&["--json", "chain", "import", &archive]).expect_status(0).json();
    for field in ["chain", "height", "tip", "stateRoot", "transactions"] {
        assert_eq!(imported[field], exported[field], "{field}");
    }
    assert_eq!(chains(&other), [chain]);
    let again = other.hive(&["chain", "import", &archive]).expect_status(1);
    assert!(again.stderr.contains("CHAIN_EXISTS"), "{}", again.stderr);
    let no_archive = other.hive(&["chain", "import", "/dev/null"]).expect_status(2);
    assert!(no_archive.stderr.contains("ARCHIVE_MAGIC"), "{}", no_archive.stderr);
    assert_eq!(other.hive(&["--json", "audit"]).expect_status(0).json()["passed"], true);
    other.restart();
    other.assert_up();
}

#[test]
fn a_chain_with_proposals_moves_with_its_journal_and_outsiders_verify_either_archive() {
    let mut node = Node::start();
    let purse = Purse::fill(&node, "100.00");
    let (depositor, supplier) = (node.party(DEPOSITOR), node.party(SUPPLIER));
    purse.payment(&supplier.address.to_string(), "12.50", "moved").settle(&[&depositor]);
    node.stop();
    let chain = chains(&node).remove(0);
    let [plain, whole] = ["plain.archive", "whole.archive"].map(|name| node.path(name).display().to_string());
    let export = |file: &str, options: &[&str]| {
        let arguments = [&["--json", "chain", "export", &purse.chain, file], options].concat();
        node.hive(&arguments).expect_status(0).json()
    };
    assert_eq!(export(&plain, &[])["journalEntries"], 0);
    let exported = export(&whole, &["--with-journal"]);
    assert!(exported["journalEntries"].as_u64() > Some(1), "{exported}");
    for (file, entries) in [(&plain, &Value::from(0)), (&whole, &exported["journalEntries"])] {
        let proved = node.hive(&["--json", "verify", file]).expect_status(0).json();
        assert_eq!((&proved["stateRoot"], &proved["journalEntries"]), (&exported["stateRoot"], entries));
    }

    let mut other = with_keys_of(&node, &["--no-demonstration"]);
    other.restart();
    other.stop();
    let refused = other.hive(&["chain", "import", &plain]).expect_status(1);
    let told = ["IMPORT_JOURNAL_MISSING", "hive chain export --with-journal"];
    assert!(told.iter().all(|told| refused.stderr.contains(told)), "{}", refused.stderr);
    let imported = other.hive(&["--json", "chain", "import", &whole]).expect_status(0).json();
    for field in ["chain", "height", "tip", "stateRoot", "transactions", "journalEntries"] {
        assert_eq!(imported[field], exported[field], "{field}");
    }
    assert_eq!(chains(&other), [chain]);
    assert_eq!(other.hive(&["--json", "audit"]).expect_status(0).json()["passed"], true);
    other.restart();
    other.assert_up();
}

#[test]
fn a_block_without_its_states_is_named_and_stops_its_chain_alone() {
    let mut node = Node::start();
    command::run(&mut node.client_command(&["demo"])).expect_status(0);
    node.stop();
    let file = node.path("node.backup").display().to_string();
    node.hive(&["backup", &file]).expect_status(0);
    let mut other = with_keys_of(&node, &["--no-demonstration"]);
    other.hive(&["restore", &file]).expect_status(0);
    statement(&other, "DELETE FROM state WHERE height = (SELECT max(height) FROM state)");
    let report = other.hive(&["--json", "audit"]).expect_status(2).json();
    let mut findings = report["findings"].as_array().expect("a list").iter();
    let is_named = |finding: &Value| finding["code"] == "AUDIT_ROW_MISSING" && finding["table"] == "state";
    assert!(findings.any(is_named), "{report}");

    other.restart();
    let demonstration = command::run(&mut other.client_command(&["demo"]));
    assert!(demonstration.status != Some(0), "{}", demonstration.stdout);
    let ready = other.http().get("/readyz");
    assert_eq!(ready.status, 200, "the node goes on");
    let told = ready.json();
    let (chain, reason) = (&told["stoppedChains"][0]["chain"], &told["stoppedChains"][0]["reason"]);
    assert_eq!((&told["chainsStopped"], chain), (&1.into(), &chains(&node)[0].0), "{told}");
    assert!(reason.as_str().is_some_and(|reason| reason.contains("a part of a block is missing")), "{told}");
    assert!(other.log().contains("a part of a block is missing"), "the log says why");
}
