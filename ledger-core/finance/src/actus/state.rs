//! State variables, and what they are at the status date.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::annuity::{First, payment};
use super::choice::{ContractType, FeeBasis};
use super::contract::Contract;
use super::error::ActusError;
use super::event::{EventType, Planned};
use super::number::{amount, part, product, quotient, sum};
use super::plan::Plan;

/// The state of a contract after an event. Amounts are negative where they are owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// To when interest and fees are counted (Sd).
    pub(super) status: NaiveDateTime,
    /// Notional principal (Nt).
    pub(super) notional: Decimal,
    /// Nominal interest rate a year (Ipnr).
    pub(super) rate: Decimal,
    /// Accrued interest (Ipac).
    pub(super) accrued: Decimal,
    /// Interest that a call has fixed and that is paid when the notice is over.
    pub(super) interest_due: Decimal,
    /// Accrued fees (Feac).
    pub(super) fee_accrued: Decimal,
    /// What interest is computed on (Ipcb).
    pub(super) base: Decimal,
    /// The next principal payment, for an annuity with its interest (Prnxt).
    pub(super) next_payment: Decimal,
    /// Multiplier of payments of principal (Nsc).
    pub(super) notional_scaling: Decimal,
    /// Multiplier of payments of interest (Isc).
    pub(super) interest_scaling: Decimal,
}

/// Interest and fees accrued up to an event, the state's own included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accrued {
    pub(super) interest: Decimal,
    pub(super) fee: Decimal,
}

impl State {
    /// Before anything has flowed.
    fn empty(contract: &Contract<'_>) -> Self {
        let terms = contract.terms;
        Self {
            status: contract.status,
            notional: Decimal::ZERO,
            rate: Decimal::ZERO,
            accrued: Decimal::ZERO,
            interest_due: Decimal::ZERO,
            fee_accrued: Decimal::ZERO,
            base: Decimal::ZERO,
            next_payment: Decimal::ZERO,
            notional_scaling: terms.notional_scaling_multiplier.unwrap_or(Decimal::ONE),
            interest_scaling: terms.interest_scaling_multiplier.unwrap_or(Decimal::ONE),
        }
    }

    /// The state at the status date.
    pub(super) fn initial(plan: &Plan<'_, '_>) -> Result<Self, ActusError> {
        let contract = plan.contract;
        let mut state = Self::empty(contract);
        state.next_payment = next_payment(plan)?;
        if contract.initial_exchange()? > contract.status {
            return Ok(state);
        }
        state.exchanged(contract)?;
        state.accrued = match contract.terms.accrued_interest {
            Some(accrued) => contract.signed(accrued),
            None => accrued_since_last(&state, plan)?,
        };
        state.fee_accrued = match contract.terms.fee_accrued {
            Some(accrued) => contract.signed(accrued),
            None => fee_since_last(&state, plan)?,
        };
        if contract.kind == ContractType::Ann && contract.terms.next_principal_redemption_payment.is_none() {
            state.next_payment = payment(plan, &state, contract.status, First::After)?;
        }
        Ok(state)
    }

    /// Notional, rate and base as the terms have them.
    pub(super) fn exchanged(&mut self, contract: &Contract<'_>) -> Result<(), ActusError> {
        let terms = contract.terms;
        self.notional = contract.signed(contract.notional()?);
        self.rate = terms.nominal_interest_rate.unwrap_or_default();
        let base = terms.interest_calculation_base_amount.filter(|_| !contract.base_follows_notional());
        self.base = base.map_or(self.notional, |base| contract.signed(base));
        Ok(())
    }

    /// Interest and fees up to a time.
    pub(super) fn accrued_at(&self, plan: &Plan<'_, '_>, time: NaiveDateTime) -> Result<Accrued, ActusError> {
        let interest = sum(&[self.accrued, self.interest(plan.contract, self.status, time)?])?;
        Ok(Accrued { interest: amount(interest)?, fee: amount(self.fee_at(plan, time)?)? })
    }

