//! Assets of a chain by id: their definitions, as the ledger has them now.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hive_chain::{ChainError, Node};
use ledger_core::contract::token::{DEFINITION, NAME, TokenDefinition, read_definition};
use ledger_core::{Amount, AssetId, ChainId, Ledger, StateRef};

/// An asset with its definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Code, title, scale, unit, issuer, attestor, backing.
    pub definition: TokenDefinition,
    /// The state that defines it; issue and redemption refer to it.
    pub reference: StateRef,
    /// How much of it there is, in its smallest unit.
    pub supply: Amount,
}

/// Chains whose definitions are kept at most: one that nobody asks for is to cost nothing.
const CHAINS_MAX: usize = 1_024;

/// Definitions found so far. A chain is searched again only when it has grown since the last search.
#[derive(Debug, Default)]
pub(super) struct Assets {
    chains: Mutex<BTreeMap<ChainId, Known>>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    searched_height: u64,
    definitions: BTreeMap<AssetId, (StateRef, TokenDefinition)>,
}

impl Assets {
    pub(super) async fn find(
        &self,
        node: &Node,
        chain: &ChainId,
        asset: &AssetId,
    ) -> Result<Option<Asset>, ChainError> {
        node.read_ledger(chain, |ledger| {
            let mut chains = self.locked();
            if chains.len() >= CHAINS_MAX && !chains.contains_key(chain) {
                chains.clear();
            }
            let known = chains.entry(*chain).or_default();
            if let Some(asset) = known.asset(ledger, asset) {
                return Some(asset);
            }
            known.search(ledger);
            known.asset(ledger, asset)
        })
        .await
    }

    pub(super) async fn all(&self, node: &Node, chain: &ChainId) -> Result<Vec<Asset>, ChainError> {
        node.read_ledger(chain, |ledger| {
            let mut chains = self.locked();
            if chains.len() >= CHAINS_MAX && !chains.contains_key(chain) {
                chains.clear();
            }
            let known = chains.entry(*chain).or_default();
            known.search(ledger);
            known.definitions.keys().filter_map(|asset| known.asset(ledger, asset)).collect()
        })
        .await
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<ChainId, Known>> {
        self.chains.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The asset, if its definition is still unspent.
    fn asset(&self, ledger: &Ledger, asset: &AssetId) -> Option<Asset> {
        let (reference, definition) = self.definitions.get(asset)?;
        ledger.unspent(reference)?;
        Some(Asset { definition: definition.clone(), reference: *reference, supply: ledger.supply(asset) })
    }

    fn search(&mut self, ledger: &Ledger) {
        if self.searched_height == ledger.height() {
            return;
        }
        let definitions = ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(NAME, DEFINITION));
        let read = definitions.filter_map(|(reference, unspent)| {
            let definition = read_definition(&unspent.state).ok()?;
            Some((definition.asset, (*reference, definition)))
        });
        self.definitions = read.collect();
        self.searched_height = ledger.height();
    }
}
