//! What the command line says when something stands in the way: what is true and what to do, with a telling exit status.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::cast::DEPOSITOR;
use crate::command;
use crate::node::Node;

#[test]
fn a_folder_belongs_to_one_process() {
    let node = Node::start();
    for arguments in [&["audit"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let refused = node.hive(arguments).expect_status(1);
        assert!(refused.stderr.contains("a node is running on"), "{}", refused.stderr);
        assert!(refused.stderr.contains("--data"), "it says what to do: {}", refused.stderr);
    }
    node.assert_up();
}

#[test]
fn an_address_in_use_is_named() {
    let (node, other) = (Node::start(), Node::stopped(&[]));
    let address = node.url().trim_start_matches("http://").to_owned();
    let refused = other.hive(&["serve", "--listen", &address]).expect_status(1);
    assert!(refused.stderr.contains("ADDRESS_NOT_FREE") && refused.stderr.contains("--listen"), "{}", refused.stderr);
    node.assert_up();
}

#[test]
fn clients_without_a_node_are_told_to_start_one() {
    let nowhere = Node::stopped(&[]);
    let audit = nowhere.hive(&["audit"]).expect_status(1);
    assert!(audit.stderr.contains("hive serve"), "{}", audit.stderr);
    let demo = nowhere.hive(&["demo"]).expect_status(1);
    assert!(demo.stderr.contains("hive serve"), "{}", demo.stderr);
    let mut node = Node::start();
    let url = node.url().to_owned();
    node.stop();
    let demo = node.hive(&["demo", "--node", &url]).expect_status(1);
    assert!(demo.stderr.contains("does not answer") && demo.stderr.contains("hive serve"), "{}", demo.stderr);
    let unknown = node.hive(&["demo", "no-such-trade", "--node", &url]).expect_status(1);
    assert!(unknown.stderr.contains("first-trade"), "it names those there are: {}", unknown.stderr);
    assert_eq!(nowhere.hive(&["no-such-command"]).status, Some(2), "a wrong command is a wrong use");
}

#[test]
fn keys_are_closed_to_others_and_never_shown() {
    let mut node = Node::start();
    let folder = node.data().join("keys");
    let mode = |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in fs::read_dir(&folder).expect("the folder of keys").map(|file| file.expect("a file").path()) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let path = node.key_path(DEPOSITOR);
    let seed = serde_json::from_str::<serde_json::Value>(&fs::read_to_string(&path).expect("a key file"))
        .expect("JSON")["seed"]
        .clone();
    let seed = seed.as_str().expect("a seed").to_owned();
    let shown = node.hive(&["key", "show", &path.display().to_string()]).expect_status(0);
    assert!(shown.stdout.contains(&node.key(DEPOSITOR).address) && !shown.stdout.contains(&seed));
    command::run(&mut node.client_command(&["demo"])).expect_status(0);
    assert!(!node.log().contains(&seed));
    let again = node.hive(&["key", "new", &path.display().to_string()]).expect_status(1);
    assert!(again.stderr.contains("exists"), "{}", again.stderr);
    // A key that others could read opens nothing.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("the owner may");
    let refused = command::run(&mut node.client_command(&["demo"])).expect_status(1);
    assert!(refused.stderr.contains("chmod 600"), "{}", refused.stderr);
    node.stop();
    let keys_are_well = || {
        let checks = node.hive(&["--json", "doctor"]).json();
        let check = checks.as_array().into_iter().flatten().find(|check| check["code"] == "PARTY_KEYS");
        check.unwrap_or_else(|| panic!("doctor looks at key files: {checks}"))["ok"] == true
    };
    assert!(!keys_are_well());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the owner may");
    assert!(keys_are_well());
}

#[test]
fn a_node_tells_how_it_is() {
    let mut node = Node::start();
    let http = node.http();
    assert_eq!(http.get("/livez").status, 200);
    assert_eq!(http.get("/readyz").json()["ready"], true);
    let version = http.get("/version").json();
    assert!(version["framework"].is_string() && version["verticals"]["warehouse-receipts"].is_string(), "{version}");
    let keys = http.get("/.well-known/jwks.json").json();
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&json!("OKP"), &json!("Ed25519")), "{keys}");
    assert!(keys["keys"][0]["d"].is_null(), "the public part alone");
    let metrics = http.get("/metrics").text();
    assert!(metrics.lines().any(|line| line.contains("height")), "{metrics}");
    let page = http.send("GET", "/graphql/platform", &[("accept", "text/html")], b"").text();
    assert!(page.contains("<html"), "people get a page in development");
    for outside in ["src=\"http", "href=\"http", "import \"http", "//cdn", "unpkg"] {
        assert!(!page.contains(outside), "the page loads nothing from elsewhere: {outside}");
    }
    node.stop();
    let production = Node::with_options(&["--production"]);
    let answer = production.http().send("GET", "/graphql/platform", &[("accept", "text/html")], b"");
    assert!(!answer.text().contains("<html"), "nobody gets a page in production");
    let schema = json!({ "query": "{ __schema { types { name } } }" });
    let answer = production.http().post("/graphql/platform", None, &schema);
    assert!(answer.json()["data"]["__schema"].is_null(), "strangers see no schema in production: {}", answer.text());
    let typo = production.http().post("/graphql/platform", None, &json!({ "query": "{ nod { name } }" })).text();
    assert!(!typo.contains("Did you mean"), "nor suggestions: {typo}");
}
