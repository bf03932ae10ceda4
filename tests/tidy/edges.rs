//! Which crate may depend on which: the layers of the house, read from every Cargo.toml.

use std::process::Command;

use serde_json::Value;

use super::sources::repository;
use super::{Finding, assert_clean};

/// The crates of the house from the ground up; a crate depends only on crates of lower layers.
const LAYERS: &[&[&str]] = &[
    &["ledger-agreement", "ledger-finance", "hive-migrations", "hive-test-database"],
    &["ledger-core"],
    &["hive-chain"],
    &["hive-bench", "hive-evidence", "hive-platform"],
    &["hive-plug"],
    // Verticals and hive-app: they do not know each other.
    &["hive-app", VERTICAL],
    &["trade-node"],
    &["hive-tests"],
];
/// Stands for every crate in `verticals/`.
const VERTICAL: &str = "(a vertical)";
/// Edges that the layers would allow and the architecture does not.
const FORBIDDEN: &[(&str, &str)] = &[("ledger-core", "hive-migrations")];
/// What would make the ledger core impure.
const IMPURE: &[&str] = &["async-graphql", "axum", "getrandom", "rand", "reqwest", "sea-orm", "sqlx", "tokio", "ureq"];

struct Crate {
    name: String,
    folder: String,
    /// Of every kind: normal, build and dev.
    dependencies: Vec<String>,
}

fn workspace() -> Vec<Crate> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let metadata = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(repository())
        .output()
        .expect("cargo metadata runs");
    assert!(metadata.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo metadata is JSON");
    let root = format!("{}/", metadata["workspace_root"].as_str().expect("workspace_root"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| Crate {
            name: text(&package["name"]),
            folder: text(&package["manifest_path"]).replacen(&root, "", 1).replace("/Cargo.toml", ""),
            dependencies: package["dependencies"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|edge| text(&edge["name"]))
                .collect(),
        })
        .collect()
}

/// The layer of a crate, with its name as the layers know it.
fn layer(name: &str, crates: &[Crate]) -> Option<usize> {
    let is_vertical = crates.iter().any(|known| known.name == name && known.folder.starts_with("verticals/"));
    let name = if is_vertical { VERTICAL } else { name };
    LAYERS.iter().position(|layer| layer.contains(&name))
}

fn forbidden_edges(crates: &[Crate]) -> Vec<Finding> {
    crates.iter().flat_map(|from| edges_of(from, crates)).collect()
}

fn edges_of(from: &Crate, crates: &[Crate]) -> Vec<Finding> {
    let Some(own) = layer(&from.name, crates) else {
        return vec![format!("{}: has no layer; give it one in the table of layers", from.name)];
    };
    let is_member = |name: &str| crates.iter().any(|known| known.name == name);
    let goes_up = |to: &str| is_member(to) && layer(to, crates).is_some_and(|other| other >= own);
    let is_forbidden = |to: &str| FORBIDDEN.contains(&(from.name.as_str(), to));
    let is_impure = |to: &str| from.folder.starts_with("ledger-core/") && IMPURE.contains(&to);
    (from.dependencies.iter())
        .filter(|to| goes_up(to) || is_forbidden(to) || is_impure(to))
        .map(|to| format!("{}: depends on {to}; the layers run the other way", from.name))
        .collect()
}

#[test]
fn crates_depend_only_downwards() {
    assert_clean(forbidden_edges(&workspace()));
}

#[test]
fn edges_against_the_layers_are_found() {
    let house = |name: &str, edges: &[&str]| -> usize {
        let member = |(name, folder): (&str, &str)| Crate {
            name: name.to_owned(),
            folder: folder.to_owned(),
            dependencies: vec![],
        };
        let mut crates: Vec<_> = [
            ("ledger-core", "ledger-core/ledger"),
            ("hive-migrations", "migrations"),
            ("hive-chain", "framework/chain"),
            ("hive-platform", "framework/platform"),
            ("hive-app", "framework/app"),
            ("grain", "verticals/grain"),
            ("data-credit", "verticals/data-credit"),
            ("trade-node", "examples/trade-node"),
            ("stray", "framework/stray"),
        ]
        .map(member)
        .into();
        let from = crates.iter_mut().find(|known| known.name == name).expect("a crate of the sample");
        from.dependencies = edges.iter().map(|edge| (*edge).to_owned()).collect();
        edges_of(&crates[crates.iter().position(|known| known.name == name).expect("found above")], &crates).len()
    };
    for (name, edges, expected) in [
        ("hive-chain", &["ledger-core", "hive-migrations", "tokio"][..], 0),
        ("trade-node", &["hive-app", "grain"], 0),
        ("ledger-core", &["hive-chain"], 1),
        ("ledger-core", &["tokio", "prost", "hive-migrations"], 2),
        ("hive-platform", &["hive-platform", "hive-app"], 2),
        ("grain", &["data-credit"], 1),
        ("grain", &["hive-app"], 1),
        ("hive-app", &["grain"], 1),
        ("stray", &[], 1),
    ] {
        assert_eq!(house(name, edges), expected, "{name} -> {edges:?}");
    }
}
