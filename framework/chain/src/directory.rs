//! Chains whose parties are registered on another chain of this node, their directory: what has changed there is learned here
//! before it counts, so that no key that is revoked there signs anything here from then on.
//!
//! Twice: before a transaction is verified, so that new parties and new keys are known; and before the block is cut, so that
//! what was verified earlier is judged by what the directory says now.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger_core::contract::party::{Learn, record_identity};
use ledger_core::verify::{VerifiedTransaction, structural};
use ledger_core::view::View;
use ledger_core::{
    Address, ChainId, Condition, Directory, DirectoryTip, Genesis, Ledger, PartyEntry, Rejection, SignedTransaction,
    StateRef, Transaction,
};

use crate::error::{ChainError, SubmitError};
use crate::executor::pending::Tip;
use crate::hosted::HostedChain;
use crate::node::{Node, Shared};
use crate::past::Past;
use crate::producer::Producer;

/// How often learning is tried again when the directory moves on meanwhile.
const ATTEMPTS: usize = 4;

impl HostedChain {
    /// The tip of the chain's directory as this node sees it now; none without a directory.
    pub(crate) fn directory_tip(&self) -> DirectoryTip {
        self.directory.as_ref().map_or_else(DirectoryTip::default, |directory| {
            let ledger = directory.ledger();
            DirectoryTip { height: ledger.height(), hash: ledger.tip() }
        })
    }
}

impl HostedChain {
    /// A party of the chain with its newest record: the directory's, where that is ahead of what the chain has learned. A
    /// party that is admitted to the chain is one of its parties before it first acts there.
    pub(crate) fn party(&self, party: &Address) -> Option<Arc<PartyEntry>> {
        let (known, is_admitted) = {
            let ledger = self.ledger();
            (ledger.party(party), ledger.is_admitted(party))
        };
        if known.is_none() && !is_admitted {
            return None;
        }
        let newest = self.directory.as_ref().and_then(|directory| directory.ledger().party(party));
        let version = |entry: &Option<Arc<PartyEntry>>| entry.as_ref().map(|entry| entry.version);
        if version(&newest) > version(&known) { newest } else { known }
    }
}

impl Shared {
    /// The hosted chain that a genesis names as its directory.
    pub(crate) fn directory_of(&self, genesis: &Genesis) -> Result<Option<Arc<HostedChain>>, ChainError> {
        let Some(Directory { chain, recorder }) = genesis.directory else { return Ok(None) };
        let directory = self.hosted(&chain).filter(|hosted| hosted.genesis.recorder == recorder);
        let directory = directory.ok_or(ChainError::UnknownDirectory { directory: chain })?;
        match directory.genesis.directory {
            Some(_) => Err(ChainError::IndirectDirectory { directory: chain }),
            None => Ok(Some(directory)),
        }
    }

    /// Where a party's record stands on a chain, if it has one.
    fn live_record(&self, ledger: &Ledger, party: &Address) -> Option<StateRef> {
        let key = self.claim_secret.key(&record_identity(party));
        ledger.claim(&key).and_then(|claim| claim.holders.first().copied())
    }

    /// Of these parties, those whose record the directory has in a later version than the chain. Strangers are left out: a
    /// party is named by anybody, and admitted by the chain's administrators alone.
    fn behind(&self, chain: &HostedChain, parties: impl IntoIterator<Item = Address>) -> Vec<Address> {
        let Some(directory) = &chain.directory else { return Vec::new() };
        let (there, here) = (directory.ledger(), chain.ledger());
        let is_behind = |party: &Address| {
            let known = here.party(party).map(|entry| entry.version);
            let is_newer = there.party(party).is_some_and(|entry| known.is_none_or(|known| known < entry.version));
            is_newer && (known.is_some() || here.is_admitted(party))
        };
        parties.into_iter().filter(is_behind).collect()
    }

    /// The transaction that sets a party's record on a chain as its directory has it; none where the directory has no record
    /// of the party, only an administrator of its own.
    async fn learn_transaction(
        &self,
        chain: &HostedChain,
        party: &Address,
    ) -> Result<Option<SignedTransaction>, ChainError> {
        let Some(directory) = &chain.directory else { return Ok(None) };
        let live = self.live_record(&directory.ledger(), party);
        let Some(state) = live else { return Ok(None) };
        directory.settled().await?;
        let height = directory.ledger().height();
        let proof = self.inclusion(directory, &state.transaction).await?;
        let proof = proof.ok_or_else(|| directory.broken(height, &"the transaction of a record is missing"))?;
        let learn = Learn::of(&proof, state.index).map_err(|error| directory.broken(height, &error))?;
        // One look at the ledger: a record that is replaced meanwhile is refused where the transaction stands, not here.
        let ledger = chain.ledger();
        let now_ms = self.now_ms().max(ledger.time_ms().saturating_add(1));
        let transaction = learn.transaction(&chain.id, self.live_record(&ledger, party), now_ms);
        let transaction = transaction.map_err(|error| directory.broken(height, &error))?;
        let filled = self.rules().fill_claims(transaction, &*ledger);
        let filled = filled.map_err(|error| chain.broken(ledger.height(), &error))?;
        Ok(Some(SignedTransaction::new(filled, Vec::new())))
    }

