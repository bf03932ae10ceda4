//! The terms of a contract under the standard's names.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::choice::{
    ContractPerformance, ContractRole, ContractType, DayCountConvention, FeeBasis, FixedVariable, GuaranteedExposure,
    IncreaseDecrease, InterestCalculationBase, InterestPoint, PenaltyType, PrepaymentEffect, ResetPoint, ScalingEffect,
};
use super::cycle::{Cycle, Span};
use super::error::ActusError;
use super::number;
use super::structure::Reference;
use super::time::parse_time;
use super::value::{Value, inside};
use crate::calendar::{BusinessDayConvention, EndOfMonth};

/// A kind of value that terms have.
pub(super) trait Term: Sized {
    /// Reads the value at a path.
    fn read(value: &Value, path: &str) -> Result<Self, ActusError>;
}

/// The struct of all terms, and the one place that knows their names. After the bar stand other names of the same term.
macro_rules! terms {
    ($($field:ident: $kind:ty = $name:literal $(| $other:literal)*, $acronym:literal;)*) => {
        /// The terms of a contract, as the dictionary names them; all optional here, each contract type asks for its own.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Terms {
            $(#[doc = concat!("`", $name, "` (", $acronym, ").")] pub $field: Option<$kind>,)*
        }

        impl Terms {
            /// Sets a term; false if the name is not known, and the field's own name if it is.
            fn set(&mut self, name: &str, value: &Value, path: &str) -> Result<Option<&'static str>, ActusError> {
                match name {
                    $($name $(| $other)* => {
                        self.$field = Some(Term::read(value, path)?);
                        Ok(Some($name))
                    })*
                    _ => Ok(None),
                }
            }

            fn knows(name: &str) -> bool {
                matches!(name, $($name $(| $other)*)|*) || TELLING.contains(&name)
            }
        }
    };
}

