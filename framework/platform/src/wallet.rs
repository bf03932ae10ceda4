//! A party's tokens: what it has, what is free, and proposals that define, issue, pay and redeem.
//!
//! Everything is read from the ledger; the wallet keeps nothing but the reservations of open proposals. Keys are not here:
//! parties sign the proposals with their own.

pub mod asset;
mod payment;
pub mod selection;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hive_chain::{ChainError, Clock, Database, HeldState, Node};
use ledger_core::{Address, AmountError, AssetId, ChainId, StateRef};
use thiserror::Error;

pub use payment::{Definition, Issue, Payment, Redemption};

use crate::proposal::Proposals;
use crate::session::principal::{AccessError, Principal};
use crate::storage::{StorageError, reservation};
use asset::{Asset, Assets};
use selection::SelectionError;

/// What a party has of one asset, in the asset's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletBalance {
    /// The chain.
    pub chain: ChainId,
    /// The asset.
    pub asset: Asset,
    /// In tokens that can be spent now.
    pub free: u64,
    /// In tokens under a lock of another party.
    pub locked: u64,
    /// In tokens that open proposals of the party will spend.
    pub reserved: u64,
}

/// Why the wallet cannot do something.
#[derive(Debug, Error)]
pub enum WalletError {
    /// The principal may not ask this.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The chain has no such asset.
    #[error("the chain has no asset {asset}")]
    AssetUnknown {
        /// The asset.
        asset: AssetId,
    },
    /// The other side is not registered on the chain, so it could never spend what it gets.
    #[error("{party} is not registered on this chain; it could never spend what it is given")]
    PartyNotRegistered {
        /// The party.
        party: Address,
    },
    /// Payer and payee are one.
    #[error("payer and payee are the same party")]
    PayeeIsPayer,
    /// Somebody else issues the asset.
    #[error("only issuer and attestor of an asset open its issue")]
    NotIssuer,
    /// No choice of tokens pays.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// An amount out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The platform's tables failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The chain could not be read.
    #[error("the chain could not be read: {0}")]
    Chain(#[from] ChainError),
}

ledger_core::codes!(WalletError {
    AssetUnknown => "WALLET_ASSET_UNKNOWN",
    PartyNotRegistered => "WALLET_PARTY_NOT_REGISTERED",
    PayeeIsPayer => "WALLET_PAYEE_IS_PAYER",
    NotIssuer => "WALLET_NOT_ISSUER",
} inner { Access, Selection, Amount, Storage, Chain });

/// The wallets of this node's parties. Cheap to clone.
#[derive(Clone)]
pub struct Wallets {
    node: Node,
    database: Database,
    clock: Arc<dyn Clock>,
    proposals: Proposals,
    assets: Arc<Assets>,
}

impl Wallets {
    pub(crate) fn new(node: Node, database: Database, clock: Arc<dyn Clock>, proposals: Proposals) -> Self {
        Self { node, database, clock, proposals, assets: Arc::default() }
    }

    /// What the principal's party has on a chain, ascending by asset; only assets of which it has something.
    pub async fn balances(&self, principal: &Principal, chain: &ChainId) -> Result<Vec<WalletBalance>, WalletError> {
        principal.require_participation(chain)?;
        let party = principal.party();
        let now_ms = self.clock.now_ms();
        let reserved = reservation::of_party(&self.database, chain, &party, now_ms).await?;
        let mut balances: BTreeMap<AssetId, WalletBalance> = BTreeMap::new();
        for held in self.node.holdings(chain, &party, None).await? {
            // Titles are holdings too; a balance is of tokens alone.
            let Some(asset) = self.assets.find(&self.node, chain, &held.asset).await? else { continue };
            let (chain, asset_id) = (*chain, held.asset);
            let empty = WalletBalance { chain, asset, free: 0, locked: 0, reserved: 0 };
            let balance = balances.entry(asset_id).or_insert(empty);
            let side = match (held.locked, reserved.contains(&held.reference)) {
                (true, _) => &mut balance.locked,
                (false, true) => &mut balance.reserved,
                (false, false) => &mut balance.free,
            };
            *side = side.saturating_add(held.amount.minor());
        }
        Ok(balances.into_values().collect())
    }

    /// One asset of a chain the principal takes part in.
    pub async fn asset(&self, principal: &Principal, chain: &ChainId, asset: &AssetId) -> Result<Asset, WalletError> {
        principal.require_participation(chain)?;
        self.defined(chain, asset).await
    }

    /// All assets of a chain the principal takes part in, ascending by id.
    pub async fn assets(&self, principal: &Principal, chain: &ChainId) -> Result<Vec<Asset>, WalletError> {
        principal.require_participation(chain)?;
        Ok(self.assets.all(&self.node, chain).await?)
    }

    async fn defined(&self, chain: &ChainId, asset: &AssetId) -> Result<Asset, WalletError> {
        self.assets.find(&self.node, chain, asset).await?.ok_or(WalletError::AssetUnknown { asset: *asset })
    }

    async fn is_registered(&self, chain: &ChainId, party: &Address) -> Result<(), WalletError> {
        if self.node.knows_party(chain, party).await? {
            Ok(())
        } else {
            Err(WalletError::PartyNotRegistered { party: *party })
        }
    }

    /// Tokens of one asset that the party can spend and has not promised.
    async fn free(
        &self,
        chain: &ChainId,
        party: &Address,
        asset: &AssetId,
        reserved: &BTreeSet<StateRef>,
    ) -> Result<Vec<HeldState>, WalletError> {
        let held = self.node.holdings(chain, party, Some(asset)).await?.into_iter();
        Ok(held.filter(|held| !held.locked && !reserved.contains(&held.reference)).collect())
    }
}

#[cfg(test)]
mod tests;
