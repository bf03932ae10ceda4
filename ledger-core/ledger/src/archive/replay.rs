//! The second reading of an archive: every rule again, from genesis to the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ArchiveError, End, JournalChain, PastReferences, Record};
use crate::block::{Block, BlockError};
use crate::claim::{ClaimBook, ClaimCheck};
use crate::contract::ContractSet;
use crate::error::Rejection;
use crate::genesis::Genesis;
use crate::id::{Address, Digest, StateRef, TransactionId};
use crate::invariant;
use crate::ledger::Ledger;
use crate::party::PartyEntry;
use crate::transaction::{LedgerTransaction, ReferenceKind, ResolvedState, SignedTransaction};
use crate::verify::{Depth, Rules, VerifiedBlock, replay};
use crate::view::View;

/// Verifies an archive record by record.
#[derive(Debug)]
pub struct ArchiveReplay<'c> {
    contracts: &'c ContractSet,
    past: Kept,
    claims: ClaimBook,
    records: u64,
    transactions: u64,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Begin,
    Blocks(Box<Ledger>, JournalChain),
    Ended(Box<Ledger>, JournalChain),
}

/// States that past references of the archive name, once they exist.
#[derive(Debug, Default)]
struct Kept {
    named: PastReferences,
    states: BTreeMap<StateRef, ResolvedState>,
}

/// What a verified archive proves.
#[derive(Clone, Debug)]
pub struct ArchiveProved {
    /// The chain at its archived tip, with the hash of every block.
    pub ledger: Ledger,
    /// Transactions of all blocks.
    pub transactions: u64,
    /// Root of the state map after the last block.
    pub state_root: Digest,
    /// The journal, as far as the archive holds it; its contents stay sealed.
    pub journal: JournalChain,
}

impl<'c> ArchiveReplay<'c> {
    /// A verification with these contracts, after a first reading of the same archive.
    pub fn new(contracts: &'c ContractSet, named: PastReferences) -> Self {
        let past = Kept { named, states: BTreeMap::new() };
        Self { contracts, past, claims: ClaimBook::default(), records: 0, transactions: 0, stage: Stage::Begin }
    }

    /// Verifies the next record.
    ///
    /// # Errors
    /// It does not follow; the archive proves nothing.
    pub fn take(&mut self, record: Record) -> Result<(), ArchiveError> {
        let place = self.records;
        self.records = self.records.saturating_add(1);
        let misplaced =
            |found: &Record, expected| ArchiveError::OutOfOrder { record: place, found: found.name(), expected };
        self.stage = match (std::mem::replace(&mut self.stage, Stage::Begin), record) {
            (Stage::Begin, Record::Genesis(genesis)) => {
                let journal = JournalChain::new(genesis.chain_id());
                Stage::Blocks(Box::new(self.begin(*genesis)?), journal)
            }
            (Stage::Blocks(mut ledger, mut journal), Record::Block(block)) => {
                self.block(&mut ledger, &block)?;
                journal.fold(block.header.height, &block.journal)?;
                Stage::Blocks(ledger, journal)
            }
            (Stage::Blocks(ledger, mut journal), Record::Journal(archived)) => {
                archived.entries.iter().try_for_each(|archived| journal.take(&archived.entry))?;
                Stage::Blocks(ledger, journal)
            }
            (Stage::Blocks(ledger, journal), Record::End(end)) => {
                self.end(&ledger, end)?;
                Stage::Ended(ledger, journal)
            }
            (Stage::Begin, other) => return Err(misplaced(&other, "the genesis")),
            (Stage::Blocks(..), other) => return Err(misplaced(&other, "a block or the end")),
            (Stage::Ended(..), _) => return Err(ArchiveError::BytesFollow),
        };
        Ok(())
    }

    /// Height of the last block verified.
    pub fn height(&self) -> u64 {
        match &self.stage {
            Stage::Begin => 0,
            Stage::Blocks(ledger, _) | Stage::Ended(ledger, _) => ledger.height(),
        }
    }

