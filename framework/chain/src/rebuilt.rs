//! A chain rebuilt beside the hosted one, page by page from its stored blocks: every rule again, but no party's signature,
//! since this node verified those before it sealed their block.

use std::sync::Arc;

use ledger_core::verify::{Depth, VerifiedBlock};
use ledger_core::{Block, Genesis, Ledger};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use crate::error::ChainError;
use crate::holdings::HoldingsChange;
use crate::hosted::{HostedChain, decode_block};
use crate::node::Shared;
use crate::replay;
use crate::storage::{block_store, signed};

/// A chain on its way from genesis to a height.
pub(crate) struct Rebuilt {
    shared: Arc<Shared>,
    chain: Arc<HostedChain>,
    /// The height it goes to.
    until: u64,
    /// Shared with the work under way, which goes on when whoever asked is gone.
    turn: Option<Arc<OwnedSemaphorePermit>>,
}

impl Rebuilt {
    pub(crate) fn new(shared: &Arc<Shared>, number: i64, genesis: Genesis, until: u64) -> Result<Self, ChainError> {
        let chain = Arc::new(HostedChain::new(number, genesis, &shared.contracts)?);
        Ok(Self { shared: Arc::clone(shared), chain, until, turn: None })
    }

    /// The same, which keeps a turn until it is dropped and nothing of it runs any more.
    pub(crate) fn in_turn(self, turn: OwnedSemaphorePermit) -> Self {
        Self { turn: Some(Arc::new(turn)), ..self }
    }

    /// Verifies the next blocks and gives them back; none at the end.
    pub(crate) async fn next_page(&mut self) -> Result<Vec<Block>, ChainError> {
        Ok(self.next_verified().await?.into_iter().map(|(block, _)| block).collect())
    }

    /// As [`Self::next_page`], each block with what its verification gives.
    pub(crate) async fn next_verified(&mut self) -> Result<Vec<(Block, Arc<VerifiedBlock>)>, ChainError> {
        let height = self.read(Ledger::height);
        let rows = block_store::blocks_after(
            self.shared.database.read(),
            self.chain.number,
            signed("block", "height", height)?,
        )
        .await?;
        let left = usize::try_from(self.until.saturating_sub(height)).unwrap_or(usize::MAX);
        let decoded = rows.iter().take(left).map(|row| decode_block(&row.bytes));
        let blocks = decoded.collect::<Result<Vec<_>, _>>().map_err(|error| self.chain.broken(height, &error))?;
        let (shared, chain, runtime) = (Arc::clone(&self.shared), Arc::clone(&self.chain), Handle::current());
        self.work(move || {
            let mut page = Vec::with_capacity(blocks.len());
            for block in blocks {
                let verified = replay::one(&shared, &chain, &block, &runtime, Depth::Sealed)?;
                chain.apply_whole(&verified, HoldingsChange::default())?;
                page.push((block, Arc::new(verified)));
            }
            Ok(page)
        })
        .await?
    }

    /// Runs work on a blocking thread, which keeps the turn though whoever waits is gone.
    pub(crate) async fn work<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, ChainError> {
        let turn = self.turn.clone();
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.map_err(|error| ChainError::Stopped(format!("replay did not finish: {error}")))
    }

    /// Reads the ledger as far as it is rebuilt.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Ledger) -> R) -> R {
        read(&self.chain.ledger())
    }
}
