//! Who becomes a party by a transaction: that takes the permission to connect.

use std::collections::BTreeSet;

use crate::contract::{agreement, chain, party};
use crate::id::Address;
use crate::state::State;
use crate::transaction::LedgerTransaction;

/// Parties of created states (owners, participants, lockers) that are a party of no consumed one.
///
/// Whoever loses the permission stays in what it has: others can end it with the party, or pass its locks on, but nothing new
/// begins. Records and permissions make their party known in the first place, so they do not ask for it; an agreement's own
/// address is nobody's.
pub(super) fn newly_concerned(transaction: &LedgerTransaction) -> BTreeSet<Address> {
    let is_business = |state: &&State| ![party::NAME, chain::NAME].contains(&state.contract.name());
    let outputs: BTreeSet<Address> =
        transaction.transaction.outputs.iter().filter(is_business).flat_map(concerned).collect();
    let inputs: BTreeSet<Address> = transaction.inputs.iter().flat_map(|input| concerned(&input.state)).collect();
    let own = agreement::own_addresses(transaction);
    outputs.difference(&inputs).filter(|party| !own.contains(party)).copied().collect()
}

fn concerned(state: &State) -> impl Iterator<Item = Address> {
    let lockers = state.locks.iter().map(|lock| lock.locker);
    std::iter::once(state.owner).chain(state.participants.iter().copied()).chain(lockers)
}
