//! Entries of the state map: at which key each kind stands, and with which value. The wire form documents them.

use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::claim::ClaimKind;
use crate::encoding::encode;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ClaimKey, NearKey, StateRef};
use crate::party::{PartyEntry, Permission, Permissions};
use crate::state_map::map_key;

type Hash = [u8; 32];

pub(crate) fn state_key(reference: &StateRef) -> Hash {
    map_key("state", &reference_bytes(reference))
}

pub(crate) fn claim_key(key: &ClaimKey) -> Hash {
    map_key("claim", key.as_bytes())
}

pub(crate) fn claim_value(kind: ClaimKind, holders: &BTreeSet<StateRef>) -> Hash {
    let kind = std::iter::once(u8::from(kind == ClaimKind::Once));
    map_key("holders", &kind.chain(holders.iter().flat_map(reference_bytes)).collect::<Vec<_>>())
}

pub(crate) fn near_key(key: &NearKey) -> Hash {
    map_key("near", key.as_bytes())
}

pub(crate) fn near_value(claims: u64) -> Hash {
    map_key("count", &claims.to_be_bytes())
}

pub(crate) fn supply_key(asset: &AssetId) -> Hash {
    map_key("supply", asset.as_bytes())
}

pub(crate) fn supply_value(supply: Amount) -> Hash {
    map_key("amount", &supply.minor().to_be_bytes())
}

pub(crate) fn freeze_key(subject: &FreezeSubject) -> Hash {
    map_key("freeze", &subject.key_bytes())
}

pub(crate) fn freeze_value(orders: &BTreeSet<String>) -> Hash {
    let length = |order: &String| u64::try_from(order.len()).unwrap_or(u64::MAX).to_be_bytes();
    let bytes: Vec<u8> = orders.iter().flat_map(|order| [&length(order), order.as_bytes()].concat()).collect();
    map_key("orders", &bytes)
}

pub(crate) fn restricted_key(asset: &AssetId) -> Hash {
    map_key("restricted", asset.as_bytes())
}

pub(crate) fn restricted_value() -> Hash {
    map_key("restricted", &[])
}

pub(crate) fn party_key(party: &Address) -> Hash {
    map_key("party", party.as_bytes())
}

pub(crate) fn party_value(party: &PartyEntry) -> Hash {
    party_value_of(party.version, &encode(&party.record))
}

/// As [`party_value`], of the record's canonical bytes.
pub(crate) fn party_value_of(version: u64, record: &[u8]) -> Hash {
    map_key("party-record", &[version.to_be_bytes().as_slice(), record].concat())
}

pub(crate) fn permissions_key(party: &Address) -> Hash {
    map_key("permissions", party.as_bytes())
}

pub(crate) fn permissions_value(party: &Address, held: &BTreeSet<Permission>) -> Hash {
    permissions_value_of(&encode(&Permissions { party: *party, permissions: held.clone() }))
}

/// As [`permissions_value`], of the list's canonical bytes.
pub(crate) fn permissions_value_of(list: &[u8]) -> Hash {
    map_key("permission-list", list)
}

fn reference_bytes(reference: &StateRef) -> [u8; 36] {
    let mut bytes = [0; 36];
    let (transaction, index) = bytes.split_at_mut(32);
    transaction.copy_from_slice(reference.transaction.as_bytes());
    index.copy_from_slice(&reference.index.to_be_bytes());
    bytes
}
