//! Which events a contract has, before they are evaluated: the schedules that contract types share.

use chrono::NaiveDateTime;

use super::choice::{
    ContractPerformance, ContractType, InterestCalculationBase, PenaltyType, PrepaymentEffect, ScalingEffect,
};
use super::contract::{Contract, needed};
use super::cycle::Times;
use super::error::ActusError;
use super::event::{EventType, Planned};

/// The events of a contract, with what evaluating them needs to know of the whole.
pub(super) struct Plan<'c, 'a> {
    pub(super) contract: &'c Contract<'a>,
    /// The last day of the contract; schedules end there.
    pub(super) maturity: NaiveDateTime,
    /// In order once it is finished, those before the status date included.
    pub(super) events: Vec<Planned>,
    /// When principal is paid before maturity, in order once it is finished: also what a termination cuts off, as the amount of
    /// an annuity is for all of it.
    pub(super) redemptions: Vec<NaiveDateTime>,
    /// Payments of an annuity from maturity on: that one, and those to the end of an amortisation that is later.
    pub(super) beyond: Vec<NaiveDateTime>,
}

impl<'c, 'a> Plan<'c, 'a> {
    /// What all types have in common: initial exchange, fees, resets, scaling, prepayment, purchase and credit events.
    pub(super) fn begin(contract: &'c Contract<'a>, maturity: NaiveDateTime) -> Result<Self, ActusError> {
        let mut plan = Self { contract, maturity, events: Vec::new(), redemptions: Vec::new(), beyond: vec![maturity] };
        plan.at(EventType::InitialExchange, contract.initial_exchange()?);
        plan.fees()?;
        if contract.kind != ContractType::Lax {
            plan.rate_resets()?;
        }
        plan.scaling()?;
        plan.interest_calculation_base()?;
        plan.prepayments()?;
        if let Some(purchase) = contract.terms.purchase_date {
            plan.at(EventType::Purchase, purchase);
        }
        plan.credit_events()?;
        Ok(plan)
    }

    /// An event that no convention moves.
    pub(super) fn at(&mut self, kind: EventType, time: NaiveDateTime) {
        self.events.push(Planned::fixed(kind, time, None));
    }

    /// Events of a cycle.
    pub(super) fn cyclic(&mut self, kind: EventType, times: &[NaiveDateTime]) -> Result<(), ActusError> {
        for time in times {
            self.push(self.contract.conventions.shifted(kind, *time)?)?;
        }
        Ok(())
    }

    pub(super) fn push(&mut self, event: Planned) -> Result<(), ActusError> {
        self.events.push(event);
        self.contract.bound.allows(self.events.len())
    }

    /// Events of a cycle to its end, which is not moved.
    fn cyclic_to_end(&mut self, kind: EventType, times: Times) -> Result<(), ActusError> {
        self.cyclic(kind, &times.before)?;
        self.at(kind, times.end);
        Ok(())
    }

