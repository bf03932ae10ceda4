//! Locks: none is over more than its state holds, and what is held is held once.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::contract::{title, token};
use crate::invariant::InvariantBroken;
use crate::ledger::Ledger;
use crate::lock::LockKind;
use crate::state::State;

pub(super) fn fit_their_states(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    for (reference, unspent) in ledger.unspent_states().filter(|(_, unspent)| !unspent.state.locks.is_empty()) {
        let state = unspent.state.as_ref();
        // A state without a quantity is locked as one whole.
        let holds = u128::from(quantity(state).unwrap_or(1));
        let mut ranks: BTreeMap<u32, u128> = BTreeMap::new();
        for lock in &state.locks {
            let locked = lock.amount.map_or(holds, |amount| u128::from(amount.minor()));
            let of_rank = ranks.entry(lock.rank).or_default();
            *of_rank = of_rank.saturating_add(locked);
        }
        let exceeding = ranks.into_iter().filter(|(_, locked)| *locked > holds);
        found.extend(exceeding.map(|(rank, _)| InvariantBroken::LockExceeds { state: *reference, rank }));
        if is_held_twice(state) {
            found.push(InvariantBroken::HeldTwice { state: *reference });
        }
    }
}

fn quantity(state: &State) -> Option<u64> {
    if state.is(token::NAME, token::HOLDING) {
        token::read_holding(state).ok().map(|holding| holding.amount.minor())
    } else if state.is(title::NAME, title::TITLE) {
        title::read_title(state).ok().map(|title| title.quantity).map(Amount::minor)
    } else {
        None
    }
}

fn is_held_twice(state: &State) -> bool {
    let is_held = state.locks.iter().any(|lock| lock.kind != LockKind::Pledge);
    let is_bound = token::read_holding(state).is_ok_and(|holding| holding.purpose.is_some());
    state.is(token::NAME, token::HOLDING) && (is_bound || (is_held && state.locks.len() > 1))
}
