//! A map of many entries at once: sorted and folded from the leaves up, share by share.

use super::change::{Change, Walk};
use super::{Arena, Bucket, Hash, Link, Node, StateMap, Subtree};
use crate::verify::Workers;

/// Subtrees that are built by themselves: those of the first bits of the keys. Few enough for small maps, and of large ones
/// each is small beside the whole.
const SHARE_BITS: u32 = 6;

/// Shares that each worker builds before they are put together.
const SHARES_AT_ONCE: usize = 8;

/// Entries of a map that is to be built.
#[derive(Clone, Debug)]
pub struct Entries(Vec<Vec<Change>>);

impl Default for Entries {
    fn default() -> Self {
        Self(vec![Vec::new(); 1 << SHARE_BITS])
    }
}

impl Extend<(Hash, Hash)> for Entries {
    fn extend<I: IntoIterator<Item = (Hash, Hash)>>(&mut self, entries: I) {
        for (key, value) in entries {
            let [first, ..] = key;
            let share = first.checked_shr(8_u32.saturating_sub(SHARE_BITS)).unwrap_or_default();
            if let Some(share) = self.0.get_mut(usize::from(share)) {
                share.push((key, Some(value)));
            }
        }
    }
}

impl StateMap {
    /// A map of these entries, the same as if they had been set one after the other; none where a key stands twice.
    pub fn build(entries: Entries, workers: &impl Workers) -> Option<Self> {
        let mut map = Self::default();
        let mut tops = Vec::with_capacity(entries.0.len());
        let mut shares = entries.0.into_iter();
        loop {
            let some: Vec<_> = shares.by_ref().take(workers.width().saturating_mul(SHARES_AT_ONCE).max(1)).collect();
            if some.is_empty() {
                break;
            }
            for built in workers.map(some, share) {
                tops.push(map.put_beside(built?)?);
            }
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
