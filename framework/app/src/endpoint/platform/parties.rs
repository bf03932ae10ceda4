//! Whose a transaction or a state is.

use ledger_core::{Address, SignedTransaction, State};

/// Submitter, signers, and the parties of what it created.
pub(super) fn of_transaction(signed: &SignedTransaction) -> Vec<Address> {
    let transaction = &signed.transaction;
    let mut parties = vec![transaction.submitter];
    parties.extend(signed.signatures.iter().map(|given| given.party));
    parties.extend(transaction.outputs.iter().flat_map(of_state));
    parties
}

/// Owner, participants and lockers of a state.
pub(super) fn of_state(state: &State) -> Vec<Address> {
    let lockers = state.locks.iter().map(|lock| lock.locker);
    std::iter::once(state.owner).chain(state.participants.iter().copied()).chain(lockers).collect()
}
