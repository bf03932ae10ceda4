//! What happened between two looks at a node. Integers; a rate is tenths a second.

use std::collections::BTreeMap;

use hive_chain::{ChainMeasured, Distribution, LookupsMeasured};
use serde_json::{Value, json};

use super::Look;

/// Milliseconds of an hour.
const HOUR_MS: u128 = 3_600_000;

/// A node between two looks.
pub(super) struct Rates {
    pub(super) elapsed_ms: u64,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) commits: u64,
    pub(super) queue: (u64, u64),
    pub(super) stopped: Option<String>,
    pub(super) verify: Distribution,
    pub(super) store: Distribution,
    pub(super) commit: Distribution,
    pub(super) database_bytes: Option<u64>,
    /// Since the first look, as if it went on so.
    pub(super) growth_per_hour: Option<i128>,
    pub(super) events_behind: u64,
    pub(super) lookups: LookupsMeasured,
    pub(super) open: u64,
    pub(super) closed: Option<u64>,
    /// The busiest first.
    pub(super) chains: Vec<ChainRates>,
}

/// A chain between two looks.
pub(super) struct ChainRates {
    pub(super) now: ChainMeasured,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) blocks: u64,
}

impl Rates {
    pub(super) fn between(first: &Look, before: &Look, now: &Look) -> Self {
        let (then, present) = (&before.measured, &now.measured);
        let refused =
            |counts: &BTreeMap<String, u64>| counts.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        let commit = present.commit.since(&then.commit);
        let old: BTreeMap<&str, &ChainMeasured> =
            then.chains.iter().map(|chain| (chain.chain.as_str(), chain)).collect();
        let mut chains: Vec<ChainRates> = present
            .chains
            .iter()
            .map(|chain| ChainRates::since(old.get(chain.chain.as_str()).copied(), chain))
            .collect();
        chains.sort_by_key(|chain| std::cmp::Reverse((chain.accepted, chain.now.height)));
        Self {
            elapsed_ms: milliseconds(before, now),
            accepted: present.accepted.saturating_sub(then.accepted),
            refused: refused(&present.refused).saturating_sub(refused(&then.refused)),
            commits: commit.count(),
            queue: (present.queue_used, present.queue_max),
            stopped: present.stopped.clone(),
            verify: present.verify.since(&then.verify),
            store: present.store.since(&then.store),
            commit,
            database_bytes: present.database_bytes,
            growth_per_hour: growth(first, now),
            events_behind: present.events.behind,
            lookups: present.lookups.since(&then.lookups),
            open: present.chains_open,
            closed: present.chains_closed,
            chains,
        }
    }

    /// So many in the time between, in tenths a second.
    pub(super) fn tenths(&self, count: u64) -> u64 {
        let tenths = u128::from(count) * 10_000 / u128::from(self.elapsed_ms.max(1));
        u64::try_from(tenths).unwrap_or(u64::MAX)
    }

    pub(super) fn as_json(&self, node: &str) -> Value {
        let per_second = |count: u64| decimal(self.tenths(count));
        let stage = |distribution: &Distribution| {
            json!({ "count": distribution.count(), "medianMicroseconds": distribution.quantile(500),
                "p99Microseconds": distribution.quantile(990) })
        };
        let chain = |chain: &ChainRates| {
            json!({ "chain": chain.now.chain, "name": chain.now.name, "height": chain.now.height,
                "acceptedPerSecond": per_second(chain.accepted), "refusedPerSecond": per_second(chain.refused),
                "blocksPerSecond": per_second(chain.blocks), "queue": chain.now.queue,
                "lastBlockAgeMilliseconds": chain.now.age_ms, "states": chain.now.states,
                "transactionBytes": chain.now.bytes, "stopped": chain.now.stopped })
        };
        json!({
            "reachable": true, "node": node, "elapsedMilliseconds": self.elapsed_ms, "stopped": self.stopped,
            "accepted": self.accepted, "acceptedPerSecond": per_second(self.accepted),
            "refused": self.refused, "refusedPerSecond": per_second(self.refused),
            "commits": self.commits, "commitsPerSecond": per_second(self.commits),
            "queueUsed": self.queue.0, "queueMax": self.queue.1, "eventsBehind": self.events_behind,
            "verify": stage(&self.verify), "store": stage(&self.store), "commit": stage(&self.commit),
            "lookups": self.lookups, "databaseBytes": self.database_bytes,
            "databaseGrowthBytesPerHour": self.growth_per_hour.and_then(|bytes| i64::try_from(bytes).ok()),
            "chainsOpen": self.open, "chainsClosed": self.closed,
            "chains": self.chains.iter().map(chain).collect::<Vec<_>>(),
        })
    }
}

