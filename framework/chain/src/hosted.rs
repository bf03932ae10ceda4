//! One chain in memory: its ledger at the tip and the numbers of its unspent states. The producer alone changes it, as it
//! forms a block; everyone else reads, and waits until what was read is durable.

mod hold;
mod settled;

pub(crate) use hold::{ChainPlace, Hold};

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ledger_core::invariant::InvariantBroken;
use ledger_core::verify::VerifiedBlock;
use ledger_core::{
    Amount, AssetId, Block, ChainId, Coded, Configuration, ContractSet, Genesis, Ledger, State, StateRef, invariant,
};

use crate::error::ChainError;
use crate::executor::pending::Pending;
use crate::holdings::{Holdings, HoldingsChange};
use crate::present::{Mark, Restored};
use crate::waiting::Waiting;
use hold::Uses;
use settled::Settling;

/// A hosted chain.
pub(crate) struct HostedChain {
    pub(crate) id: ChainId,
    /// The value of `chain_id` in every row of the chain.
    pub(crate) number: i64,
    pub(crate) genesis: Genesis,
    /// Where the chain's parties are registered, if that is another chain.
    pub(crate) directory: Option<Arc<HostedChain>>,
    ledger: RwLock<Ledger>,
    holdings: RwLock<Holdings>,
    waiting: RwLock<Waiting>,
    folds: RwLock<Vec<Fold>>,
    pending: Mutex<Pending>,
    /// How far what is kept of this goes; locked while it is written.
    pub(crate) present: tokio::sync::Mutex<Mark>,
    stopped: OnceLock<String>,
    uses: Uses,
    settling: Settling,
}

/// A block that folds journal entries, in their order and without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fold {
    /// Number of the last one.
    pub(crate) until: u64,
    pub(crate) height: u64,
}

/// A hosted chain at its tip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSummary {
    /// The chain.
    pub id: ChainId,
    /// The value of `chain_id` in its rows.
    pub number: i64,
    /// The configuration in force for the next block; its name is the chain's.
    pub configuration: Configuration,
    /// Height of the last block, 0 before the first.
    pub height: u64,
    /// Time of the last block, milliseconds UTC; of the genesis before the first.
    pub time_ms: u64,
    /// Hash of the last block; the chain's id before the first.
    pub tip: ledger_core::BlockHash,
    /// Why it commits nothing any more; none = it goes on.
    pub stopped: Option<String>,
}

impl HostedChain {
    pub(crate) fn new(number: i64, genesis: Genesis, contracts: &ContractSet) -> Result<Self, ChainError> {
        if let Some(contract) = genesis.contracts.iter().find(|contract| contracts.get(contract).is_none()) {
            return Err(ChainError::UnknownContract { contract: contract.clone() });
        }
        let ledger = Ledger::from_genesis(genesis.clone())?;
        let genesis_chain = ledger.chain();
        Ok(Self {
            id: ledger.chain(),
            number,
            genesis,
            directory: None,
            ledger: RwLock::new(ledger),
            holdings: RwLock::new(Holdings::default()),
            waiting: RwLock::default(),
            folds: RwLock::default(),
            pending: Mutex::default(),
            present: tokio::sync::Mutex::new(Mark::new(genesis_chain)),
            stopped: OnceLock::new(),
            uses: Uses::default(),
            settling: Settling::default(),
        })
    }

    /// The same with its directory, from which it learns.
    pub(crate) fn with_directory(self, directory: Option<Arc<HostedChain>>) -> Self {
        Self { directory, ..self }
    }

    // A lock is poisoned only by a panic while it was held; readers go on with what is there.
    pub(crate) fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.ledger.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn holdings(&self) -> RwLockReadGuard<'_, Holdings> {
        self.holdings.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn waiting(&self) -> RwLockReadGuard<'_, Waiting> {
        self.waiting.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn waiting_mut(&self) -> RwLockWriteGuard<'_, Waiting> {
        self.waiting.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a block that is not durable yet. Of plain holdings no content is kept: it can be made again.
    pub(crate) fn apply(&self, block: &Arc<VerifiedBlock>, change: HoldingsChange) -> Result<(), ChainError> {
        // Whoever misses a state that it spends finds it there.
        self.goes_ahead(block);
        // Holdings first: whoever misses a plain holding in the ledger finds it there.
        self.holdings.write().unwrap_or_else(PoisonError::into_inner).apply(change);
        let holdings = self.holdings();
        self.apply_keeping(block, |state| !holdings.is_plain(state))
    }

    /// Takes over a block that is stored, and keeps the content of every state, for whom the whole ledger is looked at.
    pub(crate) fn apply_whole(&self, block: &VerifiedBlock, change: HoldingsChange) -> Result<(), ChainError> {
        self.holdings.write().unwrap_or_else(PoisonError::into_inner).apply(change);
        self.apply_keeping(block, |_| true)?;
        self.settle(block.header().height);
        Ok(())
    }

