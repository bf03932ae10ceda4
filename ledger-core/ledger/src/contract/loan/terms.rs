//! The terms of a loan: which of the standard's a loan carries out, and how the schedule is computed from them.

use ledger_finance::actus::{
    Bound, Event, EventType, Observations, PrepaymentEffect, RATE_MAX, Terms, Value, event_times, parse_time, schedule,
    write_time,
};

use crate::contract::loan::course::day_of;
use crate::contract::loan::{Loan, LoanError, Prepayment, Rate};
use crate::date::Date;
use crate::error::rule;

/// A term under the name that the ACTUS dictionary gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// At most [`Term::BYTES_MAX`].
    pub name: String,
    /// One is the term itself, several are an array; each at most [`Term::BYTES_MAX`].
    pub values: Vec<String>,
}

impl Term {
    /// Bytes of a name or a value.
    pub const BYTES_MAX: usize = 64;

    /// A term of one value.
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), values: vec![value.to_owned()] }
    }

    fn value(&self) -> Value {
        match self.values.as_slice() {
            [one] => Value::Text(one.clone()),
            several => Value::List(several.iter().cloned().map(Value::Text).collect()),
        }
    }
}

/// The terms that loans carry out, ascending. Who the parties are, what the loan is called, and what becomes of a loan that is
/// sold, ended or late is the ledger's to say; index scaling, penalties and covered contracts are not carried out.
const CARRIED_OUT: [&str; 52] = [
    "accruedInterest",
    "amortizationDate",
    "arrayCycleAnchorDateOfInterestPayment",
    "arrayCycleAnchorDateOfPrincipalRedemption",
    "arrayCycleAnchorDateOfRateReset",
    "arrayCycleOfInterestPayment",
    "arrayCycleOfPrincipalRedemption",
    "arrayCycleOfRateReset",
    "arrayFixedVariable",
    "arrayIncreaseDecrease",
    "arrayNextPrincipalRedemptionPayment",
    "arrayRate",
    "businessDayConvention",
    "calendar",
    "capitalizationEndDate",
    "contractDealDate",
    "contractRole",
    "contractType",
    "currency",
    "cycleAnchorDateOfFee",
    "cycleAnchorDateOfInterestCalculationBase",
    "cycleAnchorDateOfInterestPayment",
    "cycleAnchorDateOfPrincipalRedemption",
    "cycleAnchorDateOfRateReset",
    "cycleOfFee",
    "cycleOfInterestCalculationBase",
    "cycleOfInterestPayment",
    "cycleOfPrincipalRedemption",
    "cycleOfRateReset",
    "dayCountConvention",
    "endOfMonthConvention",
    "feeAccrued",
    "feeBasis",
    "feeRate",
    "initialExchangeDate",
    "interestCalculationBase",
    "interestCalculationBaseAmount",
    "lifeCap",
    "lifeFloor",
    "marketObjectCodeOfRateReset",
    "maturityDate",
    "nextPrincipalRedemptionPayment",
    "nextResetRate",
    "nominalInterestRate",
    "notionalPrincipal",
    "periodCap",
    "periodFloor",
    "premiumDiscountAtIED",
    "prepaymentEffect",
    "rateMultiplier",
    "rateSpread",
    "statusDate",
];

