//! What a ledger does not keep, as verification asks for it: plain holdings from memory, spent states from the blocks that are
//! not durable yet or from the database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::view::View;
use ledger_core::{Address, Block, PartyEntry, ResolvedState, SignedTransaction, StateRef};
use tokio::runtime::Handle;

use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::meter::LookupMeter;
use crate::node::Shared;

/// Blocks that are kept decoded: references of one transaction mostly lead into few.
const BLOCKS_KEPT: usize = 4;

/// Finds plain holdings, and spent states in the database. It waits for the database, so it is used on blocking threads only, and nobody holds
/// a chain's ledger meanwhile.
pub(crate) struct Past<'a> {
    shared: &'a Shared,
    pub(crate) chain: &'a HostedChain,
    runtime: Handle,
    is_counted: bool,
    /// The blocks read last, the newest at the end.
    kept: Mutex<VecDeque<Arc<Block>>>,
}

impl<'a> Past<'a> {
    pub(crate) fn new(shared: &'a Shared, chain: &'a HostedChain, runtime: Handle) -> Self {
        Self { shared, chain, runtime, is_counted: true, kept: Mutex::default() }
    }

    /// The same for replay, whose lookups say nothing of what the node is asked.
    pub(crate) fn uncounted(self) -> Self {
        Self { is_counted: false, ..self }
    }

    pub(crate) fn count(&self, count: impl FnOnce(&LookupMeter)) {
        if self.is_counted {
            count(&self.shared.meter.lookups);
        }
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
        self.count(|lookups| lookups.kept_blocks.count(known.is_some()));
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
        let plain = self.chain.plain(reference, &self.shared.contracts);
        self.count(|lookups| lookups.plain.count(plain.is_some()));
        if let Some(state) = plain {
            return Some(ResolvedState { reference: *reference, state, claims: Vec::new() });
        }
        if let Some(spent) = self.chain.spent_ahead(reference) {
            return Some(spent);
        }
        let read = self.runtime.block_on(self.read(reference)).unwrap_or_else(|error| {
            tracing::warn!(%error, %reference, "a past state could not be read");
            None
        });
        self.count(|lookups| lookups.database.count(read.is_some()));
        read
    }

    fn party(&self, _address: &Address) -> Option<Arc<PartyEntry>> {
        None
    }
}
