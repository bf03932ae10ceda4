//! The schedule of an ACTUS contract in a file.

use std::path::Path;

use chrono::NaiveDateTime;
use ledger_core::Coded;
use ledger_finance::actus::{
    ActusError, Bound, Detail, Event, Observations, Terms, Value as Read, parse_time, schedule, write_time,
};
use serde_json::{Map, Value};

use super::ScheduleFormat;
use super::contract_file::read;
use super::obligations::refused;
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// What reference files have beside the contract: their name for it and their results.
const SKIPPED: [&str; 2] = ["identifier", "results"];

/// A contract as it stands in a file.
struct Contract {
    terms: Terms,
    observations: Observations,
    to: Option<NaiveDateTime>,
}

/// Runs `hive finance schedule`.
pub(super) fn run(path: &Path, format: ScheduleFormat) -> Result<(), CliError> {
    let unreadable = |source| CliError::File { path: path.to_owned(), action: "cannot be read", source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let fields = read(&bytes, &SKIPPED).map_err(|error| refused(path, error.code(), &error.to_string()))?;
    let actus = |error: ActusError| refused(path, error.code(), &error.to_string());
    let contract = Contract::read(fields).map_err(actus)?;
    let events = schedule(&contract.terms, &contract.observations, contract.to, Bound::WIDE).map_err(actus)?;
    let currency = contract.terms.settlement_currency.or(contract.terms.currency).unwrap_or_default();
    let rows: Vec<Vec<(&str, String)>> = events.iter().map(|event| row(event, &currency)).collect();
    print(&rows, format);
    Ok(())
}

impl Contract {
    fn read(fields: Vec<(String, Read)>) -> Result<Self, ActusError> {
        let (mut terms, mut data, mut events, mut to) = (None, None, None, None);
        for (name, value) in fields {
            let place = match name.as_str() {
                "terms" => &mut terms,
                "dataObserved" => &mut data,
                "eventsObserved" => &mut events,
                "to" => &mut to,
                _ => return Err(ActusError::NameUnknown { path: name }),
            };
            if place.replace(value).is_some() {
                return Err(ActusError::NameTwice { path: name });
            }
        }
        let missing = || ActusError::Missing { path: "terms".to_owned(), why: "they are the contract" };
        let to = match to {
            None => None,
            Some(Read::Text(text)) if text.trim().is_empty() => None,
            Some(Read::Text(text)) => Some(parse_time(text.trim(), "to")?),
            Some(_) => return Err(ActusError::Form { path: "to".to_owned(), expected: "a date" }),
        };
        Ok(Self {
            terms: Terms::read(&terms.ok_or_else(missing)?)?,
            observations: Observations::read(data.as_ref(), events.as_ref())?,
            to,
        })
    }
}

/// An event under the names of reference files.
fn row(event: &Event, currency: &str) -> Vec<(&'static str, String)> {
    let mut row = vec![
        ("eventDate", write_time(event.time)),
        ("eventType", event.kind.code().to_owned()),
        ("payoff", event.payoff.normalize().to_string()),
        ("currency", currency.to_owned()),
        ("notionalPrincipal", event.notional_principal.normalize().to_string()),
    ];
    match &event.detail {
        Detail::Interest { nominal_interest_rate, accrued_interest } => row.extend([
            ("nominalInterestRate", nominal_interest_rate.normalize().to_string()),
            ("accruedInterest", accrued_interest.normalize().to_string()),
        ]),
        Detail::Exercise { exercise_amount, exercise_date } => {
            row.push(("exerciseAmount", exercise_amount.normalize().to_string()));
            row.extend(exercise_date.map(|date| ("exerciseDate", write_time(date))));
        }
    }
    row
}

fn print(rows: &[Vec<(&str, String)>], format: ScheduleFormat) {
    let longest = rows.iter().max_by_key(|row| row.len());
    let head: Vec<&str> = longest.into_iter().flatten().map(|(name, _)| *name).collect();
    // A row without an exercise date is shorter.
    let cells = |row: &Vec<(&str, String)>| {
        let cells = row.iter().map(|(_, text)| text.clone()).chain(std::iter::repeat(String::new()));
        cells.take(head.len()).collect::<Vec<_>>()
    };
    match format {
        ScheduleFormat::Json => {
            let as_object = |row: &Vec<(&str, String)>| {
                let fields = row.iter().map(|(name, text)| ((*name).to_owned(), Value::from(text.as_str())));
                Value::Object(fields.collect::<Map<_, _>>())
            };
            Output::Json.table(&[], &[], &rows.iter().map(as_object).collect());
        }
        ScheduleFormat::Csv => {
            // No cell of a schedule has a comma, a quote or a line break, but the currency is a text of the file.
            let mut writer = csv::Writer::from_writer(Vec::new());
            let lines =
                std::iter::once(head.iter().map(|name| (*name).to_owned()).collect()).chain(rows.iter().map(cells));
            for line in lines {
                // Writing to memory does not fail, and all lines have as many cells as the head.
                let _written = writer.write_record(&line);
            }
            let bytes = writer.into_inner().unwrap_or_default();
            Output::Text.line(String::from_utf8_lossy(&bytes).trim_end());
        }
        ScheduleFormat::Table => {
            Output::Text.table(&head, &rows.iter().map(cells).collect::<Vec<_>>(), &Value::Null);
        }
    }
}
