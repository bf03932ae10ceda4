//! Entries that a state sets: permissions of parties, and assets whose transfer a definition restricts.

use std::collections::{BTreeMap, BTreeSet};

use super::InvariantBroken;
use crate::contract::{chain, token};
use crate::id::{Address, AssetId, StateRef};
use crate::ledger::Ledger;
use crate::party::Permission;

/// A party may what its permission state says; without one nothing, but for the administrator of the genesis.
pub(super) fn permissions_are_as_granted(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut granted: BTreeMap<Address, BTreeSet<Permission>> = BTreeMap::new();
    for (state, unspent) in
        ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(chain::NAME, chain::PERMISSIONS))
    {
        match chain::read(&unspent.state) {
            Ok(permissions) => drop(granted.insert(permissions.party, permissions.permissions)),
            Err(error) => found.push(unreadable(*state, &error)),
        }
    }
    let administrator = ledger.genesis().administrator_record().address;
    granted.entry(administrator).or_insert_with(|| Permission::GRANTED.into_iter().collect());
    let parties: BTreeSet<Address> =
        granted.keys().chain(ledger.permitted().map(|(party, _)| party)).copied().collect();
    let differs = |party: &Address| granted.get(party).cloned().unwrap_or_default() != ledger.permissions(party);
    found.extend(parties.into_iter().filter(differs).map(|party| InvariantBroken::Permissions { party }));
}

/// Exactly those assets are restricted whose definition says so.
pub(super) fn restrictions_are_as_defined(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut defined: BTreeSet<AssetId> = BTreeSet::new();
    for (state, unspent) in
        ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(token::NAME, token::DEFINITION))
    {
        let read = token::read_definition(&unspent.state)
            .and_then(|definition| Ok((definition.asset, token::read_transfer_policy(&unspent.state)?)));
        match read {
            Ok((_, token::TransferPolicy::Open)) => {}
            Ok((asset, _)) => drop(defined.insert(asset)),
            Err(error) => found.push(unreadable(*state, &error)),
        }
    }
    let assets: BTreeSet<AssetId> = defined.iter().chain(ledger.restricted()).copied().collect();
    let differs = |asset: &AssetId| defined.contains(asset) != ledger.is_restricted(asset);
    found.extend(assets.into_iter().filter(differs).map(|asset| InvariantBroken::Restriction { asset }));
}

/// A state of which its contract cannot make sense.
pub(super) fn unreadable(state: StateRef, reason: &impl ToString) -> InvariantBroken {
    InvariantBroken::Unreadable { state, reason: reason.to_string() }
}