terms! {
    contract_type: ContractType = "contractType", "CT";
    contract_id: String = "contractID" | "contractId" | "contractIdentifier", "CID";
    contract_role: ContractRole = "contractRole", "CNTRL";
    contract_structure: Vec<Reference> = "contractStructure", "CTST";
    status_date: NaiveDateTime = "statusDate", "SD";
    contract_deal_date: NaiveDateTime = "contractDealDate", "CDD";
    calendar: String = "calendar", "CLDR";
    business_day_convention: BusinessDayConvention = "businessDayConvention", "BDC";
    end_of_month_convention: EndOfMonth = "endOfMonthConvention", "EOMC";
    currency: String = "currency", "CUR";
    settlement_currency: String = "settlementCurrency", "CURS";
    notional_principal: Decimal = "notionalPrincipal", "NT";
    initial_exchange_date: NaiveDateTime = "initialExchangeDate", "IED";
    premium_discount_at_ied: Decimal = "premiumDiscountAtIED", "PDIED";
    maturity_date: NaiveDateTime = "maturityDate", "MD";
    amortization_date: NaiveDateTime = "amortizationDate", "AMD";
    purchase_date: NaiveDateTime = "purchaseDate", "PRD";
    price_at_purchase_date: Decimal = "priceAtPurchaseDate", "PPRD";
    termination_date: NaiveDateTime = "terminationDate", "TD";
    price_at_termination_date: Decimal = "priceAtTerminationDate", "PTD";
    x_day_notice: Span = "xDayNotice", "XDN";
    nominal_interest_rate: Decimal = "nominalInterestRate", "IPNR";
    day_count_convention: DayCountConvention = "dayCountConvention", "IPDC";
    accrued_interest: Decimal = "accruedInterest", "IPAC";
    cycle_anchor_date_of_interest_payment: NaiveDateTime = "cycleAnchorDateOfInterestPayment", "IPANX";
    cycle_of_interest_payment: Cycle = "cycleOfInterestPayment", "IPCL";
    cycle_point_of_interest_payment: InterestPoint = "cyclePointOfInterestPayment", "IPPNT";
    capitalization_end_date: NaiveDateTime = "capitalizationEndDate", "IPCED";
    interest_calculation_base: InterestCalculationBase = "interestCalculationBase", "IPCB";
    interest_calculation_base_amount: Decimal = "interestCalculationBaseAmount", "IPCBA";
    cycle_anchor_date_of_interest_calculation_base: NaiveDateTime = "cycleAnchorDateOfInterestCalculationBase", "IPCBANX";
    cycle_of_interest_calculation_base: Cycle = "cycleOfInterestCalculationBase", "IPCBCL";
    cycle_anchor_date_of_principal_redemption: NaiveDateTime = "cycleAnchorDateOfPrincipalRedemption", "PRANX";
    cycle_of_principal_redemption: Cycle = "cycleOfPrincipalRedemption", "PRCL";
    next_principal_redemption_payment: Decimal = "nextPrincipalRedemptionPayment", "PRNXT";
    array_cycle_anchor_date_of_interest_payment: Vec<NaiveDateTime> = "arrayCycleAnchorDateOfInterestPayment", "ARIPANX";
    array_cycle_of_interest_payment: Vec<Cycle> = "arrayCycleOfInterestPayment", "ARIPCL";
    array_cycle_anchor_date_of_principal_redemption: Vec<NaiveDateTime> = "arrayCycleAnchorDateOfPrincipalRedemption", "ARPRANX";
    array_cycle_of_principal_redemption: Vec<Cycle> = "arrayCycleOfPrincipalRedemption", "ARPRCL";
    array_next_principal_redemption_payment: Vec<Decimal> = "arrayNextPrincipalRedemptionPayment", "ARPRNXT";
    array_increase_decrease: Vec<IncreaseDecrease> = "arrayIncreaseDecrease", "ARINCDEC";
    array_cycle_anchor_date_of_rate_reset: Vec<NaiveDateTime> = "arrayCycleAnchorDateOfRateReset", "ARRRANX";
    array_cycle_of_rate_reset: Vec<Cycle> = "arrayCycleOfRateReset", "ARRRCL";
    array_rate: Vec<Decimal> = "arrayRate", "ARRATE";
    array_fixed_variable: Vec<FixedVariable> = "arrayFixedVariable", "ARFIXVAR";
    cycle_anchor_date_of_rate_reset: NaiveDateTime = "cycleAnchorDateOfRateReset", "RRANX";
    cycle_of_rate_reset: Cycle = "cycleOfRateReset", "RRCL";
    cycle_point_of_rate_reset: ResetPoint = "cyclePointOfRateReset", "RRPNT";
    market_object_code_of_rate_reset: String = "marketObjectCodeOfRateReset" | "marketObjectCodeRateReset", "RRMO";
    rate_multiplier: Decimal = "rateMultiplier", "RRMLT";
    rate_spread: Decimal = "rateSpread", "RRSP";
    next_reset_rate: Decimal = "nextResetRate", "RRNXT";
    life_cap: Decimal = "lifeCap", "RRLC";
    life_floor: Decimal = "lifeFloor", "RRLF";
    period_cap: Decimal = "periodCap", "RRPC";
    period_floor: Decimal = "periodFloor", "RRPF";
    fixing_days: Span = "fixingDays" | "fixingPeriod", "RRFIX";
    fee_rate: Decimal = "feeRate", "FER";
    fee_basis: FeeBasis = "feeBasis", "FEB";
    fee_accrued: Decimal = "feeAccrued", "FEAC";
    cycle_anchor_date_of_fee: NaiveDateTime = "cycleAnchorDateOfFee", "FEANX";
    cycle_of_fee: Cycle = "cycleOfFee", "FECL";
    scaling_effect: ScalingEffect = "scalingEffect", "SCEF";
    market_object_code_of_scaling_index: String = "marketObjectCodeOfScalingIndex", "SCMO";
    scaling_index_at_contract_deal_date: Decimal = "scalingIndexAtContractDealDate" | "scalingIndexAtStatusDate", "SCCDD";
    notional_scaling_multiplier: Decimal = "notionalScalingMultiplier", "SCNT";
    interest_scaling_multiplier: Decimal = "interestScalingMultiplier", "SCIP";
    cycle_anchor_date_of_scaling_index: NaiveDateTime = "cycleAnchorDateOfScalingIndex", "SCANX";
    cycle_of_scaling_index: Cycle = "cycleOfScalingIndex", "SCCL";
    prepayment_effect: PrepaymentEffect = "prepaymentEffect", "PPEF";
    penalty_type: PenaltyType = "penaltyType", "PYTP";
    penalty_rate: Decimal = "penaltyRate", "PYRT";
    cycle_anchor_date_of_optionality: NaiveDateTime = "cycleAnchorDateOfOptionality", "OPANX";
    cycle_of_optionality: Cycle = "cycleOfOptionality", "OPCL";
    option_exercise_end_date: NaiveDateTime = "optionExerciseEndDate", "OPXED";
    object_code_of_prepayment_model: String = "objectCodeOfPrepaymentModel", "PPMO";
    contract_performance: ContractPerformance = "contractPerformance", "PRF";
    guaranteed_exposure: GuaranteedExposure = "guaranteedExposure", "CEGE";
    coverage_of_credit_enhancement: Decimal = "coverageOfCreditEnhancement", "CECV";
    credit_event_type_covered: ContractPerformance = "creditEventTypeCovered", "CET";
    settlement_period: Span = "settlementPeriod", "STP";
    exercise_date: NaiveDateTime = "exerciseDate", "XD";
    exercise_amount: Decimal = "exerciseAmount", "XA";
    market_object_code: String = "marketObjectCode", "MOC";
    quantity: Decimal = "quantity", "QT";
}

