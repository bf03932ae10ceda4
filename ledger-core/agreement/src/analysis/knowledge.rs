//! What is known of a contract's state at one of its places.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use num_bigint::BigInt;

use super::interval::Interval;
use super::{ANALYSED_BITS_MAX, AnalysisError, TIME_MAX, WORK_MAX};
use crate::party::{ChoiceId, Party, Token, ValueId};
use crate::state::State;
use crate::value::{Observation, Value};

/// Whether something was set, and what it may be; what was not set counts as zero.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) surely_set: bool,
    pub(super) interval: Interval,
}

/// Everything that may be true at a place. What is missing in a map is not set there.
#[derive(Clone, Debug)]
pub(super) struct Knowledge {
    /// Where the transaction's interval may begin and end.
    pub(super) time: Interval,
    pub(super) accounts: BTreeMap<(Party, Token), Interval>,
    /// The most of each token that all accounts hold together.
    pub(super) most: BTreeMap<Token, BigInt>,
    pub(super) choices: BTreeMap<ChoiceId, Known>,
    pub(super) values: BTreeMap<ValueId, Known>,
    /// Done so far, on all ways together.
    pub(super) work: Rc<Cell<usize>>,
}

/// What an observation may come to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Always,
    Never,
    Maybe,
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Maybe => Self::Maybe,
        }
    }

    fn of(always: bool, never: bool) -> Self {
        match (always, never) {
            (true, _) => Self::Always,
            (_, true) => Self::Never,
            _ => Self::Maybe,
        }
    }
}

type Path<'a> = &'a dyn Fn() -> String;

impl Knowledge {
    pub(super) fn of(state: &State, now: &BigInt) -> Self {
        let exact = |integer: &BigInt| Known { surely_set: true, interval: Interval::exactly(integer.clone()) };
        let latest = BigInt::from(TIME_MAX);
        let earliest = state.min_time.clone().max(now.clone()).min(latest.clone());
        let mut most = BTreeMap::new();
        for ((_, token), amount) in state.accounts.iter() {
            *most.entry(token.clone()).or_insert(BigInt::ZERO) += amount;
        }
        Self {
            time: Interval::new(earliest, latest).unwrap_or_else(Interval::zero),
            accounts: state.accounts.iter().map(|(key, held)| (key.clone(), Interval::exactly(held.clone()))).collect(),
            most,
            choices: state.choices.iter().map(|(choice, number)| (choice.clone(), exact(number))).collect(),
            values: state.bound_values.iter().map(|(name, value)| (name.clone(), exact(value))).collect(),
            work: Rc::default(),
        }
    }

    pub(super) fn account(&self, key: &(Party, Token)) -> Interval {
        let held = self.accounts.get(key).cloned().unwrap_or_else(Interval::zero);
        match self.most.get(&key.1) {
            Some(most) => held.at_most(most).unwrap_or(held),
            None => held,
        }
    }

    /// Counts an evaluation.
    fn work(&self, amount: usize, path: Path<'_>) -> Result<(), AnalysisError> {
        let done = self.work.get().saturating_add(amount);
        self.work.set(done);
        if done > WORK_MAX { Err(AnalysisError::TooComplex { path: path() }) } else { Ok(()) }
    }

    /// The same for a way that parts from here.
    pub(super) fn copied(&self, path: Path<'_>) -> Result<Self, AnalysisError> {
        let entries = [self.accounts.len(), self.most.len(), self.choices.len(), self.values.len()];
        self.work(entries.into_iter().fold(1, usize::saturating_add), path)?;
        Ok(self.clone())
    }

    /// The interval of a value.
    pub(super) fn value(&self, value: &Value, path: Path<'_>) -> Result<Interval, AnalysisError> {
        self.work(1, path)?;
        let set = |known: Option<&Known>| match known {
            Some(known) if known.surely_set => known.interval.clone(),
            Some(known) => known.interval.hull(&Interval::zero()),
            None => Interval::zero(),
        };
        let interval = match value {
            Value::AvailableMoney(party, token) => self.account(&(party.clone(), token.clone())),
            Value::Constant(integer) => Interval::exactly(integer.clone()),
            Value::NegValue(value) => self.value(value, path)?.negated(),
            Value::AddValue(left, right) => self.value(left, path)?.plus(&self.value(right, path)?),
            Value::SubValue(left, right) => self.value(left, path)?.minus(&self.value(right, path)?),
            Value::MulValue(left, right) => self.value(left, path)?.times(&self.value(right, path)?),
            Value::DivValue(left, right) => self.value(left, path)?.divided_by(&self.value(right, path)?),
            Value::ChoiceValue(choice) => set(self.choices.get(choice)),
            Value::TimeIntervalStart | Value::TimeIntervalEnd => self.time.clone(),
            Value::UseValue(name) => set(self.values.get(name)),
            Value::Cond(observation, then, otherwise) => self.conditional(observation, then, otherwise, path)?,
        };
        match interval.bits() {
            bits if bits > ANALYSED_BITS_MAX => Err(AnalysisError::ValueTooLarge { path: path(), bits }),
            _ => Ok(interval),
        }
    }

    fn conditional(
        &self,
        observation: &Observation,
        then: &Value,
        otherwise: &Value,
        path: Path<'_>,
    ) -> Result<Interval, AnalysisError> {
        let one = self.assuming(observation, true, path)?.map(|known| known.value(then, path)).transpose()?;
        let other = self.assuming(observation, false, path)?.map(|known| known.value(otherwise, path)).transpose()?;
        Ok(match (one, other) {
            (Some(one), Some(other)) => one.hull(&other),
            (one, other) => one.or(other).unwrap_or_else(Interval::zero),
        })
    }

