//! Figures for monitoring, in Prometheus' text form. No label carries what a caller sent: routes, codes of refusals and ids
//! of open chains, of which 1,000 at most are told one by one, those with the newest blocks.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use hive_chain::{ChainMeasured, Distribution, Lookups, LookupsMeasured, Measured};

/// Counts requests. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    requests: Arc<Mutex<BTreeMap<(String, u16), Count>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    requests: u64,
    milliseconds: u64,
}

/// How a family of one kind and unit is written.
enum Unit {
    /// As it is.
    One,
    /// From milliseconds.
    Milliseconds,
    /// From microseconds.
    Microseconds,
}

/// A figure of each chain.
type OfChain = fn(&ChainMeasured) -> u64;

impl Metrics {
    /// Counts an answered request under the route it matched.
    pub fn count(&self, route: &str, status: u16, milliseconds: u64) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry((route.to_owned(), status)).or_default();
        count.requests = count.requests.saturating_add(1);
        count.milliseconds = count.milliseconds.saturating_add(milliseconds);
    }

    /// The page that a scraper reads.
    pub fn page(&self, measured: &Measured) -> String {
        let mut page = String::new();
        self.requests(&mut page);
        totals(&mut page, measured);
        lookups(&mut page, &measured.lookups);
        stages(&mut page, measured);
        chains(&mut page, &measured.chains);
        page
    }

    fn requests(&self, page: &mut String) {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut each = |name: &str, help: &str, of: fn(&Count) -> u64| {
            family(page, name, "counter", help);
            for ((route, status), count) in &requests {
                let labels = [("route", route.as_str()), ("status", &status.to_string())];
                line(page, name, &labels, &of(count).to_string());
            }
        };
        each("hive_http_requests_total", "Requests answered.", |count| count.requests);
        each("hive_http_request_milliseconds_total", "Time spent on requests.", |count| count.milliseconds);
    }
}

/// What is one number for the whole node, and refusals by code.
fn totals(page: &mut String, measured: &Measured) {
    let mut one = |name: &str, kind: &str, help: &str, value: Option<u64>| {
        if let Some(value) = value {
            family(page, name, kind, help);
            line(page, name, &[], &value.to_string());
        }
    };
    let events = &measured.events;
    one("hive_ready", "gauge", "1 while the node accepts transactions.", Some(measured.stopped.is_none().into()));
    let help = "Time since the node was opened.";
    one("hive_uptime_milliseconds", "gauge", help, Some(measured.uptime_ms));
    let help = "Transactions in durable blocks.";
    one("hive_transactions_accepted_total", "counter", help, Some(measured.accepted));
    let help = "Submissions, journal entries and covers that wait for their answer.";
    one("hive_queue_used", "gauge", help, Some(measured.queue_used));
    one("hive_queue_max", "gauge", "How many may wait before the node says that it is busy.", Some(measured.queue_max));
    let help = "Commits that did not come about; the first one stops the node.";
    one("hive_commit_failures_total", "counter", help, Some(measured.commit_failures));
    one("hive_events_total", "counter", "Events ever written to the outbox.", Some(events.last));
    one("hive_event_readers", "gauge", "Who reads events at the moment.", Some(events.readers));
    let help = "Events that the slowest reader has not got yet.";
    one("hive_events_behind", "gauge", help, Some(events.behind));
    let help = "Projections that failed and stand still.";
    one("hive_projections_parked", "gauge", help, Some(measured.parked));
    let help = "Size of the database without its write-ahead log.";
    one("hive_database_bytes", "gauge", help, measured.database_bytes);
    one("hive_chains_open", "gauge", "Chains in memory.", Some(measured.chains_open));
    one("hive_chains_closed", "gauge", "Chains that are stored alone.", measured.chains_closed);
    let help = "Open chains that commit nothing any more.";
    one("hive_chains_stopped", "gauge", help, Some(measured.chains_stopped));
    family(page, "hive_submissions_refused_total", "counter", "Submissions refused, by code.");
    for (code, count) in &measured.refused {
        line(page, "hive_submissions_refused_total", &[("code", code)], &count.to_string());
    }
}

/// Each place where states are looked for.
fn lookups(page: &mut String, measured: &LookupsMeasured) {
    let name = "hive_state_lookups_total";
    family(page, name, "counter", "States looked up for verification, by place and whether they were there.");
    for (place, Lookups { hits, misses }) in measured.places() {
        for (result, count) in [("hit", hits), ("miss", misses)] {
            line(page, name, &[("place", place), ("result", result)], &count.to_string());
        }
    }
}

fn stages(page: &mut String, measured: &Measured) {
    let counts = [
        ("hive_batch_transactions", "Transactions verified as one batch.", &measured.batch_transactions),
        ("hive_block_transactions", "Transactions of a block.", &measured.block_transactions),
    ];
    for (name, help, distribution) in counts {
        histogram(page, name, help, distribution, &Unit::One);
    }
    let times = [
        ("hive_verify_seconds", "Verification of a batch.", &measured.verify),
        ("hive_sequence_seconds", "Cutting of a block and its contextual stage.", &measured.sequence),
        ("hive_prepare_seconds", "Working out of a block's rows.", &measured.prepare),
        ("hive_store_seconds", "Database transaction of a commit.", &measured.store),
        ("hive_apply_seconds", "A durable block taken over in memory and answered.", &measured.apply),
        ("hive_commit_seconds", "A whole commit, its answers included.", &measured.commit),
    ];
    for (name, help, distribution) in times {
        histogram(page, name, help, distribution, &Unit::Microseconds);
    }
}

