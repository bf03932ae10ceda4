//! A ledger cut into parts, each behind the last key of the one before, so that nobody holds the ledger for longer than a part.

use std::ops::Bound::{self, Excluded, Unbounded};

use super::{PART_BYTES, Packer, Part, Section};
use crate::claim::ClaimKind;
use crate::encoding::encode;
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ClaimKey, CommandId, FeedId, NearKey, StateRef};
use crate::ledger::{ClaimEntry, Entries, Ledger, UnspentState, entry};
use crate::party::Permissions;

/// Where the next part begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place(Behind);

/// The section, and the last key of the part before.
#[derive(Clone, Copy, Debug, Default)]
enum Behind {
    #[default]
    Start,
    Parties(Option<Address>),
    Permissions(Option<Address>),
    States(Option<StateRef>),
    Claims(Option<ClaimKey>),
    Near(Option<NearKey>),
    Supplies(Option<AssetId>),
    Freezes(Option<FreezeSubject>),
    Restricted(Option<AssetId>),
    Prices(Option<(FeedId, u64)>),
    End,
}

/// Records, and the key of the last one where more follow.
type Cut<K> = (Vec<u8>, Option<K>);

/// One part of entries, as many as it holds.
fn cut<K: Copy, V>(entries: impl Iterator<Item = (K, V)>, mut put: impl FnMut(&mut Packer, K, V)) -> Cut<K> {
    let mut packer = Packer::default();
    let mut entries = entries.peekable();
    while let Some((key, value)) = entries.next() {
        put(&mut packer, key, value);
        if packer.len() >= PART_BYTES && entries.peek().is_some() {
            return (packer.into_bytes(), Some(key));
        }
    }
    (packer.into_bytes(), None)
}

fn behind<K>(last: &Option<K>) -> (Bound<&K>, Bound<&K>) {
    (last.as_ref().map_or(Unbounded, Excluded), Unbounded)
}

/// A part of a section, and where the next one begins: behind its last key, or with the next section.
fn within<K: Copy>(
    section: Section,
    (bytes, last): Cut<&K>,
    here: fn(Option<K>) -> Behind,
    next: Behind,
) -> (Section, Vec<u8>, Behind) {
    (section, bytes, last.map_or(next, |last| here(Some(*last))))
}

impl Ledger {
    /// The next part of what changes, none at the end. States whose content is elsewhere are left out.
    pub fn part(&self, place: &mut Place, is_elsewhere: impl Fn(&StateRef) -> bool) -> Option<Part> {
        loop {
            let (section, bytes, next) = self.part_behind(&place.0, &is_elsewhere)?;
            place.0 = next;
            if !bytes.is_empty() {
                return Some(Part { section, bytes });
            }
        }
    }

    fn part_behind(
        &self,
        place: &Behind,
        is_elsewhere: impl Fn(&StateRef) -> bool,
    ) -> Option<(Section, Vec<u8>, Behind)> {
        use Behind::{Claims, End, Freezes, Near, Parties, Permissions, Prices, Restricted, Start, States, Supplies};
        let of = &self.entries;
        Some(match place {
            Start => (Section::Tip, self.tip_part(), Parties(None)),
            Parties(last) => within(Section::Parties, of.parties_part(last), Parties, Permissions(None)),
            Permissions(last) => within(Section::Permissions, of.permissions_part(last), Permissions, States(None)),
            States(last) => within(Section::States, of.states_part(last, is_elsewhere), States, Claims(None)),
            Claims(last) => within(Section::Claims, of.claims_part(last), Claims, Near(None)),
            Near(last) => within(Section::Near, of.near_part(last), Near, Supplies(None)),
            Supplies(last) => within(Section::Supplies, of.supplies_part(last), Supplies, Freezes(None)),
            Freezes(last) => within(Section::Freezes, of.freezes_part(last), Freezes, Restricted(None)),
            Restricted(last) => within(Section::Restricted, of.restricted_part(last), Restricted, Prices(None)),
            Prices(last) => {
                let (bytes, last) = of.prices_part(*last);
                (Section::Prices, bytes, last.map_or(End, |last| Prices(Some(last))))
            }
            End => return None,
        })
    }

    fn tip_part(&self) -> Vec<u8> {
        let mut packer = Packer::default();
        packer.number(self.height());
        packer.fixed(self.tip().as_bytes());
        packer.number(self.time_ms);
        packer.number(self.directory.height);
        packer.fixed(self.directory.hash.as_bytes());
        packer.long(&encode(self.configuration.as_ref()));
        packer.into_bytes()
    }

    /// A part of the hashes of blocks above a height, and the height it ends with; none where there are no more.
    pub fn blocks_part(&self, above: u64) -> Option<(Part, u64)> {
        let first = usize::try_from(above).ok()?.checked_add(1)?;
        let hashes = self.hashes.get(first..)?.iter().take(PART_BYTES.div_ceil(32));
        let bytes: Vec<u8> = hashes.flat_map(|hash| hash.as_bytes()).copied().collect();
        let count = u64::try_from(bytes.len().checked_div(32)?).ok().filter(|count| *count > 0)?;
        Some((Part { section: Section::Blocks, bytes }, above.saturating_add(count)))
    }

