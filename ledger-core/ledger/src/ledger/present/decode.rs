//! The records of a part, read; each part by itself, so that many are read side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{PresentError, Section, Unpacker};
use crate::amount::Amount;
use crate::block::DirectoryTip;
use crate::claim::ClaimKind;
use crate::configuration::Configuration;
use crate::encoding::decode_own;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, BlockHash, ClaimKey, CommandId, FeedId, NearKey, StateRef, TransactionId};
use crate::ledger::{ClaimEntry, UnspentState, entry};
use crate::party::{PartyEntry, PartyRecord, Permission, Permissions};

pub(super) type Hash = [u8; 32];

/// The end of a chain.
pub(super) struct Tip {
    pub(super) height: u64,
    pub(super) hash: BlockHash,
    pub(super) time_ms: u64,
    pub(super) directory: DirectoryTip,
    pub(super) configuration: Configuration,
}

/// What a part holds.
pub(super) enum Records {
    Tip(Box<Tip>),
    Parties(Vec<(Address, Arc<PartyEntry>)>),
    Permissions(Vec<(Address, BTreeSet<Permission>)>),
    States(Vec<(StateRef, Arc<UnspentState>)>),
    Claims(Vec<(ClaimKey, ClaimEntry)>),
    Near(Vec<(NearKey, u64)>),
    Supplies(Vec<(AssetId, Amount)>),
    Freezes(Vec<(FreezeSubject, BTreeSet<String>)>),
    Restricted(Vec<AssetId>),
    Prices(Vec<(FeedId, u64)>),
    Blocks(Vec<BlockHash>),
    Commands(Vec<(CommandId, TransactionId)>),
}

/// A part with the entries of the state map that its records stand for.
pub(super) struct Decoded {
    pub(super) records: Records,
    pub(super) map: Vec<(Hash, Hash)>,
}

/// Reads a part.
pub(super) fn part(section: Section, bytes: &[u8]) -> Result<Decoded, PresentError> {
    let mut from = Unpacker::new(bytes, section.name());
    let from = &mut from;
    let mut map = Vec::new();
    let records = match section {
        Section::Tip => Records::Tip(Box::new(tip(from)?)),
        Section::Parties => Records::Parties(all(from, |from| {
            let version = from.number()?;
            let bytes = from.long()?;
            let record: PartyRecord = decode_own(bytes)?;
            let address = record.address;
            map.push((entry::party_key(&address), entry::party_value_of(version, bytes)));
            let party = PartyEntry { version, record };
            Ok((address, Arc::new(party)))
        })?),
        Section::Permissions => Records::Permissions(all(from, |from| {
            let bytes = from.long()?;
            let Permissions { party, permissions } = decode_own(bytes)?;
            map.push((entry::permissions_key(&party), entry::permissions_value_of(bytes)));
            Ok((party, permissions))
        })?),
        Section::States => Records::States(all(from, |from| {
            let (reference, unspent) = state(from)?;
            map.push((entry::state_key(&reference), unspent.digest));
            Ok((reference, Arc::new(unspent)))
        })?),
        Section::Claims => Records::Claims(all(from, |from| {
            let (key, claim) = claim(from)?;
            map.push((entry::claim_key(&key), entry::claim_value(claim.kind, &claim.holders)));
            Ok((key, claim))
        })?),
        Section::Near => Records::Near(all(from, |from| {
            let (key, claims) = (NearKey::from_bytes(from.fixed()?), from.number()?);
            map.push((entry::near_key(&key), entry::near_value(claims)));
            Ok((key, claims))
        })?),
        Section::Supplies => Records::Supplies(all(from, |from| {
            let asset = AssetId::from_bytes(from.fixed()?);
            let unfit = |_| PresentError::Unfit { part: section.name(), field: "amount" };
            let supply = Amount::from_minor(from.number()?).map_err(unfit)?;
            map.push((entry::supply_key(&asset), entry::supply_value(supply)));
            Ok((asset, supply))
        })?),
        Section::Freezes => Records::Freezes(all(from, |from| {
            let (subject, orders) = freeze(from)?;
            map.push((entry::freeze_key(&subject), entry::freeze_value(&orders)));
            Ok((subject, orders))
        })?),
        Section::Restricted => Records::Restricted(all(from, |from| {
            let asset = AssetId::from_bytes(from.fixed()?);
            map.push((entry::restricted_key(&asset), entry::restricted_value()));
            Ok(asset)
        })?),
        Section::Prices => Records::Prices(all(from, |from| Ok((FeedId::from_bytes(from.fixed()?), from.number()?)))?),
        Section::Blocks => Records::Blocks(all(from, |from| from.fixed().map(BlockHash::from_bytes))?),
        Section::Commands => Records::Commands(all(from, |from| {
            Ok((CommandId::from_bytes(from.fixed()?), TransactionId::from_bytes(from.fixed()?)))
        })?),
    };
    Ok(Decoded { records, map })
}

fn all<T>(
    from: &mut Unpacker<'_>,
    mut one: impl FnMut(&mut Unpacker<'_>) -> Result<T, PresentError>,
) -> Result<Vec<T>, PresentError> {
    let mut records = Vec::new();
    while !from.is_done() {
        records.push(one(from)?);
    }
    Ok(records)
}

fn tip(from: &mut Unpacker<'_>) -> Result<Tip, PresentError> {
    let tip = Tip {
        height: from.number()?,
        hash: BlockHash::from_bytes(from.fixed()?),
        time_ms: from.number()?,
        directory: DirectoryTip { height: from.number()?, hash: BlockHash::from_bytes(from.fixed()?) },
        configuration: decode_own(from.long()?)?,
    };
    from.end()?;
    Ok(tip)
}

fn reference(from: &mut Unpacker<'_>) -> Result<StateRef, PresentError> {
    Ok(StateRef { transaction: TransactionId::from_bytes(from.fixed()?), index: from.short()? })
}

fn state(from: &mut Unpacker<'_>) -> Result<(StateRef, UnspentState), PresentError> {
    let (reference, digest) = (reference(from)?, from.fixed()?);
    let claims = (0..from.count(32)?).map(|_| from.fixed().map(ClaimKey::from_bytes)).collect::<Result<_, _>>()?;
    let state = Arc::new(decode_own(from.long()?)?);
    Ok((reference, UnspentState { state, claims, digest }))
}

fn claim(from: &mut Unpacker<'_>) -> Result<(ClaimKey, ClaimEntry), PresentError> {
    let key = ClaimKey::from_bytes(from.fixed()?);
    let kind = if from.flag()? { ClaimKind::Once } else { ClaimKind::Exclusive };
    let near = if from.flag()? { Some(NearKey::from_bytes(from.fixed()?)) } else { None };
    let holders = (0..from.count(36)?).map(|_| reference(from)).collect::<Result<_, _>>()?;
    Ok((key, ClaimEntry { kind, holders, near }))
}

fn freeze(from: &mut Unpacker<'_>) -> Result<(FreezeSubject, BTreeSet<String>), PresentError> {
    let subject = decode_own(from.long()?)?;
    let unfit = |_| PresentError::Unfit { part: Section::Freezes.name(), field: "order" };
    let order = |from: &mut Unpacker<'_>| Ok(std::str::from_utf8(from.long()?).map_err(unfit)?.to_owned());
    let orders = (0..from.count(4)?).map(|_| order(from)).collect::<Result<_, PresentError>>()?;
    Ok((subject, orders))
}
