//! Lists of keys with their integers, kept in the order of keys.

use std::cmp::Ordering;

use num_bigint::BigInt;

/// Integers by key, as the specification's `MList`: an order is kept, not made. A list that comes from outside out of order
/// is searched as the specification searches it, up to the first key that is greater.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociationList<K>(Vec<(K, BigInt)>);

impl<K> Default for AssociationList<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> AssociationList<K> {
    /// A list of nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The entries in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, (K, BigInt)> {
        self.0.iter()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes out the entries up to the last one above zero. What is left holds nothing above zero.
    pub(crate) fn take_positive(&mut self) -> Vec<(K, BigInt)> {
        let last = self.0.iter().rposition(|(_, integer)| *integer > BigInt::ZERO);
        let taken = last.map_or(0, |last| last.saturating_add(1));
        self.0.drain(..taken).filter(|(_, integer)| *integer > BigInt::ZERO).collect()
    }
}

impl<K> From<Vec<(K, BigInt)>> for AssociationList<K> {
    fn from(entries: Vec<(K, BigInt)>) -> Self {
        Self(entries)
    }
}

impl<K: Ord> AssociationList<K> {
    /// Whether each key stands once and the keys rise.
    pub fn is_sorted(&self) -> bool {
        self.0.is_sorted_by(|(one, _), (other, _)| one < other)
    }

    /// The integer of a key.
    pub fn lookup(&self, key: &K) -> Option<&BigInt> {
        match self.place(key) {
            Ok(found) => self.0.get(found).map(|(_, integer)| integer),
            Err(_) => None,
        }
    }

    /// Sets the integer of a key.
    pub fn insert(&mut self, key: K, integer: BigInt) {
        match self.place(&key) {
            Ok(found) => self.0.splice(found..=found, [(key, integer)]).for_each(drop),
            Err(place) => self.0.insert(place, (key, integer)),
        }
    }

    /// Takes a key out.
    pub fn delete(&mut self, key: &K) {
        if let Ok(found) = self.place(key) {
            self.0.remove(found);
        }
    }

    /// Where a key stands, or where it would.
    fn place(&self, key: &K) -> Result<usize, usize> {
        for (at, (known, _)) in self.0.iter().enumerate() {
            match key.cmp(known) {
                Ordering::Equal => return Ok(at),
                Ordering::Less => return Err(at),
                Ordering::Greater => {}
            }
        }
        Err(self.0.len())
    }
}