impl ChainRates {
    /// A chain that was not told of before, or was read in meanwhile, has rates from the next look on.
    fn since(before: Option<&ChainMeasured>, now: &ChainMeasured) -> Self {
        let rise = |of: fn(&ChainMeasured) -> u64| before.map_or(0, |before| of(now).saturating_sub(of(before)));
        Self {
            accepted: rise(|chain| chain.accepted),
            refused: rise(|chain| chain.refused),
            blocks: rise(|chain| chain.blocks),
            now: now.clone(),
        }
    }
}

fn milliseconds(before: &Look, now: &Look) -> u64 {
    u64::try_from(now.at.saturating_duration_since(before.at).as_millis()).unwrap_or(u64::MAX)
}

fn growth(first: &Look, now: &Look) -> Option<i128> {
    let grown = i128::from(now.measured.database_bytes?) - i128::from(first.measured.database_bytes?);
    let elapsed = u128::from(milliseconds(first, now).max(1));
    Some(grown * i128::try_from(HOUR_MS).ok()? / i128::try_from(elapsed).ok()?)
}

/// Tenths as a decimal.
pub(super) fn decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A node's figures for tests.
#[cfg(test)]
pub(super) fn sample(uptime_ms: u64, chains: &[(&str, u64, u64)]) -> hive_chain::Measured {
    let none = || Distribution { bounds: vec![100, 200], counts: vec![0, 0, 0], sum: 0 };
    let chain = |(name, height, accepted): &(&str, u64, u64)| ChainMeasured {
        chain: hex::encode(name),
        name: (*name).to_owned(),
        height: *height,
        age_ms: 1_500,
        queue: 2,
        accepted: *accepted,
        refused: 1,
        blocks: *height,
        states: 12_345,
        bytes: 3_400_000,
        stopped: false,
    };
    hive_chain::Measured {
        uptime_ms,
        stopped: None,
        accepted: chains.iter().map(|(.., accepted)| accepted).sum(),
        refused: BTreeMap::from([("BUSY".to_owned(), 3)]),
        queue_used: 5,
        queue_max: 16_384,
        commit_failures: 0,
        batch_transactions: none(),
        block_transactions: none(),
        verify: none(),
        sequence: none(),
        prepare: none(),
        store: none(),
        apply: none(),
        commit: none(),
        lookups: LookupsMeasured::default(),
        events: hive_chain::EventsMeasured { last: 9, readers: 1, behind: 4 },
        parked: 0,
        database_bytes: Some(1_000_000 + uptime_ms),
        chains_open: u64::try_from(chains.len()).unwrap(),
        chains_closed: Some(7),
        chains_stopped: 0,
        chains: chains.iter().map(chain).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn rates_are_of_the_time_between_and_the_busiest_chain_is_first() {
        let began = Instant::now();
        let look = |ms: u64, chains: &[(&str, u64, u64)]| Look {
            at: began + Duration::from_millis(ms),
            measured: sample(ms, chains),
        };
        let first = look(0, &[("quiet", 3, 10), ("busy", 3, 10)]);
        let mut before = look(2_000, &[("quiet", 3, 10), ("busy", 3, 10)]);
        before.measured.commit.counts = vec![1, 0, 0];
        let mut now = look(4_000, &[("quiet", 4, 13), ("busy", 13, 111), ("new", 5, 5)]);
        now.measured.commit.counts = vec![1, 9, 0];
        before.measured.lookups.plain.hits = 5;
        now.measured.lookups.plain = hive_chain::Lookups { hits: 8, misses: 1 };
        let rates = Rates::between(&first, &before, &now);
        let names: Vec<_> = rates.chains.iter().map(|chain| chain.now.name.as_str()).collect();
        assert_eq!(names, ["busy", "quiet", "new"]);
        let json = rates.as_json("http://node");
        assert_eq!(json["elapsedMilliseconds"], 2_000);
        assert_eq!(json["chains"][0]["acceptedPerSecond"], "50.5");
        assert_eq!(json["chains"][1]["acceptedPerSecond"], "1.5");
        assert_eq!(json["chains"][2]["acceptedPerSecond"], "0.0", "nothing is known of it before");
        assert_eq!((&json["commits"], &json["commitsPerSecond"]), (&json!(9), &json!("4.5")));
        assert_eq!(json["commit"]["medianMicroseconds"], 155);
        assert_eq!(json["refused"], 0);
        assert_eq!(json["lookups"]["plain"], json!({ "hits": 3, "misses": 1 }));
        assert_eq!(json["databaseGrowthBytesPerHour"], 3_600_000, "4,000 bytes in 4 seconds");
    }
}