    /// What the whole archive proves; once its end was read.
    ///
    /// # Errors
    /// The end is missing, or the ledger breaks an invariant.
    pub fn finish(self) -> Result<ArchiveProved, ArchiveError> {
        let Stage::Ended(ledger, journal) = self.stage else {
            return Err(ArchiveError::CutOff { records: self.records });
        };
        if let Some(broken) = invariant::broken(&ledger).into_iter().next() {
            return Err(ArchiveError::Invariant(broken));
        }
        let (transactions, state_root) = (self.transactions, ledger.state_root());
        Ok(ArchiveProved { transactions, state_root, ledger: *ledger, journal })
    }

    fn begin(&self, genesis: Genesis) -> Result<Ledger, ArchiveError> {
        match genesis.contracts.iter().find(|contract| self.contracts.get(contract).is_none()) {
            Some(contract) => Err(ArchiveError::ContractUnknown { contract: contract.clone() }),
            None => Ok(Ledger::from_genesis(genesis)?),
        }
    }

    fn block(&mut self, ledger: &mut Ledger, block: &Block) -> Result<(), ArchiveError> {
        let rules = Rules { contracts: self.contracts, claims: ClaimCheck::Shape };
        self.past.keep(block)?;
        let verified = replay(block, ledger, &self.past, rules, Depth::Everything)?;
        references_look_back(&verified)?;
        let height = block.header.height;
        for (position, transaction) in verified.transactions().iter().enumerate() {
            let refused = |Rejection { code, message }| BlockError::Transaction { height, position, code, message };
            let identities = rules.identities(transaction.ledger()).map_err(|error| refused(error.into()))?;
            let recorded = self.claims.record(&identities, &transaction.ledger().transaction.claims);
            recorded.map_err(|error| ArchiveError::Claims { height, position, error })?;
        }
        ledger.apply(&verified)?;
        self.transactions = self.transactions.saturating_add(u64::from(block.header.transaction_count));
        Ok(())
    }

    fn end(&self, ledger: &Ledger, end: End) -> Result<(), ArchiveError> {
        let fields = [
            ("height", end.height == ledger.height()),
            ("tip", end.tip == ledger.tip()),
            ("transactions", end.transactions == self.transactions),
            ("state_root", end.state_root == ledger.state_root()),
        ];
        match fields.into_iter().find(|(_, agrees)| !agrees) {
            Some((field, _)) => Err(ArchiveError::EndDiffers { field }),
            None => Ok(()),
        }
    }
}

/// A transaction refers to nothing that only a later one of its block creates.
fn references_look_back(block: &VerifiedBlock) -> Result<(), ArchiveError> {
    let ids = block.transactions().iter().map(|transaction| transaction.id());
    let places: BTreeMap<TransactionId, usize> = ids.zip(0..).collect();
    for (position, transaction) in block.transactions().iter().enumerate() {
        let is_ahead = |state: &StateRef| places.get(&state.transaction).is_some_and(|place| *place >= position);
        let LedgerTransaction { transaction, .. } = transaction.ledger();
        let mut past = transaction.references.iter().filter(|reference| reference.kind == ReferenceKind::Past);
        if past.any(|reference| is_ahead(&reference.state)) {
            return Err(ArchiveError::ReferenceAhead { height: block.header().height, position });
        }
    }
    Ok(())
}

impl Kept {
    /// Keeps the states of a block that past references name.
    fn keep(&mut self, block: &Block) -> Result<(), ArchiveError> {
        if self.named.states.is_empty() {
            return Ok(());
        }
        for bytes in &block.transactions {
            let transaction = SignedTransaction::decode(bytes)?.transaction;
            let id = transaction.id()?;
            for (index, state) in (0u32..).zip(&transaction.outputs) {
                let reference = StateRef { transaction: id, index };
                if self.named.states.contains(&reference) {
                    let (state, claims) = (Arc::new(state.clone()), transaction.claims_of(index));
                    self.states.insert(reference, ResolvedState { reference, state, claims });
                }
            }
        }
        Ok(())
    }
}

impl View for Kept {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.states.get(reference).cloned()
    }

    fn party(&self, _address: &Address) -> Option<Arc<PartyEntry>> {
        None
    }
}

#[cfg(test)]
mod tests;
