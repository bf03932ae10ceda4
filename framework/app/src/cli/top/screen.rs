//! The rates as lines that fit a terminal.

use console::{Term, measure_text_width, truncate_str};
use hive_chain::{Distribution, Lookups};

use super::rates::{ChainRates, Rates, decimal};

/// Where the output is no terminal.
const SIZE: (usize, usize) = (24, 100);
/// A chain's name is cut no shorter; columns go first.
const NAME_WIDTH_MIN: usize = 8;
const NAME_WIDTH_MAX: usize = 32;
/// Lines that are no chain: totals, the head, and what does not fit.
const LINES_BESIDES: usize = 7;

/// A column of chains, right-aligned; the last ones go first where the terminal is narrow.
type Column = (&'static str, fn(&Rates, &ChainRates) -> String);

const COLUMNS: [Column; 9] = [
    ("tx/s", |rates, chain| decimal(rates.tenths(chain.accepted))),
    ("height", |_, chain| chain.now.height.to_string()),
    ("blocks/s", |rates, chain| decimal(rates.tenths(chain.blocks))),
    ("refused/s", |rates, chain| decimal(rates.tenths(chain.refused))),
    ("queue", |_, chain| chain.now.queue.to_string()),
    ("last block", |_, chain| age(chain.now.age_ms)),
    ("states", |_, chain| chain.now.states.to_string()),
    ("size", |_, chain| size(chain.now.bytes)),
    ("chain", |_, chain| chain.now.chain.chars().take(12).collect()),
];

/// Height and width of the terminal.
pub(super) fn terminal() -> (usize, usize) {
    let seen = Term::stdout().size_checked();
    seen.map_or(SIZE, |(height, width)| (usize::from(height), usize::from(width)))
}

/// Totals, then the chains that fit into so many rows.
pub(super) fn lines(rates: &Rates, node: &str, width: usize, rows: usize) -> Vec<String> {
    let mut lines = totals(rates, node);
    let chains = rates.chains.len().min(rows.saturating_sub(LINES_BESIDES));
    lines.extend(table(rates, chains, width));
    let left = rates.open.saturating_sub(u64::try_from(chains).unwrap_or(u64::MAX));
    if left > 0 {
        lines.push(format!("and {left} more chains"));
    }
    lines.into_iter().map(|line| truncate_str(&printable(&line), width, "…").into_owned()).collect()
}

fn totals(rates: &Rates, node: &str) -> Vec<String> {
    let per_second = |count: u64| decimal(rates.tenths(count));
    let state = rates.stopped.as_ref().map_or_else(|| "accepts".to_owned(), |reason| format!("STOPPED: {reason}"));
    let closed = rates.closed.map_or_else(|| "?".to_owned(), |closed| closed.to_string());
    let growth = match rates.growth_per_hour.map(|bytes| (bytes < 0, bytes.unsigned_abs())) {
        Some((is_less, bytes)) => {
            let sign = if is_less { "-" } else { "+" };
            format!("{sign}{}/h", size(u64::try_from(bytes).unwrap_or(u64::MAX)))
        }
        None => "?".to_owned(),
    };
    let database = rates.database_bytes.map_or_else(|| "?".to_owned(), size);
    vec![
        format!("{node} {state}; chains: {} open, {closed} closed", rates.open),
        format!(
            "tx/s {}  refused/s {}  commits/s {}  queue {} of {}  events behind {}",
            per_second(rates.accepted),
            per_second(rates.refused),
            per_second(rates.commits),
            rates.queue.0,
            rates.queue.1,
            rates.events_behind
        ),
        format!(
            "median/p99: verify {}  store {}  commit {}   database {database} {growth}",
            stage(&rates.verify),
            stage(&rates.store),
            stage(&rates.commit)
        ),
        format!("states found: {}", lookups(rates)),
        String::new(),
    ]
}

/// Each place where states are looked for: how often a second, and how many of a hundred were there.
fn lookups(rates: &Rates) -> String {
    let place = |(place, looked): (&str, Lookups)| {
        let share = looked.hit_percent().map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"));
        let asked = decimal(rates.tenths(looked.hits.saturating_add(looked.misses)));
        format!("{} {share} of {asked}/s", place.replace('_', " "))
    };
    rates.lookups.places().map(place).join("  ")
}

fn table(rates: &Rates, chains: usize, width: usize) -> Vec<String> {
    let shown = || rates.chains.iter().take(chains);
    let mut columns: Vec<Vec<String>> = Vec::new();
    for (head, of) in COLUMNS {
        let cells = std::iter::once(head.to_owned()).chain(shown().map(|chain| of(rates, chain)));
        columns.push(cells.collect());
    }
    let widest = |column: &Vec<String>| column.iter().map(String::len).max().unwrap_or(0);
    let needed = |columns: &[Vec<String>]| columns.iter().map(|column| widest(column) + 2).sum::<usize>();
    while columns.len() > 1 && needed(&columns) + NAME_WIDTH_MIN > width {
        columns.pop();
    }
    let longest = shown().map(|chain| measure_text_width(&chain.now.name)).max().unwrap_or(0).max(NAME_WIDTH_MIN);
    let room = width.saturating_sub(needed(&columns)).clamp(NAME_WIDTH_MIN, NAME_WIDTH_MAX).min(longest);
    let names = std::iter::once("name".to_owned()).chain(shown().map(named));
    names
        .enumerate()
        .map(|(row, name)| {
            let cells = columns.iter().map(|column| format!("  {:>1$}", column[row], widest(column)));
            console::pad_str(&name, room, console::Alignment::Left, Some("…")).into_owned() + &cells.collect::<String>()
        })
        .collect()
}

/// Without what would move a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// The chain's name; one that stands still says so.
fn named(chain: &ChainRates) -> String {
    let name = printable(&chain.now.name);
    if chain.now.stopped { format!("! {name}") } else { name }
}

fn stage(distribution: &Distribution) -> String {
    let told = |thousandths| distribution.quantile(thousandths).map_or_else(|| "-".to_owned(), milliseconds);
    format!("{}/{}", told(500), told(990))
}

fn milliseconds(microseconds: u64) -> String {
    format!("{} ms", decimal(microseconds / 100))
}

/// Bytes with one decimal in the largest unit that leaves at least one.
fn size(bytes: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{} {name}", decimal(bytes / (unit / 10))),
        None => format!("{bytes} B"),
    }
}

