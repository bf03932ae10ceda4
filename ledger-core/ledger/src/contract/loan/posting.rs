//! What falls due of a schedule, day by day, in whole smallest units: rounded once for each day, the rest carried on.

use ledger_finance::actus::{AMOUNT_PLACES, Event, EventType};
use ledger_finance::ratio::{Ratio, Rounding};

use crate::amount::{Amount, AmountError, Scale};
use crate::contract::loan::LoanError;
use crate::contract::loan::course::day_of;
use crate::date::Date;

/// Amounts by what they are for, in the order in which a payment fills them (Civil Code of the PRC, article 561).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Costs: what the terms call fees, in the asset's smallest unit.
    pub fees: Amount,
    /// Interest, in the asset's smallest unit.
    pub interest: Amount,
    /// Principal, in the asset's smallest unit.
    pub principal: Amount,
}

/// What falls due on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The day.
    pub on: Date,
    /// What is due from then on.
    pub due: Parts,
}

impl Parts {
    /// In the order in which a payment fills them.
    pub fn in_order(&self) -> [Amount; 3] {
        [self.fees, self.interest, self.principal]
    }

    /// All together.
    pub fn total(&self) -> Result<Amount, AmountError> {
        Amount::sum(self.in_order())
    }

    /// Part by part.
    pub fn checked_add(&self, other: &Self) -> Result<Self, AmountError> {
        Ok(Self {
            fees: self.fees.checked_add(other.fees)?,
            interest: self.interest.checked_add(other.interest)?,
            principal: self.principal.checked_add(other.principal)?,
        })
    }

    /// Part by part, refused where one is short.
    pub fn checked_sub(&self, other: &Self) -> Result<Self, AmountError> {
        Ok(Self {
            fees: self.fees.checked_sub(other.fees)?,
            interest: self.interest.checked_sub(other.interest)?,
            principal: self.principal.checked_sub(other.principal)?,
        })
    }
}

/// Exact sums since the opening, in units of the last place that amounts of a schedule have.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    fees: i128,
    /// Fees and interest.
    charges: i128,
    principal: i128,
}

/// What falls due on each day on which something does, in order.
///
/// All payoffs of a day are taken together, with those since the opening. Fees and interest come to their exact sum rounded half
/// to even, of which fees take theirs first; principal comes to what the rounded sum of all has beyond that, and never further
/// than its own sum rounded down or up. Each less what fell due before falls due. So an agreed instalment is due as it was agreed,
/// principal comes back exactly, and what rounding leaves is carried on. What would flow to the borrower is taken off what falls
/// due next.
pub fn postings(events: &[Event], scale: Scale) -> Result<Vec<Posting>, LoanError> {
    let (mut sums, mut posted, mut found) = (Sums::default(), Parts::default(), Vec::new());
    for day in events.chunk_by(|one, other| one.time.date() == other.time.date()) {
        for event in day.iter().filter(|event| event.kind != EventType::InitialExchange) {
            sums = sums.with(event)?;
        }
        let due = sums.due(scale, &posted)?;
        posted = posted.checked_add(&due)?;
        if let Some(last) = day.last().filter(|_| due != Parts::default()) {
            found.push(Posting { on: day_of(last.time)?, due });
        }
    }
    Ok(found)
}

impl Sums {
    fn with(self, event: &Event) -> Result<Self, AmountError> {
        let payoff = exact(event)?;
        let add = |sum: i128| sum.checked_add(payoff).ok_or(AmountError::Overflow);
        Ok(match event.kind {
            EventType::FeePayment => Self { fees: add(self.fees)?, charges: add(self.charges)?, ..self },
            EventType::InterestPayment => Self { charges: add(self.charges)?, ..self },
            _ => Self { principal: add(self.principal)?, ..self },
        })
    }

    /// What has come to be due beside what was before.
    fn due(self, scale: Scale, posted: &Parts) -> Result<Parts, AmountError> {
        let rounded = |sum| Ok::<_, AmountError>(in_minor(sum, scale)?.round(Rounding::HalfEven));
        let all = self.charges.checked_add(self.principal).ok_or(AmountError::Overflow)?;
        let charges = rounded(self.charges)?;
        let own = in_minor(self.principal, scale)?;
        let (inner, outer) = (own.round(Rounding::Down), own.round(Rounding::Up));
        let principal = rounded(all)?.saturating_sub(charges).max(inner.min(outer)).min(inner.max(outer));

        let total = since(charges.saturating_add(principal), posted.total()?)?;
        let charged = since(charges, posted.fees.checked_add(posted.interest)?)?.min(total);
        let fees = since(rounded(self.fees)?, posted.fees)?.min(charged);
        Ok(Parts { fees, interest: charged.checked_sub(fees)?, principal: total.checked_sub(charged)? })
    }
}

/// A payoff in units of the last place that amounts of a schedule have.
pub(super) fn exact(event: &Event) -> Result<i128, AmountError> {
    let missing = AMOUNT_PLACES.checked_sub(event.payoff.scale());
    let factor = missing.and_then(|places| 10_i128.checked_pow(places));
    factor.and_then(|factor| event.payoff.mantissa().checked_mul(factor)).ok_or(AmountError::Overflow)
}

/// Such units in smallest units of the asset.
pub(super) fn in_minor(exact: i128, scale: Scale) -> Result<Ratio, AmountError> {
    let places = AMOUNT_PLACES.saturating_sub(u32::from(scale.places()));
    let unit = 10_i128.checked_pow(places).ok_or(AmountError::Overflow)?;
    Ratio::new(exact, unit).map_err(|_| AmountError::Overflow)
}

/// A sum less what was taken of it before; nothing where that was more.
fn since(sum: i128, before: Amount) -> Result<Amount, AmountError> {
    let left = sum.saturating_sub(i128::from(before.minor())).max(0);
    u64::try_from(left).map_err(|_| AmountError::Overflow).and_then(Amount::from_minor)
}
