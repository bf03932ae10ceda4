//! The tree over joined rows while it grows: only the roots of its full subtrees are kept, the largest and first one first.
//!
//! It has RFC 9162's shape, so that its root is [`merkle::root`] over the same leaves.

use crate::merkle;

type Hash = [u8; 32];

/// The peaks with one more leaf after `count` of them; none when the peaks are not those of so many.
pub(super) fn appended(count: u32, peaks: &[Hash], leaf: Hash) -> Option<Vec<Hash>> {
    let mut peaks = peaks.to_vec();
    let mut top = leaf;
    // Each full subtree of the same size makes one of twice the size with it, as a carry does in binary.
    for _ in 0..count.trailing_ones() {
        top = merkle::node(&peaks.pop()?, &top);
    }
    peaks.push(top);
    Some(peaks)
}

/// The root over all leaves.
pub(super) fn root(peaks: &[Hash]) -> Hash {
    let joined = peaks.iter().rev().copied().reduce(|right, left| merkle::node(&left, &right));
    joined.unwrap_or_else(|| merkle::root(&[]))
}

/// A full subtree of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subtree {
    /// Its place among the peaks.
    pub(super) peak: usize,
    /// Its first row.
    pub(super) first: u32,
    /// How many rows it has, a power of two.
    pub(super) size: u32,
}

/// The full subtree of a tree of `count` rows that has this row.
pub(super) fn subtree_of(count: u32, row: u32) -> Option<Subtree> {
    let (mut first, mut peak) = (0u32, 0usize);
    for size in (0..u32::BITS).rev().filter_map(|height| 1u32.checked_shl(height)).filter(|size| count & size != 0) {
        let after = first.checked_add(size)?;
        if row < after {
            return Some(Subtree { peak, first, size });
        }
        (first, peak) = (after, peak.saturating_add(1));
    }
    None
}

/// The peaks with another leaf for one of the `count` rows; none when the path does not show the old one there.
pub(super) fn replaced(
    (count, peaks): (u32, &[Hash]),
    row: u32,
    [old, new]: [Hash; 2],
    path: &[Hash],
) -> Option<Vec<Hash>> {
    let Subtree { peak, first, size } = subtree_of(count, row)?;
    let (place, size) = (usize::try_from(row.checked_sub(first)?).ok()?, usize::try_from(size).ok()?);
    let mut peaks = peaks.to_vec();
    let top = peaks.get_mut(peak)?;
    if merkle::root_of_path(old, place, size, path)? != *top {
        return None;
    }
    *top = merkle::root_of_path(new, place, size, path)?;
    Some(peaks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(count: u32) -> Vec<Hash> {
        (0..count).map(|row| merkle::leaf(&row.to_be_bytes())).collect()
    }

    fn peaks(leaves: &[Hash]) -> Vec<Hash> {
        (0u32..).zip(leaves).fold(Vec::new(), |peaks, (count, leaf)| appended(count, &peaks, *leaf).unwrap())
    }

    #[test]
    fn a_tree_that_grew_has_the_root_over_its_leaves() {
        for count in 0..130 {
            let leaves = leaves(count);
            let grown = peaks(&leaves);
            assert_eq!(root(&grown), merkle::root(&leaves), "{count}");
            assert_eq!(grown.len(), count.count_ones() as usize);
        }
        assert_eq!(appended(3, &[[0; 32]], [1; 32]), None, "two peaks have three leaves");
    }

    proptest! {
        #[test]
        fn one_leaf_is_replaced_where_its_path_shows_it(count in 1u32..70, row in 0u32..80, other in 0u32..70) {
            let mut leaves = leaves(count);
            let (grown, new) = (peaks(&leaves), merkle::leaf(b"new"));
            let Some(Subtree { first, size, .. }) = subtree_of(count, row) else {
                prop_assert!(row >= count);
                return Ok(());
            };
            prop_assert!((first..first + size).contains(&row) && first + size <= count);
            let within = &leaves[first as usize..(first + size) as usize];
            let path = merkle::path(within, (row - first) as usize).unwrap();
            let old = leaves[row as usize];
            let changed = replaced((count, &grown), row, [old, new], &path);
            if other % count != row {
                prop_assert_eq!(replaced((count, &grown), other % count, [old, new], &path), None);
            }
            prop_assert_eq!(replaced((count, &grown), row, [new, old], &path), None);
            let longer = [path.clone(), vec![[0; 32]]].concat();
            prop_assert_eq!(replaced((count, &grown), row, [old, new], &longer), None);
            leaves[row as usize] = new;
            prop_assert_eq!(changed, Some(peaks(&leaves)));
        }
    }
}
