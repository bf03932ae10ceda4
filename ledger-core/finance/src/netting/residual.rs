//! The smallest flow over existing debts that leaves every net position as it is: a minimum-cost flow by the primal-dual
//! method. [`certificate`](super::certificate) proves what comes out of here.
//!
//! Functions are `None` where a number would lie outside its list, which no set of obligations reaches.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What one party owes another in all. Parties are numbered from 0.
pub(super) struct Pair {
    pub(super) debtor: usize,
    pub(super) creditor: usize,
    /// Smallest units, at least 1.
    pub(super) owed: u64,
}

/// What remains of each pair, and a number for each party by which that is seen to be the least.
pub(super) struct Solution {
    pub(super) residual: Vec<u64>,
    pub(super) potentials: Vec<i64>,
}

/// What each party owes more than it is owed, or less; `None` past an `i64`.
pub(super) fn excesses(parties: usize, flows: impl Iterator<Item = (usize, usize, u64)>) -> Option<Vec<i64>> {
    let mut excesses = vec![0i64; parties];
    for (debtor, creditor, amount) in flows {
        let owes = excesses.get_mut(debtor)?;
        *owes = owes.checked_add_unsigned(amount)?;
        let is_owed = excesses.get_mut(creditor)?;
        *is_owed = is_owed.checked_sub_unsigned(amount)?;
    }
    Some(excesses)
}

/// The least that remains of each pair. The result follows from the order of pairs and the numbers of parties.
pub(super) fn smallest(pairs: &[Pair], parties: usize) -> Option<Solution> {
    let mut network = Network::new(pairs, parties)?;
    while network.raise_potentials()? {
        while let Some(levels) = network.levels()? {
            network.block(&levels)?;
        }
    }
    // The arc against a pair's own has room for what flows along the pair.
    let backward = network.arcs.iter().skip(1).step_by(2);
    let residual = backward.take(pairs.len()).map(|arc| arc.room).collect();
    network.potentials.truncate(parties);
    Some(Solution { residual, potentials: network.potentials })
}

struct Arc {
    head: usize,
    /// How much more can flow.
    room: u64,
    /// What one unit costs: 1 along a debt, -1 back along it, 0 from the source and to the sink.
    cost: i64,
}

/// Arcs stand in twos, there and back, so the partner of `arc` is `arc ^ 1`. Those of pairs come first, in their order.
struct Network {
    arcs: Vec<Arc>,
    /// By node, the arcs that leave it.
    leaving: Vec<Vec<usize>>,
    /// Invariant: no arc with room has a negative reduced cost, which is cost + potential of tail - potential of head.
    potentials: Vec<i64>,
    source: usize,
    sink: usize,
}

const UNREACHED: usize = usize::MAX;

impl Network {
    fn new(pairs: &[Pair], parties: usize) -> Option<Self> {
        let (source, sink) = (parties, parties.checked_add(1)?);
        let nodes = sink.checked_add(1)?;
        let (arcs, leaving) = (Vec::new(), vec![Vec::new(); nodes]);
        let mut network = Self { arcs, leaving, potentials: vec![0; nodes], source, sink };
        for pair in pairs {
            network.join(pair.debtor, pair.creditor, pair.owed, 1)?;
        }
        let excesses = excesses(parties, pairs.iter().map(|pair| (pair.debtor, pair.creditor, pair.owed)))?;
        for (party, excess) in excesses.into_iter().enumerate() {
            match excess.signum() {
                1 => network.join(source, party, excess.unsigned_abs(), 0)?,
                -1 => network.join(party, sink, excess.unsigned_abs(), 0)?,
                _ => {}
            }
        }
        Some(network)
    }

    fn join(&mut self, tail: usize, head: usize, room: u64, cost: i64) -> Option<()> {
        let there = self.arcs.len();
        self.leaving.get_mut(tail)?.push(there);
        self.leaving.get_mut(head)?.push(there ^ 1);
        self.arcs.push(Arc { head, room, cost });
        self.arcs.push(Arc { head: tail, room: 0, cost: cost.checked_neg()? });
        Some(())
    }

    fn reduced(&self, tail: usize, arc: &Arc) -> Option<i64> {
        arc.cost.checked_add(*self.potentials.get(tail)?)?.checked_sub(*self.potentials.get(arc.head)?)
    }

