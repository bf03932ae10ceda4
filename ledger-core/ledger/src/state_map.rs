//! The authenticated map of unspent states, claims and counters: 2^16 sorted buckets under a hash tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::{Domain, hash};
use crate::id::Digest;
use crate::merkle;

type Hash = [u8; 32];

/// Levels between the root and the buckets.
const DEPTH: usize = 16;

/// A map whose root is the same for the same content, whatever the order of changes.
#[derive(Clone, Debug)]
pub struct StateMap {
    buckets: BTreeMap<u32, BTreeMap<Hash, Hash>>,
    /// Hashes of nodes that are not those of an empty subtree, by (level, place); level 0 holds the buckets.
    nodes: BTreeMap<(usize, u32), Hash>,
    /// The hash of an empty subtree at each level.
    empty: Vec<Hash>,
    count: u64,
}

/// The place of an entry in the map.
pub fn map_key(class: &str, key: &[u8]) -> Hash {
    hash(Domain::MapKey, &[class.as_bytes(), key])
}

impl Default for StateMap {
    fn default() -> Self {
        let bucket = merkle::root(&[]);
        let empty: Vec<_> =
            std::iter::successors(Some(bucket), |below| Some(merkle::node(below, below))).take(DEPTH + 1).collect();
        Self { buckets: BTreeMap::new(), nodes: BTreeMap::new(), empty, count: 0 }
    }
}

impl StateMap {
    /// Number of entries.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The root over all entries, with their count.
    pub fn root(&self) -> Digest {
        let root = self.node(DEPTH, 0);
        Digest::from_bytes(hash(Domain::MapEntry, &[&self.count.to_be_bytes(), &root]))
    }

    /// The value at a key.
    pub fn get(&self, key: &Hash) -> Option<&Hash> {
        self.buckets.get(&bucket_of(key))?.get(key)
    }

    /// Sets (`Some`) and removes (`None`) entries, then folds each touched path once.
    pub fn change(&mut self, changes: impl IntoIterator<Item = (Hash, Option<Hash>)>) {
        let mut touched = BTreeSet::new();
        for (key, value) in changes {
            let place = bucket_of(&key);
            let bucket = self.buckets.entry(place).or_default();
            let before = match value {
                Some(value) => bucket.insert(key, value),
                None => bucket.remove(&key),
            };
            match (before, value) {
                (None, Some(_)) => self.count = self.count.saturating_add(1),
                (Some(_), None) => self.count = self.count.saturating_sub(1),
                _ => {}
            }
            touched.insert(place);
        }
        for place in &touched {
            self.fold_bucket(*place);
        }
        self.fold_paths(touched);
    }

    fn fold_bucket(&mut self, place: u32) {
        let entries = self.buckets.get(&place);
        let leaf = |(key, value): (&Hash, &Hash)| merkle::leaf(&hash(Domain::MapEntry, &[key, value]));
        let leaves: Vec<_> = entries.into_iter().flatten().map(leaf).collect();
        if leaves.is_empty() {
            self.buckets.remove(&place);
        }
        self.set_node(0, place, merkle::root(&leaves));
    }

    fn fold_paths(&mut self, mut touched: BTreeSet<u32>) {
        for level in 1..=DEPTH {
            let parents: BTreeSet<u32> = touched.iter().map(|place| place >> 1).collect();
            for parent in &parents {
                let left = parent << 1;
                let below = level.saturating_sub(1);
                let folded = merkle::node(&self.node(below, left), &self.node(below, left | 1));
                self.set_node(level, *parent, folded);
            }
            touched = parents;
        }
    }

    fn node(&self, level: usize, place: u32) -> Hash {
        let empty = || self.empty.get(level).copied().unwrap_or_default();
        self.nodes.get(&(level, place)).copied().unwrap_or_else(empty)
    }

    fn set_node(&mut self, level: usize, place: u32, value: Hash) {
        if self.empty.get(level) == Some(&value) {
            self.nodes.remove(&(level, place));
        } else {
            self.nodes.insert((level, place), value);
        }
    }
}

fn bucket_of(key: &Hash) -> u32 {
    let [first, second, ..] = *key;
    u32::from(u16::from_be_bytes([first, second]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(number: u8) -> Hash {
        map_key("test", &[number])
    }

    proptest! {
        /// A map after any changes has the root of a map filled at once with what is left.
        #[test]
        fn the_root_depends_on_the_content_only(changes in prop::collection::vec((any::<u8>(), prop::option::of(any::<u8>())), 0..60)) {
            let mut map = StateMap::default();
            let mut model = BTreeMap::new();
            for (number, value) in changes {
                map.change([(key(number), value.map(|value| [value; 32]))]);
                match value {
                    Some(value) => model.insert(key(number), [value; 32]),
                    None => model.remove(&key(number)),
                };
            }
            let mut fresh = StateMap::default();
            fresh.change(model.iter().map(|(key, value)| (*key, Some(*value))));
            prop_assert_eq!(map.root(), fresh.root());
            prop_assert_eq!(map.count(), u64::try_from(model.len()).unwrap());
            prop_assert_eq!(map.nodes.len(), fresh.nodes.len());
        }
    }

    #[test]
    fn another_value_or_key_is_another_root() {
        let root = |number: u8, value: u8| {
            let mut map = StateMap::default();
            map.change([(key(number), Some([value; 32]))]);
            map.root()
        };
        assert_ne!(root(1, 1), root(1, 2));
        assert_ne!(root(1, 1), root(2, 1));
        assert_ne!(root(1, 1), StateMap::default().root());
    }
}
