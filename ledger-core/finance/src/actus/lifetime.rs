//! A contract's life: its events evaluated one after another.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::choice::ContractType;
use super::contract::Contract;
use super::error::ActusError;
use super::event::{Detail, Event, EventType, Planned};
use super::number::amount;
use super::payoff::payoff;
use super::plan::{Plan, principal_at_maturity};
use super::state::State;
use super::transition::transition;
use super::{call, exotic, principal};

/// An event with what it pays and what it leaves.
pub(super) struct Step {
    pub(super) event: Planned,
    pub(super) payoff: Decimal,
    pub(super) state: State,
}

/// The plan of a contract that bears interest.
pub(super) fn plan<'c, 'a>(contract: &'c Contract<'a>) -> Result<Plan<'c, 'a>, ActusError> {
    match contract.kind {
        ContractType::Pam => principal_at_maturity(contract),
        ContractType::Lam => principal::linear_amortiser(contract),
        ContractType::Nam | ContractType::Ann => principal::annuity(contract),
        ContractType::Lax => exotic::exotic_linear_amortiser(contract),
        ContractType::Clm => call::call_money(contract),
        ContractType::Ump => call::undefined_maturity_profile(contract),
        ContractType::Ceg | ContractType::Cec | ContractType::Com => {
            Err(ActusError::NoSchedule { code: contract.kind.code() })
        }
    }
}

/// All events after the status date, evaluated in their order.
pub(super) fn live(plan: &Plan<'_, '_>) -> Result<Vec<Step>, ActusError> {
    let mut state = State::initial(plan)?;
    let mut steps = Vec::with_capacity(plan.events.len());
    for event in plan.events.iter().filter(|event| event.happens > plan.contract.status) {
        let accrued = state.accrued_at(plan, event.calculated)?;
        let payoff = amount(payoff(plan.contract, &state, accrued, event)?)?;
        state = transition(plan, &state, accrued, event)?;
        steps.push(Step { event: *event, payoff, state });
    }
    Ok(steps)
}

/// The rows that are told.
pub(super) fn rows(contract: &Contract<'_>) -> Result<Vec<Event>, ActusError> {
    let plan = plan(contract)?;
    let steps = live(&plan)?;
    let is_called = plan.events.iter().any(|event| event.kind == EventType::Settlement);
    let rows = steps.into_iter().filter(|step| is_told(contract, &step.event, is_called)).map(|step| Event {
        time: step.event.happens,
        kind: step.event.kind,
        payoff: step.payoff,
        notional_principal: step.state.notional,
        detail: Detail::Interest { nominal_interest_rate: step.state.rate, accrued_interest: step.state.accrued },
    });
    Ok(rows.collect())
}

/// When events of a kind are that are told.
pub(super) fn times(contract: &Contract<'_>, kind: EventType) -> Result<Vec<NaiveDateTime>, ActusError> {
    let is_asked =
        |event: &&Planned| event.kind == kind && event.happens > contract.status && is_told(contract, event, false);
    Ok(plan(contract)?.events.iter().filter(is_asked).map(|event| event.happens).collect())
}

/// True for what comes after a purchase and up to the time asked for; what a call has set off is told whenever it is settled.
pub(super) fn is_told(contract: &Contract<'_>, event: &Planned, is_called: bool) -> bool {
    let purchase = contract.terms.purchase_date.filter(|date| *date > contract.status);
    let is_bought =
        purchase.is_none_or(|date| Planned::fixed(EventType::Purchase, date, None).order() <= event.order());
    let settles = is_called && matches!(event.kind, EventType::InterestPayment | EventType::Settlement);
    let is_within = contract.to.is_none_or(|to| event.happens <= to) || settles;
    is_bought && is_within
}