    /// Adds to each potential the distance from the source by reduced costs, none past the sink's (Dijkstra 1959); false if
    /// nothing more can flow to the sink.
    fn raise_potentials(&mut self) -> Option<bool> {
        let mut distances = vec![i64::MAX; self.leaving.len()];
        *distances.get_mut(self.source)? = 0;
        let mut nearest = BinaryHeap::from([Reverse((0, self.source))]);
        let mut reached = None;
        while let Some(Reverse((distance, node))) = nearest.pop() {
            if node == self.sink {
                reached = Some(distance);
                break;
            }
            if *distances.get(node)? < distance {
                continue;
            }
            for arc in self.leaving.get(node)?.iter().filter_map(|arc| self.arcs.get(*arc)).filter(|arc| arc.room > 0) {
                let through = distance.checked_add(self.reduced(node, arc)?)?;
                let known = distances.get_mut(arc.head)?;
                if through < *known {
                    *known = through;
                    nearest.push(Reverse((through, arc.head)));
                }
            }
        }
        let Some(farthest) = reached else { return Some(false) };
        for (potential, distance) in self.potentials.iter_mut().zip(distances) {
            *potential = potential.checked_add(distance.min(farthest))?;
        }
        Some(true)
    }

    /// True if an arc has room and is part of a shortest way.
    fn is_open(&self, tail: usize, arc: &Arc) -> Option<bool> {
        Some(arc.room > 0 && self.reduced(tail, arc)? == 0)
    }

    /// How many open arcs each node is from the source; none if the sink is out of reach.
    fn levels(&self) -> Option<Option<Vec<usize>>> {
        let mut levels = vec![UNREACHED; self.leaving.len()];
        *levels.get_mut(self.source)? = 0;
        let mut waiting = VecDeque::from([self.source]);
        while let Some(node) = waiting.pop_front() {
            let next = levels.get(node)?.checked_add(1)?;
            for arc in self.leaving.get(node)?.iter().filter_map(|arc| self.arcs.get(*arc)) {
                let level = levels.get_mut(arc.head)?;
                if *level == UNREACHED && self.is_open(node, arc)? {
                    *level = next;
                    waiting.push_back(arc.head);
                }
            }
        }
        let is_reached = *levels.get(self.sink)? != UNREACHED;
        Some(is_reached.then_some(levels))
    }

    /// Sends as much as goes along open arcs from level to level (Dinic 1970).
    fn block(&mut self, levels: &[usize]) -> Option<()> {
        // By node, how many of its arcs are done with.
        let mut done = vec![0usize; self.leaving.len()];
        let mut way: Vec<usize> = Vec::new();
        loop {
            let node = way.last().map_or(Some(self.source), |arc| Some(self.arcs.get(*arc)?.head))?;
            if node == self.sink {
                self.send(&mut way)?;
                continue;
            }
            let next = self.next_open(node, levels, done.get_mut(node)?)?;
            if let Some(arc) = next {
                way.push(arc);
            } else if let Some(arc) = way.pop() {
                let tail = self.arcs.get(arc ^ 1)?.head;
                let passed = done.get_mut(tail)?;
                *passed = passed.checked_add(1)?;
            } else {
                return Some(());
            }
        }
    }

    /// The first open arc to the next level that is not done with.
    fn next_open(&self, node: usize, levels: &[usize], done: &mut usize) -> Option<Option<usize>> {
        let deeper = levels.get(node)?.checked_add(1)?;
        while let Some(index) = self.leaving.get(node)?.get(*done) {
            let arc = self.arcs.get(*index)?;
            if *levels.get(arc.head)? == deeper && self.is_open(node, arc)? {
                return Some(Some(*index));
            }
            *done = done.checked_add(1)?;
        }
        Some(None)
    }

    /// Fills a way to the sink and cuts it before the first arc that is then full.
    fn send(&mut self, way: &mut Vec<usize>) -> Option<()> {
        let amount = way.iter().filter_map(|arc| self.arcs.get(*arc)).map(|arc| arc.room).min()?;
        let mut full = None;
        for (place, arc) in way.iter().enumerate() {
            let there = self.arcs.get_mut(*arc)?;
            there.room = there.room.checked_sub(amount)?;
            if there.room == 0 {
                full = full.or(Some(place));
            }
            let back = self.arcs.get_mut(*arc ^ 1)?;
            back.room = back.room.checked_add(amount)?;
        }
        way.truncate(full?);
        Some(())
    }
}
