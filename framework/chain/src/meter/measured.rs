//! What a node has counted up to one moment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Distribution, LookupsMeasured};
use crate::hosted::HostedChain;
use crate::node::Node;

/// Chains told one by one at most: a page of ten thousand chains would be megabytes at each look.
const CHAINS_MAX: usize = 1_000;

/// A node in numbers. Counters begin at zero with the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// Since the node was opened, milliseconds.
    pub uptime_ms: u64,
    /// Why the node accepts nothing any more; none = it accepts.
    pub stopped: Option<String>,
    /// Transactions in durable blocks.
    pub accepted: u64,
    /// Submissions refused, by code; those told that the node is busy are among them.
    pub refused: BTreeMap<String, u64>,
    /// Submissions, journal entries and covers that wait for their answer.
    pub queue_used: u64,
    /// How many may wait.
    pub queue_max: u64,
    /// Commits that did not come about; the first one stops the node.
    pub commit_failures: u64,
    /// Transactions of a batch that is verified together.
    pub batch_transactions: Distribution,
    /// Transactions of a block.
    pub block_transactions: Distribution,
    /// Verification of a batch, microseconds.
    pub verify: Distribution,
    /// Cutting of a block and its contextual stage, microseconds.
    pub sequence: Distribution,
    /// Microseconds that working out a block's rows took.
    pub prepare: Distribution,
    /// The database transaction of a commit, microseconds.
    pub store: Distribution,
    /// A durable block taken over in memory and answered, microseconds.
    pub apply: Distribution,
    /// A whole commit, its answers included, microseconds.
    pub commit: Distribution,
    /// Where states were found that verification asked for.
    pub lookups: LookupsMeasured,
    /// Events and their readers.
    pub events: EventsMeasured,
    /// Projections that failed and stand still.
    pub parked: u64,
    /// Bytes of the database, without its write-ahead log; none where it cannot be asked.
    pub database_bytes: Option<u64>,
    /// Chains in memory.
    pub chains_open: u64,
    /// Chains that are stored alone; none where the database cannot be asked.
    pub chains_closed: Option<u64>,
    /// Open chains that commit nothing any more.
    pub chains_stopped: u64,
    /// Open chains, those with the newest block first, 1,000 at most.
    pub chains: Vec<ChainMeasured>,
}

/// Events written and how far they are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventsMeasured {
    /// Sequence of the last one.
    pub last: u64,
    /// Who reads them at the moment.
    pub readers: u64,
    /// Events that the slowest reader has not got yet.
    pub behind: u64,
}

/// An open chain in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainMeasured {
    /// Its id, hexadecimal.
    pub chain: String,
    /// Its name.
    pub name: String,
    /// Height of the last block.
    pub height: u64,
    /// Milliseconds since the last block, or since the genesis, by the node's clock.
    pub age_ms: u64,
    /// Transactions that are verified and in no block yet.
    pub queue: u64,
    /// Transactions accepted since the node was opened.
    pub accepted: u64,
    /// Submissions refused since the node was opened.
    pub refused: u64,
    /// Blocks committed since the node was opened.
    pub blocks: u64,
    /// States made, spent ones included.
    pub states: u64,
    /// Bytes of the transactions in all its blocks.
    pub bytes: u64,
    /// True where it commits nothing any more.
    pub stopped: bool,
}

impl Node {
    /// What the node has counted of itself. Takes short looks at each open chain and one at the database.
    pub async fn measured(&self) -> Measured {
        let (shared, meter) = (&self.shared, &self.shared.meter);
        let hosted = shared.all_hosted();
        let stored = shared.database.chains().await.ok();
        let database_bytes = shared.database.bytes().await.ok();
        let open = count(hosted.len());
        let chains_stopped = count(hosted.iter().filter(|chain| chain.stopped().is_some()).count());
        let used = meter.queue_max.saturating_sub(self.mempool.free());
        let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        Measured {
            uptime_ms: milliseconds(meter.began.elapsed()),
            stopped: shared.stopped(),
            accepted: load(&meter.accepted),
            refused: meter.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
            queue_used: count(used),
            queue_max: count(meter.queue_max),
            commit_failures: load(&meter.commit_failures),
            batch_transactions: meter.batch.snapshot(),
            block_transactions: meter.block.snapshot(),
            verify: meter.verify.wall.snapshot(),
            sequence: meter.sequence.wall.snapshot(),
            prepare: meter.prepare.wall.snapshot(),
            store: meter.store.wall.snapshot(),
            apply: meter.apply.wall.snapshot(),
            commit: meter.commit.snapshot(),
            lookups: meter.lookups.measured(),
            events: self.events(),
            parked: count(shared.parked().len()),
            database_bytes,
            chains_open: open,
            chains_closed: stored.map(|stored| stored.saturating_sub(open)),
            chains_stopped,
            chains: self.newest(hosted),
        }
    }

    fn events(&self) -> EventsMeasured {
        let last = *self.shared.events_written.borrow();
        let positions = self.shared.meter.positions();
        let behind = positions.iter().map(|at| u64::try_from(last.saturating_sub(*at)).unwrap_or(0)).max();
        EventsMeasured {
            last: u64::try_from(last).unwrap_or(0),
            readers: count(positions.len()),
            behind: behind.unwrap_or(0),
        }
    }

    fn newest(&self, hosted: Vec<Arc<HostedChain>>) -> Vec<ChainMeasured> {
        let now_ms = self.shared.now_ms();
        let timed = |chain: Arc<HostedChain>| {
            let time_ms = chain.ledger().time_ms();
            (time_ms, chain)
        };
        let mut chains: Vec<_> = hosted.into_iter().map(timed).collect();
        chains.sort_by_key(|(time_ms, chain)| (std::cmp::Reverse(*time_ms), chain.number));
        chains.truncate(CHAINS_MAX);
        chains.into_iter().map(|(time_ms, chain)| self.measure(&chain, now_ms.saturating_sub(time_ms))).collect()
    }

    fn measure(&self, chain: &HostedChain, age_ms: u64) -> ChainMeasured {
        let counted = self.shared.meter.chain(chain.number);
        let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let (queue, states) = (count(chain.pending().len()), chain.holdings().states());
        let ledger = chain.ledger();
        ChainMeasured {
            chain: chain.id.to_string(),
            name: ledger.configuration().name.clone(),
            height: ledger.height(),
            age_ms,
            queue,
            accepted: load(&counted.accepted),
            refused: load(&counted.refused),
            blocks: load(&counted.blocks),
            states,
            bytes: load(&counted.bytes),
            stopped: chain.stopped().is_some(),
        }
    }
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
