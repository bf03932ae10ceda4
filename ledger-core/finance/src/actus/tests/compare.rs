//! Schedules against those that files have.

use rust_decimal::Decimal;

use super::Case;
use crate::actus::{Detail, Event, parse_time, write_time};

fn number(row: &serde_json::Value, name: &str) -> Option<Decimal> {
    let text = match row.get(name)? {
        serde_json::Value::String(text) => text.trim().to_owned(),
        number => number.to_string(),
    };
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// What differs between a row and its reference.
fn difference(event: &Event, row: &serde_json::Value, tolerance: Decimal) -> Option<String> {
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
        Some(theirs) if (ours - theirs).abs() <= tolerance => None,
        theirs => Some(format!("{time} {kind} {name} {ours} for {theirs:?}")),
    };
    pairs.into_iter().find_map(differs)
}

/// The number of events if each is as its `results` say, to a tolerance; else the first difference.
pub(super) fn events_met(contract: &serde_json::Value, tolerance: Decimal) -> Result<usize, String> {
    let events = Case::read(contract).and_then(|case| case.schedule()).map_err(|error| error.to_string())?;
    let rows = contract["results"].as_array().unwrap();
    if let Some(found) = events.iter().zip(rows).find_map(|(event, row)| difference(event, row, tolerance)) {
        return Err(found);
    }
    if events.len() == rows.len() { Ok(rows.len()) } else { Err(format!("{} events for {}", events.len(), rows.len())) }
}
