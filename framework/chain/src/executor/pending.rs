//! What one chain's verified transactions offer before they stand in a block, and which were refused lately.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use ledger_core::verify::VerifiedTransaction;
use ledger_core::view::{Standing, View};
use ledger_core::{Address, CommandId, PartyEntry, ResolvedState, SignedTransaction, StateRef, TransactionId};

use crate::hosted::HostedChain;
use crate::past::Past;

/// Refused transactions that are remembered, so that children which come a little later hear why.
const REFUSED_MAX: usize = 1_024;

/// One chain's transactions on their way into a block. Changed only together with the queue to the producer, so that
/// whoever finds a transaction here stands behind it there.
#[derive(Default)]
pub(crate) struct Pending {
    verified: BTreeMap<TransactionId, Waiting>,
    refused: BTreeSet<TransactionId>,
    refused_in_order: VecDeque<TransactionId>,
}

struct Waiting {
    /// Decoded only when somebody names its outputs.
    bytes: Arc<[u8]>,
    command: CommandId,
    /// How often it was sent and not yet answered.
    times: usize,
}

impl Pending {
    /// It is verified and goes to the producer.
    pub(crate) fn enter(&mut self, verified: &VerifiedTransaction) {
        let waiting = || Waiting {
            bytes: Arc::clone(verified.bytes()),
            command: verified.ledger().transaction.command_id,
            times: 0,
        };
        let entry = self.verified.entry(verified.id()).or_insert_with(waiting);
        entry.times = entry.times.saturating_add(1);
        self.refused.remove(&verified.id());
    }

    /// It stands in a block that memory holds.
    pub(crate) fn leave(&mut self, id: &TransactionId) {
        if let Some(waiting) = self.verified.get_mut(id) {
            waiting.times = waiting.times.saturating_sub(1);
            if waiting.times == 0 {
                self.verified.remove(id);
            }
        }
    }

    /// It was refused, before it came here or after.
    pub(crate) fn refuse(&mut self, id: TransactionId) {
        if self.verified.contains_key(&id) || !self.refused.insert(id) {
            return;
        }
        self.refused_in_order.push_back(id);
        if self.refused_in_order.len() > REFUSED_MAX
            && let Some(oldest) = self.refused_in_order.pop_front()
        {
            self.refused.remove(&oldest);
        }
    }

    /// What these transactions offer, as of now.
    pub(crate) fn offers(&self, named: &BTreeSet<TransactionId>) -> Offers {
        let offer = |id: &TransactionId| {
            let waiting = self.verified.get(id)?;
            let transaction = SignedTransaction::decode(&waiting.bytes).ok()?.transaction;
            Some((*id, (waiting.command, transaction.created(*id))))
        };
        Offers {
            pending: named.iter().filter_map(offer).collect(),
            refused: named.intersection(&self.refused).copied().collect(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.verified.len()
    }

    /// True when there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.verified.is_empty()
    }
}

/// Outputs in no block yet, taken from [`Pending`] at one moment.
#[derive(Default)]
pub(crate) struct Offers {
    pending: BTreeMap<TransactionId, (CommandId, Vec<ResolvedState>)>,
    refused: BTreeSet<TransactionId>,
}

/// A chain at its tip with what waits for the next blocks. Commits go on while it is used: every look at the ledger is
/// short. What was offered and stands in a block meanwhile is the same state.
pub(crate) struct Tip<'a> {
    pub(crate) offers: Offers,
    pub(crate) past: Past<'a>,
}

impl<'a> Tip<'a> {
    /// The chain with nothing that waits.
    pub(crate) fn committed(past: Past<'a>) -> Self {
        Self { offers: Offers::default(), past }
    }

    fn chain(&self) -> &HostedChain {
        self.past.chain
    }
}

impl View for Tip<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        if let Some((_, outputs)) = self.offers.pending.get(&reference.transaction) {
            return outputs.get(usize::try_from(reference.index).ok()?).cloned();
        }
        let unspent = self.chain().ledger().state(reference);
        self.past.count(|lookups| lookups.ledger.count(unspent.is_some()));
        unspent.or_else(|| self.past.state(reference))
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.chain().ledger().party(address)
    }

    fn standing(&self, transaction: &TransactionId) -> Standing {
        match self.offers.pending.get(transaction) {
            Some((command, _)) => Standing::Pending(*command),
            None if self.offers.refused.contains(transaction) => Standing::Refused,
            None => Standing::Unknown,
        }
    }
}
