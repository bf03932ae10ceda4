//! Hash trees of RFC 9162's shape: tagged leaves and nodes, nothing duplicated. A root stands with its leaf count.

mod tree;

pub use tree::Tree;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// Hashes of the longest path: trees have at most 2^32 leaves.
pub const PATH_MAX: usize = 32;

/// The hash of a leaf: `SHA-256(0x00 ‖ data)`.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// The hash of a node: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut data = [1; 65];
    let (first, second) = data.split_at_mut(33);
    first.iter_mut().skip(1).zip(left).for_each(|(byte, own)| *byte = *own);
    second.copy_from_slice(right);
    Sha256::digest(data).into()
}

/// The root over leaf hashes; of none, the hash of nothing.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::new().finalize().into(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The hashes that lead from the leaf at `index` to the root, nearest first; none when there is no such leaf.
pub fn path(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut path_below, sibling) = match index.checked_sub(middle) {
        Some(index) => (path(right, index)?, root(left)),
        None => (path(left, index)?, root(right)),
    };
    path_below.push(sibling);
    Some(path_below)
}

/// The root that a leaf and its path lead to in a tree of `count` leaves; none when the path has the wrong shape.
pub fn root_of_path(leaf: Hash, index: usize, count: usize, path: &[Hash]) -> Option<Hash> {
    if index >= count {
        return None;
    }
    let Some((sibling, below)) = path.split_last() else { return (count == 1).then_some(leaf) };
    if count == 1 {
        return None;
    }
    let middle = split(count);
    match index.checked_sub(middle) {
        Some(index) => Some(node(sibling, &root_of_path(leaf, index, count.checked_sub(middle)?, below)?)),
        None => Some(node(&root_of_path(leaf, index, middle, below)?, sibling)),
    }
}

/// The hashes of the largest subtrees without any of the `shown` leaves, left to right.
pub fn hidden(leaves: &[Hash], shown: &BTreeSet<usize>) -> Vec<Hash> {
    let mut hashes = Vec::new();
    collect_hidden(leaves, 0, shown, &mut hashes);
    hashes
}

fn collect_hidden(leaves: &[Hash], first: usize, shown: &BTreeSet<usize>, hashes: &mut Vec<Hash>) {
    if leaves.is_empty() {
        return;
    }
    if shown.range(first..first.saturating_add(leaves.len())).next().is_none() {
        hashes.push(root(leaves));
    } else if leaves.len() > 1 {
        let middle = split(leaves.len());
        let (left, right) = leaves.split_at(middle);
        collect_hidden(left, first, shown, hashes);
        collect_hidden(right, first.saturating_add(middle), shown, hashes);
    }
}

/// The root that shown leaves and hidden hashes lead to in a tree of `count` leaves; none when they do not fit.
pub fn root_of_shown(count: usize, shown: &BTreeMap<usize, Hash>, hidden: &[Hash]) -> Option<Hash> {
    if count == 0 || shown.keys().next_back().is_some_and(|last| *last >= count) {
        return (count == 0 && shown.is_empty() && hidden.is_empty()).then(|| root(&[]));
    }
    let mut rest = hidden.iter();
    let root = fold_shown(count, 0, shown, &mut rest)?;
    rest.next().is_none().then_some(root)
}

fn fold_shown(
    count: usize,
    first: usize,
    shown: &BTreeMap<usize, Hash>,
    hidden: &mut std::slice::Iter<'_, Hash>,
) -> Option<Hash> {
    if shown.range(first..first.saturating_add(count)).next().is_none() {
        return hidden.next().copied();
    }
    if count == 1 {
        return shown.get(&first).copied();
    }
    let middle = split(count);
    let left = fold_shown(middle, first, shown, hidden)?;
    let right = fold_shown(count.checked_sub(middle)?, first.saturating_add(middle), shown, hidden)?;
    Some(node(&left, &right))
}

/// The largest power of two below the count (which is at least 2).
fn split(count: usize) -> usize {
    count.div_ceil(2).next_power_of_two().min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seven-leaf tree and roots of the RFC 6962 test vectors (RFC 9162 keeps the shape).
    #[test]
    fn roots_match_the_published_vectors() {
        let data: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let expected = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (count, expected) in expected.iter().enumerate() {
            let leaves: Vec<_> = data[..count].iter().map(|data| leaf(data)).collect();
            assert_eq!(hex::encode(root(&leaves)), *expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn shown_leaves_and_hidden_hashes_lead_to_the_root(count in 1usize..40, chosen in proptest::collection::btree_set(0usize..40, 0..8)) {
            let leaves: Vec<_> = (0..count).map(|place| leaf(&place.to_be_bytes())).collect();
            let chosen: BTreeSet<usize> = chosen.into_iter().filter(|place| *place < count).collect();
            let shown: BTreeMap<_, _> = chosen.iter().map(|place| (*place, leaves[*place])).collect();
            let hashes = hidden(&leaves, &chosen);
            proptest::prop_assert_eq!(root_of_shown(count, &shown, &hashes), Some(root(&leaves)));
            let longer = [hashes.clone(), vec![[0; 32]]].concat();
            proptest::prop_assert_eq!(root_of_shown(count, &shown, &longer), None);
            for place in 0..hashes.len() {
                let mut other = hashes.clone();
                other[place][31] ^= 1;
                proptest::prop_assert_ne!(root_of_shown(count, &shown, &other), Some(root(&leaves)));
                other.remove(place);
                proptest::prop_assert_eq!(root_of_shown(count, &shown, &other), None);
            }
            for place in &chosen {
                let mut other = shown.clone();
                other.insert(*place, [1; 32]);
                proptest::prop_assert_ne!(root_of_shown(count, &other, &hashes), Some(root(&leaves)));
            }
        }

        #[test]
        fn a_path_leads_to_the_root_and_no_other_leaf_does(count in 1usize..70, place in 0usize..70, other in 0usize..70) {
            let leaves: Vec<_> = (0..count).map(|place| leaf(&place.to_be_bytes())).collect();
            let (index, other) = (place % count, other % count);
            let path = path(&leaves, index).unwrap();
            proptest::prop_assert_eq!(root_of_path(leaves[index], index, count, &path), Some(root(&leaves)));
            if other != index {
                proptest::prop_assert_ne!(root_of_path(leaves[other], index, count, &path), Some(root(&leaves)));
                proptest::prop_assert_ne!(root_of_path(leaves[index], other, count, &path), Some(root(&leaves)));
            }
            proptest::prop_assert_eq!(root_of_path(leaves[index], count, count, &path), None);
            for level in 0..path.len() {
                let mut other = path.clone();
                other[level][0] ^= 0x80;
                proptest::prop_assert_ne!(root_of_path(leaves[index], index, count, &other), Some(root(&leaves)));
                other.remove(level);
                proptest::prop_assert_ne!(root_of_path(leaves[index], index, count, &other), Some(root(&leaves)));
            }
            let longer = [path, vec![[0; 32]]].concat();
            proptest::prop_assert_ne!(root_of_path(leaves[index], index, count, &longer), Some(root(&leaves)));
        }
    }
}
