//! Which words - libraries, clocks, floats, I/O - may stand in which files. Comments do not count.

use super::sources::{File, files, mentions};
use super::{Finding, assert_clean, check};

/// Where a word may stand although the rule's folders forbid it.
enum Place {
    /// Everything whose path begins so.
    Under(&'static str),
    /// Files and folders of this name in a vertical.
    InVertical(&'static str),
}
use Place::{InVertical, Under};

struct Rule {
    words: &'static [&'static str],
    /// The rule looks at files of this extension in these folders.
    extension: &'static str,
    within: &'static [&'static str],
    allowed: &'static [Place],
    instead: &'static str,
}

const PRODUCT: &[&str] = &["ledger-core/", "framework/", "verticals/", "examples/", "migrations/"];

const RULES: &[Rule] = &[
    Rule {
        words: &["sea_orm", "sea_orm_migration", "sea_query", "sqlx", "rusqlite"],
        extension: ".rs",
        within: PRODUCT,
        allowed: &[
            Under("framework/chain/src/storage"),
            Under("framework/bench/src/storage"),
            Under("framework/evidence/src/storage"),
            Under("framework/platform/src/storage"),
            Under("migrations/"),
            InVertical("migration"),
            InVertical("projection"),
            InVertical("query"),
        ],
        instead: "go through the crate's storage, a ProjectionWriter or a ReadView",
    },
    Rule {
        words: &["async_graphql"],
        extension: ".rs",
        within: PRODUCT,
        allowed: &[Under("framework/plug/"), Under("framework/app/"), InVertical("graphql")],
        instead: "move it to the vertical's graphql file",
    },
    Rule {
        words: &["axum", "tower_http"],
        extension: ".rs",
        within: PRODUCT,
        allowed: &[Under("framework/app/")],
        instead: "only hive-app speaks HTTP",
    },
    Rule {
        words: &["SystemTime", "Utc::now", "Local::now"],
        extension: ".rs",
        within: PRODUCT,
        allowed: &[Under("framework/chain/src/producer"), Under("framework/chain/src/clock")],
        instead: "take the Clock you are given",
    },
    Rule {
        words: &["Instant"],
        extension: ".rs",
        within: &["ledger-core/", "framework/platform/", "framework/plug/", "verticals/"],
        allowed: &[Under("ledger-core/ledger/benches")],
        instead: "take the Clock you are given",
    },
    Rule {
        words: &["f32", "f64", "HashMap", "HashSet"],
        extension: ".rs",
        within: &["ledger-core/"],
        allowed: &[],
        instead: "every node must compute the same: integers, BTreeMap, BTreeSet",
    },
    Rule {
        words: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "std::process",
            "std::io",
            "tokio",
            "rand",
            "getrandom",
        ],
        extension: ".rs",
        within: &["ledger-core/"],
        // What the core may not do, its tests from outside and its fuzz targets do.
        allowed: &[
            Under("ledger-core/ledger/build.rs"),
            Under("ledger-core/ledger/benches"),
            Under("ledger-core/ledger/src/outside/"),
            Under("ledger-core/fuzz/"),
            Under("ledger-core/ledger/src/corpus"),
            Under("ledger-core/finance/src/actus/tests/reference.rs"),
        ],
        instead: "the core is pure: take it as an argument",
    },
    Rule {
        words: &["float", "double", "map"],
        extension: ".proto",
        within: &["schema/"],
        allowed: &[],
        instead: "floats round and maps have no one order; use integers and repeated messages",
    },
];

impl Rule {
    fn applies_to(&self, file: &File) -> bool {
        let allowed = self.allowed.iter().any(|place| match place {
            Under(beginning) => file.is_under(beginning),
            InVertical(name) => file.is_under("verticals/") && file.is_named(name),
        });
        file.path.ends_with(self.extension) && self.within.iter().any(|folder| file.is_under(folder)) && !allowed
    }

    fn findings(&self, file: &File) -> Vec<Finding> {
        let named = |line: &str| self.words.iter().find(|word| mentions(line, word)).copied();
        file.code()
            .filter_map(|(number, line)| Some((number, named(line)?)))
            .map(|(number, word)| format!("{}:{number}: names {word}: {}", file.path, self.instead))
            .collect()
    }
}

fn words_out_of_place(file: &File) -> Vec<Finding> {
    RULES.iter().filter(|rule| rule.applies_to(file)).flat_map(|rule| rule.findings(file)).collect()
}

#[test]
fn libraries_clocks_and_floats_stand_only_where_they_may() {
    assert_clean(files().iter().flat_map(words_out_of_place).collect());
}

#[test]
fn words_out_of_place_are_found() {
    check(
        words_out_of_place,
        &[
            ("framework/chain/src/storage/rows.rs", "use sea_orm::Entity;", 0),
            ("framework/chain/src/commit.rs", "use sea_orm::Entity;", 1),
            ("verticals/grain/src/receipt/projection.rs", "use sea_orm::Entity;", 0),
            ("verticals/grain/src/receipt/query/pages.rs", "use sea_orm::Entity;", 0),
            ("verticals/grain/src/receipt/service.rs", "let x: sea_orm::Value;", 1),
            ("migrations/src/lib.rs", "use sea_orm_migration::prelude::*;", 0),
            ("verticals/grain/src/receipt/graphql.rs", "use async_graphql::Object;", 0),
            ("verticals/grain/src/receipt/model.rs", "use async_graphql::Object;", 1),
            ("framework/platform/src/session.rs", "use async_graphql::Context;", 1),
            ("framework/app/src/server/router.rs", "use axum::Router;\nuse async_graphql::Schema;", 0),
            ("framework/plug/src/guard.rs", "use axum::Router;", 1),
            ("framework/chain/src/producer.rs", "SystemTime::now()", 0),
            ("framework/platform/src/session.rs", "SystemTime::now()\n// SystemTime", 1),
            ("framework/app/src/cli/demo.rs", "chrono::Utc::now()", 1),
            ("framework/app/src/cli/demo.rs", "Instant::now()", 0),
            ("framework/platform/src/session.rs", "tokio::time::Instant::now()", 1),
            ("ledger-core/ledger/src/amount.rs", "fn rate() -> f64 { 0.5 }", 1),
            ("ledger-core/ledger/src/view.rs", "use std::collections::{BTreeMap, HashMap};", 1),
            ("ledger-core/ledger/src/view.rs", "use std::collections::BTreeMap;", 0),
            ("ledger-core/ledger/src/block.rs", "let key = std::env::var(\"KEY\");", 1),
            ("ledger-core/ledger/build.rs", "std::env::var(\"OUT_DIR\")", 0),
            ("ledger-core/ledger/src/corpus.rs", "use std::fs;", 0),
            ("ledger-core/ledger/benches/ledger/main.rs", "std::time::Instant::now()", 0),
            ("ledger-core/ledger/benches/ledger/main.rs", "std::collections::HashMap::new()", 1),
            ("schema/block.proto", "double price = 1; // double", 1),
            ("schema/block.proto", "uint64 amount = 1; // never a float", 0),
            ("tests/main.rs", "use sea_orm::Entity;", 0),
        ],
    );
}
