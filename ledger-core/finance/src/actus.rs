//! Schedules, states and cash flows of ACTUS contracts: PAM, LAM, ANN, NAM, LAX, CLM, UMP, CEG and CEC.
//!
//! [`Terms`] carry the standard's names; [`schedule`] gives the events after the status date with what flows and what is left.
//! Everything is a function of terms and [`Observations`]; amounts and rates are exact decimals, rounded as `bounds` says.
//!
//! Sources: ACTUS technical specification and dictionary. Where they leave something open or contradict each other, reference
//! results decide: events of one time follow [`EventType`]'s order; a LAM without an amount is paid in as many equal parts as it
//! has payments, maturity included; the rate is still shown after maturity; an index scales by what it is over what it was. The
//! last time of a schedule and dates given outright are not moved by a business-day convention. An observation holds until the
//! next one. `periodFloor` is the least change of a rate, so a fall is bounded by a negative one.

mod annuity;
mod bounds;
mod call;
mod choice;
mod contract;
mod conventions;
mod cycle;
mod enhancement;
mod error;
mod event;
mod exotic;
mod lifetime;
mod number;
mod observations;
mod payoff;
mod plan;
mod principal;
mod state;
mod structure;
mod terms;
#[cfg(test)]
mod tests;
mod time;
mod transition;
mod value;

use chrono::NaiveDateTime;

pub use bounds::{
    AMOUNT_MAX, AMOUNT_PLACES, Bound, EVENTS_MAX, LIST_MAX, OBSERVATIONS_MAX, PERIODS_MAX, RATE_MAX, RATE_PLACES,
    TEXT_BYTES_MAX,
};
pub use choice::{
    ContractPerformance, ContractRole, ContractType, DayCountConvention, FeeBasis, FixedVariable, GuaranteedExposure,
    IncreaseDecrease, InterestCalculationBase, InterestPoint, PenaltyType, PrepaymentEffect, ResetPoint, ScalingEffect,
};
pub use cycle::{Cycle, Span, Stub};
pub use error::ActusError;
pub use event::{Detail, Event, EventType};
pub use observations::{Observations, ObservedEvent};
pub use structure::{Reference, ReferenceRole, ReferenceType};
pub use terms::Terms;
pub use time::{parse_time, write_time};
pub use value::Value;

use contract::Contract;

/// The events of a contract after its status date and up to a time, in their order.
///
/// The time is needed where a contract has no end of its own (UMP, and CLM that nobody calls). What a call has set off by then is
/// told also if it is settled later.
///
/// Refused: terms that are missing, or that do not fit each other; an observation that is missing; more than the bound has, before
/// anything is evaluated; an amount past [`AMOUNT_MAX`] or a rate past [`RATE_MAX`].
pub fn schedule(
    terms: &Terms,
    observations: &Observations,
    to: Option<NaiveDateTime>,
    bound: Bound,
) -> Result<Vec<Event>, ActusError> {
    let contract = Contract::new(terms, observations, to, bound)?;
    match contract.kind {
        ContractType::Ceg | ContractType::Cec => enhancement::rows(&contract),
        _ => lifetime::rows(&contract),
    }
}

/// When events of a kind are after the status date, in their order. Nothing is evaluated, so no market is asked.
///
/// Refused as in [`schedule`], but for what arises on the way.
pub fn event_times(
    terms: &Terms,
    observations: &Observations,
    kind: EventType,
    bound: Bound,
) -> Result<Vec<NaiveDateTime>, ActusError> {
    lifetime::times(&Contract::new(terms, observations, None, bound)?, kind)
}
