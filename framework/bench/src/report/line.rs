//! One figure of one database: its value, what is asked of it, and what dominates where it misses.

use super::milliseconds;
use crate::column::Column;
use crate::throughput::Throughput;

/// A database whose figures stand in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Database {
    Sqlite,
    Postgres,
}

/// What is asked of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Nothing,
    AtLeast(f64),
    AtMost(f64),
}

/// One figure.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: &'static str,
    database: Database,
    value: Option<f64>,
    places: usize,
    asked: Asked,
    /// What dominates, for people; none where nothing is asked.
    dominates: Option<String>,
}

const GIGABYTE: f64 = (1_u64 << 30) as f64;

/// All figures of a database, in order; the same ones for each.
pub(super) fn lines(column: &Column, database: Database) -> Vec<Line> {
    let by = |sqlite, postgres| Asked::AtLeast(if database == Database::Sqlite { sqlite } else { postgres });
    let line = |name, value, places| Line { name, database, value, places, asked: Asked::Nothing, dominates: None };
    let asked = |line: Line, asked, dominates: Option<String>| Line { asked, dominates, ..line };
    let full = || {
        column
            .even
            .largest()
            .map(|share| format!("{} takes {:.1} of {:.1} µs", share.name, share.cpu_us, column.even.cpu_us()))
    };
    let signatures = |of: fn(&crate::signature::Rates) -> f64| column.signatures.as_ref().map(of);
    let (rivals, latency) = (column.rivals, column.latency);
    let by_cpu = column.signatures.as_ref().map(|rates| rates.best().cpu_us / column.even.cpu_us());
    let commit = latency.map(|latency| milliseconds(latency.commit));
    let lone_at_most = Asked::AtMost(commit.unwrap_or_default() + 2.0);
    vec![
        line("transfers a second", Some(column.even.rate()), 0),
        line("signatures a second, ed25519-zebra", signatures(|rates| rates.zebra.per_second), 0),
        line("signatures a second, ed25519-dalek", signatures(|rates| rates.dalek.per_second), 0),
        line("signatures a second, the ledger's batch", signatures(|rates| rates.ledger.per_second), 0),
        asked(line("R1 transfers to signatures", column.r1(), 3), by(0.25, 0.18), full()),
        line("   the same by processor time", by_cpu, 3),
        line("by hand: one statement each, 8 clients", rivals.map(|rivals| rivals.single), 0),
        line("by hand: sets of 100", rivals.map(|rivals| rivals.set), 0),
        asked(line("R2a to one statement each", column.r2().map(|(single, _)| single), 2), Asked::AtLeast(1.5), full()),
        asked(line("R2b to sets", column.r2().map(|(_, set)| set), 2), Asked::AtLeast(0.7), full()),
        line("R3 one durable commit, ms", commit, 2),
        asked(
            line("R3 answer to a lone client, ms", latency.map(|latency| milliseconds(latency.lone)), 2),
            lone_at_most,
            commit.map(|commit| format!("a bare commit takes {commit:.2} ms")),
        ),
        line("   half of full load, transfers a second", latency.map(|latency| latency.half_load), 0),
        asked(
            line("R3 p99 at half load, ms", latency.map(|latency| milliseconds(latency.p99_half_load)), 2),
            Asked::AtMost(50.0),
            slowest(&column.even),
        ),
        line("R4 transfers a second at fewer states", column.even_at_base.as_ref().map(Throughput::rate), 0),
        asked(
            line("R4 all states to fewer", column.r4(), 3),
            Asked::AtLeast(0.85),
            column.even_at_base.as_ref().and_then(|base| grown(base, &column.even)),
        ),
        line(
            "   the same by processor time",
            column.even_at_base.as_ref().map(|base| base.cpu_us() / column.even.cpu_us()),
            3,
        ),
        asked(
            line("R4 resident memory, GB", Some(column.memory.resident as f64 / GIGABYTE), 2),
            Asked::AtMost(4.0),
            Some("the ledger and its map in memory".to_owned()),
        ),
        line("   at most so far", Some(column.memory.peak as f64 / GIGABYTE), 2),
        asked(
            line("R5 hot accounts to random ones", column.r5(), 3),
            Asked::AtLeast(0.9),
            column.hot.as_ref().and_then(|hot| grown(&column.even, hot)),
        ),
        line("   the same by processor time", column.hot.as_ref().map(|hot| column.even.cpu_us() / hot.cpu_us()), 3),
        line("R6 restart, s", column.restart.map(|restart| restart.time.as_secs_f64()), 2),
        asked(
            line("R6 states a second", column.restart.map(|restart| restart.states_per_second()), 0),
            Asked::AtLeast(500_000.0),
            Some("reading what is kept of the chain, and the blocks above".to_owned()),
        ),
        asked(
            line("R6 rebuilt transactions a minute and core", column.rebuild, 0),
            Asked::AtLeast(50_000.0),
            Some("the projections' statements".to_owned()),
        ),
    ]
}

