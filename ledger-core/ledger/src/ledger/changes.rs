//! What a block changes, and the view of a ledger with such changes laid over it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::amount::Amount;
use crate::block::DirectoryTip;
use crate::claim::{Claim, ClaimKind};
use crate::configuration::Configuration;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ClaimKey, CommandId, FeedId, NearKey, StateRef, TransactionId};
use crate::ledger::{Ledger, entry};
use crate::party::{PartyEntry, Permission};
use crate::state::State;
use crate::transaction::ResolvedState;
use crate::view::View;

/// An unspent state with what the ledger knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnspentState {
    /// The state.
    pub state: Arc<State>,
    /// The claims it holds.
    pub claims: Vec<ClaimKey>,
    /// Its content digest, the value in the state map.
    pub digest: [u8; 32],
}

impl UnspentState {
    pub(crate) fn resolve(&self, reference: StateRef) -> ResolvedState {
        ResolvedState { reference, state: Arc::clone(&self.state), claims: self.claims.clone() }
    }
}

/// A claim and the unspent states that hold it; one of kind `Once` stays without holders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimEntry {
    /// How it ends.
    pub kind: ClaimKind,
    /// Its holders.
    pub holders: BTreeSet<StateRef>,
    /// The coarser form of its identity, where it has one.
    pub near: Option<NearKey>,
}

/// Everything a block changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Consumed states, as they were; those created in the same block too.
    pub spent: BTreeMap<StateRef, ResolvedState>,
    /// Created states that are still unspent after the block.
    pub created: BTreeMap<StateRef, Arc<UnspentState>>,
    /// Party records set.
    pub parties: BTreeMap<Address, Arc<PartyEntry>>,
    /// Permissions set.
    pub permissions: BTreeMap<Address, BTreeSet<Permission>>,
    /// The configuration set, in force from the next block on.
    pub configuration: Option<Arc<Configuration>>,
    /// Claims set or ended.
    pub claims: BTreeMap<ClaimKey, Option<ClaimEntry>>,
    /// How many claims have a near key; none left = zero.
    pub near: BTreeMap<NearKey, u64>,
    /// Supplies set.
    pub supplies: BTreeMap<AssetId, Amount>,
    /// Command ids used.
    pub commands: BTreeMap<CommandId, TransactionId>,
    /// Orders on frozen subjects set; none = free again.
    pub freezes: BTreeMap<FreezeSubject, BTreeSet<String>>,
    /// Assets whose transfers must read the definition (true) or need not any more.
    pub restricted: BTreeMap<AssetId, bool>,
    /// Prices published, by feed and time in milliseconds UTC.
    pub prices: BTreeSet<(FeedId, u64)>,
}

impl Changes {
    /// The entries of the state map that change.
    pub fn map_entries(&self) -> Vec<([u8; 32], Option<[u8; 32]>)> {
        let spent = self.spent.keys().map(|reference| (entry::state_key(reference), None));
        let created = self.created.iter().map(|(reference, state)| (entry::state_key(reference), Some(state.digest)));
        let claims = self.claims.iter().map(|(key, claim)| {
            let value = claim.as_ref().map(|claim| entry::claim_value(claim.kind, &claim.holders));
            (entry::claim_key(key), value)
        });
        let supplies =
            self.supplies.iter().map(|(asset, supply)| (entry::supply_key(asset), Some(entry::supply_value(*supply))));
        let freezes = self.freezes.iter().map(|(subject, orders)| {
            let value = (!orders.is_empty()).then(|| entry::freeze_value(orders));
            (entry::freeze_key(subject), value)
        });
        let restricted = self
            .restricted
            .iter()
            .map(|(asset, is_restricted)| (entry::restricted_key(asset), is_restricted.then(entry::restricted_value)));
        let parties =
            self.parties.iter().map(|(address, party)| (entry::party_key(address), Some(entry::party_value(party))));
        let permissions = self
            .permissions
            .iter()
            .map(|(address, held)| (entry::permissions_key(address), Some(entry::permissions_value(address, held))));
        let near = self
            .near
            .iter()
            .map(|(key, claims)| (entry::near_key(key), (*claims > 0).then(|| entry::near_value(*claims))));
        let states = spent.chain(created);
        states
            .chain(claims)
            .chain(near)
            .chain(supplies)
            .chain(freezes)
            .chain(restricted)
            .chain(parties)
            .chain(permissions)
            .collect()
    }
}

