//! Contracts with features that reference contracts do not show, computed by a program of their own.

use rust_decimal::Decimal;

use super::compare::events_met;

/// Written by `own/compute.py`, which shares nothing with the code that is tested.
const CONTRACTS: &str = include_str!("own/own.json");

/// The file has 14 places, and each event rounds to 12.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 10);

#[test]
fn contracts_computed_elsewhere_are_met() {
    let file: serde_json::Value = serde_json::from_str(CONTRACTS).unwrap();
    let contracts = file.as_object().unwrap();
    let check = |(id, contract): (&String, &serde_json::Value)| {
        events_met(contract, TOLERANCE).err().map(|found| format!("{id}: {found}"))
    };
    let failures: Vec<String> = contracts.iter().filter_map(check).collect();
    assert!(contracts.len() >= 12, "only {} contracts", contracts.len());
    assert!(failures.is_empty(), "{} contracts differ:\n{}", failures.len(), failures.join("\n"));
}