/// The stage that most of the time passes in, by the wall.
fn slowest(throughput: &Throughput) -> Option<String> {
    let clocked = throughput.shares().into_iter().filter_map(|share| Some((share.name, share.wall_us?)));
    let (name, wall) = clocked.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    Some(format!("{name} takes longest, {wall:.1} µs a transfer by the wall"))
}

/// The stage that grew most from one load to the other.
fn grown(before: &Throughput, after: &Throughput) -> Option<String> {
    let pairs = before.shares().into_iter().zip(after.shares());
    let by = |(before, after): &(_, crate::throughput::Share)| -> f64 {
        let before: &crate::throughput::Share = before;
        after.cpu_us - before.cpu_us
    };
    let (before, after) = pairs.max_by(|one, other| by(one).total_cmp(&by(other)))?;
    Some(format!("{} grew most, from {:.1} to {:.1} µs", after.name, before.cpu_us, after.cpu_us))
}

impl Line {
    /// The value, and whether it misses.
    pub(super) fn text(&self) -> String {
        let Some(value) = self.value else { return "-".to_owned() };
        let missed = if self.holds() { "" } else { " missed" };
        format!("{value:.*}{missed}", self.places)
    }

    pub(super) fn asked_text(&self) -> String {
        match self.asked {
            Asked::Nothing => String::new(),
            Asked::AtLeast(least) => format!("≥ {}", plain(least)),
            Asked::AtMost(most) => format!("≤ {}", plain(most)),
        }
    }

    /// What dominates where less was reached than is asked.
    pub(super) fn miss(&self) -> Option<String> {
        if self.holds() {
            return None;
        }
        let database = if self.database == Database::Sqlite { "SQLite" } else { "PostgreSQL" };
        let dominates = self.dominates.as_ref().map(|what| format!("; {what}")).unwrap_or_default();
        let (name, value) = (self.name, self.value.unwrap_or_default());
        Some(format!("{database}: {name} is {value:.*}, asked {}{dominates}", self.places, self.asked_text()))
    }

    /// True where nothing is asked, or nothing was measured.
    fn holds(&self) -> bool {
        self.value.is_none_or(|value| match self.asked {
            Asked::Nothing => true,
            Asked::AtLeast(least) => value >= least,
            Asked::AtMost(most) => value <= most,
        })
    }
}

/// Without zeros that say nothing.
fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(value: Option<f64>, asked: Asked) -> Line {
        let dominates = Some("store takes most".to_owned());
        Line { name: "R1", database: Database::Sqlite, value, places: 2, asked, dominates }
    }

    #[test]
    fn a_figure_that_misses_says_what_dominates() {
        for (value, asked, text, misses) in [
            (Some(0.25), Asked::AtLeast(0.25), "0.25", false),
            (Some(0.24), Asked::AtLeast(0.25), "0.24 missed", true),
            (Some(50.1), Asked::AtMost(50.0), "50.10 missed", true),
            (Some(49.0), Asked::AtMost(50.0), "49.00", false),
            (Some(1.0), Asked::Nothing, "1.00", false),
            (None, Asked::AtLeast(0.25), "-", false),
        ] {
            let line = line(value, asked);
            assert_eq!((line.text().as_str(), line.miss().is_some()), (text, misses));
        }
        let missed = line(Some(0.2), Asked::AtLeast(0.25)).miss().unwrap();
        assert_eq!(missed, "SQLite: R1 is 0.20, asked ≥ 0.25; store takes most");
    }
}