/// A ledger with changes laid over it: what the next transaction of a block sees.
#[derive(Clone, Debug)]
pub struct Overlay<'l> {
    ledger: &'l Ledger,
    changes: Changes,
    /// Frozen by transactions of the same block, wherever they stand in it.
    frozen_ahead: BTreeSet<FreezeSubject>,
    /// The directory's tip that the block names.
    directory: DirectoryTip,
}

impl<'l> Overlay<'l> {
    /// The ledger as it is.
    pub fn new(ledger: &'l Ledger) -> Self {
        Self::seeing(ledger, ledger.directory())
    }

    /// The ledger for a block that names this tip of the chain's directory.
    pub(crate) fn seeing(ledger: &'l Ledger, directory: DirectoryTip) -> Self {
        Self { ledger, changes: Changes::default(), frozen_ahead: BTreeSet::new(), directory }
    }

    pub(crate) fn directory(&self) -> DirectoryTip {
        self.directory
    }

    /// The ledger below.
    pub fn ledger(&self) -> &'l Ledger {
        self.ledger
    }

    /// The changes so far.
    pub fn into_changes(self) -> Changes {
        self.changes
    }

    /// An unspent state, where the ledger keeps its content.
    pub fn unspent(&self, reference: &StateRef) -> Option<&Arc<UnspentState>> {
        if self.changes.spent.contains_key(reference) {
            return None;
        }
        self.changes.created.get(reference).or_else(|| self.ledger.unspent(reference))
    }

    /// True when the state exists and nobody has consumed it, whether its content is kept here or not.
    pub(crate) fn is_unspent(&self, reference: &StateRef) -> bool {
        !self.changes.spent.contains_key(reference)
            && (self.changes.created.contains_key(reference) || self.ledger.is_unspent(reference))
    }

    pub(crate) fn claim(&self, key: &ClaimKey) -> Option<&ClaimEntry> {
        match self.changes.claims.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.ledger.claim(key),
        }
    }

    pub(crate) fn command(&self, command: &CommandId) -> Option<TransactionId> {
        self.changes.commands.get(command).copied().or_else(|| self.ledger.command(command))
    }

    pub(crate) fn supply(&self, asset: &AssetId) -> Amount {
        self.changes.supplies.get(asset).copied().unwrap_or_else(|| self.ledger.supply(asset))
    }

    /// True when somebody besides these parties can administer the chain after what changed so far.
    pub(crate) fn has_administrator_besides(&self, parties: &BTreeSet<Address>) -> bool {
        let now = |(party, before): (&Address, &BTreeSet<Permission>)| {
            Permission::administers(self.changes.permissions.get(party).unwrap_or(before))
        };
        let stays = self.ledger.permitted().filter(|(party, _)| !parties.contains(party)).any(now);
        let set = || self.changes.permissions.iter().filter(|(party, _)| !parties.contains(party));
        stays || set().any(|(_, held)| Permission::administers(held))
    }

    /// Version of the configuration as the block has set it so far.
    pub(crate) fn configuration_version(&self) -> u64 {
        self.changes.configuration.as_deref().unwrap_or_else(|| self.ledger.configuration()).version
    }

    /// The ledger with subjects that the block freezes before all its transactions.
    pub(crate) fn freezing_ahead(self, frozen_ahead: BTreeSet<FreezeSubject>) -> Self {
        Self { frozen_ahead, ..self }
    }

    pub(crate) fn is_frozen(&self, subject: &FreezeSubject) -> bool {
        let now = match self.changes.freezes.get(subject) {
            Some(orders) => !orders.is_empty(),
            None => self.ledger.is_frozen(subject),
        };
        now || self.frozen_ahead.contains(subject)
    }

    pub(crate) fn is_restricted(&self, asset: &AssetId) -> bool {
        self.changes.restricted.get(asset).copied().unwrap_or_else(|| self.ledger.is_restricted(asset))
    }

    /// Time of a feed's latest price after one time and up to another, milliseconds UTC.
    pub(crate) fn later_price(&self, feed: &FeedId, time_ms: u64, until_ms: u64) -> Option<u64> {
        let first_ms = time_ms.checked_add(1).filter(|first_ms| *first_ms <= until_ms)?;
        let known = self.ledger.price_times(feed).and_then(|times| times.range(first_ms..=until_ms).next_back());
        let mut here = self.changes.prices.range((*feed, first_ms)..=(*feed, until_ms));
        known.copied().max(here.next_back().map(|(_, later_ms)| *later_ms))
    }

    pub(crate) fn orders(&self, subject: &FreezeSubject) -> BTreeSet<String> {
        self.changes.freezes.get(subject).cloned().unwrap_or_else(|| self.ledger.orders(subject))
    }

    /// Consumes a state that is unspent.
    pub(crate) fn spend(&mut self, consumed: &ResolvedState) {
        let reference = consumed.reference;
        for key in &consumed.claims {
            self.change_claim(*key, None, |holders| {
                holders.remove(&reference);
            });
        }
        self.changes.created.remove(&reference);
        self.changes.spent.insert(reference, consumed.clone());
    }

    pub(crate) fn create(&mut self, reference: StateRef, state: UnspentState, claims: &[Claim]) {
        for claim in claims {
            if self.claim(&claim.key).is_none() {
                self.count_near(claim.near, |claims| claims.saturating_add(1));
            }
            self.change_claim(claim.key, Some(claim), |holders| {
                holders.insert(reference);
            });
        }
        self.changes.created.insert(reference, Arc::new(state));
    }

    /// Drops exclusive claims that nobody holds any more; once the outputs stand.
    pub(crate) fn end_claims(&mut self, keys: impl IntoIterator<Item = ClaimKey>) {
        for key in keys {
            let Some(claim) = self.claim(&key) else { continue };
            if claim.kind == ClaimKind::Exclusive && claim.holders.is_empty() {
                let near = claim.near;
                self.count_near(near, |claims| claims.saturating_sub(1));
                self.changes.claims.insert(key, None);
            }
        }
    }

    /// How many claims have a near key.
    pub(crate) fn near(&self, key: &NearKey) -> u64 {
        self.changes.near.get(key).copied().unwrap_or_else(|| self.ledger.near(key))
    }

    fn count_near(&mut self, near: Option<NearKey>, change: impl Fn(u64) -> u64) {
        if let Some(key) = near {
            let claims = change(self.near(&key));
            self.changes.near.insert(key, claims);
        }
    }

    fn change_claim(&mut self, key: ClaimKey, taken: Option<&Claim>, change: impl Fn(&mut BTreeSet<StateRef>)) {
        let new = |claim: &Claim| ClaimEntry { kind: claim.kind, holders: BTreeSet::new(), near: claim.near };
        let Some(mut claim) = self.claim(&key).cloned().or_else(|| taken.map(new)) else { return };
        change(&mut claim.holders);
        self.changes.claims.insert(key, Some(claim));
    }

    /// A state that these changes spend, as it was.
    pub(crate) fn spent(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.changes.spent.get(reference).cloned()
    }

    /// Takes in changes of transactions that do not conflict with those here: no entry is changed by both.
    pub(crate) fn absorb(&mut self, changes: Changes) {
        let Changes {
            spent,
            created,
            parties,
            permissions,
            configuration,
            claims,
            near,
            supplies,
            commands,
            freezes,
            restricted,
            prices,
        } = changes;
        self.changes.configuration = configuration.or(self.changes.configuration.take());
        self.changes.near.extend(near);
        self.changes.spent.extend(spent);
        self.changes.created.extend(created);
        self.changes.parties.extend(parties);
        self.changes.permissions.extend(permissions);
        self.changes.claims.extend(claims);
        self.changes.supplies.extend(supplies);
        self.changes.commands.extend(commands);
        self.changes.freezes.extend(freezes);
        self.changes.restricted.extend(restricted);
        self.changes.prices.extend(prices);
    }

    pub(crate) fn changes_mut(&mut self) -> &mut Changes {
        &mut self.changes
    }
}

impl View for Overlay<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        self.unspent(reference).map(|unspent| unspent.resolve(*reference))
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.changes.parties.get(address).cloned().or_else(|| self.ledger.party(address))
    }
}
