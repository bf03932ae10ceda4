//! Replaying stored blocks: the same stages again, against the ledger as it was.

use std::sync::Arc;

use crate::block::{Block, BlockError, Header, is_sealed};
use crate::error::Rejection;
use crate::id::{Address, StateRef};
use crate::ledger::{Ledger, Overlay};
use crate::party::PartyEntry;
use crate::signature::SignatureBatch;
use crate::transaction::ResolvedState;
use crate::verify::contextual::{Accepted, VerifiedBlock, accept, assemble};
use crate::verify::freeze::nothing_moves_that_is_frozen_here;
use crate::verify::semantic::{Rules, Signatures, VerifiedTransaction};
use crate::verify::structural::structural;
use crate::view::View;

/// How much is verified again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything, as an outsider would.
    Everything,
    /// All but the parties' signatures: for blocks this node sealed itself; the seal is checked.
    Sealed,
}

/// Verifies a stored block against the ledger before it. `past` finds spent states that past references name.
///
/// Signatures are verified as one batch; where that fails, one by one, so that the refusal names what is wrong.
pub fn replay(
    block: &Block,
    ledger: &Ledger,
    past: &dyn View,
    rules: Rules<'_>,
    depth: Depth,
) -> Result<VerifiedBlock, BlockError> {
    let Header { height, time_ms, .. } = block.header;
    if !is_sealed(&block.header.hash(), &ledger.genesis().recorder, &block.finality) {
        return Err(BlockError::NotSealed { height });
    }
    if time_ms <= ledger.time_ms() {
        return Err(BlockError::HeaderDiffers { height, field: "time_ms" });
    }
    let replay = Replay { block, ledger, past, rules };
    let replayed = match depth {
        Depth::Sealed => replay.run(Signatures::Sealed)?,
        Depth::Everything => {
            let mut batch = SignatureBatch::default();
            match replay.run(Signatures::Batch(&mut batch)) {
                Ok(replayed) if batch.verifies() => replayed,
                _ => replay.run(Signatures::Each)?,
            }
        }
    };
    match first_difference(&block.header, replayed.header()) {
        Some(field) => Err(BlockError::HeaderDiffers { height, field }),
        None => Ok(replayed),
    }
}

struct Replay<'r> {
    block: &'r Block,
    ledger: &'r Ledger,
    past: &'r dyn View,
    rules: Rules<'r>,
}

impl Replay<'_> {
    fn run(&self, mut signatures: Signatures<'_>) -> Result<VerifiedBlock, BlockError> {
        let Header { height, time_ms, .. } = self.block.header;
        let mut overlay = Overlay::new(self.ledger);
        let mut accepted = Accepted::default();
        for (position, bytes) in self.block.transactions.iter().enumerate() {
            let refused = |Rejection { code, message }| BlockError::Transaction { height, position, code, message };
            let view = Layered { present: &overlay, past: self.past };
            let verified = self.semantic(bytes, &view, signatures.again()).map_err(refused)?;
            let warnings = accept(&verified, &mut overlay, time_ms).map_err(|error| refused(error.into()))?;
            accepted.push(verified, warnings);
        }
        nothing_moves_that_is_frozen_here(&accepted.transactions).map_err(|(position, error)| {
            let Rejection { code, message } = error.into();
            BlockError::Transaction { height, position, code, message }
        })?;
        Ok(assemble(overlay, time_ms, accepted, self.block.journal.clone()))
    }

    fn semantic(
        &self,
        bytes: &[u8],
        view: &Layered<'_>,
        signatures: Signatures<'_>,
    ) -> Result<VerifiedTransaction, Rejection> {
        let resolved = structural(bytes, &self.ledger.chain())?.resolve(view)?;
        Ok(self.rules.verified(resolved, view, signatures)?)
    }
}

fn first_difference(stored: &Header, replayed: &Header) -> Option<&'static str> {
    let fields = [
        ("chain", stored.chain == replayed.chain),
        ("height", stored.height == replayed.height),
        ("previous", stored.previous == replayed.previous),
        ("time_ms", stored.time_ms == replayed.time_ms),
        ("transaction_root", stored.transaction_root == replayed.transaction_root),
        ("transaction_count", stored.transaction_count == replayed.transaction_count),
        ("journal_root", stored.journal_root == replayed.journal_root),
        ("journal_count", stored.journal_count == replayed.journal_count),
        ("state_root", stored.state_root == replayed.state_root),
        ("parameters", stored.parameters == replayed.parameters),
    ];
    fields.into_iter().find(|(_, agrees)| !agrees).map(|(field, _)| field)
}

/// The present, and behind it what past references may name.
struct Layered<'v> {
    present: &'v Overlay<'v>,
    past: &'v dyn View,
}

impl View for Layered<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.present.state(reference).or_else(|| self.past.state(reference))
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.present.party(address)
    }
}
