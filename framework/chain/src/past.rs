//! What a ledger does not keep, as verification asks for it: plain holdings from memory, spent states from the blocks that are
//! not durable yet or from the database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::view::View;
use ledger_core::{Address, Block, PartyEntry, ResolvedState, SignedTransaction, StateRef};
use tokio::runtime::Handle;

use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::node::Shared;

/// Blocks that are kept decoded: references of one transaction mostly lead into few.
const BLOCKS_KEPT: usize = 4;

/// Finds plain holdings, and spent states in the database. It waits for the database, so it is used on blocking threads only, and nobody holds
/// a chain's ledger meanwhile.
pub(crate) struct Past<'a> {
    shared: &'a Shared,
    pub(crate) chain: &'a HostedChain,
    runtime: Handle,
    /// The blocks read last, the newest at the end.
    kept: Mutex<VecDeque<Arc<Block>>>,
}

impl<'a> Past<'a> {
    pub(crate) fn new(shared: &'a Shared, chain: &'a HostedChain, runtime: Handle) -> Self {
        Self { shared, chain, runtime, kept: Mutex::default() }
    }

    async fn read(&self, reference: &StateRef) -> Result<Option<ResolvedState>, ChainError> {
        let Some(place) = self.shared.place(self.chain, &reference.transaction).await? else { return Ok(None) };
        let block = self.block(place.height).await?;
        let signed = SignedTransaction::decode(place.within(self.chain, &block)?)?;
        let created = signed.transaction.created(reference.transaction);
        Ok(usize::try_from(reference.index).ok().and_then(|index| created.into_iter().nth(index)))
    }

    async fn block(&self, height: u64) -> Result<Arc<Block>, ChainError> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().iter().find(|block| block.header.height == height).map(Arc::clone);
        if let Some(block) = known {
            return Ok(block);
        }
        let block = Arc::new(self.shared.known_block(self.chain, height).await?);
        let mut kept = kept();
        kept.push_back(Arc::clone(&block));
        if kept.len() > BLOCKS_KEPT {
            kept.pop_front();
        }
        Ok(block)
    }
}

impl View for Past<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        if let Some(state) = self.chain.plain(reference, &self.shared.contracts) {
            return Some(ResolvedState { reference: *reference, state, claims: Vec::new() });
        }
        if let Some(spent) = self.chain.spent_ahead(reference) {
            return Some(spent);
        }
        self.runtime.block_on(self.read(reference)).unwrap_or_else(|error| {
            tracing::warn!(%error, %reference, "a past state could not be read");
            None
        })
    }

    fn party(&self, _address: &Address) -> Option<Arc<PartyEntry>> {
        None
    }
}
