//! Schedules of the LAX: arrays of anchors, each with a cycle, an amount and a direction, or a rate.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::choice::{FixedVariable, IncreaseDecrease};
use super::contract::{Contract, needed};
use super::cycle::{Cycle, Times};
use super::error::ActusError;
use super::event::{EventType, Planned};
use super::number::{difference, sum};
use super::plan::Plan;

/// LAX: principal out and in by arrays.
pub(super) fn exotic_linear_amortiser<'c, 'a>(contract: &'c Contract<'a>) -> Result<Plan<'c, 'a>, ActusError> {
    let maturity = match contract.terms.maturity_date {
        Some(maturity) => maturity,
        None => repaid_at(contract)?,
    };
    let mut plan = Plan::begin(contract, maturity)?;
    principal(&mut plan)?;
    interest(&mut plan)?;
    rate_resets(&mut plan)?;
    plan.at(EventType::Maturity, maturity);
    plan.finish()
}

/// What an anchor of an array brings: from it to the next one, in cycles.
struct Part<T> {
    anchor: NaiveDateTime,
    cycle: Option<Cycle>,
    next: Option<NaiveDateTime>,
    brings: T,
}

/// Anchors with their cycles; one cycle alone is that of all. Entries that an anchor brings are as many as anchors.
fn parts<T: Copy>(
    anchors: &[NaiveDateTime],
    (cycle_name, cycles): (&'static str, Option<&[Cycle]>),
    brings: &[T],
) -> Result<Vec<Part<T>>, ActusError> {
    let cycles = cycles.unwrap_or_default();
    if !(cycles.len() <= 1 || cycles.len() == anchors.len()) {
        return Err(ActusError::ListLength { name: cycle_name, count: cycles.len(), anchors: anchors.len() });
    }
    let cycle_of = |place: usize| cycles.get(place).or(cycles.first().filter(|_| cycles.len() == 1)).copied();
    let next = anchors.iter().skip(1).map(|next| Some(*next)).chain([None]);
    let part = |(((place, anchor), next), brings): (((usize, &NaiveDateTime), _), &T)| Part {
        anchor: *anchor,
        cycle: cycle_of(place),
        next,
        brings: *brings,
    };
    Ok(anchors.iter().enumerate().zip(next).zip(brings).map(part).collect())
}

/// An array that has as many entries as there are anchors.
fn beside<'t, T>(entries: Option<&'t Vec<T>>, name: &'static str, anchors: usize) -> Result<&'t [T], ActusError> {
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    if entries.len() == anchors {
        Ok(entries)
    } else {
        Err(ActusError::ListLength { name, count: entries.len(), anchors })
    }
}

fn in_order(anchors: &[NaiveDateTime], name: &'static str) -> Result<(), ActusError> {
    let is_sorted = anchors.windows(2).all(|pair| pair.first() < pair.last());
    if is_sorted { Ok(()) } else { Err(ActusError::Order { earlier: name, later: name }) }
}

fn principal_parts(contract: &Contract<'_>) -> Result<Vec<Part<(IncreaseDecrease, Decimal)>>, ActusError> {
    let terms = contract.terms;
    let anchors = terms.array_cycle_anchor_date_of_principal_redemption.as_deref().unwrap_or_default();
    in_order(anchors, "arrayCycleAnchorDateOfPrincipalRedemption")?;
    let amounts = terms.array_next_principal_redemption_payment.as_ref();
    let amounts = beside(amounts, "arrayNextPrincipalRedemptionPayment", anchors.len())?;
    let directions = beside(terms.array_increase_decrease.as_ref(), "arrayIncreaseDecrease", anchors.len())?;
    let brings: Vec<_> = directions.iter().copied().zip(amounts.iter().copied()).collect();
    if amounts.iter().any(|amount| *amount < Decimal::ZERO) {
        return Err(ActusError::NotPositive { name: "arrayNextPrincipalRedemptionPayment" });
    }
    let cycles = terms.array_cycle_of_principal_redemption.as_deref();
    parts(anchors, ("arrayCycleOfPrincipalRedemption", cycles), &brings)
}

/// The times of a part before the next one begins, or before the end.
fn times_of<T>(contract: &Contract<'_>, part: &Part<T>, end: NaiveDateTime) -> Result<Vec<NaiveDateTime>, ActusError> {
    let end = part.next.unwrap_or(end).min(end);
    contract.times(part.anchor, part.cycle, end).map(|times| times.before)
}

fn principal(plan: &mut Plan<'_, '_>) -> Result<(), ActusError> {
    let contract = plan.contract;
    for part in principal_parts(contract)? {
        let (direction, amount) = part.brings;
        let kind = match direction {
            IncreaseDecrease::Increase => EventType::PrincipalIncrease,
            IncreaseDecrease::Decrease => EventType::PrincipalRedemption,
        };
        for time in times_of(contract, &part, plan.maturity)? {
            let event = contract.conventions.shifted(kind, time)?;
            plan.push(Planned { value: Some(amount), ..event })?;
        }
    }
    Ok(())
}

/// Interest at the times of all anchors, and at maturity.
fn interest(plan: &mut Plan<'_, '_>) -> Result<(), ActusError> {
    let (contract, terms) = (plan.contract, plan.contract.terms);
    if terms.nominal_interest_rate.is_none() {
        return Ok(());
    }
    let Some(anchors) = terms.array_cycle_anchor_date_of_interest_payment.as_deref() else { return plan.interest() };
    in_order(anchors, "arrayCycleAnchorDateOfInterestPayment")?;
    let cycles = terms.array_cycle_of_interest_payment.as_deref();
    let mut before = Vec::new();
    for part in parts(anchors, ("arrayCycleOfInterestPayment", cycles), &vec![(); anchors.len()])? {
        before.extend(times_of(contract, &part, plan.maturity)?);
        contract.bound.allows(before.len())?;
    }
    plan.interest_at(Times { before, end: plan.maturity })
}

/// Resets to a rate, or to the market's with a spread; the first one after the status date to the one that is fixed already.
fn rate_resets(plan: &mut Plan<'_, '_>) -> Result<(), ActusError> {
    let (contract, terms) = (plan.contract, plan.contract.terms);
    let anchors = terms.array_cycle_anchor_date_of_rate_reset.as_deref().unwrap_or_default();
    in_order(anchors, "arrayCycleAnchorDateOfRateReset")?;
    let rates = beside(terms.array_rate.as_ref(), "arrayRate", anchors.len())?;
    let meanings = beside(terms.array_fixed_variable.as_ref(), "arrayFixedVariable", anchors.len())?;
    let brings: Vec<_> = meanings.iter().copied().zip(rates.iter().copied()).collect();
    let cycles = terms.array_cycle_of_rate_reset.as_deref();
    let mut fixed = terms.next_reset_rate;
    for part in parts(anchors, ("arrayCycleOfRateReset", cycles), &brings)? {
        let (meaning, rate) = part.brings;
        let kind = match meaning {
            FixedVariable::Fixed => EventType::RateResetFixed,
            FixedVariable::Variable => EventType::RateResetVariable,
        };
        for time in times_of(contract, &part, plan.maturity)? {
            let mut reset = Planned { value: Some(rate), ..contract.conventions.shifted(kind, time)? };
            if reset.happens > contract.status
                && let Some(next) = fixed.take()
            {
                (reset.kind, reset.value) = (EventType::RateResetFixed, Some(next));
            }
            plan.push(reset)?;
        }
    }
    Ok(())
}

/// The first time at which nothing is outstanding any more, by the payments after the status date.
fn repaid_at(contract: &Contract<'_>) -> Result<NaiveDateTime, ActusError> {
    let parts = principal_parts(contract)?;
    let why = "without a maturity date it follows from the payments";
    needed((!parts.is_empty()).then_some(()), "arrayCycleAnchorDateOfPrincipalRedemption", why)?;
    let mut outstanding = contract.notional()?;
    let mut count = 0_usize;
    for part in parts {
        let (direction, amount) = part.brings;
        for step in 0.. {
            let time = match part.cycle {
                Some(cycle) => cycle.span.after(part.anchor, step, contract.conventions.end_of_month)?,
                None if step == 0 => part.anchor,
                None => break,
            };
            if part.next.is_some_and(|next| time >= next) {
                break;
            }
            count = count.saturating_add(1);
            if count > contract.bound.events {
                return Err(ActusError::NeverRepaid);
            }
            if time <= contract.status {
                continue;
            }
            outstanding = match direction {
                IncreaseDecrease::Increase => sum(&[outstanding, amount])?,
                IncreaseDecrease::Decrease => difference(outstanding, amount)?,
            };
            if outstanding <= Decimal::ZERO {
                return super::time::within_years(time, "the maturity date");
            }
        }
    }
    Err(ActusError::NeverRepaid)
}
