//! A chain's past as verification asks for it: unspent states from memory, spent ones from the database.

use std::sync::Arc;

use ledger_core::view::View;
use ledger_core::{Address, Ledger, PartyEntry, ResolvedState, StateRef};
use tokio::runtime::Handle;

use crate::hosted::HostedChain;
use crate::node::Shared;

/// Finds spent states in the database. It waits for the database, so it is used on blocking threads only.
pub(crate) struct Past<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) chain: &'a HostedChain,
    pub(crate) runtime: Handle,
}

impl View for Past<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        let found = self.runtime.block_on(self.shared.past_state(self.chain, reference));
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, %reference, "a past state could not be read");
            None
        })
    }

    fn party(&self, _address: &Address) -> Option<Arc<PartyEntry>> {
        None
    }
}

/// The ledger at its tip, and behind it the past.
pub(crate) struct Present<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) past: Past<'a>,
}

impl View for Present<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.ledger.state(reference).or_else(|| self.past.state(reference))
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.ledger.party(address)
    }
}