/// Terms that tell of the contract and change no event.
const TELLING: [&str; 17] = [
    "counterpartyID",
    "counterpartyId",
    "creatorID",
    "creatorId",
    "creditLineAmount",
    "delinquencyPeriod",
    "delinquencyRate",
    "gracePeriod",
    "guaranteedExposureCurrency",
    "marketValueObserved",
    "maximumPenaltyFreeDisbursement",
    "nonPerformingDate",
    "prepaymentPeriod",
    "seniority",
    "settlementDate",
    "unit",
    "clearingHouse",
];

impl Terms {
    /// Terms from names and values; an empty text is a term that is not given. A term that does not apply to the contract's type is read, checked and not used.
    ///
    /// Refused, in the order given: a name that is not known; one given twice, also under its other name; a value that is none
    /// of its kind.
    pub fn read(terms: &Value) -> Result<Self, ActusError> {
        Self::read_at(terms, "terms")
    }

    pub(super) fn read_at(terms: &Value, path: &str) -> Result<Self, ActusError> {
        let (mut read, mut names) = (Self::default(), BTreeSet::new());
        for (name, value) in terms.fields(path)? {
            let at = inside(path, name);
            // Files of the standard leave a term empty that is not given.
            if matches!(value, Value::Text(text) if text.trim().is_empty()) && Self::knows(name) {
                continue;
            }
            match read.set(name, value, &at)? {
                Some(own) if !names.insert(own) => return Err(ActusError::NameTwice { path: at }),
                Some(_) => {}
                None if TELLING.contains(&name.as_str()) => {
                    value.text(&at)?;
                }
                None => return Err(ActusError::NameUnknown { path: at }),
            }
        }
        Ok(read)
    }
}

impl Term for String {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        value.text(path).map(str::to_owned)
    }
}

impl Term for Decimal {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        number::parse(value.text(path)?, path)
    }
}

impl Term for NaiveDateTime {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        parse_time(value.text(path)?, path)
    }
}

impl Term for Cycle {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        Self::parse(value.text(path)?, path)
    }
}

impl Term for Span {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        Self::parse(value.text(path)?, path)
    }
}

impl<T: Term> Term for Vec<T> {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        let entry = |(place, entry): (usize, &Value)| T::read(entry, &format!("{path}[{place}]"));
        value.entries(path)?.iter().enumerate().map(entry).collect()
    }
}