    /// A part of these commands with their transactions; none where one was never accepted.
    pub fn commands_part(&self, commands: &[CommandId]) -> Option<Part> {
        let mut packer = Packer::default();
        for command in commands {
            packer.fixed(command.as_bytes());
            packer.fixed(self.entries.commands.get(command)?.as_bytes());
        }
        Some(Part { section: Section::Commands, bytes: packer.into_bytes() })
    }

    /// How many commands were accepted.
    pub fn commands_count(&self) -> u64 {
        u64::try_from(self.entries.commands.len()).unwrap_or(u64::MAX)
    }

    /// The content digest of an unspent state, whether its content is kept here or not.
    pub fn digest(&self, reference: &StateRef) -> Option<[u8; 32]> {
        self.state_map.get(&entry::state_key(reference)).copied()
    }
}

impl Entries {
    fn parties_part(&self, last: &Option<Address>) -> Cut<&Address> {
        cut(self.parties.range(behind(last)), |packer, _, party| {
            packer.number(party.version);
            packer.long(&encode(&party.record));
        })
    }

    fn permissions_part(&self, last: &Option<Address>) -> Cut<&Address> {
        cut(self.permissions.range(behind(last)), |packer, party, held| {
            packer.long(&encode(&Permissions { party: *party, permissions: held.clone() }));
        })
    }

    fn states_part(&self, last: &Option<StateRef>, is_elsewhere: impl Fn(&StateRef) -> bool) -> Cut<&StateRef> {
        let kept = self.unspent.range(behind(last)).filter(|(reference, _)| !is_elsewhere(reference));
        cut(kept, |packer, reference, unspent| put_state(packer, reference, unspent))
    }

    fn claims_part(&self, last: &Option<ClaimKey>) -> Cut<&ClaimKey> {
        cut(self.claims.range(behind(last)), put_claim)
    }

    fn near_part(&self, last: &Option<NearKey>) -> Cut<&NearKey> {
        cut(self.near.range(behind(last)), |packer, key, claims| {
            packer.fixed(key.as_bytes());
            packer.number(*claims);
        })
    }

    fn supplies_part(&self, last: &Option<AssetId>) -> Cut<&AssetId> {
        cut(self.supplies.range(behind(last)), |packer, asset, supply| {
            packer.fixed(asset.as_bytes());
            packer.number(supply.minor());
        })
    }

    fn freezes_part(&self, last: &Option<FreezeSubject>) -> Cut<&FreezeSubject> {
        cut(self.freezes.range(behind(last)), |packer, subject, orders| {
            packer.long(&encode(subject));
            packer.count(orders.len());
            orders.iter().for_each(|order| packer.long(order.as_bytes()));
        })
    }

    fn restricted_part(&self, last: &Option<AssetId>) -> Cut<&AssetId> {
        let assets = self.restricted.range(behind(last)).map(|asset| (asset, ()));
        cut(assets, |packer, asset, ()| packer.fixed(asset.as_bytes()))
    }

    fn prices_part(&self, last: Option<(FeedId, u64)>) -> Cut<(FeedId, u64)> {
        let first = last.map(|(feed, _)| feed);
        let feeds = self.prices.range((first.as_ref().map_or(Unbounded, Bound::Included), Unbounded));
        let prices = feeds.flat_map(|(feed, times)| times.iter().map(|time_ms| (*feed, *time_ms)));
        let behind = prices.skip_while(|price| last.is_some_and(|last| *price <= last));
        cut(behind.map(|price| (price, ())), |packer, (feed, time_ms), ()| {
            packer.fixed(feed.as_bytes());
            packer.number(time_ms);
        })
    }
}

fn put_reference(packer: &mut Packer, reference: &StateRef) {
    packer.fixed(reference.transaction.as_bytes());
    packer.short(reference.index);
}

fn put_state(packer: &mut Packer, reference: &StateRef, unspent: &UnspentState) {
    put_reference(packer, reference);
    packer.fixed(&unspent.digest);
    packer.count(unspent.claims.len());
    unspent.claims.iter().for_each(|claim| packer.fixed(claim.as_bytes()));
    packer.long(&encode(unspent.state.as_ref()));
}

fn put_claim(packer: &mut Packer, key: &ClaimKey, claim: &ClaimEntry) {
    packer.fixed(key.as_bytes());
    packer.byte(u8::from(claim.kind == ClaimKind::Once));
    packer.byte(u8::from(claim.near.is_some()));
    claim.near.iter().for_each(|near| packer.fixed(near.as_bytes()));
    packer.count(claim.holders.len());
    claim.holders.iter().for_each(|holder| put_reference(packer, holder));
}
