//! Credit enhancement: the guarantee (CEG) and the collateral (CEC), over contracts that are evaluated with them.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::choice::{ContractPerformance, ContractRole, ContractType, FeeBasis, GuaranteedExposure};
use super::contract::{Contract, needed};
use super::error::ActusError;
use super::event::{Detail, Event, EventType, Planned};
use super::lifetime::{Step, is_told, live, plan};
use super::number::{amount, negated, part, product, sum};
use super::state::State;
use super::structure::{Reference, ReferenceRole, ReferenceType};
use super::terms::Terms;
use super::time::within_years;

/// A covered contract with its life.
struct Covered<'a> {
    contract: Contract<'a>,
    /// Its state at its status date.
    initial: State,
    steps: Vec<Step>,
}

/// What a guarantee or a collateral is evaluated over.
struct Enhancement<'c, 'a> {
    contract: &'c Contract<'a>,
    covered: Vec<Covered<'c>>,
    maturity: NaiveDateTime,
    /// When it is called, none where it is not.
    execution: Option<NaiveDateTime>,
}

/// State variables of an enhancement.
#[derive(Clone, Copy)]
struct Exercise {
    status: NaiveDateTime,
    notional: Decimal,
    fee_accrued: Decimal,
    amount: Decimal,
}

/// The rows of a CEG or CEC.
pub(super) fn rows(contract: &Contract<'_>) -> Result<Vec<Event>, ActusError> {
    let references = contract.terms.contract_structure.as_deref().unwrap_or_default();
    // The exposure is what is owed to whoever is protected, on whichever side the record of it was made.
    let as_claims: Vec<Terms> = references
        .iter()
        .filter(|reference| reference.role == ReferenceRole::Covered && reference.kind == ReferenceType::Contract)
        .map(|reference| Terms { contract_role: Some(ContractRole::RealPositionAsset), ..reference.object.clone() })
        .collect();
    let (mut covered, mut left) = (Vec::new(), contract.bound);
    for terms in &as_claims {
        let child = Contract::new(terms, contract.observations, contract.to, left)?;
        let (initial, steps, periods) = {
            let plan = plan(&child)?;
            (State::initial(&plan)?, live(&plan)?, plan.periods())
        };
        left = left.less(steps.len(), periods);
        covered.push(Covered { contract: child, initial, steps });
    }
    let last = covered.iter().filter_map(|child| child.steps.last()).map(|step| step.event.happens).max();
    let why = "without covered contracts it does not follow from them";
    let maturity = needed(contract.terms.maturity_date.or(last), "maturityDate", why)?;
    let execution = execution(contract, references, maturity);
    Enhancement { contract, covered, maturity, execution }.rows()
}

/// When the first covered contract comes to the performance that is covered.
fn execution(contract: &Contract<'_>, references: &[Reference], maturity: NaiveDateTime) -> Option<NaiveDateTime> {
    if contract.terms.exercise_date.is_some() {
        return contract.terms.exercise_date;
    }
    let trigger = contract.terms.credit_event_type_covered.unwrap_or(ContractPerformance::Default);
    let ids = references.iter().filter(|reference| reference.role == ReferenceRole::Covered);
    let events = ids.filter_map(|reference| reference.object.contract_id.as_deref()).flat_map(|id| {
        let observed = contract.observations.events(EventType::CreditEvent, Some(id));
        observed.filter(|event| event.contract_id.is_some() && event.performance == Some(trigger))
    });
    let is_within =
        |time: &NaiveDateTime| *time > contract.status && *time <= maturity && contract.to.is_none_or(|to| *time <= to);
    events.map(|event| event.time).filter(is_within).min()
}

