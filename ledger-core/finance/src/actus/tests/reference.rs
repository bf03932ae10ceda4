//! The reference contracts of the standard, where their folder lies beside the repository.

#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use super::Case;
use crate::actus::{Detail, Event, parse_time, write_time};

const FOLDER: &str = "../shared/data/actus";

/// How far a number may be from the reference: they are computed with floats.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// The folder beside the repository, or beside a folder that the repository lies in.
fn folder() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut places = repository.ancestors().map(|folder| folder.join(FOLDER));
    places.find(|folder| folder.is_dir())
}

fn number(row: &serde_json::Value, name: &str) -> Option<Decimal> {
    let text = match row.get(name)? {
        serde_json::Value::String(text) => text.trim().to_owned(),
        number => number.to_string(),
    };
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// What differs between a row and its reference.
fn difference(event: &Event, row: &serde_json::Value) -> Option<String> {
    let (time, kind) = (row["eventDate"].as_str().unwrap(), row["eventType"].as_str().unwrap());
    let time = parse_time(time, "eventDate").unwrap();
    if (event.time, event.kind.code()) != (time, kind) {
        return Some(format!("{} {} for {time} {kind}", write_time(event.time), event.kind.code()));
    }
    let mut pairs = vec![("payoff", event.payoff), ("notionalPrincipal", event.notional_principal)];
    match &event.detail {
        Detail::Interest { nominal_interest_rate, accrued_interest } => {
            pairs.extend([("nominalInterestRate", *nominal_interest_rate), ("accruedInterest", *accrued_interest)]);
        }
        Detail::Exercise { exercise_amount, exercise_date } => {
            pairs.push(("exerciseAmount", *exercise_amount));
            let expected = row.get("exerciseDate").map(|date| parse_time(date.as_str().unwrap(), "").unwrap());
            if *exercise_date != expected {
                return Some(format!("exerciseDate {exercise_date:?} for {expected:?}"));
            }
        }
    }
    let differs = |(name, ours): (&str, Decimal)| match number(row, name) {
        Some(theirs) if (ours - theirs).abs() <= TOLERANCE => None,
        theirs => Some(format!("{time} {kind} {name} {ours} for {theirs:?}")),
    };
    pairs.into_iter().find_map(differs)
}

fn differences(contract: &serde_json::Value) -> Result<usize, String> {
    let events = Case::read(contract).and_then(|case| case.schedule()).map_err(|error| error.to_string())?;
    let rows = contract["results"].as_array().unwrap();
    if let Some(found) = events.iter().zip(rows).find_map(|(event, row)| difference(event, row)) {
        return Err(found);
    }
    if events.len() == rows.len() { Ok(rows.len()) } else { Err(format!("{} events for {}", events.len(), rows.len())) }
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
            match differences(contract) {
                Ok(count) => (contracts, events) = (contracts + 1, events + count),
                Err(found) => failures.push(format!("{id}: {found}")),
            }
        }
    }
    println!("{contracts} reference contracts with {events} events are met, none left out");
    assert!(failures.is_empty(), "{} contracts differ:\n{}", failures.len(), failures.join("\n"));
}
