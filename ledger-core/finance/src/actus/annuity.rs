//! The annuity amount: equal payments that repay all by the end.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::error::ActusError;
use super::number::{amount, part, product, quotient, sum};
use super::plan::Plan;
use super::state::State;

/// Which payment is the first of those that are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// One at the time itself counts.
    At,
    /// Only those after it.
    After,
}

/// A(s, T, n, a, r) of the standard: the amount which, paid at each of the times left and at the end, repays the notional with
/// the interest accrued until the first of them. Its sign is the notional's.
///
/// With growth g over each interval it is (n + a) × Π g ÷ (1 + Σ Π g), the products running from each payment to the last; both
/// are multiplied up from the end, so that no power is taken. Products keep 28 digits, the amount is rounded as amounts are.
pub(super) fn payment(
    plan: &Plan<'_, '_>,
    state: &State,
    time: NaiveDateTime,
    counted: First,
) -> Result<Decimal, ActusError> {
    let is_left = |payment: &&NaiveDateTime| match counted {
        First::At => **payment >= time,
        First::After => **payment > time,
    };
    // Of a contract that ends before it is amortised, the payments go on to that date in the amount.
    let mut times: Vec<NaiveDateTime> = plan.redemptions.iter().filter(is_left).copied().collect();
    times.extend(&plan.beyond);
    let Some(first) = times.first() else { return Ok(Decimal::ZERO) };
    let accrued = sum(&[state.accrued, state.interest(plan.contract, state.status, *first)?])?;
    let (mut growth, mut weight) = (Decimal::ONE, Decimal::ONE);
    for pair in times.windows(2).rev() {
        let (Some(start), Some(end)) = (pair.first(), pair.last()) else { continue };
        let fraction = plan.contract.conventions.year_fraction(*start, *end)?;
        growth = product(&[growth, sum(&[Decimal::ONE, part(state.rate, fraction)?])?])?;
        weight = sum(&[weight, growth])?;
    }
    amount(quotient(product(&[sum(&[state.notional, accrued])?, growth])?, weight)?)
}