impl Enhancement<'_, '_> {
    fn rows(&self) -> Result<Vec<Event>, ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        // Before the first event only a fee asks for the notional.
        let is_asked = terms.fee_rate.is_some() && contract.status < self.maturity;
        let mut state = Exercise {
            status: contract.status,
            notional: if is_asked { self.notional(contract.status)? } else { Decimal::ZERO },
            fee_accrued: terms.fee_accrued.map_or(Decimal::ZERO, |accrued| contract.signed(accrued)),
            amount: terms.exercise_amount.map_or(Decimal::ZERO, |exercised| contract.signed(exercised)),
        };
        let mut rows = Vec::new();
        for event in self.events()?.into_iter().filter(|event| event.happens > contract.status) {
            let payoff = self.evaluate(&mut state, &event)?;
            if !is_told(contract, &event, self.execution.is_some()) {
                continue;
            }
            let is_exercise = matches!(event.kind, EventType::Execution | EventType::Settlement);
            rows.push(Event {
                time: event.happens,
                kind: event.kind,
                payoff: amount(product(&[payoff, contract.exchange_rate(event.scheduled)?])?)?,
                notional_principal: state.notional,
                detail: Detail::Exercise {
                    exercise_amount: state.amount,
                    exercise_date: self.execution.filter(|_| is_exercise),
                },
            });
        }
        Ok(rows)
    }

    fn events(&self) -> Result<Vec<Planned>, ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        let mut events = Vec::new();
        let fixed = |kind, time| Planned::fixed(kind, time, None);
        let end = self.execution.unwrap_or(self.maturity);
        if contract.kind == ContractType::Ceg {
            events.extend(terms.purchase_date.map(|time| fixed(EventType::Purchase, time)));
            events.extend(self.fees(end)?);
        }
        match self.execution {
            None => events.push(fixed(EventType::Maturity, self.maturity)),
            Some(time) => {
                events.push(fixed(EventType::Execution, time));
                let period = terms.settlement_period;
                let due = period.map(|period| period.after(time, 1, contract.conventions.end_of_month)).transpose()?;
                let due = within_years(due.unwrap_or(time), "the settlement date")?;
                events.push(contract.conventions.shifted(EventType::Settlement, due)?);
            }
        }
        if let Some(time) = terms.termination_date.filter(|_| contract.kind == ContractType::Ceg) {
            let termination = fixed(EventType::Termination, time);
            events.retain(|event| event.order() < termination.order());
            events.push(termination);
        }
        events.sort_by_key(Planned::order);
        Ok(events)
    }

    fn fees(&self, end: NaiveDateTime) -> Result<Vec<Planned>, ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        if terms.fee_rate.is_none_or(|rate| rate.is_zero()) {
            return Ok(Vec::new());
        }
        let start = terms.purchase_date.unwrap_or(contract.status);
        let anchor = contract.anchor(terms.cycle_anchor_date_of_fee, terms.cycle_of_fee, start)?;
        let before = match anchor {
            Some(anchor) => contract.times(anchor, terms.cycle_of_fee, end)?.before,
            None => Vec::new(),
        };
        let shifted = |time| contract.conventions.shifted(EventType::FeePayment, time);
        let moved: Result<Vec<_>, _> = before.into_iter().map(shifted).collect();
        let mut fees = moved?;
        fees.push(Planned::fixed(EventType::FeePayment, end, None));
        // Each fee looks at each covered contract.
        let looks = fees.len().saturating_mul(self.covered.len());
        let limit = contract.bound.events;
        if looks > limit.saturating_mul(10) { Err(ActusError::TooManyEvents { limit }) } else { Ok(fees) }
    }

    /// What an event pays; the state becomes the one after it.
    fn evaluate(&self, state: &mut Exercise, event: &Planned) -> Result<Decimal, ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        let accrued = self.fee_at(state, event.calculated)?;
        let is_on_notional = terms.fee_basis == Some(FeeBasis::Notional);
        state.status = event.calculated;
        state.fee_accrued = accrued;
        let payoff = match event.kind {
            EventType::Purchase => {
                let price = needed(terms.price_at_purchase_date, "priceAtPurchaseDate", "it is paid then")?;
                state.notional = self.notional(event.happens)?;
                negated(contract.signed(price))
            }
            EventType::Termination => {
                let price = needed(terms.price_at_termination_date, "priceAtTerminationDate", "it is paid then")?;
                (state.notional, state.fee_accrued) = Default::default();
                contract.signed(price)
            }
            EventType::FeePayment => {
                state.notional = self.notional(event.happens)?;
                state.fee_accrued = Decimal::ZERO;
                if is_on_notional { accrued } else { contract.signed(terms.fee_rate.unwrap_or_default()) }
            }
            EventType::Execution => {
                state.notional = self.notional(event.happens)?;
                state.amount = self.due(state.notional, event.happens)?;
                Decimal::ZERO
            }
            EventType::Settlement => {
                (state.notional, state.fee_accrued) = Default::default();
                sum(&[state.amount, accrued])?
            }
            _ => {
                state.notional = Decimal::ZERO;
                Decimal::ZERO
            }
        };
        Ok(payoff)
    }

    /// A fee on the notional accrues; one of an amount does not.
    fn fee_at(&self, state: &Exercise, time: NaiveDateTime) -> Result<Decimal, ActusError> {
        let terms = self.contract.terms;
        let Some(rate) = terms.fee_rate.filter(|_| terms.fee_basis == Some(FeeBasis::Notional)) else {
            return Ok(state.fee_accrued);
        };
        let fraction = self.contract.conventions.year_fraction(state.status, time)?;
        amount(sum(&[state.fee_accrued, part(product(&[state.notional, rate])?, fraction)?])?)
    }

    /// The covered part of the terms' notional or else of what the covered contracts are at a time, with the role's sign.
    fn notional(&self, time: NaiveDateTime) -> Result<Decimal, ActusError> {
        let terms = self.contract.terms;
        let coverage = terms.coverage_of_credit_enhancement.unwrap_or(Decimal::ONE);
        let own = terms.notional_principal.filter(|_| self.contract.kind == ContractType::Ceg);
        let exposure = match own {
            Some(notional) => notional,
            None => {
                let why = "it is the exposure where no covered contract is given with its terms";
                needed((!self.covered.is_empty()).then_some(()), "notionalPrincipal", why)?;
                let each: Result<Vec<_>, _> = self.covered.iter().map(|child| self.exposure(child, time)).collect();
                sum(&each?)?
            }
        };
        amount(self.contract.signed(product(&[coverage, exposure])?))
    }

    /// What a covered contract is at a time, by its own events up to it.
    fn exposure(&self, child: &Covered<'_>, time: NaiveDateTime) -> Result<Decimal, ActusError> {
        let exposure = self.contract.terms.guaranteed_exposure.unwrap_or(GuaranteedExposure::Nominal);
        if exposure == GuaranteedExposure::MarketValue {
            let code = child.contract.terms.market_object_code.as_deref();
            let code = needed(code, "contractStructure.object.marketObjectCode", "the market value is covered")?;
            return self.contract.observations.value(code, time);
        }
        let past = child.steps.partition_point(|step| step.event.happens <= time);
        let last = past.checked_sub(1).and_then(|last| child.steps.get(last));
        let state = last.map_or(child.initial, |step| step.state);
        if exposure == GuaranteedExposure::Nominal || state.notional.is_zero() {
            return Ok(state.notional);
        }
        sum(&[state.notional, state.accrued, state.interest(&child.contract, state.status, time)?])
    }

    /// What is due: all of the notional from a guarantor, no more than it is worth from a collateral.
    fn due(&self, notional: Decimal, time: NaiveDateTime) -> Result<Decimal, ActusError> {
        let contract = self.contract;
        if contract.kind == ContractType::Ceg {
            return Ok(notional);
        }
        let references = contract.terms.contract_structure.as_deref().unwrap_or_default();
        let mut worth = Decimal::ZERO;
        for reference in references.iter().filter(|reference| reference.role == ReferenceRole::Covering) {
            let code = reference.object.market_object_code.as_deref();
            let code =
                needed(code, "contractStructure.object.marketObjectCode", "the cover is worth what it sells for")?;
            let price = contract.observations.value(code, time)?;
            worth = sum(&[worth, product(&[reference.object.quantity.unwrap_or(Decimal::ONE), price])?])?;
        }
        amount(contract.signed(worth.min(notional.abs())))
    }
}
