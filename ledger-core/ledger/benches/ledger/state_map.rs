//! What one transfer costs in the state map: a block of 1,000 folded in, each taking one entry out and putting two in.

use std::time::{Duration, Instant};

use criterion::Criterion;
use ledger_core::state_map::{StateMap, map_key};

use crate::ratio;

const TRANSFERS: u64 = 1_000;

/// A map under load: entries come and go as states do.
struct Load {
    map: StateMap,
    /// Numbers of the oldest and of the next entry.
    oldest: u64,
    next: u64,
}

impl Load {
    fn new(entries: u64) -> Self {
        let mut map = StateMap::default();
        map.change((0..entries).map(|number| (key(number), Some(value(number)))));
        Self { map, oldest: 0, next: entries }
    }

    /// The changes of a block; keys are hashed before the clock starts, as states' digests are in a chain.
    fn block(&mut self) -> Vec<([u8; 32], Option<[u8; 32]>)> {
        let taken = (self.oldest..self.oldest + TRANSFERS).map(|number| (key(number), None));
        let put = (self.next..self.next + 2 * TRANSFERS).map(|number| (key(number), Some(value(number))));
        let block = taken.chain(put).collect();
        self.oldest += TRANSFERS;
        self.next += 2 * TRANSFERS;
        block
    }
}

fn key(number: u64) -> [u8; 32] {
    map_key("state", &number.to_be_bytes())
}

fn value(number: u64) -> [u8; 32] {
    map_key("value", &number.to_be_bytes())
}

pub fn bench(criterion: &mut Criterion, is_large: bool) {
    fold_blocks(criterion, ratio::MAP_1M, 1_000_000);
    if is_large {
        fold_blocks(criterion, ratio::MAP_10M, 10_000_000);
    }
}

fn fold_blocks(criterion: &mut Criterion, name: &str, entries: u64) {
    let mut load = None;
    criterion.bench_function(name, |bencher| {
        let load = load.get_or_insert_with(|| Load::new(entries));
        bencher.iter_custom(|iterations| {
            let mut spent = Duration::ZERO;
            for _ in 0..iterations {
                let block = load.block();
                let begun = Instant::now();
                load.map.change(block);
                assert_eq!(load.map.root().as_bytes().len(), 32);
                spent += begun.elapsed();
            }
            spent / u32::try_from(TRANSFERS).unwrap()
        });
    });
}