    /// What an observation may come to.
    pub(super) fn truth(&self, observation: &Observation, path: Path<'_>) -> Result<Truth, AnalysisError> {
        self.work(1, path)?;
        Ok(match observation {
            Observation::TrueObs => Truth::Always,
            Observation::FalseObs => Truth::Never,
            Observation::NotObs(observation) => self.truth(observation, path)?.not(),
            Observation::AndObs(left, right) => match (self.truth(left, path)?, self.truth(right, path)?) {
                (Truth::Never, _) | (_, Truth::Never) => Truth::Never,
                (Truth::Always, Truth::Always) => Truth::Always,
                _ => Truth::Maybe,
            },
            Observation::OrObs(left, right) => match (self.truth(left, path)?, self.truth(right, path)?) {
                (Truth::Always, _) | (_, Truth::Always) => Truth::Always,
                (Truth::Never, Truth::Never) => Truth::Never,
                _ => Truth::Maybe,
            },
            Observation::ChoseSomething(choice) => match self.choices.get(choice) {
                Some(known) if known.surely_set => Truth::Always,
                Some(_) => Truth::Maybe,
                None => Truth::Never,
            },
            Observation::ValueGT(left, right) => self.is_below(right, left, path)?,
            Observation::ValueLT(left, right) => self.is_below(left, right, path)?,
            Observation::ValueGE(left, right) => self.is_below(left, right, path)?.not(),
            Observation::ValueLE(left, right) => self.is_below(right, left, path)?.not(),
            Observation::ValueEQ(left, right) => {
                let (left, right) = (self.value(left, path)?, self.value(right, path)?);
                let is_one = left == right && left.low() == left.high();
                Truth::of(is_one, left.meet(&right).is_none())
            }
        })
    }

    fn is_below(&self, left: &Value, right: &Value, path: Path<'_>) -> Result<Truth, AnalysisError> {
        let (left, right) = (self.value(left, path)?, self.value(right, path)?);
        Ok(Truth::of(left.high() < right.low(), left.low() >= right.high()))
    }

    /// What is known where an observation does, or does not, hold; nothing, if that cannot be.
    pub(super) fn assuming(
        &self,
        observation: &Observation,
        holds: bool,
        path: Path<'_>,
    ) -> Result<Option<Self>, AnalysisError> {
        let excluded = if holds { Truth::Never } else { Truth::Always };
        if self.truth(observation, path)? == excluded {
            return Ok(None);
        }
        let one = BigInt::from(1);
        Ok(match (observation, holds) {
            (Observation::NotObs(observation), _) => return self.assuming(observation, !holds, path),
            (Observation::AndObs(left, right), true) | (Observation::OrObs(left, right), false) => {
                match self.assuming(left, holds, path)? {
                    Some(known) => return known.assuming(right, holds, path),
                    None => None,
                }
            }
            (Observation::ValueLT(left, right), true) | (Observation::ValueGE(left, right), false) => {
                self.ordered(left, right, &one, path)?
            }
            (Observation::ValueLE(left, right), true) | (Observation::ValueGT(left, right), false) => {
                self.ordered(left, right, &BigInt::ZERO, path)?
            }
            (Observation::ValueGT(left, right), true) | (Observation::ValueLE(left, right), false) => {
                self.ordered(right, left, &one, path)?
            }
            (Observation::ValueGE(left, right), true) | (Observation::ValueLT(left, right), false) => {
                self.ordered(right, left, &BigInt::ZERO, path)?
            }
            (Observation::ValueEQ(left, right), true) => match self.ordered(left, right, &BigInt::ZERO, path)? {
                Some(known) => known.ordered(right, left, &BigInt::ZERO, path)?,
                None => None,
            },
            (Observation::ChoseSomething(choice), true) => {
                let mut known = self.copied(path)?;
                if let Some(known) = known.choices.get_mut(choice) {
                    known.surely_set = true;
                }
                Some(known)
            }
            _ => Some(self.copied(path)?),
        })
    }

    /// What is known where `less` lies below `more` by `gap` at least.
    fn ordered(&self, less: &Value, more: &Value, gap: &BigInt, path: Path<'_>) -> Result<Option<Self>, AnalysisError> {
        let (low, high) = (self.value(less, path)?, self.value(more, path)?);
        let mut known = self.copied(path)?;
        let kept = low.at_most(&(high.high() - gap)).zip(high.at_least(&(low.low() + gap)));
        Ok(kept.map(|(low, high)| {
            known.narrow(less, low);
            known.narrow(more, high);
            known
        }))
    }

    /// Remembers that what a value names lies in an interval. Of what is computed, or may not be set, nothing is remembered.
    fn narrow(&mut self, value: &Value, interval: Interval) {
        match value {
            Value::AvailableMoney(party, token) => {
                self.accounts.insert((party.clone(), token.clone()), interval);
            }
            Value::ChoiceValue(choice) => {
                if let Some(known) = self.choices.get_mut(choice).filter(|known| known.surely_set) {
                    known.interval = interval;
                }
            }
            Value::UseValue(name) => {
                if let Some(known) = self.values.get_mut(name).filter(|known| known.surely_set) {
                    known.interval = interval;
                }
            }
            _ => {}
        }
    }
}
