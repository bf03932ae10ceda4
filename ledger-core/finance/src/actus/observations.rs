//! What is observed from outside: values of markets, events that nobody scheduled, and calendars of places.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::bounds::OBSERVATIONS_MAX;
use super::choice::ContractPerformance;
use super::error::ActusError;
use super::event::EventType;
use super::terms::Term;
use super::value::{Value, inside};
use crate::calendar::Calendar;

/// What is observed. It may be more than a contract needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observations {
    series: BTreeMap<String, BTreeMap<NaiveDateTime, Decimal>>,
    events: Vec<ObservedEvent>,
    calendars: BTreeMap<String, Calendar>,
    silences: BTreeSet<(String, NaiveDateTime)>,
}

/// An event that nobody scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedEvent {
    /// When.
    pub time: NaiveDateTime,
    /// What: a prepayment, a payment or a drawing of a UMP, a call, a credit event.
    pub kind: EventType,
    /// How much.
    pub value: Decimal,
    /// Whose; none where it can only be the contract's own.
    pub contract_id: Option<String>,
    /// The performance from then on, of a credit event.
    pub performance: Option<ContractPerformance>,
}

impl Observations {
    /// Reads values by market object (`dataObserved`) and events (`eventsObserved`), as reference files have them.
    pub fn read(data: Option<&Value>, events: Option<&Value>) -> Result<Self, ActusError> {
        let mut observations = Self::default();
        let mut count = 0_usize;
        for (code, series) in data.map_or(Ok(&[][..]), |data| data.fields("dataObserved"))? {
            observations.read_series(code, series, &mut count)?;
        }
        let Some(events) = events else { return Ok(observations) };
        let Value::List(events) = events else {
            return Err(ActusError::Form { path: "eventsObserved".to_owned(), expected: "a list of events" });
        };
        counted(events.len())?;
        for (place, event) in events.iter().enumerate() {
            observations.events.push(ObservedEvent::read(event, &format!("eventsObserved[{place}]"))?);
        }
        observations.events.sort_by_key(|event| event.time);
        Ok(observations)
    }

    /// The values of a market object, by its identifier if it has one, else by the name it stands under.
    fn read_series(&mut self, name: &str, series: &Value, count: &mut usize) -> Result<(), ActusError> {
        let path = inside("dataObserved", name);
        let (mut code, mut points) = (name.to_owned(), BTreeMap::new());
        for (name, value) in series.fields(&path)? {
            let at = inside(&path, name);
            match (name.as_str(), value) {
                ("identifier", identifier) => code = String::read(identifier, &at)?,
                ("data", Value::List(entries)) => {
                    *count = count.saturating_add(entries.len());
                    counted(*count)?;
                    for (place, entry) in entries.iter().enumerate() {
                        let at = format!("{at}[{place}]");
                        let (time, value) = point(entry, &at)?;
                        if points.insert(time, value).is_some() {
                            return Err(ActusError::NameTwice { path: inside(&at, "timestamp") });
                        }
                    }
                }
                ("data", _) => return Err(ActusError::Form { path: at, expected: "a list of timestamps with values" }),
                _ => return Err(ActusError::NameUnknown { path: at }),
            }
        }
        self.series.insert(code, points);
        Ok(())
    }

    /// Adds a calendar that terms may name beside `NC` and `MF`.
    pub fn with_calendar(mut self, name: &str, calendar: Calendar) -> Self {
        self.calendars.insert(name.to_owned(), calendar);
        self
    }

    /// Says that a market object has no value that counts at a time: a rate that would be reset to it then stays as it is, within
    /// the bounds of its life.
    pub fn with_silence(mut self, code: &str, time: NaiveDateTime) -> Self {
        self.silences.insert((code.to_owned(), time));
        self
    }

    pub(super) fn is_silent(&self, code: &str, time: NaiveDateTime) -> bool {
        self.silences.iter().any(|(silent, at)| silent == code && *at == time)
    }

