//! Changes: sorted by key, then one walk that folds each touched path once.

use super::{Arena, BUCKET_MAX, Bucket, Entry, Hash, Link, Node, StateMap, Subtree, bit, fold, halves};
use crate::merkle;

pub(super) type Change = (Hash, Option<Hash>);

/// Changes whose way down is read before it is walked. Few enough that what was read is still in the processor's cache.
const AHEAD_MAX: usize = 48;

impl StateMap {
    /// Sets (`Some`) and removes (`None`) entries, of each key the last; then folds each touched path once.
    pub fn change(&mut self, changes: impl IntoIterator<Item = (Hash, Option<Hash>)>) {
        let mut changes: Vec<Change> = changes.into_iter().collect();
        // Stable, so that of one key the last change stays last.
        changes.sort_by_key(|(key, _)| *key);
        changes.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                kept.1 = later.1;
            }
            is_same
        });
        let mut walk = Walk::new(&mut self.nodes, &mut self.buckets);
        self.top = walk.change(self.top, 0, &changes, false);
    }
}

/// One walk over the tree.
pub(super) struct Walk<'m> {
    nodes: &'m mut Arena<Node>,
    buckets: &'m mut Arena<Bucket>,
    /// Entries of the bucket at hand with its changes.
    merged: Vec<Entry>,
    /// How far each of the next changes is read ahead.
    ahead: Vec<Link>,
}

impl<'m> Walk<'m> {
    pub(super) fn new(nodes: &'m mut Arena<Node>, buckets: &'m mut Arena<Bucket>) -> Self {
        Self { nodes, buckets, merged: Vec::new(), ahead: Vec::new() }
    }

    /// A new subtree of entries that ascend by key, of which none is removed.
    pub(super) fn fill_all(&mut self, depth: usize, entries: &[Change]) -> Subtree {
        if entries.is_empty() { Subtree::default() } else { self.fill(depth, entries, true) }
    }

    fn change(&mut self, subtree: Subtree, depth: usize, changes: &[Change], mut is_read: bool) -> Subtree {
        if changes.is_empty() {
            return subtree;
        }
        if !is_read && changes.len() <= AHEAD_MAX {
            self.read_ahead(subtree.link, depth, changes);
            is_read = true;
        }
        match subtree.link {
            Link::Nowhere => self.fill(depth, changes, is_read),
            Link::Bucket(place) => self.change_bucket(place, depth, changes),
            Link::Node(place) => self.change_node(place, depth, changes, is_read),
        }
    }

    /// Reads the nodes and buckets that the walk is about to visit, level by level for all these changes at once: the reads
    /// of one level do not wait for each other, while the walk would wait for memory at each step down. A map of a million
    /// entries changes a third faster for it.
    fn read_ahead(&mut self, from: Link, mut depth: usize, changes: &[Change]) {
        self.ahead.clear();
        self.ahead.resize(changes.len(), from);
        let mut goes_on = true;
        while goes_on {
            goes_on = false;
            for (link, (key, _)) in self.ahead.iter_mut().zip(changes) {
                if let Link::Node(place) = *link
                    && let (Some(node), Some(bit)) = (self.nodes.get(place), bit(key, depth))
                {
                    *link = node.half(bit).link;
                    std::hint::black_box(node.half(!bit).hash.last().copied());
                    goes_on = true;
                }
            }
            depth = depth.saturating_add(1);
        }
        for link in &self.ahead {
            let bucket = if let Link::Bucket(place) = link { self.buckets.get(*place) } else { None };
            for entry in bucket.iter().flat_map(|bucket| &bucket.entries) {
                std::hint::black_box((entry.key.first().copied(), entry.leaf.first().copied()));
            }
        }
    }

    /// Where nothing stood, what is set is all there is.
    fn fill(&mut self, depth: usize, changes: &[Change], is_read: bool) -> Subtree {
        let set = changes.iter().filter_map(|(key, value)| Some((key, (*value)?)));
        if set.clone().nth(BUCKET_MAX).is_some() {
            let (low, high) = halves(changes, depth, |(key, _)| key);
            let below = depth.saturating_add(1);
            let both = [
                self.change(Subtree::default(), below, low, is_read),
                self.change(Subtree::default(), below, high, is_read),
            ];
            return self.put_node(None, both);
        }
        let mut merged = std::mem::take(&mut self.merged);
        merged.clear();
        merged.extend(set.map(|(key, value)| Entry::new(*key, value)));
        let filled = self.put_entries(None, depth, &merged);
        self.merged = merged;
        filled
    }

