//! Whether holdings are held as the legs say, and whether every leg happens.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::contract::title::{self, read_title};
use crate::contract::token;
use crate::error::rule;
use crate::id::{Address, AssetId, ContextId};
use crate::lock::Lock;
use crate::settlement::{Leg, Settlement, SettlementError};
use crate::state::State;
use crate::transaction::LedgerTransaction;

/// One party's holdings of one asset in a transaction.
#[derive(Default)]
struct Standing {
    before: Amount,
    after: Amount,
    /// Of `after`, what is under the settlement's lock.
    held_after: Amount,
}

type Standings = BTreeMap<(Address, AssetId), Standing>;

/// Owners split off exactly what they give by the legs, under the settlement's lock. What else moves is the caller's.
pub(crate) fn are_held(transaction: &LedgerTransaction, settlement: &Settlement) -> Result<(), SettlementError> {
    let until_ms = settlement.until_ms.unwrap_or(u64::MAX);
    rule(until_ms >= transaction.transaction.time_window.until_ms, || SettlementError::Ended { until_ms })?;
    for ((party, asset), standing) in standings(transaction, settlement)? {
        let taken = Amount::sum(given(&settlement.legs, party, asset))?;
        let held = standing.held_after;
        rule(held.is_zero() || held == taken, || {
            let (held, taken) = (held.minor(), taken.minor());
            SettlementError::HeldDiffers { party, asset, held, taken }
        })?;
    }
    Ok(())
}

/// Every leg happens here: what was held goes to those named, and what is left stays held or returns to its owner.
pub(crate) fn are_settled(
    transaction: &LedgerTransaction,
    settlement: &Settlement,
    part: Option<Amount>,
) -> Result<(), SettlementError> {
    let legs = legs_of(settlement, part)?;
    let context = settlement.context(&transaction.transaction.chain);
    let standings = standings(transaction, settlement)?;
    let (of_titles, of_tokens): (Vec<Leg>, Vec<Leg>) =
        legs.into_iter().partition(|leg| title_goes(transaction, (settlement, context), leg));
    for input in transaction.inputs_of(token::NAME, token::HOLDING) {
        let (party, asset) = (input.state.owner, token::holding(&input.state)?.asset);
        let lock = settlement.lock_under(context, &party, &asset);
        let is_held = lock.is_some_and(|lock| input.state.locks == [lock]);
        let is_leg = of_titles.iter().chain(&of_tokens).any(|leg| (leg.from, leg.asset) == (party, asset));
        rule(is_held && is_leg, || SettlementError::NotHeld { party })?;
    }
    let nothing = Standing::default();
    for leg in &of_tokens {
        let (party, asset) = (leg.from, leg.asset);
        let before = standings.get(&(party, asset)).unwrap_or(&nothing).before;
        let needed = Amount::sum(given(&of_tokens, party, asset))?;
        let short = needed.minor().saturating_sub(before.minor());
        rule(short == 0, || SettlementError::LegMissing { party, asset, short })?;
    }
    let receivers = of_tokens.iter().map(|leg| (leg.to, leg.asset));
    for (party, asset) in standings.keys().copied().chain(receivers) {
        let Standing { before, after, held_after } = standings.get(&(party, asset)).unwrap_or(&nothing);
        let left = before.checked_sub(Amount::sum(given(&of_tokens, party, asset))?)?;
        let received = of_tokens.iter().filter(|leg| (leg.to, leg.asset) == (party, asset)).map(|leg| leg.amount);
        let expected = left.checked_add(Amount::sum(received)?)?;
        rule(*after == expected, || {
            let (expected, actual) = (expected.minor(), after.minor());
            SettlementError::PaidDiffers { party, asset, expected, actual }
        })?;
        rule(*held_after <= left, || {
            let (held, left) = (held_after.minor(), left.minor());
            SettlementError::RestDiffers { party, asset, held, left }
        })?;
    }
    Ok(())
}

/// The legs, or the one leg with the part of it that is settled.
fn legs_of(settlement: &Settlement, part: Option<Amount>) -> Result<Vec<Leg>, SettlementError> {
    let Some(part) = part else { return Ok(settlement.legs.clone()) };
    let [leg] = settlement.legs.as_slice() else {
        return Err(SettlementError::PartOfSeveral { legs: settlement.legs.len() });
    };
    rule(!part.is_zero() && part <= leg.amount, || SettlementError::PartOutOfRange {
        asked: part.minor(),
        amount: leg.amount.minor(),
    })?;
    Ok(vec![Leg { amount: part, ..leg.clone() }])
}

fn given(legs: &[Leg], from: Address, asset: AssetId) -> impl Iterator<Item = Amount> {
    legs.iter().filter(move |leg| (leg.from, leg.asset) == (from, asset)).map(|leg| leg.amount)
}

/// A title of the leg, held for the settlement, changes hands as the leg says.
fn title_goes(transaction: &LedgerTransaction, (settlement, context): (&Settlement, ContextId), leg: &Leg) -> bool {
    let lock = settlement.lock_under(context, &leg.from, &leg.asset);
    let is_leg = |state: &State, owner: Address| {
        state.owner == owner
            && read_title(state)
                .is_ok_and(|title| *title.title.as_bytes() == *leg.asset.as_bytes() && title.quantity == leg.amount)
    };
    let mut inputs = transaction.inputs_of(title::NAME, title::TITLE).map(|input| input.state.as_ref());
    let mut outputs = transaction.outputs_of(title::NAME, title::TITLE).map(|(_, state)| state);
    inputs.any(|state| is_leg(state, leg.from) && state.locks.iter().any(|held| lock.as_ref() == Some(held)))
        && outputs.any(|state| is_leg(state, leg.to))
}

fn standings(transaction: &LedgerTransaction, settlement: &Settlement) -> Result<Standings, SettlementError> {
    let context = settlement.context(&transaction.transaction.chain);
    let mut standings = Standings::new();
    for input in transaction.inputs_of(token::NAME, token::HOLDING) {
        let (owner, held) = (input.state.owner, token::holding(&input.state)?);
        let standing = standings.entry((owner, held.asset)).or_default();
        standing.before = standing.before.checked_add(held.amount)?;
    }
    for (_, state) in transaction.outputs_of(token::NAME, token::HOLDING) {
        let (party, held) = (state.owner, token::holding(state)?);
        let lock: Vec<Lock> = settlement.lock_under(context, &party, &held.asset).into_iter().collect();
        let standing = standings.entry((party, held.asset)).or_default();
        standing.after = standing.after.checked_add(held.amount)?;
        if !state.locks.is_empty() {
            rule(state.locks == lock, || SettlementError::LockDiffers { party })?;
            standing.held_after = standing.held_after.checked_add(held.amount)?;
        }
    }
    Ok(standings)
}
