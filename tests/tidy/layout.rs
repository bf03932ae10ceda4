//! Files have a size, a telling name and a home.

use super::sources::{File, files};
use super::{Finding, assert_clean, check};

/// A file that outgrows this holds more than one idea.
const LINES_MAX: usize = 500;
const SOURCES: &[&str] = &[".rs", ".py", ".ts", ".tsx", ".mjs"];
const GRAB_BAGS: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];
#[rustfmt::skip]
const TOP_LEVEL: &[&str] = &[
    ".ci", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.lock", "Cargo.toml", "LICENSE", "Makefile",
    "README.md", "README.zh-CN.md", "clippy.toml", "docs", "rustfmt.toml", "examples", "framework", "ledger-core", "migrations", "schema",
    "tests", "verticals",
];

fn is_source(file: &File) -> bool {
    SOURCES.iter().any(|extension| file.path.ends_with(extension))
}

fn too_long(file: &File) -> Vec<Finding> {
    let lines = file.text.lines().count();
    let finding = || format!("{}: {lines} lines, at most {LINES_MAX}; cut it by content", file.path);
    (is_source(file) && lines > LINES_MAX).then(finding).into_iter().collect()
}

fn named_for_nothing(file: &File) -> Vec<Finding> {
    let stem = |part: &str| part.split('.').next().is_some_and(|stem| GRAB_BAGS.contains(&stem));
    let finding = || format!("{}: name it for what it holds", file.path);
    file.path.split('/').any(stem).then(finding).into_iter().collect()
}

fn homeless(file: &File) -> Vec<Finding> {
    let top = file.path.split('/').next().unwrap_or_default();
    let finding = || format!("{}: {top} is no top-level entry of the architecture", file.path);
    (!TOP_LEVEL.contains(&top)).then(finding).into_iter().collect()
}

#[test]
fn no_source_file_is_too_long() {
    assert_clean(files().iter().flat_map(too_long).collect());
}

#[test]
fn every_name_says_what_is_inside() {
    assert_clean(files().iter().flat_map(named_for_nothing).collect());
}

#[test]
fn every_file_has_a_home() {
    assert_clean(files().iter().flat_map(homeless).collect());
}

#[test]
fn long_files_are_found() {
    let (at_most, too_many) = ("line\n".repeat(LINES_MAX), "line\n".repeat(LINES_MAX + 1));
    check(
        too_long,
        &[("a.rs", &at_most, 0), ("a.rs", &too_many, 1), ("a.py", &too_many, 1), ("Cargo.lock", &too_many, 0)],
    );
}

#[test]
fn grab_bags_are_found() {
    check(
        named_for_nothing,
        &[
            ("framework/chain/src/util.rs", "", 1),
            ("framework/common/src/lib.rs", "", 1),
            ("tests/helpers/mod.rs", "", 1),
            ("framework/chain/src/commit.rs", "", 0),
        ],
    );
}

#[test]
fn homeless_files_are_found() {
    check(homeless, &[("notes.txt", "", 1), ("scripts/x.sh", "", 1), ("tests/main.rs", "", 0), ("LICENSE", "", 0)]);
}
