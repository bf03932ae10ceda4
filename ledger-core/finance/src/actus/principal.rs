//! Schedules of contracts that repay in a cycle: LAM, NAM and ANN.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::choice::ContractType;
use super::contract::{Contract, needed};
use super::cycle::{Cycle, Times};
use super::error::ActusError;
use super::event::{EventType, Planned};
use super::number::{ceiling, difference, part, product, quotient};
use super::plan::Plan;
use super::time::within_years;

/// LAM: principal in equal parts, interest by itself.
pub(super) fn linear_amortiser<'c, 'a>(contract: &'c Contract<'a>) -> Result<Plan<'c, 'a>, ActusError> {
    let mut plan = Plan::begin(contract, maturity(contract)?)?;
    redemptions(&mut plan)?;
    plan.interest()?;
    plan.at(EventType::Maturity, plan.maturity);
    plan.finish()
}

/// NAM and ANN: payments of interest and principal together, principal being what interest leaves.
pub(super) fn annuity<'c, 'a>(contract: &'c Contract<'a>) -> Result<Plan<'c, 'a>, ActusError> {
    let mut plan = Plan::begin(contract, maturity(contract)?)?;
    let first = redemptions(&mut plan)?;
    interest_with_principal(&mut plan, first)?;
    if contract.kind == ContractType::Ann {
        fixings(&mut plan, first)?;
        plan.beyond = beyond_maturity(&plan)?;
    }
    plan.at(EventType::Maturity, plan.maturity);
    let plan = plan.finish()?;
    let (count, limit) = (plan.periods(), contract.bound.periods);
    if count > limit { Err(ActusError::TooManyPeriods { count, limit }) } else { Ok(plan) }
}

/// The payment at maturity; where the amortisation ends later, those from maturity on to its end.
fn beyond_maturity(plan: &Plan<'_, '_>) -> Result<Vec<NaiveDateTime>, ActusError> {
    let (contract, terms) = (plan.contract, plan.contract.terms);
    let later = terms.amortization_date.filter(|date| *date > plan.maturity);
    let (Some(end), Some(cycle)) = (later, terms.cycle_of_principal_redemption) else { return Ok(vec![plan.maturity]) };
    let anchor = terms.cycle_anchor_date_of_principal_redemption;
    let Some(times) = contract.cycle(anchor, Some(cycle), end)? else { return Ok(vec![end]) };
    let all = times.all().into_iter();
    Ok(all.filter(|time| *time >= plan.maturity).collect())
}

/// Principal payments before maturity, which pays the rest. Answers when the first is.
fn redemptions(plan: &mut Plan<'_, '_>) -> Result<Option<NaiveDateTime>, ActusError> {
    let (contract, terms) = (plan.contract, plan.contract.terms);
    let anchor = terms.cycle_anchor_date_of_principal_redemption;
    let first = contract.anchor(anchor, terms.cycle_of_principal_redemption, contract.initial_exchange()?)?;
    if let Some(first) = first {
        let times = contract.times(first, terms.cycle_of_principal_redemption, plan.maturity)?;
        plan.cyclic(EventType::PrincipalRedemption, &times.before)?;
    }
    Ok(first)
}

/// Interest in its own cycle until a cycle before the first principal payment, then with each of these.
fn interest_with_principal(plan: &mut Plan<'_, '_>, first: Option<NaiveDateTime>) -> Result<(), ActusError> {
    let (contract, terms) = (plan.contract, plan.contract.terms);
    let Some(first) = first else { return plan.interest() };
    if terms.nominal_interest_rate.is_none() {
        return Ok(());
    }
    let cycle = terms.cycle_of_principal_redemption;
    let Times { before: with_principal, end } = contract.times(first, cycle, plan.maturity)?;
    let own_end = cycle.and_then(|cycle| cycle.span.before(first));
    let own_cycle = terms.cycle_of_interest_payment;
    let own_first =
        contract.anchor(terms.cycle_anchor_date_of_interest_payment, own_cycle, contract.initial_exchange()?)?;
    let mut before = match (own_first, own_end) {
        (Some(anchor), Some(end)) if anchor <= end => contract.times(anchor, own_cycle, end)?.all(),
        (Some(anchor), None) => contract.times(anchor, own_cycle, first)?.before,
        _ => Vec::new(),
    };
    before.retain(|time| *time < end);
    before.extend(with_principal);
    before.dedup();
    plan.interest_at(Times { before, end })
}

