//! What contracts of all types come to, what is refused, and what always holds.

mod bound;
mod compare;
mod own;
mod property;
mod reading;
mod reference;
mod refusal;
mod silence;

use chrono::NaiveDateTime;

use super::{ActusError, Bound, Event, Observations, Terms, Value, schedule};
use reading::value;

/// A contract with what is observed, as files have it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) terms: Terms,
    pub(super) observations: Observations,
    pub(super) to: Option<NaiveDateTime>,
}

impl Case {
    pub(super) fn read(json: &serde_json::Value) -> Result<Self, ActusError> {
        let part = |name: &str| json.get(name).and_then(value);
        let to = json["to"].as_str().filter(|to| !to.is_empty());
        Ok(Self {
            terms: Terms::read(&part("terms").unwrap_or(Value::Record(Vec::new())))?,
            observations: Observations::read(part("dataObserved").as_ref(), part("eventsObserved").as_ref())?,
            to: to.map(|to| super::parse_time(to, "to")).transpose()?,
        })
    }

    pub(super) fn schedule(&self) -> Result<Vec<Event>, ActusError> {
        self.schedule_within(Bound::WIDE)
    }

    pub(super) fn schedule_within(&self, bound: Bound) -> Result<Vec<Event>, ActusError> {
        schedule(&self.terms, &self.observations, self.to, bound)
    }
}