    /// Takes the memory of the same chain as it was read anew.
    pub(crate) fn take_from(&self, read: Self) {
        fn put<T>(place: &RwLock<T>, content: RwLock<T>) {
            *place.write().unwrap_or_else(PoisonError::into_inner) =
                content.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
        put(&self.holdings, read.holdings);
        put(&self.ledger, read.ledger);
        put(&self.folds, read.folds);
        put(&self.waiting, read.waiting);
        self.is_certain();
    }

    fn apply_keeping(&self, block: &VerifiedBlock, keeps: impl Fn(&StateRef) -> bool) -> Result<(), ChainError> {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        let height = block.header().height;
        let broken = |error: ledger_core::ledger::LedgerError| self.broken(height, &error);
        ledger.apply_keeping(block, keeps).map_err(broken)?;
        drop(ledger);
        if block.header().journal_count > 0 {
            let mut folds = self.folds.write().unwrap_or_else(PoisonError::into_inner);
            let before = folds.last().map_or(0, |fold| fold.until);
            folds.push(Fold { until: before.saturating_add(block.header().journal_count.into()), height });
        }
        let mut waiting = self.waiting_mut();
        block.transactions().iter().for_each(|transaction| waiting.apply(transaction.ledger()));
        Ok(())
    }

    /// Looks at everything at once, while no block is being taken over.
    pub(crate) fn whole<R>(&self, look: impl FnOnce(&Ledger, &Holdings, &Waiting, &[Fold]) -> R) -> R {
        // Whoever takes a block over reads the holdings until it is done.
        let holdings = self.holdings.write().unwrap_or_else(PoisonError::into_inner);
        let folds = self.folds.read().unwrap_or_else(PoisonError::into_inner);
        look(&self.ledger(), &holdings, &self.waiting(), &folds)
    }

    /// Takes memory as it was kept, in the place of what there is right after the genesis.
    pub(crate) fn restore(&self, restored: Restored) {
        let Restored { ledger, holdings, waiting, folds, mark, bytes: _ } = restored;
        *self.holdings.write().unwrap_or_else(PoisonError::into_inner) = holdings;
        *self.ledger.write().unwrap_or_else(PoisonError::into_inner) = ledger;
        *self.waiting_mut() = waiting;
        *self.folds.write().unwrap_or_else(PoisonError::into_inner) = folds;
        if let Ok(mut present) = self.present.try_lock() {
            *present = mark;
        }
        self.is_certain();
    }

    /// Lets go of the content of plain holdings.
    pub(crate) fn let_go_of_plain(&self) {
        let holdings = self.holdings();
        self.ledger.write().unwrap_or_else(PoisonError::into_inner).let_go(|state| holdings.is_plain(state));
    }

    /// An unspent state.
    pub(crate) fn unspent(&self, reference: &StateRef, contracts: &ContractSet) -> Option<Arc<State>> {
        let kept = self.ledger().unspent(reference).map(|unspent| Arc::clone(&unspent.state));
        kept.or_else(|| self.plain(reference, contracts))
    }

    /// A plain holding, made again.
    pub(crate) fn plain(&self, reference: &StateRef, contracts: &ContractSet) -> Option<Arc<State>> {
        self.holdings().plain(reference)?.state(contracts).map(Arc::new)
    }

    /// How many journal entries blocks have folded.
    pub(crate) fn entries_folded(&self) -> u64 {
        let folds = self.folds.read().unwrap_or_else(PoisonError::into_inner);
        folds.last().map_or(0, |fold| fold.until)
    }

    /// Height of the block that folds a journal entry; none while none does.
    pub(crate) fn height_of_entry(&self, number: u64) -> Option<u64> {
        let folds = self.folds.read().unwrap_or_else(PoisonError::into_inner);
        folds.get(folds.partition_point(|fold| fold.until < number)).map(|fold| fold.height)
    }

    pub(crate) fn summary(&self) -> ChainSummary {
        let ledger = self.ledger();
        ChainSummary {
            id: self.id,
            number: self.number,
            configuration: ledger.configuration().clone(),
            height: ledger.height(),
            time_ms: ledger.time_ms(),
            tip: ledger.tip(),
            stopped: self.stopped.get().cloned(),
        }
    }

    /// As [`Self::stop_if_broken`], of what the sums over accounts show alone, whatever was let go.
    pub(crate) fn stop_if_supplies_differ(&self) {
        let sums = self.holdings().sums();
        let differs = |(asset, supply): (&AssetId, &Amount)| {
            let (supply, held) = (u128::from(supply.minor()), sums.get(asset).copied().unwrap_or_default());
            (supply != held).then(|| format!("the supply of asset {asset} is {supply}, its holdings sum to {held}"))
        };
        let found = self.ledger().supplies().find_map(differs);
        if let Some(reason) = found {
            self.stop(format!("{reason}; run hive audit"));
        }
    }

    /// A wrong ledger becomes a stopped one: where an invariant is broken the chain is read and commits nothing any more.
    /// Asked while nothing is let go.
    pub(crate) fn stop_if_broken(&self) {
        self.stop_where(&invariant::broken(&self.ledger()));
    }

    /// As [`Self::stop_if_broken`], where that was looked at elsewhere.
    pub(crate) fn stop_where(&self, broken: &[InvariantBroken]) {
        if let Some(broken) = broken.first() {
            self.stop(format!("its ledger breaks an invariant, {}: {broken}; run hive audit", broken.code()));
        }
    }

    /// Stops where memory is not what the same blocks give anew.
    pub(crate) fn stop_if_unlike(&self, replayed: &Ledger) {
        let (height, root) = {
            let ledger = self.ledger();
            (ledger.height(), ledger.state_root())
        };
        if height == replayed.height() && root != replayed.state_root() {
            self.stop(format!("its memory at height {height} is not what its blocks give; start the node again"));
        }
    }

    /// Commits nothing any more; the first reason stays.
    pub(crate) fn stop(&self, reason: String) {
        tracing::error!(chain = %self.id, %reason, "the chain stops accepting");
        self.stopped.get_or_init(|| format!("chain {}: {reason}", self.id));
    }

    pub(crate) fn stopped(&self) -> Option<&String> {
        self.stopped.get()
    }

    pub(crate) fn broken(&self, height: u64, reason: &impl ToString) -> ChainError {
        ChainError::BrokenHistory { chain: self.id, height, reason: reason.to_string() }
    }
}

/// A block decoded from its row.
pub(crate) fn decode_block(bytes: &[u8]) -> Result<Block, ChainError> {
    Ok(ledger_core::encoding::decode(bytes)?)
}
