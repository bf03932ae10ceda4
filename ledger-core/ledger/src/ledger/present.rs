//! A ledger's present as bytes, in parts of bounded size, and the ledger that they give back: what a node keeps of its own
//! memory, so that a chain opens without a replay of its whole history.
//!
//! The sections that change are written anew each time; block hashes and commands only grow, and are appended. Of states whose
//! content is kept elsewhere the ledger has no more than an entry of the map: whoever keeps them brings reference and digest.

mod decode;
mod difference;
mod packed;
mod restore;

pub use packed::{Packer, Unpacker};
pub use restore::Restore;

use std::ops::Bound::{Excluded, Unbounded};

use thiserror::Error;

use super::{Ledger, UnspentState, entry};
use crate::claim::ClaimKind;
use crate::codes;
use crate::encoding::{EncodingError, encode};
use crate::freeze::FreezeSubject;
use crate::id::{Address, AssetId, ClaimKey, CommandId, Digest, FeedId, NearKey, StateRef};
use crate::party::Permissions;
use crate::signature::{PublicKey, Signature, SigningKey};

/// A part ends behind the record that brings it to so many bytes: enough that a database is not asked too often, few enough
/// that many can be held at once.
pub const PART_BYTES: usize = 256 << 10;

/// Why bytes are no present.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PresentError {
    /// Fewer bytes than the records say.
    #[error("the part {part} of a present is cut off")]
    CutOff {
        /// The part.
        part: &'static str,
    },
    /// More bytes than the records say.
    #[error("bytes follow the end of the part {part} of a present")]
    BytesFollow {
        /// The part.
        part: &'static str,
    },
    /// A value that is none of its field, or fits nothing else.
    #[error("{field} of the part {part} of a present is outside its form or does not fit the rest")]
    Unfit {
        /// The part.
        part: &'static str,
        /// The field.
        field: &'static str,
    },
    /// An entry stands twice.
    #[error("an entry of the part {part} of a present stands twice")]
    Twice {
        /// The part.
        part: &'static str,
    },
    /// A message within that is not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

codes!(PresentError {
    CutOff => "PRESENT_CUT_OFF",
    BytesFollow => "PRESENT_BYTES_FOLLOW",
    Unfit => "PRESENT_UNFIT",
    Twice => "PRESENT_ENTRY_TWICE",
} inner { Encoding });

/// What the records of a part are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Height, hash, time and directory of the last block, and the configuration in force.
    Tip,
    /// Parties' records.
    Parties,
    /// Permissions as they were set.
    Permissions,
    /// Unspent states whose content is kept.
    States,
    /// Claims with their holders.
    Claims,
    /// Near keys with the number of their claims.
    Near,
    /// Supplies.
    Supplies,
    /// Frozen subjects with their orders.
    Freezes,
    /// Assets of restricted transfer.
    Restricted,
    /// Times of prices.
    Prices,
    /// Hashes of blocks, from height 1; appended.
    Blocks,
    /// Commands with their transactions, in the order of acceptance; appended.
    Commands,
}

impl Section {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::Tip,
        Self::Parties,
        Self::Permissions,
        Self::States,
        Self::Claims,
        Self::Near,
        Self::Supplies,
        Self::Freezes,
        Self::Restricted,
        Self::Prices,
        Self::Blocks,
        Self::Commands,
    ];

    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tip => "tip",
            Self::Parties => "parties",
            Self::Permissions => "permissions",
            Self::States => "states",
            Self::Claims => "claims",
            Self::Near => "near",
            Self::Supplies => "supplies",
            Self::Freezes => "freezes",
            Self::Restricted => "restricted",
            Self::Prices => "prices",
            Self::Blocks => "blocks",
            Self::Commands => "commands",
        }
    }
}

/// A part of a present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What its records are.
    pub section: Section,
    /// The records.
    pub bytes: Vec<u8>,
}

/// Where the next part begins.
#[derive(Clone, Copy, Debug)]
pub struct Place(Behind);

