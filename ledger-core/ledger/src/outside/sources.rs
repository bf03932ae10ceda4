//! What the sources say of themselves.

#![allow(clippy::disallowed_methods)]

use std::path::Path;

use crate::encoding::tests::values::VALUES;

/// The text of every source file below a folder.
fn texts(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of = |path: std::path::PathBuf| {
        if path.is_dir() { texts(&path) } else { vec![std::fs::read_to_string(path).unwrap()] }
    };
    entries
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "rs"))
        .flat_map(of)
        .collect()
}

#[test]
fn every_value_with_a_wire_form_is_checked_in_all_forms() {
    let listed: Vec<_> = VALUES.iter().map(|path| path.rsplit("::").next().unwrap().trim()).collect();
    let texts = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let lines = texts.iter().flat_map(|text| text.lines());
    let values = lines.filter_map(|line| line.strip_prefix("impl Wire for ")?.strip_suffix(" {"));
    let missing: Vec<_> = values.clone().filter(|value| !listed.contains(value)).collect();
    assert!(values.count() >= 30);
    assert!(missing.is_empty(), "list these in encoding/tests/values.rs: {missing:?}");
}