    /// Interest between two times at the rate and on the base of the state.
    pub(super) fn interest(
        &self,
        contract: &Contract<'_>,
        start: NaiveDateTime,
        end: NaiveDateTime,
    ) -> Result<Decimal, ActusError> {
        let a_year = product(&[self.base, self.rate])?;
        if a_year.is_zero() || start == end {
            return Ok(Decimal::ZERO);
        }
        part(a_year, contract.conventions.year_fraction(start, end)?)
    }

    /// A fee on the notional accrues with it; a fee of an amount, evenly between the times it is paid.
    fn fee_at(&self, plan: &Plan<'_, '_>, time: NaiveDateTime) -> Result<Decimal, ActusError> {
        let (contract, terms) = (plan.contract, plan.contract.terms);
        let Some(rate) = terms.fee_rate.filter(|rate| !rate.is_zero()) else { return Ok(Decimal::ZERO) };
        if terms.fee_basis == Some(FeeBasis::Notional) {
            let a_year = product(&[self.notional, rate])?;
            if a_year.is_zero() || self.status == time {
                return Ok(self.fee_accrued);
            }
            let accrued = part(a_year, contract.conventions.year_fraction(self.status, time)?)?;
            return sum(&[self.fee_accrued, accrued]);
        }
        let Some((last, next)) = around(plan, EventType::FeePayment, time) else { return Ok(self.fee_accrued) };
        let all = contract.conventions.year_fraction(last, next)?;
        let share = part(contract.signed(rate), contract.conventions.year_fraction(last, time)?)?;
        quotient(share, part(Decimal::ONE, all)?)
    }
}

/// The times of a kind of event just before and just after a time, if both are.
fn around(plan: &Plan<'_, '_>, kind: EventType, time: NaiveDateTime) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let is_before = |event: &Planned| event.calculated < time;
    let split = plan.events.partition_point(|event| event.happens < time);
    let (before, after) = plan.events.split_at(split);
    let last = before.iter().rev().find(|event| event.kind == kind && is_before(event))?;
    let next = after.iter().find(|event| event.kind == kind && event.calculated > time)?;
    Some((last.calculated, next.calculated))
}

/// Interest at the status date since the last payment before it; none where the standard has no such payment to count from.
fn accrued_since_last(state: &State, plan: &Plan<'_, '_>) -> Result<Decimal, ActusError> {
    let last = last_before_status(plan, EventType::InterestPayment);
    let interest = last.map(|last| state.interest(plan.contract, last, plan.contract.status));
    amount(interest.transpose()?.unwrap_or_default())
}

fn fee_since_last(state: &State, plan: &Plan<'_, '_>) -> Result<Decimal, ActusError> {
    let Some(last) = last_before_status(plan, EventType::FeePayment) else { return Ok(Decimal::ZERO) };
    amount(State { status: last, ..*state }.fee_at(plan, plan.contract.status)?)
}

fn last_before_status(plan: &Plan<'_, '_>, kind: EventType) -> Option<NaiveDateTime> {
    let is_past = |event: &&Planned| event.kind == kind && event.calculated < plan.contract.status;
    plan.events.iter().filter(is_past).map(|event| event.calculated).max()
}

/// The next principal payment with its sign: of the terms, or for a LAM the notional over the payments that are left, the one
/// at maturity included. The amount of an annuity is fixed by events.
fn next_payment(plan: &Plan<'_, '_>) -> Result<Decimal, ActusError> {
    let contract = plan.contract;
    if let Some(payment) = contract.terms.next_principal_redemption_payment {
        return Ok(contract.signed(payment));
    }
    match contract.kind {
        ContractType::Lam => {
            let is_left =
                |event: &&Planned| event.happens > contract.status && event.kind == EventType::PrincipalRedemption;
            let left = plan.events.iter().filter(is_left).count().saturating_add(1);
            amount(quotient(contract.signed(contract.notional()?), Decimal::from(left))?)
        }
        ContractType::Nam => {
            super::contract::needed(None, "nextPrincipalRedemptionPayment", "it is paid in each cycle")
        }
        _ => Ok(Decimal::ZERO),
    }
}
