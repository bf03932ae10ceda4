//! Figures for monitoring, in Prometheus' text form. No label carries what a caller sent.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use hive_chain::Node;

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

impl Metrics {
    /// Counts an answered request under the route it matched.
    pub fn count(&self, route: &str, status: u16, milliseconds: u64) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry((route.to_owned(), status)).or_default();
        count.requests = count.requests.saturating_add(1);
        count.milliseconds = count.milliseconds.saturating_add(milliseconds);
    }

    /// The page that a scraper reads.
    pub fn page(&self, node: &Node) -> String {
        let mut page = String::new();
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        family(&mut page, "hive_http_requests_total", "counter", "Requests answered.");
        for ((route, status), count) in &requests {
            line(
                &mut page,
                "hive_http_requests_total",
                &[("route", route), ("status", &status.to_string())],
                count.requests,
            );
        }
        family(&mut page, "hive_http_request_milliseconds_total", "counter", "Time spent on requests.");
        for ((route, status), count) in &requests {
            let labels = [("route", route.as_str()), ("status", &status.to_string())];
            line(&mut page, "hive_http_request_milliseconds_total", &labels, count.milliseconds);
        }
        family(&mut page, "hive_ready", "gauge", "1 while the node accepts transactions.");
        line(&mut page, "hive_ready", &[], u64::from(node.ready().is_ok()));
        family(&mut page, "hive_projections_parked", "gauge", "Projections that failed and stand still.");
        line(&mut page, "hive_projections_parked", &[], u64::try_from(node.parked().len()).unwrap_or(u64::MAX));
        let counts = node.chain_counts();
        for (name, help, count) in [
            ("hive_chains", "Chains of the node.", counts.stored),
            ("hive_chains_open", "Chains in memory.", counts.open),
            ("hive_chains_stopped", "Chains that commit nothing any more, as far as that has shown.", counts.stopped),
        ] {
            family(&mut page, name, "gauge", help);
            line(&mut page, name, &[], u64::try_from(count).unwrap_or(u64::MAX));
        }
        page
    }
}

fn family(page: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(page: &mut String, name: &str, labels: &[(&str, &str)], value: u64) {
    let labels: Vec<String> = labels.iter().map(|(label, text)| format!("{label}=\"{text}\"")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let _ = writeln!(page, "{name}{labels} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_prometheus_form() {
        let mut page = String::new();
        line(&mut page, "hive_ready", &[], 1);
        line(&mut page, "hive_http_requests_total", &[("route", "/livez"), ("status", "200")], 7);
        assert_eq!(page, "hive_ready 1\nhive_http_requests_total{route=\"/livez\",status=\"200\"} 7\n");
    }
}
