//! Events: their types, their order at one time, and the rows of a schedule.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::choice::{choices, unknown};
use super::error::ActusError;
use super::terms::Term;
use super::value::Value;

choices! {
    /// What happens. The order of the variants is the order of evaluation at one time.
    ///
    /// It is the event sequence of the dictionary, but for two that reference results show elsewhere: the amount of an annuity
    /// is fixed after the rate it follows from, and a call is made before the interest up to it is paid.
    EventType {
        /// Initial exchange.
        InitialExchange = "IED",
        /// Fee payment.
        FeePayment = "FP",
        /// Principal redemption.
        PrincipalRedemption = "PR",
        /// Principal increase.
        PrincipalIncrease = "PI" | "PD",
        /// Penalty payment.
        PenaltyPayment = "PY",
        /// Principal prepayment.
        PrincipalPrepayment = "PP",
        /// Execution, or a call.
        Execution = "XD",
        /// Interest payment.
        InterestPayment = "IP",
        /// Interest capitalisation.
        InterestCapitalisation = "IPCI",
        /// Credit event.
        CreditEvent = "CE",
        /// Rate reset with a rate that is fixed already.
        RateResetFixed = "RRF",
        /// Rate reset with a rate of the market.
        RateResetVariable = "RR",
        /// Fixing of the amount of principal payments.
        PrincipalPaymentAmountFixing = "PRF",
        /// Purchase.
        Purchase = "PRD",
        /// Termination.
        Termination = "TD",
        /// Revision of the scaling index.
        ScalingIndexRevision = "SC",
        /// Fixing of the interest calculation base.
        InterestCalculationBaseFixing = "IPCB",
        /// Settlement.
        Settlement = "STD",
        /// Maturity.
        Maturity = "MD",
    }
}

/// A row of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it happens.
    pub time: NaiveDateTime,
    /// What happens.
    pub kind: EventType,
    /// What flows to the side of the contract's role, negative from it, in units of the currency.
    pub payoff: Decimal,
    /// The notional after the event, negative where it is owed.
    pub notional_principal: Decimal,
    /// What else the contract's type tells.
    pub detail: Detail,
}

/// What a row tells of the contract after the event, beside its notional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Of a contract that bears interest.
    Interest {
        /// The rate a year.
        nominal_interest_rate: Decimal,
        /// Accrued and not paid.
        accrued_interest: Decimal,
    },
    /// Of a guarantee or a collateral.
    Exercise {
        /// What is due from it.
        exercise_amount: Decimal,
        /// When it was called; none before.
        exercise_date: Option<NaiveDateTime>,
    },
}

/// An event before it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) kind: EventType,
    /// When it happens, after the business-day convention.
    pub(super) happens: NaiveDateTime,
    /// To when it is calculated.
    pub(super) calculated: NaiveDateTime,
    /// As it stands in the schedule; the market is observed then.
    pub(super) scheduled: NaiveDateTime,
    /// An amount or a rate that this event brings.
    pub(super) value: Option<Decimal>,
}

impl Planned {
    /// An event that no convention moves.
    pub(super) fn fixed(kind: EventType, time: NaiveDateTime, value: Option<Decimal>) -> Self {
        Self { kind, happens: time, calculated: time, scheduled: time, value }
    }

    /// In the order of evaluation.
    pub(super) fn order(&self) -> (NaiveDateTime, NaiveDateTime, EventType) {
        (self.happens, self.calculated, self.kind)
    }
}
