//! Purposes: what is bound is what is left, what was spent is what the records say.

use std::collections::BTreeMap;

use crate::contract::{purpose, token};
use crate::id::{Address, AssetId, PurposeId, StateRef};
use crate::invariant::InvariantBroken;
use crate::ledger::Ledger;
use crate::state::State;

/// Quantities counted from unspent states, in smallest units.
#[derive(Default)]
struct Counted {
    /// Holdings bound to a purpose, by where they stand.
    bound: BTreeMap<(PurposeId, Address, AssetId), u128>,
    /// Records of payments less refunds, by payee.
    recorded: BTreeMap<(PurposeId, Address), u128>,
    purposes: Vec<purpose::Purpose>,
}

/// The supply counts every purpose's holdings; here each purpose is checked against its own.
pub(super) fn agree_with_holdings_and_records(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut counted = Counted::default();
    for (reference, unspent) in ledger.unspent_states() {
        if let Err(unreadable) = count(*reference, &unspent.state, &mut counted) {
            found.push(unreadable);
        }
    }
    let Counted { mut bound, mut recorded, purposes } = counted;
    for purpose in purposes {
        let terms = &purpose.terms;
        let id = terms.purpose;
        let held = bound.remove(&(id, terms.borrower, terms.asset)).unwrap_or_default();
        // A purpose that spent more than it had is broken, whatever is held.
        let balance = purpose.balance().ok().map(|balance| balance.minor());
        if balance.map(u128::from) != Some(held) {
            found.push(broken_balance(id, balance.unwrap_or_default(), held));
        }
        for (payee, spent) in &purpose.spent {
            let sum = recorded.remove(&(id, *payee)).unwrap_or_default();
            if u128::from(spent.minor()) != sum {
                found.push(broken_spent(id, *payee, spent.minor(), sum));
            }
        }
    }
    let stray = bound.into_iter().filter(|(_, held)| *held > 0);
    found.extend(stray.map(|((id, ..), held)| broken_balance(id, 0, held)));
    let stray = recorded.into_iter().filter(|(_, sum)| *sum > 0);
    found.extend(stray.map(|((id, payee), sum)| broken_spent(id, payee, 0, sum)));
}

fn count(reference: StateRef, state: &State, counted: &mut Counted) -> Result<(), InvariantBroken> {
    let unreadable =
        |reason: &dyn std::error::Error| InvariantBroken::Unreadable { state: reference, reason: reason.to_string() };
    if state.is(purpose::NAME, purpose::PURPOSE) {
        counted.purposes.push(purpose::read_purpose(state).map_err(|error| unreadable(&error))?);
    } else if state.is(purpose::NAME, purpose::SPENT) {
        let spend = purpose::read_spend(state).map_err(|error| unreadable(&error))?;
        let kept = spend.kept().map_err(|error| unreadable(&error))?;
        let entry = counted.recorded.entry((spend.purpose, spend.payee)).or_default();
        *entry = entry.saturating_add(u128::from(kept.minor()));
    } else if state.is(token::NAME, token::HOLDING) {
        // One that cannot be read is found where the supply is counted.
        let Ok(holding) = token::read_holding(state) else { return Ok(()) };
        if let Some(purpose) = holding.purpose {
            let entry = counted.bound.entry((purpose, state.owner, holding.asset)).or_default();
            *entry = entry.saturating_add(u128::from(holding.amount.minor()));
        }
    }
    Ok(())
}

fn broken_balance(purpose: PurposeId, balance: u64, held: u128) -> InvariantBroken {
    InvariantBroken::PurposeBalance { purpose, balance, bound: u64::try_from(held).unwrap_or(u64::MAX) }
}

fn broken_spent(purpose: PurposeId, payee: Address, spent: u64, sum: u128) -> InvariantBroken {
    InvariantBroken::PurposeSpent { purpose, payee, spent, recorded: u64::try_from(sum).unwrap_or(u64::MAX) }
}