    fn fees(&mut self) -> Result<(), ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        if terms.fee_rate.is_none_or(|rate| rate.is_zero()) {
            return Ok(());
        }
        match contract.cycle(terms.cycle_anchor_date_of_fee, terms.cycle_of_fee, self.maturity)? {
            Some(times) => self.cyclic_to_end(EventType::FeePayment, times),
            None => {
                self.at(EventType::FeePayment, self.maturity);
                Ok(())
            }
        }
    }

    /// Resets to the market's rate; the first one after the status date is to the rate that is fixed already, if one is.
    fn rate_resets(&mut self) -> Result<(), ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        let anchor = terms.cycle_anchor_date_of_rate_reset;
        let Some(times) = contract.cycle(anchor, terms.cycle_of_rate_reset, self.maturity)? else { return Ok(()) };
        let mut fixed = terms.next_reset_rate;
        for time in times.before {
            let mut reset = contract.conventions.shifted(EventType::RateResetVariable, time)?;
            if reset.happens > contract.status
                && let Some(rate) = fixed.take()
            {
                (reset.kind, reset.value) = (EventType::RateResetFixed, Some(rate));
            }
            self.push(reset)?;
        }
        Ok(())
    }

    fn scaling(&mut self) -> Result<(), ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        if matches!(terms.scaling_effect, None | Some(ScalingEffect::None)) {
            return Ok(());
        }
        let anchor = terms.cycle_anchor_date_of_scaling_index;
        match contract.cycle(anchor, terms.cycle_of_scaling_index, self.maturity)? {
            Some(times) => self.cyclic(EventType::ScalingIndexRevision, &times.before),
            None => Ok(()),
        }
    }

    fn interest_calculation_base(&mut self) -> Result<(), ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        let is_lagged = terms.interest_calculation_base == Some(InterestCalculationBase::NotionalLagged);
        if !is_lagged || contract.base_follows_notional() {
            return Ok(());
        }
        let anchor = terms.cycle_anchor_date_of_interest_calculation_base;
        match contract.cycle(anchor, terms.cycle_of_interest_calculation_base, self.maturity)? {
            Some(times) => self.cyclic(EventType::InterestCalculationBaseFixing, &times.before),
            None => Ok(()),
        }
    }

    /// Prepayments that are observed, and those of a model at the times of the option; a penalty before each.
    fn prepayments(&mut self) -> Result<(), ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        let observed = contract.observations.events(EventType::PrincipalPrepayment, terms.contract_id.as_deref());
        let mut payments: Vec<_> = observed.map(|event| (event.time, event.value)).collect();
        if matches!(terms.prepayment_effect, None | Some(PrepaymentEffect::NotAllowed)) {
            let refused = |(time, _): &(NaiveDateTime, _)| Err(ActusError::PrepaymentNotAllowed { time: *time });
            return payments.first().map_or(Ok(()), refused);
        }
        if let Some(model) = &terms.object_code_of_prepayment_model {
            let end = terms.option_exercise_end_date.unwrap_or(self.maturity).min(self.maturity);
            let times = contract.cycle(terms.cycle_anchor_date_of_optionality, terms.cycle_of_optionality, end)?;
            let paid = |time| contract.observations.value_of(model, time).map(|value| (time, value));
            payments.extend(times.map(Times::all).unwrap_or_default().into_iter().filter_map(paid));
        }
        let is_penalised = !matches!(terms.penalty_type, None | Some(PenaltyType::None));
        for (time, value) in payments {
            if is_penalised {
                self.push(Planned::fixed(EventType::PenaltyPayment, time, None))?;
            }
            self.push(Planned::fixed(EventType::PrincipalPrepayment, time, Some(value)))?;
        }
        Ok(())
    }

    /// Where the performance changes.
    fn credit_events(&mut self) -> Result<(), ActusError> {
        let terms = self.contract.terms;
        let mut performance = terms.contract_performance.unwrap_or(ContractPerformance::Performing);
        let observed = self.contract.observations.events(EventType::CreditEvent, terms.contract_id.as_deref());
        for (event, new) in observed.filter_map(|event| event.performance.map(|new| (event, new))) {
            if new != performance {
                self.push(Planned::fixed(EventType::CreditEvent, event.time, None))?;
                performance = new;
            }
        }
        Ok(())
    }

    /// Interest of types that pay it in one cycle from anchor to maturity, capitalised up to a date.
    pub(super) fn interest(&mut self) -> Result<(), ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        if terms.nominal_interest_rate.is_none() {
            return Ok(());
        }
        let anchor = terms.cycle_anchor_date_of_interest_payment;
        let times = contract.cycle(anchor, terms.cycle_of_interest_payment, self.maturity)?;
        let times = times.unwrap_or(Times { before: Vec::new(), end: self.maturity });
        self.interest_at(times)
    }

    /// Interest at given times; up to the end of capitalisation it is added to the principal, at that end too.
    pub(super) fn interest_at(&mut self, times: Times) -> Result<(), ActusError> {
        let end = self.contract.terms.capitalization_end_date;
        let kind = |time: NaiveDateTime| match end {
            Some(end) if time <= end => EventType::InterestCapitalisation,
            _ => EventType::InterestPayment,
        };
        let mut has_end = times.end == end.unwrap_or(times.end);
        for time in &times.before {
            has_end |= Some(*time) == end;
            self.push(self.contract.conventions.shifted(kind(*time), *time)?)?;
        }
        self.at(kind(times.end), times.end);
        if let Some(end) = end.filter(|end| !has_end && *end < self.maturity) {
            self.at(EventType::InterestCapitalisation, end);
        }
        Ok(())
    }

    /// Interest that is always capitalised, before the maturity.
    pub(super) fn capitalisation(&mut self) -> Result<(), ActusError> {
        let (contract, terms) = (self.contract, self.contract.terms);
        if terms.nominal_interest_rate.is_none() {
            return Ok(());
        }
        let anchor = terms.cycle_anchor_date_of_interest_payment;
        match contract.cycle(anchor, terms.cycle_of_interest_payment, self.maturity)? {
            Some(times) => self.cyclic(EventType::InterestCapitalisation, &times.before),
            None => Ok(()),
        }
    }

    /// The events in their order: none after maturity, and none after a termination. Refused: more than the bound has.
    pub(super) fn finish(mut self) -> Result<Self, ActusError> {
        let maturity = self.maturity;
        self.contract.bound.allows(self.events.len())?;
        self.events.retain(|event| event.happens <= maturity);
        self.events.sort_by_key(Planned::order);
        let redemptions = self.events.iter().filter(|event| event.kind == EventType::PrincipalRedemption);
        self.redemptions = redemptions.map(|event| event.calculated).collect();
        Ok(self.terminated())
    }

    /// Periods that amounts of an annuity are computed over: each time that one is fixed, as many as payments are left.
    pub(super) fn periods(&self) -> usize {
        let (contract, mut redemptions) = (self.contract, self.redemptions.clone());
        redemptions.sort_unstable();
        let is_open = contract.kind == ContractType::Ann && contract.terms.next_principal_redemption_payment.is_none();
        let is_fixed = |event: &&Planned| match event.kind {
            EventType::InitialExchange => is_open,
            kind => kind == EventType::PrincipalPaymentAmountFixing && event.happens > contract.status,
        };
        let left = |event: &Planned| {
            let past = redemptions.partition_point(|time| *time < event.calculated.max(contract.status));
            redemptions.len().saturating_sub(past).saturating_add(self.beyond.len())
        };
        self.events.iter().filter(is_fixed).map(left).fold(0, usize::saturating_add)
    }

    /// The events in their order, ended by a termination.
    pub(super) fn terminated(mut self) -> Self {
        if let Some(time) = self.contract.terms.termination_date {
            let termination = Planned::fixed(EventType::Termination, time, None);
            self.events.retain(|event| event.order() < termination.order());
            self.events.push(termination);
        }
        self.events.sort_by_key(Planned::order);
        self
    }
}

/// PAM: all principal at maturity.
pub(super) fn principal_at_maturity<'c, 'a>(contract: &'c Contract<'a>) -> Result<Plan<'c, 'a>, ActusError> {
    let maturity = needed(contract.terms.maturity_date, "maturityDate", "all principal is repaid then")?;
    let mut plan = Plan::begin(contract, maturity)?;
    plan.interest()?;
    plan.at(EventType::Maturity, maturity);
    plan.finish()
}