/// When the amount of an annuity is fixed: a day before the first payment if the terms have none, and at each new rate.
fn fixings(plan: &mut Plan<'_, '_>, first: Option<NaiveDateTime>) -> Result<(), ActusError> {
    let fixing = EventType::PrincipalPaymentAmountFixing;
    let is_reset = |event: &&Planned| matches!(event.kind, EventType::RateResetVariable | EventType::RateResetFixed);
    let resets: Vec<Planned> = plan.events.iter().filter(is_reset).copied().collect();
    for reset in resets {
        plan.push(Planned { kind: fixing, value: None, ..reset })?;
    }
    let is_open = plan.contract.terms.next_principal_redemption_payment.is_none();
    let day_before = first.filter(|_| is_open).and_then(|first| first.checked_sub_days(chrono::Days::new(1)));
    let start = plan.contract.initial_exchange()?;
    match day_before.filter(|time| *time > start) {
        Some(time) => plan.push(Planned::fixed(fixing, time, None)),
        None => Ok(()),
    }
}

/// The maturity in the terms; for an annuity the end of its amortisation; else the payment that repays the last of it.
fn maturity(contract: &Contract<'_>) -> Result<NaiveDateTime, ActusError> {
    let terms = contract.terms;
    let amortised = terms.amortization_date.filter(|_| contract.kind == ContractType::Ann);
    if let Some(maturity) = terms.maturity_date.or(amortised) {
        return Ok(maturity);
    }
    let why = "without a maturity date it follows from the payments";
    let cycle = needed(terms.cycle_of_principal_redemption, "cycleOfPrincipalRedemption", why)?;
    let payment = needed(terms.next_principal_redemption_payment, "nextPrincipalRedemptionPayment", why)?;
    let anchor = terms.cycle_anchor_date_of_principal_redemption;
    let anchor = contract.anchor(anchor, Some(cycle), contract.initial_exchange()?)?;
    let anchor = needed(anchor, "cycleAnchorDateOfPrincipalRedemption", why)?;

    let past = payments_until(contract, anchor, cycle)?;
    let last_past = cycle.span.after(anchor, past.saturating_sub(1), contract.conventions.end_of_month)?;
    let repaid = match contract.kind {
        ContractType::Lam => payment,
        _ => repaid_in_first_cycle(contract, payment, last_past, cycle)?,
    };
    let count = ceiling(quotient(contract.notional()?, repaid)?);
    let (count, limit) = (count.to_u32(), contract.bound.events);
    let count = count.filter(|count| usize::try_from(*count).is_ok_and(|count| count <= limit));
    let last = past.saturating_add(count.ok_or(ActusError::TooManyEvents { limit })?).saturating_sub(1);
    within_years(cycle.span.after(anchor, last, contract.conventions.end_of_month)?, "the maturity date")
}

/// How many payments lie at or before the status date.
fn payments_until(contract: &Contract<'_>, anchor: NaiveDateTime, cycle: Cycle) -> Result<u32, ActusError> {
    let short = Cycle { stub: super::cycle::Stub::Short, ..cycle };
    let times = contract.times(anchor, Some(short), contract.status)?;
    let at_status = usize::from(anchor <= contract.status && is_on(&times, anchor, cycle, contract)?);
    Ok(u32::try_from(times.before.len().saturating_add(at_status)).unwrap_or(u32::MAX))
}

/// True if the end of a schedule is one of its times by the cycle.
fn is_on(times: &Times, anchor: NaiveDateTime, cycle: Cycle, contract: &Contract<'_>) -> Result<bool, ActusError> {
    let next = u32::try_from(times.before.len()).unwrap_or(u32::MAX);
    Ok(cycle.span.after(anchor, next, contract.conventions.end_of_month)? == times.end)
}

/// What a payment leaves for principal in the cycle after the last one, at the rate of the terms.
fn repaid_in_first_cycle(
    contract: &Contract<'_>,
    payment: Decimal,
    from: NaiveDateTime,
    cycle: Cycle,
) -> Result<Decimal, ActusError> {
    let Some(rate) = contract.terms.nominal_interest_rate else { return Ok(payment) };
    let to = within_years(cycle.span.after(from, 1, contract.conventions.end_of_month)?, "the schedule")?;
    let fraction = contract.conventions.year_fraction(from, to)?;
    let interest = part(product(&[contract.notional()?, rate])?, fraction)?;
    let repaid = difference(payment, interest)?;
    if repaid > Decimal::ZERO { Ok(repaid) } else { Err(ActusError::NeverRepaid) }
}