    fn verified_here(&self, chain: &HostedChain, bytes: &[u8]) -> Result<VerifiedTransaction, Rejection> {
        let ledger = chain.ledger();
        let resolved = structural(bytes, &chain.id)?.resolve(&*ledger)?;
        Ok(self.rules().semantic(resolved, &*ledger)?)
    }
}

impl Node {
    /// A party of a chain with its newest record, the directory's where that is ahead of the chain's.
    ///
    /// # Errors
    /// The node stores no such chain, or what is stored of it cannot be read.
    pub async fn party(&self, chain: &ChainId, party: &Address) -> Result<Option<Arc<PartyEntry>>, ChainError> {
        self.opened(chain).await?.read(|chain| chain.party(party)).await
    }

    /// True when the party can act on the chain: it stands there, or the chain learns it from its directory when it first acts.
    ///
    /// # Errors
    /// As for [`Self::party`].
    pub async fn knows_party(&self, chain: &ChainId, party: &Address) -> Result<bool, ChainError> {
        let knows = |chain: &HostedChain| chain.ledger().party(party).is_some();
        let learns =
            |chain: &HostedChain| chain.directory.as_deref().is_some_and(knows) && chain.ledger().is_admitted(party);
        self.opened(chain).await?.read(|chain| knows(chain) || learns(chain)).await
    }

    /// Brings the records of these parties up to date from the chain's directory; without a directory there is nothing to do.
    /// A party that the directory does not know stays unknown, and so does one that nobody has admitted to the chain.
    ///
    /// # Errors
    /// The chain is not hosted, or the node is busy or has stopped.
    pub async fn learn(&self, chain: &ChainId, parties: &[Address]) -> Result<(), SubmitError> {
        let chain = self.held_to_submit(chain).await?;
        for party in self.shared.behind(&chain, parties.iter().copied()) {
            self.learn_party(&chain, party).await?;
        }
        Ok(())
    }

    async fn learn_party(&self, chain: &Arc<HostedChain>, party: Address) -> Result<(), SubmitError> {
        let mut refused = None;
        for _ in 0..ATTEMPTS {
            if self.shared.behind(chain, [party]).is_empty() {
                return Ok(());
            }
            let Some(learn) = self.shared.learn_transaction(chain, &party).await.map_err(SubmitError::unreadable)?
            else {
                return Ok(());
            };
            match self.submit_unsigned(&chain.id, learn.transaction).await {
                // Somebody else may have been quicker, or the directory have gone on.
                Err(error @ SubmitError::Rejected(_)) => refused = Some(error),
                outcome => return outcome.map(|_| ()),
            }
        }
        match self.shared.behind(chain, [party]).is_empty() {
            true => Ok(()),
            false => refused.map_or(Ok(()), Err),
        }
    }

    /// Learns whoever must sign a transaction, and whoever else signed it, as far as the chain has admitted them. What cannot
    /// be read is left to the verification, which says why.
    pub(crate) async fn learn_signers(
        &self,
        chain: &Arc<HostedChain>,
        transaction: &Transaction,
        others: BTreeSet<Address>,
    ) -> Result<(), SubmitError> {
        if chain.directory.is_none() {
            return Ok(());
        }
        let asked = transaction.clone();
        let signers = self.blocking(chain, move |shared, chain, runtime| {
            shared.rules().signers(asked, &Tip::committed(Past::new(shared, chain, runtime)))
        });
        let signers = signers.await?.unwrap_or_default().into_iter().chain(others);
        for party in self.shared.behind(chain, signers) {
            self.learn_party(chain, party).await?;
        }
        Ok(())
    }

    /// As [`Self::learn_signers`], for a signed transaction's bytes.
    pub(crate) async fn learn_signers_of(&self, chain: &Arc<HostedChain>, bytes: &[u8]) -> Result<(), SubmitError> {
        if chain.directory.is_none() {
            return Ok(());
        }
        let Ok(signed) = SignedTransaction::decode(bytes) else { return Ok(()) };
        let signed_for = signed.signatures.iter().map(|given| given.party).collect();
        self.learn_signers(chain, &signed.transaction, signed_for).await
    }
}

impl Producer {
    /// Puts in front of a chain's waiting transactions what its directory says now of the parties that signed them.
    pub(crate) async fn learn_ahead(&mut self, number: i64) -> Result<(), ChainError> {
        let Some(queue) = self.queues.get_mut(&number).filter(|queue| queue.chain.directory.is_some()) else {
            return Ok(());
        };
        let conditions = queue.transactions.iter().flat_map(|pending| pending.verified.conditions());
        let signing = conditions.filter_map(|condition| match condition {
            Condition::PartyIsAtVersion(party, _) => Some(*party),
            _ => None,
        });
        let signing: BTreeSet<Address> = signing.collect();
        let behind = self.shared.behind(&queue.chain, signing);
        if behind.is_empty() {
            return Ok(());
        }
        // What is learned is read from the database.
        self.settle().await;
        let Some(queue) = self.queues.get_mut(&number) else { return Ok(()) };
        for party in behind {
            let Some(learn) = self.shared.learn_transaction(&queue.chain, &party).await? else { continue };
            let verified = self.shared.verified_here(&queue.chain, &learn.encode());
            let verified = verified.map_err(|error| queue.chain.broken(queue.chain.ledger().height(), &error))?;
            queue.put_first(verified);
        }
        Ok(())
    }
}
