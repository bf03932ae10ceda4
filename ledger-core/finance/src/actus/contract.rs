//! A contract under evaluation: its terms with what is observed, and what follows from them at once.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::bounds::Bound;
use super::choice::{ContractRole, ContractType, InterestCalculationBase};
use super::conventions::Conventions;
use super::cycle::{Cycle, Times, times};
use super::error::ActusError;
use super::lifetime::plan;
use super::number::negated;
use super::observations::Observations;
use super::terms::Terms;
use super::time::within_years;

/// A contract under evaluation.
pub(super) struct Contract<'a> {
    pub(super) terms: &'a Terms,
    pub(super) observations: &'a Observations,
    pub(super) conventions: Conventions,
    pub(super) kind: ContractType,
    /// The time up to which everything is known and nothing is told.
    pub(super) status: NaiveDateTime,
    /// The time after which nothing is told.
    pub(super) to: Option<NaiveDateTime>,
    /// How much of it is computed.
    pub(super) bound: Bound,
    is_negative: bool,
}

impl<'a> Contract<'a> {
    pub(super) fn new(
        terms: &'a Terms,
        observations: &'a Observations,
        to: Option<NaiveDateTime>,
        bound: Bound,
    ) -> Result<Self, ActusError> {
        let kind = needed(terms.contract_type, "contractType", "it decides what happens")?;
        let role: ContractRole = needed(terms.contract_role, "contractRole", "it decides who pays")?;
        let status = needed(terms.status_date, "statusDate", "events are those after it")?;
        let mut contract = Self {
            terms,
            observations,
            conventions: Conventions::new(terms, observations)?,
            kind,
            status,
            to,
            bound,
            is_negative: role.is_negative(),
        };
        contract.numbers_are_possible()?;
        contract.dates_are_in_order()?;
        if contract.conventions.needs_maturity() && !matches!(kind, ContractType::Ceg | ContractType::Cec) {
            let maturity = plan(&contract)?.maturity;
            contract.conventions.end(maturity);
        }
        Ok(contract)
    }

    fn numbers_are_possible(&self) -> Result<(), ActusError> {
        let terms = self.terms;
        let (zero, is_negative) = (Decimal::ZERO, |number: &Decimal| *number < Decimal::ZERO);
        let from_zero = [
            ("notionalPrincipal", terms.notional_principal),
            ("interestCalculationBaseAmount", terms.interest_calculation_base_amount),
            ("coverageOfCreditEnhancement", terms.coverage_of_credit_enhancement),
            ("quantity", terms.quantity),
        ];
        if let Some((name, _)) = from_zero.into_iter().find(|(_, number)| number.as_ref().is_some_and(is_negative)) {
            return Err(ActusError::NotPositive { name });
        }
        let above_zero = [
            ("nextPrincipalRedemptionPayment", terms.next_principal_redemption_payment),
            ("scalingIndexAtContractDealDate", terms.scaling_index_at_contract_deal_date),
        ];
        match above_zero.into_iter().find(|(_, number)| number.is_some_and(|number| number <= zero)) {
            Some((name, _)) => Err(ActusError::NotPositive { name }),
            None => Ok(()),
        }
    }

    fn dates_are_in_order(&self) -> Result<(), ActusError> {
        let terms = self.terms;
        let pairs = [
            ("initialExchangeDate", terms.initial_exchange_date, "maturityDate", terms.maturity_date),
            ("initialExchangeDate", terms.initial_exchange_date, "amortizationDate", terms.amortization_date),
            ("purchaseDate", terms.purchase_date, "terminationDate", terms.termination_date),
        ];
        let is_reversed = |earlier: Option<_>, later: Option<_>| earlier.zip(later).is_some_and(|(one, two)| two < one);
        match pairs.into_iter().find(|(_, one, _, two)| is_reversed(*one, *two)) {
            Some((earlier, _, later, _)) => Err(ActusError::Order { earlier, later }),
            None => Ok(()),
        }
    }

    /// R of the standard: the number with the sign of the role.
    pub(super) fn signed(&self, number: Decimal) -> Decimal {
        if self.is_negative { negated(number) } else { number }
    }

    pub(super) fn initial_exchange(&self) -> Result<NaiveDateTime, ActusError> {
        needed(self.terms.initial_exchange_date, "initialExchangeDate", "principal flows then")
    }

    pub(super) fn notional(&self) -> Result<Decimal, ActusError> {
        needed(self.terms.notional_principal, "notionalPrincipal", "it is what flows")
    }

    /// True where interest is computed on the notional outstanding.
    pub(super) fn base_follows_notional(&self) -> bool {
        let has_base =
            matches!(self.kind, ContractType::Lam | ContractType::Nam | ContractType::Ann | ContractType::Lax);
        !has_base || matches!(self.terms.interest_calculation_base, None | Some(InterestCalculationBase::Notional))
    }

    /// Where a schedule begins: its anchor, or a cycle after the contract's start; nowhere without both.
    pub(super) fn anchor(
        &self,
        anchor: Option<NaiveDateTime>,
        cycle: Option<Cycle>,
        start: NaiveDateTime,
    ) -> Result<Option<NaiveDateTime>, ActusError> {
        match (anchor, cycle) {
            (Some(anchor), _) => Ok(Some(anchor)),
            (None, Some(cycle)) => {
                let first = cycle.span.after(start, 1, self.conventions.end_of_month)?;
                within_years(first, "the schedule").map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    /// A schedule from its anchor, or a cycle after the initial exchange, to an end.
    pub(super) fn cycle(
        &self,
        anchor: Option<NaiveDateTime>,
        cycle: Option<Cycle>,
        end: NaiveDateTime,
    ) -> Result<Option<Times>, ActusError> {
        let anchor = self.anchor(anchor, cycle, self.initial_exchange()?)?;
        anchor.map(|anchor| self.times(anchor, cycle, end)).transpose()
    }

    pub(super) fn times(
        &self,
        anchor: NaiveDateTime,
        cycle: Option<Cycle>,
        end: NaiveDateTime,
    ) -> Result<Times, ActusError> {
        times(anchor, cycle, end, self.conventions.end_of_month, self.bound)
    }

    /// The rate from the contract's currency to the one it is settled in, one where that is the same.
    pub(super) fn exchange_rate(&self, time: NaiveDateTime) -> Result<Decimal, ActusError> {
        match (&self.terms.currency, &self.terms.settlement_currency) {
            (Some(own), Some(other)) if own != other => self.observations.value(&format!("{own}/{other}"), time),
            _ => Ok(Decimal::ONE),
        }
    }
}

/// A term without which there is no schedule.
pub(super) fn needed<T>(term: Option<T>, name: &str, why: &'static str) -> Result<T, ActusError> {
    term.ok_or_else(|| ActusError::Missing { path: format!("terms.{name}"), why })
}