    fn change_bucket(&mut self, place: u32, depth: usize, changes: &[Change]) -> Subtree {
        let mut merged = std::mem::take(&mut self.merged);
        let entries = self.buckets.get(place).map(Bucket::entries).unwrap_or_default();
        merge(entries, changes, &mut merged);
        let changed = self.put_entries(Some(place), depth, &merged);
        self.merged = merged;
        changed
    }

    fn change_node(&mut self, place: u32, depth: usize, changes: &[Change], is_read: bool) -> Subtree {
        let Node { halves: [low, high] } = self.nodes.get(place).copied().unwrap_or_default();
        let (to_low, to_high) = halves(changes, depth, |(key, _)| key);
        let below = depth.saturating_add(1);
        let both = [self.change(low, below, to_low, is_read), self.change(high, below, to_high, is_read)];
        self.join(Some(place), both, depth)
    }

    /// The subtree of two halves, at the node that was there before, if one was.
    pub(super) fn join(&mut self, before: Option<u32>, both: [Subtree; 2], depth: usize) -> Subtree {
        let [low, high] = both.map(|half| half.count);
        if usize::try_from(low.saturating_add(high)).is_ok_and(|count| count > BUCKET_MAX) {
            return self.put_node(before, both);
        }
        if let Some(place) = before {
            self.nodes.free(place);
        }
        let mut merged = std::mem::take(&mut self.merged);
        merged.clear();
        for half in both {
            // A half of so few entries is a bucket or nothing.
            if let Link::Bucket(place) = half.link {
                merged.extend(self.buckets.get(place).into_iter().flat_map(Bucket::entries));
                self.buckets.free(place);
            }
        }
        let joined = self.put_entries(None, depth, &merged);
        self.merged = merged;
        joined
    }

    /// A subtree of exactly these entries, in the bucket that was there before, if one was.
    fn put_entries(&mut self, before: Option<u32>, depth: usize, entries: &[Entry]) -> Subtree {
        if entries.len() > BUCKET_MAX {
            if let Some(place) = before {
                self.buckets.free(place);
            }
            let (low, high) = halves(entries, depth, |entry| &entry.key);
            let below = depth.saturating_add(1);
            let both = [self.put_entries(None, below, low), self.put_entries(None, below, high)];
            return self.put_node(None, both);
        }
        if entries.is_empty() {
            if let Some(place) = before {
                self.buckets.free(place);
            }
            return Subtree::default();
        }
        let place = match before {
            Some(place) => {
                if let Some(bucket) = self.buckets.get_mut(place) {
                    bucket.fill(entries);
                }
                place
            }
            None => self.buckets.put(Bucket::of(entries)),
        };
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        Subtree { link: Link::Bucket(place), count, hash: fold(entries, depth) }
    }

    fn put_node(&mut self, before: Option<u32>, both: [Subtree; 2]) -> Subtree {
        let [low, high] = &both;
        let hash = merkle::node(&low.hash, &high.hash);
        let count = low.count.saturating_add(high.count);
        let node = Node { halves: both };
        let place = match before {
            Some(place) => {
                self.nodes.set(place, node);
                place
            }
            None => self.nodes.put(node),
        };
        Subtree { link: Link::Node(place), count, hash }
    }
}

/// The entries with the changes, both ascending by key.
fn merge(entries: &[Entry], changes: &[Change], merged: &mut Vec<Entry>) {
    merged.clear();
    let mut kept = entries.iter().copied().peekable();
    for (key, value) in changes {
        while let Some(entry) = kept.next_if(|entry| entry.key < *key) {
            merged.push(entry);
        }
        kept.next_if(|entry| entry.key == *key);
        merged.extend(value.map(|value| Entry::new(*key, value)));
    }
    merged.extend(kept);
}
