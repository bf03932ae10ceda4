//! Schedules of contracts without a fixed end: call money (CLM) and undefined maturity profiles (UMP).

use chrono::NaiveDateTime;

use super::contract::{Contract, needed};
use super::error::ActusError;
use super::event::{EventType, Planned};
use super::plan::Plan;
use super::time::within_years;

/// CLM: interest is added to the principal until the loan is called; all of it is paid a notice later.
pub(super) fn call_money<'c, 'a>(contract: &'c Contract<'a>) -> Result<Plan<'c, 'a>, ActusError> {
    if let Some(maturity) = contract.terms.maturity_date {
        return repaid_at(contract, maturity);
    }
    match last_observed(contract, &[EventType::Execution]) {
        Some(call) => called(contract, call),
        None => repaid_at(contract, horizon(contract)?),
    }
}

/// UMP: interest is added to the principal; what is paid in and out is observed.
pub(super) fn undefined_maturity_profile<'c, 'a>(contract: &'c Contract<'a>) -> Result<Plan<'c, 'a>, ActusError> {
    let kinds = [EventType::PrincipalRedemption, EventType::PrincipalIncrease];
    let end = match last_observed(contract, &kinds) {
        Some(last) => last,
        None => contract.terms.termination_date.map_or_else(|| horizon(contract), Ok)?,
    };
    let mut plan = Plan::begin(contract, end)?;
    plan.capitalisation()?;
    for kind in kinds {
        for event in observed(contract, kind) {
            plan.push(Planned::fixed(kind, event.0, Some(event.1)))?;
        }
    }
    plan.finish()
}

/// Principal and interest at a time that is known.
fn repaid_at<'c, 'a>(contract: &'c Contract<'a>, maturity: NaiveDateTime) -> Result<Plan<'c, 'a>, ActusError> {
    let mut plan = Plan::begin(contract, maturity)?;
    plan.capitalisation()?;
    if contract.terms.nominal_interest_rate.is_some() {
        plan.at(EventType::InterestPayment, maturity);
    }
    plan.at(EventType::Maturity, maturity);
    plan.finish()
}

/// Cycles end with the call, and so does interest: what has accrued by then is paid with the principal when the notice is over.
fn called<'c, 'a>(contract: &'c Contract<'a>, call: NaiveDateTime) -> Result<Plan<'c, 'a>, ActusError> {
    let mut plan = Plan::begin(contract, call)?;
    plan.capitalisation()?;
    plan.at(EventType::Execution, call);
    let mut plan = plan.finish()?;
    let notice = needed(contract.terms.x_day_notice, "xDayNotice", "the loan was called")?;
    let due = within_years(notice.after(call, 1, contract.conventions.end_of_month)?, "the settlement date")?;
    plan.maturity = due;
    let calculated_to_call = |kind| {
        let settled = contract.conventions.shifted(kind, due)?;
        Ok::<_, ActusError>(Planned { calculated: call, ..settled })
    };
    if contract.terms.nominal_interest_rate.is_some() {
        plan.push(calculated_to_call(EventType::InterestPayment)?)?;
    }
    plan.push(calculated_to_call(EventType::Settlement)?)?;
    Ok(plan.terminated())
}

/// Observed events of the contract's own, within the time that is asked for.
fn observed(contract: &Contract<'_>, kind: EventType) -> impl Iterator<Item = (NaiveDateTime, rust_decimal::Decimal)> {
    let to = contract.to;
    let events = contract.observations.events(kind, contract.terms.contract_id.as_deref());
    events.map(|event| (event.time, event.value)).filter(move |(time, _)| to.is_none_or(|to| *time <= to))
}

fn last_observed(contract: &Contract<'_>, kinds: &[EventType]) -> Option<NaiveDateTime> {
    kinds.iter().flat_map(|kind| observed(contract, *kind).map(|(time, _)| time).collect::<Vec<_>>()).max()
}

fn horizon(contract: &Contract<'_>) -> Result<NaiveDateTime, ActusError> {
    let why = "the contract has no end of its own, so say up to when its events are wanted";
    contract.to.ok_or_else(|| ActusError::Missing { path: "to".to_owned(), why })
}
