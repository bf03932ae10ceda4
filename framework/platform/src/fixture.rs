//! For tests: a clock that is set, parties that stand where a test puts them, a database in a folder of its own.

pub(crate) mod market;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hive_chain::{Clock, Database};
use ledger_core::{Address, ChainId, Permission, PublicKey, SigningKey};

use crate::id::SessionId;
use crate::register::{PartyRegister, Standing};
use crate::session::principal::Principal;

/// 2026-11-21T00:00:00Z or so.
pub(crate) const START_MS: u64 = 1_795_219_200_000;
pub(crate) const CHAIN: ChainId = ChainId::from_bytes([0xc1; 32]);
pub(crate) const OTHER_CHAIN: ChainId = ChainId::from_bytes([0xc2; 32]);

/// A clock that stands until it is moved.
pub(crate) struct SetClock(AtomicU64);

impl SetClock {
    pub(crate) fn start() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(START_MS)))
    }

    pub(crate) fn advance(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Parties as a test sets them.
#[derive(Default)]
pub(crate) struct SetRegister(Mutex<BTreeMap<Address, Vec<Standing>>>);

impl SetRegister {
    pub(crate) fn put(&self, party: Address, chains: &[ChainId], keys: &[PublicKey]) {
        let standing = |chain: &ChainId| Standing {
            chain: *chain,
            keys: keys.iter().copied().collect(),
            permissions: BTreeSet::from([Permission::Transact]),
        };
        self.0.lock().unwrap().insert(party, chains.iter().map(standing).collect());
    }
}

#[async_trait::async_trait]
impl PartyRegister for SetRegister {
    async fn standings(&self, party: &Address, _now_ms: u64) -> Result<Vec<Standing>, crate::storage::StorageError> {
        Ok(self.0.lock().unwrap().get(party).cloned().unwrap_or_default())
    }
}

/// A database file that goes away with its folder, or a database of a server.
pub(crate) struct TemporaryDatabase {
    pub(crate) database: Database,
    pub(crate) url: String,
    _folder: tempfile::TempDir,
}

pub(crate) async fn temporary_database() -> TemporaryDatabase {
    let folder = tempfile::tempdir().unwrap();
    let url = hive_test_database::url(folder.path());
    let database = Database::open(&url).await.unwrap();
    crate::storage::migrate_for_tests(&database).await;
    TemporaryDatabase { database, url, _folder: folder }
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

pub(crate) fn party(number: u8) -> Address {
    Address::from_bytes([number; 32])
}

/// A principal that takes part in these chains with these permissions.
pub(crate) fn principal(party: Address, seed: u8, chains: &[ChainId]) -> Principal {
    let chains = chains.iter().map(|chain| (*chain, BTreeSet::from([Permission::Transact]))).collect();
    Principal::new(party, key(seed).public(), SessionId::from_bytes([seed; 16]), chains)
}
