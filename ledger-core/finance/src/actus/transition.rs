//! State transition functions (STF): the state after an event, from the one before it.

use rust_decimal::Decimal;

use super::annuity::{First, payment};
use super::choice::{ContractType, ScalingEffect};
use super::contract::{Contract, needed};
use super::error::ActusError;
use super::event::{EventType, Planned};
use super::number::{amount, difference, product, quotient, rate, sum};
use super::payoff::{instalment, prepayment, redemption};
use super::plan::Plan;
use super::state::{Accrued, State};

/// The state after an event.
pub(super) fn transition(
    plan: &Plan<'_, '_>,
    before: &State,
    accrued: Accrued,
    event: &Planned,
) -> Result<State, ActusError> {
    let contract = plan.contract;
    let mut after = State { status: event.calculated, accrued: accrued.interest, fee_accrued: accrued.fee, ..*before };
    match event.kind {
        EventType::InitialExchange => initial_exchange(plan, &mut after, event)?,
        EventType::PrincipalRedemption | EventType::PrincipalIncrease if contract.kind == ContractType::Ump => {
            after.notional = difference(before.notional, event.value.unwrap_or_default())?;
        }
        EventType::PrincipalRedemption => {
            after.notional = difference(before.notional, redemption(contract, before, accrued, event)?)?;
        }
        EventType::PrincipalIncrease => {
            after.notional = sum(&[before.notional, instalment(contract, before, event)])?;
        }
        EventType::PrincipalPrepayment => {
            after.notional = difference(before.notional, prepayment(contract, before, event))?;
        }
        EventType::InterestCapitalisation => {
            after.notional = sum(&[before.notional, accrued.interest])?;
            after.accrued = Decimal::ZERO;
        }
        EventType::InterestPayment => (after.accrued, after.interest_due) = Default::default(),
        EventType::Execution if has_notice(contract) => {
            (after.accrued, after.interest_due) = (Decimal::ZERO, accrued.interest);
        }
        EventType::FeePayment => after.fee_accrued = Decimal::ZERO,
        // The rate stays as it was, as in reference results; nothing is left for it to bear on.
        EventType::Maturity | EventType::Settlement | EventType::Termination => {
            (after.notional, after.accrued, after.fee_accrued) = Default::default();
            after.base = Decimal::ZERO;
        }
        EventType::RateResetFixed => after.rate = rate(event.value.unwrap_or_default())?,
        EventType::RateResetVariable => after.rate = reset_rate(contract, before, event)?,
        EventType::PrincipalPaymentAmountFixing => {
            after.next_payment = payment(plan, &after, event.calculated, First::After)?;
        }
        EventType::ScalingIndexRevision => scaling(contract, &mut after, event)?,
        EventType::InterestCalculationBaseFixing => after.base = before.notional,
        EventType::PenaltyPayment | EventType::Purchase | EventType::Execution | EventType::CreditEvent => {}
    }
    after.notional = amount(after.notional)?;
    if contract.base_follows_notional() {
        after.base = after.notional;
    }
    Ok(after)
}

/// True where a call is settled later: what has accrued is then due, and accrues no longer.
fn has_notice(contract: &Contract<'_>) -> bool {
    contract.terms.x_day_notice.is_some_and(|notice| !notice.is_zero())
}

/// Interest accrued at the exchange is that of the terms, or runs from an anchor before it.
fn initial_exchange(plan: &Plan<'_, '_>, after: &mut State, event: &Planned) -> Result<(), ActusError> {
    let (contract, terms) = (plan.contract, plan.contract.terms);
    after.exchanged(contract)?;
    let earlier = terms.cycle_anchor_date_of_interest_payment.filter(|anchor| *anchor < event.calculated);
    after.accrued = match (terms.accrued_interest, earlier) {
        (Some(accrued), _) => contract.signed(accrued),
        (None, Some(anchor)) => amount(after.interest(contract, anchor, event.calculated)?)?,
        (None, None) => Decimal::ZERO,
    };
    if contract.kind == ContractType::Ann && terms.next_principal_redemption_payment.is_none() {
        after.next_payment = payment(plan, after, event.calculated, First::At)?;
    }
    Ok(())
}

/// The market's rate with multiplier and spread; it moves at most by the period's bounds, and stays within the life's. Where the
/// market is silent it stays.
fn reset_rate(contract: &Contract<'_>, before: &State, event: &Planned) -> Result<Decimal, ActusError> {
    let terms = contract.terms;
    let why = "the rate follows the market";
    let code = needed(terms.market_object_code_of_rate_reset.as_deref(), "marketObjectCodeOfRateReset", why)?;
    let within = |number: Decimal, floor: Option<Decimal>, cap: Option<Decimal>| {
        let floored = floor.map_or(number, |floor| number.max(floor));
        cap.map_or(floored, |cap| floored.min(cap))
    };
    if contract.observations.is_silent(code, event.scheduled) {
        return rate(within(before.rate, terms.life_floor, terms.life_cap));
    }
    let market = contract.observations.value(code, event.scheduled)?;
    let spread = event.value.or(terms.rate_spread).unwrap_or_default();
    let target = sum(&[product(&[market, terms.rate_multiplier.unwrap_or(Decimal::ONE)])?, spread])?;
    let change = within(difference(target, before.rate)?, terms.period_floor, terms.period_cap);
    rate(within(sum(&[before.rate, change])?, terms.life_floor, terms.life_cap))
}

/// What follows an index is multiplied by what the index is over what it was when the deal was made.
fn scaling(contract: &Contract<'_>, after: &mut State, event: &Planned) -> Result<(), ActusError> {
    let terms = contract.terms;
    let why = "payments follow an index";
    let code = needed(terms.market_object_code_of_scaling_index.as_deref(), "marketObjectCodeOfScalingIndex", why)?;
    let then = needed(terms.scaling_index_at_contract_deal_date, "scalingIndexAtContractDealDate", why)?;
    let multiplier = rate(quotient(contract.observations.value(code, event.scheduled)?, then)?)?;
    let effect = terms.scaling_effect.unwrap_or(ScalingEffect::None);
    if effect.scales_interest() {
        after.interest_scaling = multiplier;
    }
    if effect.scales_notional() {
        after.notional_scaling = multiplier;
    }
    Ok(())
}
