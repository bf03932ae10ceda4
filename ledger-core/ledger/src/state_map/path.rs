//! Paths: what stands at a key, or that nothing does, against the root alone.

use thiserror::Error;

use super::{EMPTY, Entry, Hash, Link, StateMap, bit, halves, leaf_of, root_of};
use crate::encoding::{EncodingError, Wire, at_most};
use crate::id::Digest;
use crate::{codes, merkle, wire};

/// The way from the root to a key, and what stands at its end where the key's own entry does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapPath {
    /// Entries of the map.
    pub count: u64,
    /// Hashes beside the way, from the top down, at most 256.
    pub siblings: Vec<Hash>,
    /// Of an absent key: the entry that stands alone where the key would; none where nothing does.
    pub neighbour: Option<Neighbour>,
}

/// Another key's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its key.
    pub key: [u8; 32],
    /// Its value.
    pub value: [u8; 32],
}

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MapPathError {
    /// More steps than a key has bits.
    #[error("the path has {steps} steps, more than a key has bits (256)")]
    TooLong {
        /// Its steps.
        steps: usize,
    },
    /// The neighbour does not stand on the key's way, or the key itself is there.
    #[error("the neighbouring entry does not stand where the key would")]
    NeighbourElsewhere,
    /// A present entry comes without a neighbour.
    #[error("a path to an entry that is there names a neighbour")]
    NeighbourOfPresent,
}

codes!(MapPathError {
    TooLong => "MAP_PATH_TOO_LONG",
    NeighbourElsewhere => "MAP_PATH_NEIGHBOUR_ELSEWHERE",
    NeighbourOfPresent => "MAP_PATH_NEIGHBOUR_OF_PRESENT",
});

impl MapPath {
    /// The most steps: one for each bit of a key.
    pub const STEPS_MAX: usize = 256;

    /// The root that the path leads to from the entry (`Some` value), or from its absence.
    ///
    /// # Errors
    /// It has no path's shape.
    pub fn root(&self, key: &[u8; 32], value: Option<&[u8; 32]>) -> Result<Digest, MapPathError> {
        let depth = self.siblings.len();
        if depth > Self::STEPS_MAX {
            return Err(MapPathError::TooLong { steps: depth });
        }
        let end = match (value, &self.neighbour) {
            (Some(_), Some(_)) => return Err(MapPathError::NeighbourOfPresent),
            (Some(value), None) => leaf_of(key, value),
            (None, None) => EMPTY,
            (None, Some(neighbour)) => {
                let is_on_the_way = (0..depth).all(|depth| bit(&neighbour.key, depth) == bit(key, depth));
                if neighbour.key == *key || !is_on_the_way {
                    return Err(MapPathError::NeighbourElsewhere);
                }
                leaf_of(&neighbour.key, &neighbour.value)
            }
        };
        let step = |below: Hash, (depth, sibling): (usize, &Hash)| match bit(key, depth) {
            Some(true) => merkle::node(sibling, &below),
            Some(false) | None => merkle::node(&below, sibling),
        };
        Ok(root_of(self.count, &self.siblings.iter().enumerate().rfold(end, step)))
    }
}

impl StateMap {
    /// The path to a key, whether its entry is there or not.
    pub fn path(&self, key: &[u8; 32]) -> MapPath {
        let mut path = MapPath { count: self.count(), siblings: Vec::new(), neighbour: None };
        let mut link = self.top.link;
        while let Link::Node(place) = link
            && let Some(node) = self.nodes.get(place)
            && let Some(bit) = bit(key, path.siblings.len())
        {
            path.siblings.push(node.half(!bit).hash);
            link = node.half(bit).link;
        }
        if let Link::Bucket(place) = link
            && let Some(bucket) = self.buckets.get(place)
        {
            path.end_among(bucket.entries(), key);
        }
        path
    }
}

impl MapPath {
    /// Goes on within a bucket, whose inner nodes are not kept.
    fn end_among(&mut self, mut entries: &[Entry], key: &Hash) {
        while entries.len() > 1
            && let depth = self.siblings.len()
            && let Some(bit) = bit(key, depth)
        {
            let (low, high) = halves(entries, depth, |entry| &entry.key);
            let (own, other) = if bit { (high, low) } else { (low, high) };
            self.siblings.push(super::fold(other, depth.saturating_add(1)));
            entries = own;
        }
        let alone = entries.first().filter(|entry| entry.key != *key);
        self.neighbour = alone.map(|entry| Neighbour { key: entry.key, value: entry.value });
    }
}

impl Wire for MapPath {
    type Message = wire::MapPath;

    fn to_wire(&self) -> wire::MapPath {
        let neighbour = |entry: &Neighbour| wire::MapNeighbour { key: entry.key.to_vec(), value: entry.value.to_vec() };
        wire::MapPath {
            count: self.count,
            siblings: self.siblings.iter().map(|hash| hash.to_vec()).collect(),
            neighbour: self.neighbour.as_ref().map(neighbour),
        }
    }

    fn from_wire(message: wire::MapPath) -> Result<Self, EncodingError> {
        at_most(&message.siblings, Self::STEPS_MAX, "map_path.siblings")?;
        let hash = |bytes: &Vec<u8>| Ok(*Digest::try_from(bytes.as_slice())?.as_bytes());
        let neighbour = |entry: wire::MapNeighbour| {
            Ok::<_, EncodingError>(Neighbour { key: hash(&entry.key)?, value: hash(&entry.value)? })
        };
        Ok(Self {
            count: message.count,
            siblings: message.siblings.iter().map(hash).collect::<Result<_, EncodingError>>()?,
            neighbour: message.neighbour.map(neighbour).transpose()?,
        })
    }
}
