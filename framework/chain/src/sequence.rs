//! Gives verified blocks their finality. Solo first; sequencers of several nodes come behind the same trait.

mod solo;

use std::sync::Arc;

use async_trait::async_trait;
use ledger_core::verify::VerifiedBlock;
use ledger_core::{Block, Signature};
use thiserror::Error;

pub use solo::Solo;

/// Decides that a verified block is the chain's next.
#[async_trait]
pub trait Sequencer: Send + Sync + 'static {
    /// Makes the block final.
    ///
    /// # Errors
    /// It did not become final; nothing was recorded.
    async fn sequence(&self, block: VerifiedBlock) -> Result<SequencedBlock, SequenceError>;
}

/// Why a block did not become final.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SequenceError {
    /// The chain names another recorder.
    #[error("this node is not the recorder of chain {chain}")]
    NotRecorder {
        /// The chain.
        chain: ledger_core::ChainId,
    },
}

/// A block with its finality proof. Made by sequencers alone.
#[derive(Clone, Debug)]
pub struct SequencedBlock {
    verified: Arc<VerifiedBlock>,
    block: Block,
}

impl SequencedBlock {
    fn new(verified: VerifiedBlock, finality: Signature) -> Self {
        Self { block: verified.sealed(finality), verified: Arc::new(verified) }
    }

    /// A stored block that was replayed: its finality was checked.
    pub(crate) fn replayed(verified: VerifiedBlock, block: Block) -> Self {
        Self { verified: Arc::new(verified), block }
    }

    /// What was verified.
    pub fn verified(&self) -> &Arc<VerifiedBlock> {
        &self.verified
    }

    /// The block as it is stored and sent.
    pub fn block(&self) -> &Block {
        &self.block
    }
}
