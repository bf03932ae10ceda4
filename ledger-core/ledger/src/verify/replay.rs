//! Replaying stored blocks: the same stages again, against the ledger as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::block::{Block, BlockError, Header, is_sealed};
use crate::condition::Effect;
use crate::error::{Rejection, rule};
use crate::id::{Address, StateRef};
use crate::ledger::{Ledger, Overlay};
use crate::party::PartyEntry;
use crate::transaction::ResolvedState;
use crate::verify::batch::{Batch, Outcome};
use crate::verify::cluster::{Footprint, clusters};
use crate::verify::contextual::{Accepted, VerifiedBlock, accept, assemble};
use crate::verify::freeze::nothing_moves_that_is_frozen_here;
use crate::verify::semantic::{Rules, Signatures, VerifiedTransaction};
use crate::verify::structural::structural;
use crate::verify::workers::{InTurn, Workers, parts};
use crate::view::View;
use crate::warning::Warning;

/// How much is verified again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything, as an outsider would.
    Everything,
    /// All but the parties' signatures: for blocks this node sealed itself; the seal is checked.
    Sealed,
}

/// Verifies a stored block against the ledger before it. `past` finds spent states that past references name.
pub fn replay(
    block: &Block,
    ledger: &Ledger,
    past: &(dyn View + Sync),
    rules: Rules<'_>,
    depth: Depth,
) -> Result<VerifiedBlock, BlockError> {
    replay_by(block, ledger, past, rules, depth, &InTurn)
}

/// As [`replay`], by workers. The result is the same.
///
/// The transactions are verified side by side, with signatures in batches, and then checked cluster by cluster. Wherever
/// that finds anything unusual, the block is replayed one transaction after another, and that result counts.
pub fn replay_by(
    block: &Block,
    ledger: &Ledger,
    past: &(dyn View + Sync),
    rules: Rules<'_>,
    depth: Depth,
    workers: &impl Workers,
) -> Result<VerifiedBlock, BlockError> {
    let Header { height, time_ms, .. } = block.header;
    if !is_sealed(&block.header.hash(), &ledger.genesis().recorder, &block.finality) {
        return Err(BlockError::NotSealed { height });
    }
    if time_ms <= ledger.time_ms() {
        return Err(BlockError::HeaderDiffers { height, field: "time_ms" });
    }
    bounds_hold(block, ledger)?;
    directory_goes_on(&block.header, ledger)?;
    let replay = Replay { block, ledger, past, rules, depth };
    let replayed = match replay.side_by_side(workers) {
        Some(replayed) => replayed,
        None => replay.in_turn()?,
    };
    match first_difference(&block.header, replayed.header()) {
        Some(field) => Err(BlockError::HeaderDiffers { height, field }),
        None => Ok(replayed),
    }
}

/// A block keeps to its chain's configuration; a transaction alone always fits, as its own bound may be above a small block's.
fn bounds_hold(block: &Block, ledger: &Ledger) -> Result<(), BlockError> {
    let (height, bounds) = (block.header.height, ledger.configuration().bounds);
    let (count, bytes) = (block.transactions.len(), block.transactions.iter().map(Vec::len).sum());
    let within = |actual: usize, maximum: u32| usize::try_from(maximum).is_ok_and(|maximum| actual <= maximum);
    let maximum = bounds.block_transactions_max;
    rule(within(count, maximum), || BlockError::TooManyTransactions { height, maximum, actual: count })?;
    let maximum = bounds.block_bytes_max;
    rule(count <= 1 || within(bytes, maximum), || BlockError::TooManyBytes { height, maximum, actual: bytes })
}

struct Replay<'r> {
    block: &'r Block,
    ledger: &'r Ledger,
    past: &'r (dyn View + Sync),
    rules: Rules<'r>,
    depth: Depth,
}

