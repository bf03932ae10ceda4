//! A map of many entries at once: sorted and folded from the leaves up, share by share.

use super::change::{Change, Walk};
use super::{Arena, Bucket, Hash, Link, Node, StateMap, Subtree};
use crate::verify::Workers;

/// Subtrees that are built side by side: those of the first bits of the keys.
const SHARE_BITS: u32 = 4;

impl StateMap {
    /// A map of these entries, the same as if they had been set one after the other; none where a key stands twice.
    pub fn build(entries: &[(Hash, Hash)], workers: &impl Workers) -> Option<Self> {
        let shares_count = 1_usize.checked_shl(SHARE_BITS)?;
        let mut shares: Vec<Vec<Change>> = vec![Vec::new(); shares_count];
        for (key, value) in entries {
            let share = key.first()?.checked_shr(8_u32.saturating_sub(SHARE_BITS))?;
            shares.get_mut(usize::from(share))?.push((*key, Some(*value)));
        }
        let mut map = Self::default();
        let mut tops = Vec::with_capacity(shares_count);
        for built in workers.map(shares, share) {
            tops.push(map.put_beside(built?)?);
        }
        let mut walk = Walk::new(&mut map.nodes, &mut map.buckets);
        map.top = joined(&mut walk, &tops, 0);
        Some(map)
    }

    /// Takes over the slots of a share behind its own; answers with the share's subtree.
    fn put_beside(&mut self, share: Self) -> Option<Subtree> {
        let (nodes, buckets) = (self.nodes.next_place()?, self.buckets.next_place()?);
        let moved = |subtree: Subtree| -> Option<Subtree> {
            let link = match subtree.link {
                Link::Nowhere => Link::Nowhere,
                Link::Bucket(place) => Link::Bucket(place.checked_add(buckets)?),
                Link::Node(place) => Link::Node(place.checked_add(nodes)?),
            };
            Some(Subtree { link, ..subtree })
        };
        for Node { halves: [low, high] } in share.nodes.into_slots() {
            self.nodes.put(Node { halves: [moved(low)?, moved(high)?] });
        }
        share.buckets.into_slots().for_each(|bucket: Bucket| {
            self.buckets.put(bucket);
        });
        moved(share.top)
    }
}

/// The subtree of the entries of one share, in a map of its own.
fn share(mut entries: Vec<Change>) -> Option<StateMap> {
    entries.sort_unstable_by_key(|(key, _)| *key);
    if entries.windows(2).any(|pair| matches!(pair, [(before, _), (after, _)] if before == after)) {
        return None;
    }
    let (mut nodes, mut buckets) = (Arena::default(), Arena::default());
    let depth = usize::try_from(SHARE_BITS).ok()?;
    let top = Walk::new(&mut nodes, &mut buckets).fill_all(depth, &entries);
    Some(StateMap { nodes, buckets, top })
}

/// The subtree over these, at a depth.
fn joined(walk: &mut Walk<'_>, tops: &[Subtree], depth: usize) -> Subtree {
    match tops {
        [] => Subtree::default(),
        [only] => *only,
        _ => {
            let (low, high) = tops.split_at(tops.len() >> 1);
            let below = depth.saturating_add(1);
            let both = [joined(walk, low, below), joined(walk, high, below)];
            walk.join(None, both, depth)
        }
    }
}
