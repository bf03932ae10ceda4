//! Where the states were found that verification asked for. A state is looked for in one place after another.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// Found and not found, at one place.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// Counts of each place.
#[derive(Debug, Default)]
pub(crate) struct LookupMeter {
    pub(crate) ledger: Counter,
    pub(crate) plain: Counter,
    pub(crate) database: Counter,
    pub(crate) kept_blocks: Counter,
}

/// How often one place was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lookups {
    /// It was there.
    pub hits: u64,
    /// It was not; the next place was asked, if there is one.
    pub misses: u64,
}

/// Where states were looked for that transactions name on their way into a block, and those of dry runs. What replay and
/// audits look up is not among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LookupsMeasured {
    /// Kept in the ledger.
    pub ledger: Lookups,
    /// A plain holding, made again from what is known of it in memory.
    pub plain: Lookups,
    /// A state of the past, or none: asked of the database.
    pub database: Lookups,
    /// Blocks of past states, kept decoded for the time of a batch; a miss reads the block from the database.
    pub kept_blocks: Lookups,
}

impl Counter {
    pub(crate) fn count(&self, found: bool) {
        let counter = if found { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn measured(&self) -> Lookups {
        Lookups { hits: self.hits.load(Ordering::Relaxed), misses: self.misses.load(Ordering::Relaxed) }
    }
}

impl LookupMeter {
    pub(crate) fn measured(&self) -> LookupsMeasured {
        LookupsMeasured {
            ledger: self.ledger.measured(),
            plain: self.plain.measured(),
            database: self.database.measured(),
            kept_blocks: self.kept_blocks.measured(),
        }
    }
}

impl Lookups {
    /// What was added since an earlier look.
    pub fn since(&self, before: &Self) -> Self {
        Self { hits: self.hits.saturating_sub(before.hits), misses: self.misses.saturating_sub(before.misses) }
    }

    /// Of a hundred lookups so many found it, rounded down; none before the first.
    pub fn hit_percent(&self) -> Option<u64> {
        self.hits.saturating_mul(100).checked_div(self.hits.saturating_add(self.misses))
    }
}

impl LookupsMeasured {
    /// Each place with its name, in the order in which they are asked.
    pub fn places(&self) -> [(&'static str, Lookups); 4] {
        [("ledger", self.ledger), ("plain", self.plain), ("database", self.database), ("kept_block", self.kept_blocks)]
    }

    /// What was added since an earlier look.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            ledger: self.ledger.since(&before.ledger),
            plain: self.plain.since(&before.plain),
            database: self.database.since(&before.database),
            kept_blocks: self.kept_blocks.since(&before.kept_blocks),
        }
    }
}