impl Replay<'_> {
    /// The block as a sound chain has it; none if anything is refused, or if a transaction looks at a party that an earlier
    /// one of the block changes.
    fn side_by_side(&self, workers: &impl Workers) -> Option<VerifiedBlock> {
        let bytes = self.block.transactions.iter().map(|bytes| Arc::from(bytes.as_slice())).collect();
        let batch = Batch::read(bytes, self.ledger.chain(), workers);
        let view = Layered { present: self.ledger, spent: None, past: self.past };
        let (mut transactions, mut changed) = (Vec::with_capacity(self.block.transactions.len()), BTreeSet::new());
        for Outcome { result, parties } in batch.verify_in_block(self.rules, &view, self.depth, workers) {
            let verified = result.ok().filter(|_| parties.is_disjoint(&changed))?;
            changed.extend(verified.effects().iter().filter_map(Effect::party_set));
            transactions.push(verified);
        }
        nothing_moves_that_is_frozen_here(&transactions).ok()?;
        let (overlay, warnings) = self.accepted_in_clusters(&transactions, workers)?;
        let mut accepted = Accepted::default();
        transactions.into_iter().zip(warnings).for_each(|(verified, warnings)| accepted.push(verified, warnings));
        Some(assemble(overlay, self.block.header.time_ms, accepted, self.block.journal.clone()))
    }

    /// Checks the conditions of transactions that do not conflict side by side; none if one is refused. With the warnings
    /// of each, in order.
    fn accepted_in_clusters(
        &self,
        transactions: &[VerifiedTransaction],
        workers: &impl Workers,
    ) -> Option<(Overlay<'_>, Vec<Vec<Warning>>)> {
        let accept_share = |share: Vec<usize>| {
            let (mut overlay, mut warnings) =
                (Overlay::seeing(self.ledger, self.block.header.directory), Vec::with_capacity(share.len()));
            for place in share {
                let accepted = accept(transactions.get(place)?, &mut overlay, self.block.header.time_ms);
                warnings.push((place, accepted.ok()?));
            }
            Some((overlay.into_changes(), warnings))
        };
        let (mut overlay, mut warnings) = (Overlay::seeing(self.ledger, self.block.header.directory), BTreeMap::new());
        for share in workers.map(shares(transactions, self.ledger, workers), accept_share) {
            let (changes, of_share) = share?;
            overlay.absorb(changes);
            warnings.extend(of_share);
        }
        Some((overlay, warnings.into_values().collect()))
    }

    /// One transaction after another, each against what those before it left.
    fn in_turn(&self) -> Result<VerifiedBlock, BlockError> {
        let Header { height, time_ms, .. } = self.block.header;
        let mut overlay = Overlay::seeing(self.ledger, self.block.header.directory);
        let mut accepted = Accepted::default();
        for (position, bytes) in self.block.transactions.iter().enumerate() {
            let refused = |Rejection { code, message }| BlockError::Transaction { height, position, code, message };
            let verified = self.semantic(bytes, &overlay).map_err(refused)?;
            let warnings = accept(&verified, &mut overlay, time_ms).map_err(|error| refused(error.into()))?;
            accepted.push(verified, warnings);
        }
        nothing_moves_that_is_frozen_here(&accepted.transactions).map_err(|(position, error)| {
            let Rejection { code, message } = error.into();
            BlockError::Transaction { height, position, code, message }
        })?;
        Ok(assemble(overlay, time_ms, accepted, self.block.journal.clone()))
    }

    fn semantic(&self, bytes: &[u8], overlay: &Overlay<'_>) -> Result<VerifiedTransaction, Rejection> {
        let view = Layered { present: overlay, spent: Some(overlay), past: self.past };
        let resolved = structural(bytes, &self.ledger.chain())?.resolve(&view)?;
        let signatures = match self.depth {
            Depth::Everything => Signatures::Each,
            Depth::Sealed => Signatures::Sealed,
        };
        Ok(self.rules.verified(resolved, &view, signatures)?)
    }
}

/// Places of transactions, shared out so that no two of different shares conflict; within a share they keep their order
/// as far as they conflict.
fn shares(transactions: &[VerifiedTransaction], ledger: &Ledger, workers: &impl Workers) -> Vec<Vec<usize>> {
    let count = transactions.len();
    let parts = parts(transactions.iter().collect(), workers.width());
    if workers.width() <= 1 || parts.len() <= 1 {
        return vec![(0..count).collect()];
    }
    let shares = parts.len();
    let footprint = |part: Vec<&VerifiedTransaction>| {
        part.into_iter().map(|verified| Footprint::of(verified, ledger)).collect::<Vec<_>>()
    };
    let footprints: Vec<_> = workers.map(parts, footprint).into_iter().flatten().collect();
    let mut clusters = clusters(&footprints).into_iter();
    let mut shared_out = Vec::with_capacity(shares);
    let mut share = Vec::new();
    for cluster in clusters.by_ref() {
        share.extend(cluster);
        if share.len() >= count.div_ceil(shares) {
            shared_out.push(std::mem::take(&mut share));
        }
    }
    shared_out.push(share);
    shared_out
}

/// The directory is seen no less far than before, and not at all where the chain has none.
fn directory_goes_on(header: &Header, ledger: &Ledger) -> Result<(), BlockError> {
    let height = header.height;
    if ledger.directory_seen(header.directory) == header.directory {
        Ok(())
    } else {
        Err(BlockError::HeaderDiffers { height, field: "directory" })
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
        ("directory", stored.directory == replayed.directory),
    ];
    fields.into_iter().find(|(_, agrees)| !agrees).map(|(field, _)| field)
}

/// The present, and behind it what past references may name: what the block itself spent, and the past.
struct Layered<'v> {
    present: &'v (dyn View + Sync),
    spent: Option<&'v Overlay<'v>>,
    past: &'v (dyn View + Sync),
}

impl View for Layered<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        let spent = || self.spent.and_then(|overlay| overlay.spent(reference));
        self.present.state(reference).or_else(spent).or_else(|| self.past.state(reference))
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.present.party(address)
    }
}