fn age(ms: u64) -> String {
    match ms / 1_000 {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::Look;
    use super::super::rates::sample;
    use super::*;

    fn rates(names: &[&str]) -> Rates {
        let began = Instant::now();
        let look = |ms: u64, accepted: u64| Look {
            at: began + Duration::from_millis(ms),
            measured: sample(ms, &names.iter().map(|name| (*name, 7, accepted)).collect::<Vec<_>>()),
        };
        Rates::between(&look(0, 0), &look(0, 0), &look(2_000, 25))
    }

    #[test]
    fn every_width_is_kept_to_and_the_first_columns_stay() {
        let rates =
            rates(&["咖啡豆仓单质押演示链", "a chain of a very long name that goes on and on", "short\u{1b}[2J"]);
        for width in 20..160 {
            let drawn = lines(&rates, "http://127.0.0.1:4000", width, 40);
            for line in &drawn {
                assert!(measure_text_width(line) <= width, "{width}: {line}");
                assert!(!line.contains('\u{1b}'), "a name moves no cursor");
            }
            assert!(drawn.iter().any(|line| line.contains("tx/s")), "{drawn:?}");
        }
        let wide = lines(&rates, "http://127.0.0.1:4000", 160, 40).join("\n");
        for shown in ["12.5", "last block", "12345", "3.4 MB", "queue 5 of 16384", "3 open, 7 closed", "+3.6 MB/h"] {
            assert!(wide.contains(shown), "{shown} in\n{wide}");
        }
    }

    #[test]
    fn chains_that_do_not_fit_are_counted() {
        let names: Vec<String> = (0..30).map(|number| format!("chain {number}")).collect();
        let rates = rates(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let drawn = lines(&rates, "http://127.0.0.1:4000", 100, 17);
        assert_eq!((drawn.len(), drawn.last().map(String::as_str)), (17, Some("and 20 more chains")));
    }

    #[test]
    fn where_states_were_found_is_a_share_of_what_was_asked() {
        let mut rates = rates(&["coffee"]);
        rates.lookups.plain = Lookups { hits: 3, misses: 1 };
        let drawn = lines(&rates, "http://127.0.0.1:4000", 160, 40).join("\n");
        let told = "states found: ledger - of 0.0/s  plain 75% of 2.0/s  database - of 0.0/s  kept block - of 0.0/s";
        assert!(drawn.contains(told), "{drawn}");
    }

    #[test]
    fn sizes_and_ages_have_a_fitting_unit() {
        assert_eq!([999, 1_000, 2_345_678, 9_990_000_000].map(size), ["999 B", "1.0 kB", "2.3 MB", "9.9 GB"]);
        let ages = [900, 59_999, 60_000, 7_200_000, 200_000_000].map(age);
        assert_eq!(ages, ["0 s", "59 s", "1 min", "2 h", "2 d"]);
    }
}
