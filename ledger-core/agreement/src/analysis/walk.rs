//! The way through a contract, with what is known at each place.

use std::sync::Arc;

use num_bigint::BigInt;

use super::interval::Interval;
use super::knowledge::{Knowledge, Known, Truth};
use super::{AMOUNT_MAX, AnalysisError, Finding, TIME_MAX};
use crate::contract::{Action, Case, Contract};
use crate::party::{Party, Payee, Token};
use crate::state::State;
use crate::value::{Observation, Value};

/// A place in the contract: the one around it and the step from there.
struct Place<'a> {
    around: Option<&'a Place<'a>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Field(&'static str),
    Item(usize),
}

impl Place<'_> {
    fn field(&self, name: &'static str) -> Place<'_> {
        Place { around: Some(self), step: Step::Field(name) }
    }

    fn path(&self) -> String {
        let mut steps = Vec::new();
        let mut place = Some(self);
        while let Some(here) = place {
            steps.push(match here.step {
                Step::Field(name) => name.to_owned(),
                Step::Item(at) => format!("[{at}]"),
            });
            place = here.around;
        }
        steps.reverse();
        steps.concat()
    }
}

struct Walk {
    findings: Vec<Finding>,
}

/// Everything to be said of a contract, in its order.
pub(super) fn walk(contract: &Arc<Contract>, state: &State, now: &BigInt) -> Result<Vec<Finding>, AnalysisError> {
    let mut walk = Walk { findings: Vec::new() };
    let whole = Place { around: None, step: Step::Field("$") };
    walk.contract(contract, Knowledge::of(state, now), None, &whole)?;
    Ok(walk.findings)
}

/// The deadline of the wait around a place.
type Around<'a> = Option<&'a BigInt>;

impl Walk {
    fn contract(
        &mut self,
        contract: &Contract,
        known: Knowledge,
        around: Around<'_>,
        place: &Place<'_>,
    ) -> Result<(), AnalysisError> {
        match contract {
            Contract::Close => Ok(()),
            Contract::Pay { from_account, to, token, pay, then } => {
                let known = self.pay((from_account, to, token), pay, known, place)?;
                self.contract(then, known, around, &place.field(".then"))
            }
            Contract::If { observation, then, otherwise } => {
                self.branch(observation, then, true, &known, around, (place, ".then"))?;
                self.branch(observation, otherwise, false, &known, around, (place, ".else"))
            }
            Contract::When { cases, timeout, timeout_continuation } => {
                self.cases(cases, timeout, &known, around, place)?;
                let known = self.waited(timeout, known, around, place)?;
                self.contract(timeout_continuation, known, around, &place.field(".timeout_continuation"))
            }
            Contract::Let { value_id, be, then } => {
                let mut known = known;
                let interval = known.value(be, &|| place.field(".be").path())?;
                if known.values.insert(value_id.clone(), Known { surely_set: true, interval }).is_some() {
                    self.findings.push(Finding::Shadowed { path: place.path(), name: value_id.0.clone() });
                }
                self.contract(then, known, around, &place.field(".then"))
            }
            Contract::Assert { observation, then } => {
                let path = || place.field(".assert").path();
                if known.truth(observation, &path)? != Truth::Always {
                    self.findings.push(Finding::AssertionFails { path: path() });
                }
                self.contract(then, known, around, &place.field(".then"))
            }
        }
    }

    fn branch(
        &mut self,
        observation: &Observation,
        contract: &Contract,
        holds: bool,
        known: &Knowledge,
        around: Around<'_>,
        (place, step): (&Place<'_>, &'static str),
    ) -> Result<(), AnalysisError> {
        let there = place.field(step);
        match known.assuming(observation, holds, &|| place.field(".if").path())? {
            Some(known) => self.contract(contract, known, around, &there),
            None => {
                self.findings.push(Finding::Unreachable { path: there.path() });
                Ok(())
            }
        }
    }

    /// What is known once a deadline has come.
    fn waited(
        &mut self,
        timeout: &BigInt,
        mut known: Knowledge,
        around: Around<'_>,
        place: &Place<'_>,
    ) -> Result<Knowledge, AnalysisError> {
        let latest = BigInt::from(TIME_MAX);
        let path = || place.field(".timeout").path();
        if *timeout > latest {
            return Err(AnalysisError::DeadlineTooLate { path: path() });
        }
        if let Some(before) = around.filter(|before| timeout < *before && timeout > known.time.low()) {
            let (deadline, before) = (timeout.clone(), before.clone());
            self.findings.push(Finding::DeadlineOutOfOrder { path: path(), deadline, before });
        }
        // Another transaction may come at any later time.
        let earliest = known.time.low().clone().max(timeout.clone());
        known.time = Interval::new(earliest, latest).unwrap_or(known.time);
        Ok(known)
    }