/// The section, and the last key of the part before.
#[derive(Clone, Copy, Debug)]
enum Behind {
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

impl Default for Place {
    fn default() -> Self {
        Self(Behind::Start)
    }
}

/// What the recorder signs: `"hivechain/attested-present\0" ‖ digest`.
fn attested_bytes(digest: &Digest) -> Vec<u8> {
    [b"hivechain/attested-present\0".as_slice(), digest.as_bytes()].concat()
}

/// The recorder's signature over the digest of what it keeps of a present.
pub fn attest(digest: &Digest, recorder: &SigningKey) -> Signature {
    recorder.sign(&attested_bytes(digest))
}

/// True when the recorder attested the digest.
pub fn is_attested(digest: &Digest, recorder: &PublicKey, attestation: &Signature) -> bool {
    recorder.verifies(&attested_bytes(digest), attestation)
}

/// One part of entries, each behind the one before it, and the last key where more follow.
fn cut<K: Copy, V>(
    entries: impl Iterator<Item = (K, V)>,
    mut put: impl FnMut(&mut Packer, K, V),
) -> (Vec<u8>, Option<K>) {
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

fn from<K>(after: &Option<K>) -> (std::ops::Bound<&K>, std::ops::Bound<&K>) {
    (after.as_ref().map_or(Unbounded, Excluded), Unbounded)
}

fn put_reference(packer: &mut Packer, reference: &StateRef) {
    packer.fixed(reference.transaction.as_bytes());
    packer.short(reference.index);
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
        behind: &Behind,
        is_elsewhere: impl Fn(&StateRef) -> bool,
    ) -> Option<(Section, Vec<u8>, Behind)> {
        let entries = &self.entries;
        Some(match behind {
            Behind::Start => (Section::Tip, self.tip_part(), Behind::Parties(None)),
            Behind::Parties(after) => {
                let (bytes, last) = cut(entries.parties.range(from(after)), |packer, _, party| {
                    packer.number(party.version);
                    packer.long(&encode(&party.record));
                });
                (Section::Parties, bytes, last.map_or(Behind::Permissions(None), |last| Behind::Parties(Some(*last))))
            }
            Behind::Permissions(after) => {
                let (bytes, last) = cut(entries.permissions.range(from(after)), |packer, party, held| {
                    packer.long(&encode(&Permissions { party: *party, permissions: held.clone() }));
                });
                (
                    Section::Permissions,
                    bytes,
                    last.map_or(Behind::States(None), |last| Behind::Permissions(Some(*last))),
                )
            }
            Behind::States(after) => {
                let kept = entries.unspent.range(from(after)).filter(|(reference, _)| !is_elsewhere(reference));
                let (bytes, last) = cut(kept, |packer, reference, unspent| put_state(packer, reference, unspent));
                (Section::States, bytes, last.map_or(Behind::Claims(None), |last| Behind::States(Some(*last))))
            }
            Behind::Claims(after) => {
                let (bytes, last) = cut(entries.claims.range(from(after)), |packer, key, claim| {
                    packer.fixed(key.as_bytes());
                    packer.byte(u8::from(claim.kind == ClaimKind::Once));
                    packer.byte(u8::from(claim.near.is_some()));
                    claim.near.iter().for_each(|near| packer.fixed(near.as_bytes()));
                    packer.count(claim.holders.len());
                    claim.holders.iter().for_each(|holder| put_reference(packer, holder));
                });
                (Section::Claims, bytes, last.map_or(Behind::Near(None), |last| Behind::Claims(Some(*last))))
            }
            Behind::Near(after) => {
                let (bytes, last) = cut(entries.near.range(from(after)), |packer, key, claims| {
                    packer.fixed(key.as_bytes());
                    packer.number(*claims);
                });
                (Section::Near, bytes, last.map_or(Behind::Supplies(None), |last| Behind::Near(Some(*last))))
            }
            Behind::Supplies(after) => {
                let (bytes, last) = cut(entries.supplies.range(from(after)), |packer, asset, supply| {
                    packer.fixed(asset.as_bytes());
                    packer.number(supply.minor());
                });
                (Section::Supplies, bytes, last.map_or(Behind::Freezes(None), |last| Behind::Supplies(Some(*last))))
            }
            Behind::Freezes(after) => {
                let (bytes, last) = cut(entries.freezes.range(from(after)), |packer, subject, orders| {
                    packer.long(&encode(subject));
                    packer.count(orders.len());
                    orders.iter().for_each(|order| packer.long(order.as_bytes()));
                });
                (Section::Freezes, bytes, last.map_or(Behind::Restricted(None), |last| Behind::Freezes(Some(*last))))
            }
            Behind::Restricted(after) => {
                let assets = entries.restricted.range(from(after)).map(|asset| (asset, ()));
                let (bytes, last) = cut(assets, |packer, asset, ()| packer.fixed(asset.as_bytes()));
                (Section::Restricted, bytes, last.map_or(Behind::Prices(None), |last| Behind::Restricted(Some(*last))))
            }
            Behind::Prices(after) => {
                let (bytes, last) = cut(self.prices_behind(*after), |packer, (feed, time_ms), ()| {
                    packer.fixed(feed.as_bytes());
                    packer.number(time_ms);
                });
                (Section::Prices, bytes, last.map_or(Behind::End, |last| Behind::Prices(Some(last))))
            }
            Behind::End => return None,
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

    fn prices_behind(&self, after: Option<(FeedId, u64)>) -> impl Iterator<Item = ((FeedId, u64), ())> {
        let first = after.map(|(feed, _)| feed);
        let from_first = first.as_ref().map_or(Unbounded, std::ops::Bound::Included);
        let feeds = self.entries.prices.range((from_first, Unbounded));
        let prices = feeds.flat_map(|(feed, times)| times.iter().map(|time_ms| (*feed, *time_ms)));
        prices.skip_while(move |price| after.is_some_and(|after| *price <= after)).map(|price| (price, ()))
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

fn put_state(packer: &mut Packer, reference: &StateRef, unspent: &UnspentState) {
    put_reference(packer, reference);
    packer.fixed(&unspent.digest);
    packer.count(unspent.claims.len());
    unspent.claims.iter().for_each(|claim| packer.fixed(claim.as_bytes()));
    packer.long(&encode(unspent.state.as_ref()));
}

#[cfg(test)]
pub(crate) mod tests;
