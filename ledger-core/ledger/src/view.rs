//! What verification asks of a chain's past.

use std::sync::Arc;

use crate::id::{Address, CommandId, StateRef, TransactionId};
use crate::party::PartyEntry;
use crate::transaction::ResolvedState;

/// The states and parties at hand; unchanging while one transaction is verified.
pub trait View {
    /// A state of the chain. Unspent ones are always at hand, spent ones when the holder has loaded them.
    fn state(&self, reference: &StateRef) -> Option<ResolvedState>;

    /// A registered party.
    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>>;

    /// What became of a transaction that stands in no block yet; a view of the chain alone knows of none.
    fn standing(&self, _transaction: &TransactionId) -> Standing {
        Standing::Unknown
    }
}

/// Where a transaction stands that may be in no block yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known of it but what the chain holds.
    Unknown,
    /// It is verified and waits for its block under this command; its outputs are at hand.
    Pending(CommandId),
    /// It was refused; whoever spends its outputs is refused with it.
    Refused,
}