    fn cases(
        &mut self,
        cases: &[Case],
        timeout: &BigInt,
        known: &Knowledge,
        around: Around<'_>,
        place: &Place<'_>,
    ) -> Result<(), AnalysisError> {
        let earliest = known.time.low().clone();
        let Some(time) = Interval::new(earliest.clone(), timeout - BigInt::from(1)) else {
            if !cases.is_empty() {
                let path = place.field(".timeout").path();
                self.findings.push(Finding::DeadlinePassed { path, deadline: timeout.clone(), earliest });
            }
            return Ok(());
        };
        let inner = around.filter(|around| timeout < *around).unwrap_or(timeout);
        let list = place.field(".when");
        for (at, case) in cases.iter().enumerate() {
            let item = Place { around: Some(&list), step: Step::Item(at) };
            let known = Knowledge { time: time.clone(), ..known.copied(&|| item.path())? };
            match self.taken(&case.action, known, &item.field(".case"))? {
                Some(known) => self.contract(&case.then, known, Some(inner), &item.field(".then"))?,
                None => self.findings.push(Finding::Unreachable { path: item.path() }),
            }
        }
        Ok(())
    }

    /// What is known once a case is taken; nothing, if none can take it.
    fn taken(
        &mut self,
        action: &Action,
        mut known: Knowledge,
        place: &Place<'_>,
    ) -> Result<Option<Knowledge>, AnalysisError> {
        match action {
            Action::Deposit { into_account, of_token, deposits, .. } => {
                let path = || place.field(".deposits").path();
                let amount = known.value(deposits, &path)?;
                self.is_positive(&amount, &path);
                let most = BigInt::from(AMOUNT_MAX);
                if *amount.high() > most {
                    return Err(AnalysisError::DepositTooLarge { path: path() });
                }
                let amount = amount.not_negative();
                let total = known.most.entry(of_token.clone()).or_insert(BigInt::ZERO);
                *total += amount.high();
                pay_in(&mut known, (into_account.clone(), of_token.clone()), &amount, &path)?;
                Ok(Some(known))
            }
            Action::Choice { for_choice, choose_between } => {
                let bounds = choose_between.iter();
                let intervals = bounds.filter_map(|bound| Interval::new(bound.from.clone(), bound.to.clone()));
                let Some(interval) = intervals.reduce(|one, other| one.hull(&other)) else { return Ok(None) };
                known.choices.insert(for_choice.clone(), Known { surely_set: true, interval });
                Ok(Some(known))
            }
            Action::Notify { notify_if } => known.assuming(notify_if, true, &|| place.field(".notify_if").path()),
        }
    }

    fn is_positive(&mut self, amount: &Interval, path: &dyn Fn() -> String) {
        if *amount.low() <= BigInt::ZERO {
            self.findings.push(Finding::NotPositive { path: path(), least: amount.low().clone() });
        }
    }

    fn pay(
        &mut self,
        (from, to, token): (&Party, &Payee, &Token),
        pay: &Value,
        mut known: Knowledge,
        place: &Place<'_>,
    ) -> Result<Knowledge, AnalysisError> {
        let path = || place.field(".pay").path();
        let asked = known.value(pay, &path)?;
        self.is_positive(&asked, &path);
        let asked = asked.not_negative();
        let key = (from.clone(), token.clone());
        let held = known.account(&key);
        if asked.high() > held.low() {
            let (asked, held) = (asked.high().clone(), held.low().clone());
            self.findings.push(Finding::PaymentShort { path: path(), asked, held });
        }
        let paid = asked.smaller(&held);
        // The least is left where the most is asked for, and the other way round.
        let left = |held: &BigInt, asked: &BigInt| (held - asked).max(BigInt::ZERO);
        let rest = Interval::new(left(held.low(), asked.high()), left(held.high(), asked.low()));
        known.accounts.insert(key, rest.unwrap_or_else(Interval::zero));
        match to {
            Payee::Account(into) => pay_in(&mut known, (into.clone(), token.clone()), &paid, &path)?,
            Payee::Party(_) => {
                if let Some(total) = known.most.get_mut(token) {
                    *total -= paid.low();
                }
            }
        }
        Ok(known)
    }
}

fn pay_in(
    known: &mut Knowledge,
    key: (Party, Token),
    amount: &Interval,
    path: &dyn Fn() -> String,
) -> Result<(), AnalysisError> {
    known.accounts.insert(key.clone(), known.account(&key).plus(amount));
    if *known.account(&key).high() > BigInt::from(AMOUNT_MAX) {
        return Err(AnalysisError::AccountTooLarge { path: path() });
    }
    Ok(())
}
