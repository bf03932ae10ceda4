//! Proposals: a transaction that waits for the signatures it needs, and goes to the ledger when it has them.
//!
//! A proposal is a note about a transaction, not a second ledger: whether it was committed is asked of the ledger by command
//! id, so nothing is lost by a crash between two steps, and [`Proposals::resume`] finishes what was left. What leaves no
//! state on the chain (opened, signed, rejected, withdrawn, refused, expired) is written into the chain's journal first.
//!
//! Only those concerned, the creator and the required signers, ever see a proposal. Anyone else is told what they would be
//! told of an id that does not exist.

mod error;
mod finish;
mod open;
mod read;
mod record;
mod sign;
pub mod summary;
mod turn;
pub mod view;

use std::sync::Arc;

use hive_chain::{Clock, Database, Node};
use ledger_core::{Address, ChainId};
use tokio::sync::broadcast;

pub use error::ProposalError;
pub use finish::Resumed;
pub use open::{Draft, Drafted, OpenRequest, Opened};
pub use read::{PROPOSALS_PER_PAGE_MAX, ProposalPage, ProposalQuery};

use crate::id::ProposalId;
use turn::Turns;

/// Changes kept for subscribers that fall behind; one that falls further is told so and asks again.
const CHANGES_KEPT: usize = 1_024;

/// Something happened to a proposal; who may see it asks for it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalChange {
    /// The proposal.
    pub id: ProposalId,
    /// Its chain.
    pub chain: ChainId,
    /// Those concerned by it, the only ones to be told.
    pub parties: Vec<Address>,
}

/// The proposals of this node. Cheap to clone.
#[derive(Clone)]
pub struct Proposals {
    shared: Arc<Shared>,
}

struct Shared {
    node: Node,
    database: Database,
    clock: Arc<dyn Clock>,
    /// One opening at a time per creator, so that two never take the same token.
    creators: Turns,
    /// One signing, rejecting or submitting at a time per proposal.
    proposals: Turns,
    changes: broadcast::Sender<ProposalChange>,
}

impl Proposals {
    pub(crate) fn new(node: Node, database: Database, clock: Arc<dyn Clock>) -> Self {
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let (creators, proposals) = (Turns::default(), Turns::default());
        Self { shared: Arc::new(Shared { node, database, clock, creators, proposals, changes }) }
    }

    /// Changes from now on, of all proposals; the caller passes on only those whose parties include the subscriber.
    pub fn watch(&self) -> broadcast::Receiver<ProposalChange> {
        self.shared.changes.subscribe()
    }

    fn tell(&self, id: ProposalId, chain: ChainId, parties: Vec<Address>) {
        // Nobody listening is no failure.
        let _ = self.shared.changes.send(ProposalChange { id, chain, parties });
    }
}

#[cfg(test)]
mod tests;
