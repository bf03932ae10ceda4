//! What verification asks of a chain's past.

use std::sync::Arc;

use crate::id::{Address, StateRef};
use crate::party::PartyEntry;
use crate::transaction::ResolvedState;

/// The states and parties at hand; unchanging while one transaction is verified.
pub trait View {
    /// A state of the chain. Unspent ones are always at hand, spent ones when the holder has loaded them.
    fn state(&self, reference: &StateRef) -> Option<ResolvedState>;

    /// A registered party.
    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>>;
}