    pub(super) fn calendar(&self, name: &str) -> Option<&Calendar> {
        self.calendars.get(name)
    }

    /// The latest value of a market object at a time: what holds until the next one is known.
    pub(super) fn value(&self, code: &str, time: NaiveDateTime) -> Result<Decimal, ActusError> {
        let series = self.series.get(code);
        let latest = series.and_then(|series| series.range(..=time).next_back());
        let missing = || ActusError::ObservationMissing { code: code.to_owned(), time };
        latest.map(|(_, value)| *value).ok_or_else(missing)
    }

    /// A market object's value that is of exactly this time.
    pub(super) fn value_of(&self, code: &str, time: NaiveDateTime) -> Option<Decimal> {
        self.series.get(code).and_then(|series| series.get(&time)).copied()
    }

    /// The events of a kind that are a contract's own or name none, the earliest first.
    pub(super) fn events<'o>(
        &'o self,
        kind: EventType,
        contract_id: Option<&'o str>,
    ) -> impl Iterator<Item = &'o ObservedEvent> {
        let is_own =
            move |event: &&ObservedEvent| event.contract_id.is_none() || event.contract_id.as_deref() == contract_id;
        self.events.iter().filter(move |event| event.kind == kind).filter(is_own)
    }
}

fn counted(count: usize) -> Result<(), ActusError> {
    if count > OBSERVATIONS_MAX { Err(ActusError::TooManyObservations { count }) } else { Ok(()) }
}

fn point(entry: &Value, path: &str) -> Result<(NaiveDateTime, Decimal), ActusError> {
    let (mut time, mut number) = (None, None);
    for (name, value) in entry.fields(path)? {
        let at = inside(path, name);
        match name.as_str() {
            "timestamp" => time = Some(NaiveDateTime::read(value, &at)?),
            "value" => number = Some(Decimal::read(value, &at)?),
            _ => return Err(ActusError::NameUnknown { path: at }),
        }
    }
    let missing = |name| ActusError::Missing { path: inside(path, name), why: "an observation has a time and a value" };
    Ok((time.ok_or_else(|| missing("timestamp"))?, number.ok_or_else(|| missing("value"))?))
}

impl ObservedEvent {
    fn read(event: &Value, path: &str) -> Result<Self, ActusError> {
        let (mut time, mut kind, mut number, mut contract_id, mut performance) = (None, None, None, None, None);
        for (name, value) in event.fields(path)? {
            let at = inside(path, name);
            match name.as_str() {
                "time" => time = Some(NaiveDateTime::read(value, &at)?),
                "type" => kind = Some(EventType::read(value, &at)?),
                "value" => number = Some(Decimal::read(value, &at)?),
                "contractId" | "contractID" => contract_id = Some(String::read(value, &at)?),
                "states" => performance = states(value, &at)?,
                _ => return Err(ActusError::NameUnknown { path: at }),
            }
        }
        let missing = |name| ActusError::Missing { path: inside(path, name), why: "an event has a time and a type" };
        let (time, kind) = (time.ok_or_else(|| missing("time"))?, kind.ok_or_else(|| missing("type"))?);
        use EventType::*;
        if !matches!(kind, PrincipalPrepayment | PrincipalRedemption | PrincipalIncrease | Execution | CreditEvent) {
            return Err(ActusError::EventNotObservable { path: inside(path, "type"), kind });
        }
        Ok(Self { time, kind, value: number.unwrap_or_default(), contract_id, performance })
    }
}

fn states(states: &Value, path: &str) -> Result<Option<ContractPerformance>, ActusError> {
    let mut performance = None;
    for (name, value) in states.fields(path)? {
        let at = inside(path, name);
        match name.as_str() {
            "contractPerformance" => performance = Some(ContractPerformance::read(value, &at)?),
            _ => return Err(ActusError::NameUnknown { path: at }),
        }
    }
    Ok(performance)
}
