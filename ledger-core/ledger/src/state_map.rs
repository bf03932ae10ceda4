//! The authenticated map over everything that decides what a chain accepts next: a tree over the bits of its keys.
//!
//! The root is a function of the content alone. A subtree without entries hashes to 32 zero bytes, one with a single entry
//! to that entry's leaf, any other to the node over its two halves by the next bit of the keys. In memory a subtree of a few
//! entries is one bucket without nodes; where buckets end follows from the content too, and shows in no hash.

mod arena;
mod build;
mod change;
mod path;

pub use build::Entries;
pub use path::{MapPath, MapPathError, Neighbour};

use crate::hash::{Domain, hash};
use crate::id::Digest;
use crate::merkle;
use arena::Arena;

type Hash = [u8; 32];

/// The hash of a subtree without entries. Nothing is known that hashes to it.
const EMPTY: Hash = [0; 32];

/// Entries of one bucket; a larger subtree is split by the next bit. It changes speed and memory, never the root.
const BUCKET_MAX: usize = 4;

/// A map whose root is the same for the same content, whatever the order of changes.
///
/// Memory: 200 to 250 bytes an entry, at any size; nothing for an empty map.
#[derive(Clone, Debug, Default)]
pub struct StateMap {
    nodes: Arena<Node>,
    buckets: Arena<Bucket>,
    top: Subtree,
}

/// What stands at one place of the tree: where it is kept, how many entries it has, its hash.
#[derive(Clone, Copy, Debug, Default)]
struct Subtree {
    link: Link,
    count: u32,
    /// Of a subtree without entries `EMPTY`.
    hash: Hash,
}

/// Where a subtree is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Link {
    #[default]
    Nowhere,
    Bucket(u32),
    Node(u32),
}

/// A subtree of more than `BUCKET_MAX` entries. It carries its halves' hashes, so that a changed path reads no sibling.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    halves: [Subtree; 2],
}

/// A subtree of 1 to `BUCKET_MAX` entries, ascending by key.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    entries: [Entry; BUCKET_MAX],
    length: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    key: Hash,
    value: Hash,
    leaf: Hash,
}

/// The place of an entry in the map: `H("map-key", class, key)`.
pub fn map_key(class: &str, key: &[u8]) -> Hash {
    hash(Domain::MapKey, &[class.as_bytes(), key])
}

/// The leaf of an entry.
fn leaf_of(key: &Hash, value: &Hash) -> Hash {
    let mut both = [0; 64];
    let (first, second) = both.split_at_mut(32);
    first.copy_from_slice(key);
    second.copy_from_slice(value);
    merkle::leaf(&both)
}

/// The root over a tree of so many entries.
fn root_of(count: u64, top: &Hash) -> Digest {
    Digest::from_bytes(hash(Domain::MapEntry, &[&count.to_be_bytes(), top]))
}

/// The bit of a key that decides at a depth, from the most significant of the first byte on; none past the last.
fn bit(key: &Hash, depth: usize) -> Option<bool> {
    let byte = key.get(depth >> 3)?;
    let mask = 0x80_u8.checked_shr(u32::try_from(depth & 7).ok()?)?;
    Some(byte & mask != 0)
}

impl StateMap {
    /// Number of entries.
    pub fn count(&self) -> u64 {
        u64::from(self.top.count)
    }

    /// The root over all entries, with their count.
    pub fn root(&self) -> Digest {
        root_of(self.count(), &self.top.hash)
    }

    /// The value at a key.
    pub fn get(&self, key: &Hash) -> Option<&Hash> {
        let (bucket, _) = self.bucket_at(key)?;
        bucket.entries().iter().find(|entry| entry.key == *key).map(|entry| &entry.value)
    }

    /// Bytes of memory that the map holds.
    pub fn bytes(&self) -> usize {
        self.nodes.bytes().saturating_add(self.buckets.bytes())
    }

    /// The bucket where a key belongs, with the depth it stands at; none where no entry is near.
    fn bucket_at(&self, key: &Hash) -> Option<(&Bucket, usize)> {
        let (mut link, mut depth) = (self.top.link, 0_usize);
        loop {
            match link {
                Link::Nowhere => return None,
                Link::Bucket(place) => return Some((self.buckets.get(place)?, depth)),
                Link::Node(place) => link = self.nodes.get(place)?.half(bit(key, depth)?).link,
            }
            depth = depth.saturating_add(1);
        }
    }
}

/// A map of these entries, the last of each key.
impl FromIterator<(Hash, Hash)> for StateMap {
    fn from_iter<I: IntoIterator<Item = (Hash, Hash)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.change(entries.into_iter().map(|(key, value)| (key, Some(value))));
        map
    }
}

impl Node {
    fn half(&self, bit: bool) -> &Subtree {
        let [low, high] = &self.halves;
        if bit { high } else { low }
    }
}

impl Bucket {
    fn of(entries: &[Entry]) -> Self {
        let mut bucket = Self::default();
        bucket.fill(entries);
        bucket
    }

    /// Takes these entries instead of its own, at most `BUCKET_MAX`.
    fn fill(&mut self, entries: &[Entry]) {
        self.length = entries.len().min(BUCKET_MAX);
        self.entries.iter_mut().zip(entries).for_each(|(place, entry)| *place = *entry);
    }

    fn entries(&self) -> &[Entry] {
        self.entries.get(..self.length).unwrap_or_default()
    }
}

impl Entry {
    fn new(key: Hash, value: Hash) -> Self {
        Self { leaf: leaf_of(&key, &value), key, value }
    }
}

/// The hash of a subtree of these entries, ascending by key, at a depth.
fn fold(entries: &[Entry], depth: usize) -> Hash {
    match entries {
        [] => EMPTY,
        [only] => only.leaf,
        _ => {
            let (low, high) = halves(entries, depth, |entry| &entry.key);
            let below = depth.saturating_add(1);
            merkle::node(&fold(low, below), &fold(high, below))
        }
    }
}

/// Splits what ascends by key at the bit of a depth.
fn halves<T>(list: &[T], depth: usize, key: impl Fn(&T) -> &Hash) -> (&[T], &[T]) {
    list.split_at(list.partition_point(|item| bit(key(item), depth) == Some(false)))
}

#[cfg(test)]
mod tests;