#[rustfmt::skip]
const OF_CHAINS: [(&str, &str, &str, Unit, OfChain); 9] = [
    ("hive_chain_height", "gauge", "Height of a chain's last block.", Unit::One, |chain| chain.height),
    ("hive_chain_block_age_seconds", "gauge", "Time since a chain's last block.", Unit::Milliseconds, |chain| chain.age_ms),
    ("hive_chain_queue", "gauge", "Verified transactions in no block yet.", Unit::One, |chain| chain.queue),
    ("hive_chain_accepted_total", "counter", "Transactions in durable blocks.", Unit::One, |chain| chain.accepted),
    ("hive_chain_refused_total", "counter", "Submissions refused.", Unit::One, |chain| chain.refused),
    ("hive_chain_blocks_total", "counter", "Blocks committed since the node was opened.", Unit::One, |chain| chain.blocks),
    ("hive_chain_states", "gauge", "States made, spent ones included.", Unit::One, |chain| chain.states),
    ("hive_chain_transaction_bytes", "gauge", "Bytes of the transactions in all blocks.", Unit::One, |chain| chain.bytes),
    ("hive_chain_stopped", "gauge", "1 where a chain commits nothing any more.", Unit::One, |chain| chain.stopped as u64),
];

fn chains(page: &mut String, chains: &[ChainMeasured]) {
    for (name, kind, help, unit, of) in OF_CHAINS {
        family(page, name, kind, help);
        for chain in chains {
            line(page, name, &[("chain", &chain.chain)], &unit.text(of(chain)));
        }
    }
}

impl Unit {
    /// A value in the base unit, exact.
    fn text(&self, value: u64) -> String {
        match self {
            Self::One => value.to_string(),
            Self::Milliseconds => format!("{}.{:03}", value / 1_000, value % 1_000),
            Self::Microseconds => format!("{}.{:06}", value / 1_000_000, value % 1_000_000),
        }
    }
}

fn histogram(page: &mut String, name: &str, help: &str, distribution: &Distribution, unit: &Unit) {
    family(page, name, "histogram", help);
    let bucket = format!("{name}_bucket");
    let mut up_to = 0_u64;
    for (count, bound) in distribution.counts.iter().zip(&distribution.bounds) {
        up_to = up_to.saturating_add(*count);
        line(page, &bucket, &[("le", &unit.text(*bound))], &up_to.to_string());
    }
    let count = distribution.count().to_string();
    line(page, &bucket, &[("le", "+Inf")], &count);
    line(page, &format!("{name}_sum"), &[], &unit.text(distribution.sum));
    line(page, &format!("{name}_count"), &[], &count);
}

fn family(page: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(page: &mut String, name: &str, labels: &[(&str, &str)], value: &str) {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<String> = labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let _ = writeln!(page, "{name}{labels} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_prometheus_form() {
        let mut page = String::new();
        line(&mut page, "hive_ready", &[], "1");
        line(&mut page, "hive_http_requests_total", &[("route", "/livez"), ("status", "200")], "7");
        line(&mut page, "hive_submissions_refused_total", &[("code", "A\"B\\\n")], "1");
        let expected = "hive_ready 1\nhive_http_requests_total{route=\"/livez\",status=\"200\"} 7\n\
            hive_submissions_refused_total{code=\"A\\\"B\\\\\\n\"} 1\n";
        assert_eq!(page, expected);
    }

    #[test]
    fn lookups_are_told_by_place_and_result() {
        let of = |hits, misses| Lookups { hits, misses };
        let measured = LookupsMeasured { ledger: of(9, 4), plain: of(3, 1), database: of(1, 0), kept_blocks: of(0, 1) };
        let mut page = String::new();
        lookups(&mut page, &measured);
        let expected = "hive_state_lookups_total{place=\"ledger\",result=\"hit\"} 9\n\
            hive_state_lookups_total{place=\"ledger\",result=\"miss\"} 4\n\
            hive_state_lookups_total{place=\"plain\",result=\"hit\"} 3\n\
            hive_state_lookups_total{place=\"plain\",result=\"miss\"} 1\n\
            hive_state_lookups_total{place=\"database\",result=\"hit\"} 1\n\
            hive_state_lookups_total{place=\"database\",result=\"miss\"} 0\n\
            hive_state_lookups_total{place=\"kept_block\",result=\"hit\"} 0\n\
            hive_state_lookups_total{place=\"kept_block\",result=\"miss\"} 1\n";
        assert!(page.ends_with(expected), "{page}");
    }

    #[test]
    fn buckets_are_cumulative_and_seconds_exact() {
        let distribution = Distribution { bounds: vec![50, 1_000_000], counts: vec![2, 1, 4], sum: 70_000_060 };
        let mut page = String::new();
        histogram(&mut page, "hive_store_seconds", "Stored.", &distribution, &Unit::Microseconds);
        let expected = "# HELP hive_store_seconds Stored.\n# TYPE hive_store_seconds histogram\n\
            hive_store_seconds_bucket{le=\"0.000050\"} 2\nhive_store_seconds_bucket{le=\"1.000000\"} 3\n\
            hive_store_seconds_bucket{le=\"+Inf\"} 7\nhive_store_seconds_sum 70.000060\nhive_store_seconds_count 7\n";
        assert_eq!(page, expected);
    }
}
