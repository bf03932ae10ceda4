//! The database with which every seed begins: three chains with their parties and money, made once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger_core::{AssetId, ChainId, StateRef};
use tempfile::TempDir;

use crate::tests::market::{Market, START_MS, config};
use crate::{Clock, NodeConfig};

/// What each coin of the beginning holds.
pub(super) const COIN: u64 = 1_000_000;
const COINS: usize = 4;

/// A chain as it begins.
pub(super) struct Beginning {
    pub(super) id: ChainId,
    pub(super) asset: AssetId,
    /// Of the payer.
    pub(super) coins: Vec<StateRef>,
    /// Height up to which it was made.
    pub(super) height: u64,
}

pub(super) struct World {
    folder: TempDir,
    pub(super) chains: Vec<Beginning>,
}

/// A clock that goes where it is set.
pub(super) struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl SetClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(START_MS + 3_600_000)))
    }

    /// Forward, or back.
    pub(super) fn step(&self, ms: i64) {
        let now_ms = self.0.load(Ordering::SeqCst).saturating_add_signed(ms);
        // Within the window of every transaction, and not before the chains were made.
        self.0.store(now_ms.clamp(START_MS + 60_000, START_MS + 40_000_000), Ordering::SeqCst);
    }
}

impl World {
    pub(super) fn make() -> Self {
        let folder = folder();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let chains = runtime.block_on(async {
            let first = Market::open_in(folder.path()).await;
            let (second, third) = (first.further("receipts").await, first.further("steel").await);
            let mut chains = Vec::new();
            for market in [&first, &second, &third] {
                let coins = market.issue("beginning", &[COIN; COINS]).await;
                let (id, asset, height) = (market.chain, market.asset, market.height());
                chains.push(Beginning { id, asset, coins, height });
            }
            first.node.shutdown().await;
            chains
        });
        drop(runtime);
        assert!(!folder.path().join("node.db-wal").exists(), "a closed database is one file");
        Self { folder, chains }
    }

    /// A folder with a database of its own.
    pub(super) fn copy(&self) -> TempDir {
        let copy = folder();
        fs::copy(self.folder.path().join("node.db"), copy.path().join("node.db")).unwrap();
        copy
    }
}

/// In memory where the system has such a folder: the disk's own speed is not what is looked at.
fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory).unwrap() } else { TempDir::new().unwrap() }
}

pub(super) fn node_config(folder: &Path, clock: &Arc<SetClock>) -> NodeConfig {
    let mut config = config(folder, &crate::tests::market::clock());
    config.clock = Arc::clone(clock) as Arc<dyn Clock>;
    config.verifiers_max = 1;
    config
}