fn record<const FIELDS: usize>(fields: [(&str, Value); FIELDS]) -> Value {
    Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A number of smallest units as the standard reads it.
fn number(minor: u64, places: u32) -> Value {
    Value::Text(format!("{minor}e-{places}"))
}

impl Loan {
    /// Its terms, read.
    pub fn read_terms(&self) -> Result<Terms, LoanError> {
        for Term { name, .. } in &self.terms {
            let is_carried_out = CARRIED_OUT.contains(&name.as_str());
            rule(is_carried_out, || LoanError::TermNotCarriedOut { name: name.clone() })?;
        }
        let fields = self.terms.iter().map(|term| (term.name.clone(), term.value())).collect();
        Ok(Terms::read(&Value::Record(fields))?)
    }

    /// All events of its schedule. What lies after a reset that is not observed yet is as the last rate projects it.
    ///
    /// # Errors
    /// Terms without a schedule, or more of it than [`Loan::EVENTS_MAX`] and [`Loan::PERIODS_MAX`] allow.
    pub fn schedule(&self) -> Result<Vec<Event>, LoanError> {
        self.schedule_of(&self.read_terms()?)
    }

    /// The day of the next reset of its rate that is not observed; nothing after it falls due until it is.
    pub fn next_reset(&self) -> Result<Option<Date>, LoanError> {
        self.next_reset_of(&self.read_terms()?)
    }

    pub(super) fn next_reset_of(&self, terms: &Terms) -> Result<Option<Date>, LoanError> {
        let observed = self.rates.last().map(|rate| rate.on);
        Ok(self.resets_of(terms)?.into_iter().find(|day| Some(*day) > observed))
    }

    /// The days on which its rate follows the feed anew; the same whatever is observed and paid, and nothing is evaluated for them.
    pub(super) fn resets_of(&self, terms: &Terms) -> Result<Vec<Date>, LoanError> {
        let bound = Bound { events: Self::EVENTS_MAX, periods: Self::PERIODS_MAX };
        let times = event_times(terms, &Observations::default(), EventType::RateResetVariable, bound)?;
        Ok(times.into_iter().map(day_of).collect::<Result<_, _>>()?)
    }

    /// Each prepayment is one event more.
    fn bound_of_schedule(&self) -> Bound {
        Bound { events: Self::EVENTS_MAX.saturating_add(self.prepayments.len()), periods: Self::PERIODS_MAX }
    }

    pub(super) fn schedule_of(&self, terms: &Terms) -> Result<Vec<Event>, LoanError> {
        #[cfg(test)]
        super::tests::cost::counted();
        let prepayment = |paid: &Prepayment| {
            let amount = number(paid.amount.minor(), u32::from(self.scale.places()));
            record([
                ("time", Value::Text(paid.on.to_string())),
                ("type", Value::Text("PP".to_owned())),
                ("value", amount),
            ])
        };
        // A loan whose terms allow no prepayment was paid before its time by the law of its purpose or its pledge.
        let effect = terms.prepayment_effect.filter(|effect| *effect != PrepaymentEffect::NotAllowed);
        let effect = effect.or((!self.prepayments.is_empty()).then_some(PrepaymentEffect::Maturity));
        let terms = &Terms { prepayment_effect: effect, ..terms.clone() };
        let prepayments = Value::List(self.prepayments.iter().map(prepayment).collect());
        let mut observations = Observations::read(Some(&self.rates_of(terms)), Some(&prepayments))?;
        if let Some(code) = &terms.market_object_code_of_rate_reset {
            for silent in self.rates.iter().filter(|rate| rate.value.is_none()) {
                observations = observations.with_silence(code, parse_time(&silent.on.to_string(), "rates")?);
            }
        }
        Ok(schedule(terms, &observations, None, self.bound_of_schedule())?)
    }

    /// The rates observed. The terms' own stands before them, so that a schedule can be told before the first is known.
    fn rates_of(&self, terms: &Terms) -> Value {
        let (Some(code), Some(status)) = (&terms.market_object_code_of_rate_reset, terms.status_date) else {
            return record([]);
        };
        let point = |time: String, value| record([("timestamp", Value::Text(time)), ("value", value)]);
        // In per cent, so two places more; past what rates can be, only the loan's cap is left to count.
        let observed = |rate: &Rate| {
            let (value, scale) = rate.value?;
            let places = u32::from(scale.places()).saturating_add(2);
            let most = RATE_MAX.unsigned_abs().saturating_mul(10_u64.saturating_pow(places));
            Some(point(rate.on.to_string(), number(value.minor().min(most), places)))
        };
        let nominal = terms.nominal_interest_rate.unwrap_or_default().to_string();
        let points = std::iter::once(point(write_time(status), Value::Text(nominal)));
        let points = Value::List(points.chain(self.rates.iter().filter_map(observed)).collect());
        Value::Record(vec![(code.clone(), record([("data", points)]))])
    }
}
