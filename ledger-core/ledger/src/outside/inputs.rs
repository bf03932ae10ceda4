//! Committed fuzz inputs: the corpora, and what once broke a target.

#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use super::FUZZ;
use super::target::TARGETS;

/// The entries of a folder; none when there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn committed_inputs_pass_their_targets() {
    let mut passed = 0;
    for folder in ["corpus", "regressions"].into_iter().flat_map(|folder| entries(&Path::new(FUZZ).join(folder))) {
        let target = TARGETS.iter().find(|(target, _)| *target == name(&folder));
        let (_, target) = target.unwrap_or_else(|| panic!("{} is the folder of no target", folder.display()));
        for input in entries(&folder) {
            target(&std::fs::read(&input).unwrap());
            passed += 1;
        }
    }
    assert!(passed >= TARGETS.len(), "only {passed} inputs");
}

#[test]
fn every_target_has_a_corpus() {
    for (target, _) in TARGETS {
        assert!(!entries(&Path::new(FUZZ).join("corpus").join(target)).is_empty(), "{target} has no corpus");
    }
}
