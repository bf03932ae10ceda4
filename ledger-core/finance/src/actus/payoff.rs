//! Payoff functions (POF): what flows at an event, from the state before it.

use rust_decimal::Decimal;

use super::choice::{ContractType, FeeBasis, PenaltyType};
use super::contract::{Contract, needed};
use super::error::ActusError;
use super::event::{EventType, Planned};
use super::number::{at_most, difference, negated, part, product, sum};
use super::state::{Accrued, State};

/// What flows, in the settlement currency, not yet rounded.
pub(super) fn payoff(
    contract: &Contract<'_>,
    before: &State,
    accrued: Accrued,
    event: &Planned,
) -> Result<Decimal, ActusError> {
    let terms = contract.terms;
    let own = match event.kind {
        EventType::InitialExchange => {
            let has_premium = !matches!(contract.kind, ContractType::Clm | ContractType::Ump);
            let premium = terms.premium_discount_at_ied.filter(|_| has_premium).unwrap_or_default();
            negated(contract.signed(sum(&[contract.notional()?, premium])?))
        }
        EventType::PrincipalRedemption | EventType::PrincipalIncrease if contract.kind == ContractType::Ump => {
            event.value.unwrap_or_default()
        }
        EventType::PrincipalRedemption => {
            product(&[before.notional_scaling, redemption(contract, before, accrued, event)?])?
        }
        EventType::PrincipalIncrease => {
            negated(product(&[before.notional_scaling, instalment(contract, before, event)])?)
        }
        EventType::PrincipalPrepayment => prepayment(contract, before, event),
        EventType::PenaltyPayment => penalty(contract, before, event)?,
        EventType::FeePayment if terms.fee_basis == Some(FeeBasis::Notional) => accrued.fee,
        EventType::FeePayment => contract.signed(terms.fee_rate.unwrap_or_default()),
        EventType::Purchase => {
            let price = needed(terms.price_at_purchase_date, "priceAtPurchaseDate", "it is paid then")?;
            negated(contract.signed(sum(&[price, accrued.interest])?))
        }
        EventType::Termination => {
            let price = needed(terms.price_at_termination_date, "priceAtTerminationDate", "it is paid then")?;
            contract.signed(sum(&[price, accrued.interest])?)
        }
        EventType::InterestPayment => {
            product(&[before.interest_scaling, sum(&[accrued.interest, before.interest_due])?])?
        }
        EventType::Maturity | EventType::Settlement => {
            let principal = product(&[before.notional_scaling, before.notional])?;
            sum(&[principal, product(&[before.interest_scaling, accrued.interest])?, accrued.fee])?
        }
        EventType::InterestCapitalisation
        | EventType::RateResetFixed
        | EventType::RateResetVariable
        | EventType::PrincipalPaymentAmountFixing
        | EventType::ScalingIndexRevision
        | EventType::InterestCalculationBaseFixing
        | EventType::Execution
        | EventType::CreditEvent => return Ok(Decimal::ZERO),
    };
    if own.is_zero() { Ok(own) } else { product(&[own, contract.exchange_rate(event.scheduled)?]) }
}

/// The principal that a payment repays: its amount, for NAM and ANN less the interest in it; never more than is outstanding.
pub(super) fn redemption(
    contract: &Contract<'_>,
    before: &State,
    accrued: Accrued,
    event: &Planned,
) -> Result<Decimal, ActusError> {
    let payment = instalment(contract, before, event);
    let principal = match contract.kind {
        ContractType::Nam | ContractType::Ann => difference(payment, accrued.interest)?,
        _ => payment,
    };
    let repays = principal.is_sign_negative() == before.notional.is_sign_negative();
    Ok(if repays || before.notional.is_zero() { at_most(principal, before.notional) } else { principal })
}

/// The amount of a payment: the event's own in a LAX, else the state's.
pub(super) fn instalment(contract: &Contract<'_>, before: &State, event: &Planned) -> Decimal {
    event.value.map_or(before.next_payment, |amount| contract.signed(amount))
}

/// What is repaid early: never more than is outstanding.
pub(super) fn prepayment(contract: &Contract<'_>, before: &State, event: &Planned) -> Decimal {
    at_most(contract.signed(event.value.unwrap_or_default().abs()), before.notional)
}

/// An amount, or a rate on the notional for the time since the last event: the penalty's own, or what the market pays less.
fn penalty(contract: &Contract<'_>, before: &State, event: &Planned) -> Result<Decimal, ActusError> {
    let terms = contract.terms;
    let own = terms.penalty_rate.unwrap_or_default();
    let rate = match terms.penalty_type {
        Some(PenaltyType::Amount) => return Ok(contract.signed(own)),
        Some(PenaltyType::Notional) => own,
        Some(PenaltyType::Interest) => {
            let why = "the penalty is what the market pays less";
            let code = needed(terms.market_object_code_of_rate_reset.as_deref(), "marketObjectCodeOfRateReset", why)?;
            let market = contract.observations.value(code, event.scheduled)?;
            difference(before.rate, market)?.max(Decimal::ZERO)
        }
        None | Some(PenaltyType::None) => return Ok(Decimal::ZERO),
    };
    part(product(&[before.notional, rate])?, contract.conventions.year_fraction(before.status, event.calculated)?)
}
