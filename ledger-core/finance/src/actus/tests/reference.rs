//! The reference contracts of the standard, where their folder lies beside the repository.

#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use super::compare::events_met;

const FOLDER: &str = "../shared/data/actus";

/// How far a number may be from the reference: they are computed with floats.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// The folder beside the repository, or beside a folder that the repository lies in.
fn folder() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut places = repository.ancestors().map(|folder| folder.join(FOLDER));
    places.find(|folder| folder.is_dir())
}

#[test]
fn reference_contracts_are_met() {
    let Some(folder) = folder() else {
        println!("skipped: there is no folder {FOLDER} beside the repository");
        return;
    };
    let (mut contracts, mut events, mut failures) = (0, 0, Vec::new());
    for kind in ["pam", "lam", "ann", "nam", "lax", "clm", "ump", "ceg", "cec"] {
        let text = std::fs::read_to_string(folder.join(format!("{kind}.json"))).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (id, contract) in file.as_object().unwrap() {
            match events_met(contract, TOLERANCE) {
                Ok(count) => (contracts, events) = (contracts + 1, events + count),
                Err(found) => failures.push(format!("{id}: {found}")),
            }
        }
    }
    println!("{contracts} reference contracts with {events} events are met, none left out");
    assert!(failures.is_empty(), "{} contracts differ:\n{}", failures.len(), failures.join("\n"));
}
