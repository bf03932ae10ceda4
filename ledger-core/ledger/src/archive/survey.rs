//! The first reading of an archive: which spent states later transactions refer to.

use std::collections::BTreeSet;

use super::{ArchiveError, Record};
use crate::id::StateRef;
use crate::transaction::{ReferenceKind, SignedTransaction};

/// States that past references of a chain name. Only these are kept when they are spent, so that an archive of any length
/// is verified in the memory of its ledger.
#[derive(Clone, Debug, Default)]
pub struct PastReferences {
    pub(super) states: BTreeSet<StateRef>,
    blocks: u64,
}

impl PastReferences {
    /// Takes in the next record.
    ///
    /// # Errors
    /// A transaction is not its wire form.
    pub fn take(&mut self, record: &Record) -> Result<(), ArchiveError> {
        let Record::Block(block) = record else { return Ok(()) };
        self.blocks = self.blocks.saturating_add(1);
        for bytes in &block.transactions {
            let references = SignedTransaction::decode(bytes)?.transaction.references;
            let past = references.iter().filter(|reference| reference.kind == ReferenceKind::Past);
            self.states.extend(past.map(|reference| reference.state));
        }
        Ok(())
    }

    /// Blocks read.
    pub fn blocks(&self) -> u64 {
        self.blocks
    }
}
