//! A tree that keeps its hashes, for who shows leaves of it again and again.

use std::collections::BTreeSet;

use super::{Hash, node, root};

/// Every hash of a tree, from the leaves up. One without a neighbour goes up as it is, which gives RFC 9162's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Over leaf hashes.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let (mut levels, mut below) = (Vec::new(), leaves);
        while below.len() > 1 {
            let joined = |pair: &[Hash]| match pair {
                [left, right] => node(left, right),
                alone => alone.first().copied().unwrap_or_default(),
            };
            let above = below.chunks(2).map(joined).collect();
            levels.push(std::mem::replace(&mut below, above));
        }
        levels.push(below);
        Self { levels }
    }

    /// Its root: [`root`] over the same leaves.
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_else(|| root(&[]))
    }

    /// The hashes of the largest subtrees without any of the shown leaves: [`super::hidden`] over the same leaves.
    pub fn hidden(&self, shown: &BTreeSet<usize>) -> Vec<Hash> {
        let mut hashes = Vec::new();
        self.collect_hidden(self.levels.len().saturating_sub(1), 0, shown, &mut hashes);
        hashes
    }

    fn collect_hidden(&self, level: usize, place: usize, shown: &BTreeSet<usize>, hashes: &mut Vec<Hash>) {
        let Some(hash) = self.levels.get(level).and_then(|hashes| hashes.get(place)) else { return };
        let size = u32::try_from(level).ok().and_then(|level| 1usize.checked_shl(level)).unwrap_or(usize::MAX);
        let leaves = self.levels.first().map_or(0, Vec::len);
        let first = place.saturating_mul(size);
        if shown.range(first..first.saturating_add(size).min(leaves)).next().is_none() {
            hashes.push(*hash);
        } else if let Some(below) = level.checked_sub(1) {
            let left = place.saturating_mul(2);
            self.collect_hidden(below, left, shown, hashes);
            self.collect_hidden(below, left.saturating_add(1), shown, hashes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle;

    proptest::proptest! {
        #[test]
        fn a_kept_tree_gives_what_its_leaves_give(
            count in 0usize..300,
            chosen in proptest::collection::btree_set(0usize..300, 0..12),
        ) {
            let leaves: Vec<_> = (0..count).map(|place| merkle::leaf(&place.to_be_bytes())).collect();
            let tree = Tree::new(leaves.clone());
            proptest::prop_assert_eq!(tree.root(), merkle::root(&leaves));
            proptest::prop_assert_eq!(tree.hidden(&chosen), merkle::hidden(&leaves, &chosen));
            let beyond = BTreeSet::from([count]);
            proptest::prop_assert_eq!(tree.hidden(&beyond), merkle::hidden(&leaves, &beyond));
            let all = (0..count).collect();
            proptest::prop_assert_eq!(tree.hidden(&all), Vec::<Hash>::new());
        }
    }
}
