//! What a vertical's models and contracts may use, and that nothing below `verticals/` names one.

use std::collections::BTreeSet;

use super::sources::{File, files, mentions, paths};
use super::{Finding, assert_clean, check};

/// What a `use` in a model or contract may begin with.
const PURE_ROOTS: &[&str] = &["ledger_core", "std", "core", "prost", "thiserror", "proptest", "crate", "self", "super"];
/// Neighbours in a vertical that know more of the world than models do.
const IMPURE_NEIGHBOURS: &[&str] = &["service", "projection", "query", "graphql", "migration", "scenario"];

fn impure_models(file: &File) -> Vec<Finding> {
    let is_pure = file.is_named("model") || file.is_named("contract");
    if !(file.is_rust() && file.is_under("verticals/") && is_pure) {
        return Vec::new();
    }
    let offence = |line: &str| foreign_root(line).or_else(|| impure_neighbour(line));
    file.code()
        .filter_map(|(number, line)| Some((number, offence(line)?)))
        .map(|(number, name)| {
            format!("{}:{number}: uses {name}; models and contracts know ledger_core and models", file.path)
        })
        .collect()
}

/// A `use` of another crate, or a path that goes through the framework without one.
fn foreign_root(line: &str) -> Option<String> {
    let declaration = line.trim_start().trim_start_matches("pub ").strip_prefix("use ");
    let root = declaration.map(|path| path.trim_start_matches("::").split([':', ' ', ';']).next().unwrap_or_default());
    let foreign = root.filter(|root| !PURE_ROOTS.contains(root)).map(str::to_owned);
    foreign.or_else(|| line.contains("hive_").then(|| "the framework".to_owned()))
}

fn impure_neighbour(line: &str) -> Option<String> {
    let in_path = |name: &&&str| mentions(line, &format!("::{name}")) || line.contains(&format!("{name}::"));
    IMPURE_NEIGHBOURS.iter().find(in_path).map(|name| (*name).to_owned())
}

/// Names of verticals, as one lower-case word each: the folders that are there and those that will be.
fn vertical_names() -> BTreeSet<String> {
    let folders =
        paths().into_iter().filter_map(|path| Some(path.strip_prefix("verticals/")?.split('/').next()?.to_owned()));
    let known = ["warehouse", "agri-ecommerce", "data-credit"].map(str::to_owned);
    folders.chain(known).map(|name| squeezed(&name)).collect()
}

/// `data-credit`, `data_credit` and `DataCredit` are one word.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

fn named_verticals(file: &File, verticals: &BTreeSet<String>) -> Vec<Finding> {
    if !["ledger-core/", "framework/", "migrations/"].iter().any(|folder| file.is_under(folder)) {
        return Vec::new();
    }
    let named = |line: &str| {
        let line = squeezed(line);
        verticals.iter().find(|name| line.contains(name.as_str())).cloned()
    };
    (file.text.lines().enumerate())
        .filter_map(|(index, line)| Some((index + 1, named(line)?)))
        .map(|(number, name)| format!("{}:{number}: names the vertical {name}; the framework knows none", file.path))
        .collect()
}

#[test]
fn models_and_contracts_are_pure() {
    assert_clean(files().iter().flat_map(impure_models).collect());
}

#[test]
fn nothing_below_verticals_names_one() {
    let verticals = vertical_names();
    assert_clean(files().iter().flat_map(|file| named_verticals(file, &verticals)).collect());
}

#[test]
fn impure_models_are_found() {
    let (model, contract) = ("verticals/grain/src/receipt/model.rs", "verticals/grain/src/receipt/contract/tests.rs");
    check(
        impure_models,
        &[
            (model, "use ledger_core::Amount;\nuse std::fmt;\nuse crate::lot::model::Lot;", 0),
            (model, "pub use super::wire::Receipt;", 0),
            (model, "use chrono::NaiveDate;", 1),
            (model, "use sea_orm::{Entity};", 1),
            (contract, "let node = hive_chain::Node::open();", 1),
            (contract, "use super::service::issue;", 1),
            (contract, "crate::receipt::query::by_number()", 1),
            (contract, "let query = 1;", 0),
            (contract, "use {tokio::task};", 1),
            ("verticals/grain/src/receipt/service.rs", "use hive_chain::Node;", 0),
        ],
    );
}

#[test]
fn named_verticals_are_found() {
    let verticals = vertical_names();
    check(
        |file| named_verticals(file, &verticals),
        &[
            ("framework/app/src/cli.rs", "// the warehouse demo", 1),
            ("framework/plug/src/vertical.rs", "struct DataCredit;", 1),
            ("ledger-core/ledger/src/contract/title.rs", "agri_ecommerce", 1),
            ("ledger-core/ledger/src/contract/title.rs", "a title to goods in custody", 0),
            ("verticals/warehouse-receipts/src/lib.rs", "warehouse", 0),
            ("examples/trade-node/src/main.rs", "warehouse_receipts::Warehouse", 0),
        ],
    );
}
