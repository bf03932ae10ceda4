//! One recorder decides alone: its signature over the header's hash is the finality proof.

use std::sync::Arc;

use async_trait::async_trait;
use ledger_core::SigningKey;
use ledger_core::block::seal;
use ledger_core::verify::VerifiedBlock;

use super::{SequenceError, SequencedBlock, Sequencer};

/// The recorder of solo chains.
pub struct Solo {
    recorder: Arc<SigningKey>,
}

impl Solo {
    /// Seals with this key.
    pub fn new(recorder: SigningKey) -> Self {
        Self::sharing(Arc::new(recorder))
    }

    /// Seals with a key that attests presents too.
    pub(crate) fn sharing(recorder: Arc<SigningKey>) -> Self {
        Self { recorder }
    }
}

#[async_trait]
impl Sequencer for Solo {
    async fn sequence(&self, block: VerifiedBlock) -> Result<SequencedBlock, SequenceError> {
        let finality = seal(&block.hash(), &self.recorder);
        Ok(SequencedBlock::new(block, finality))
    }
}
