//! What was measured, for people and for programs.

mod line;

use serde_json::{Map, Value, json};

use crate::Plan;
use crate::column::Column;
use line::{Database, Line};

/// What was measured.
#[derive(Debug)]
pub struct Report {
    states: u64,
    accounts: u64,
    sqlite: Column,
    /// Or why there is none.
    postgres: Result<Column, String>,
}

/// A table for people.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its head.
    pub head: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

impl Report {
    pub(crate) fn new(plan: &Plan, sqlite: Column, postgres: Result<Column, String>) -> Self {
        Self { states: plan.states, accounts: plan.accounts(), sqlite, postgres }
    }

    /// What was measured on which databases, in a sentence.
    pub fn title(&self) -> String {
        let missing = self.postgres.as_ref().err().map(|reason| format!("; no PostgreSQL: {reason}"));
        format!(
            "{} states of {} accounts, {} cores{}",
            self.states,
            self.accounts,
            crate::cores::count(),
            missing.unwrap_or_default()
        )
    }

    /// The figures with what is asked of them.
    pub fn figures(&self) -> Table {
        let (sqlite, postgres) = (self.lines(Database::Sqlite), self.lines(Database::Postgres));
        let row = |(place, line): (usize, &Line)| {
            let other = postgres.get(place);
            let asked = [line.asked_text(), other.map(Line::asked_text).unwrap_or_default()];
            let asked = if asked[0] == asked[1] || asked[1].is_empty() { asked[0].clone() } else { asked.join(", ") };
            vec![line.name.to_owned(), line.text(), other.map_or_else(|| "-".to_owned(), Line::text), asked]
        };
        let rows = sqlite.iter().enumerate().map(row).collect();
        Table { head: vec!["", "SQLite", "PostgreSQL", "asked"], rows }
    }

    /// Microseconds for each transfer by stage, at full load.
    pub fn stages(&self) -> Table {
        let columns: Vec<&Column> = std::iter::once(&self.sqlite).chain(self.postgres.as_ref().ok()).collect();
        let cells = |place: usize| {
            columns.iter().flat_map(move |column| {
                let share = column.even.shares().into_iter().nth(place);
                let cpu = share.map_or_else(String::new, |share| format!("{:.1}", share.cpu_us));
                [cpu, share.and_then(|share| share.wall_us).map_or_else(String::new, |wall| format!("{wall:.1}"))]
            })
        };
        let names = self.sqlite.even.shares().into_iter().map(|share| share.name.to_owned());
        let mut rows: Vec<Vec<String>> =
            names.enumerate().map(|(place, name)| std::iter::once(name).chain(cells(place)).collect()).collect();
        let totals = columns
            .iter()
            .flat_map(|column| [format!("{:.1}", column.even.cpu_us()), format!("{:.1}", 1e6 / column.even.rate())]);
        rows.push(std::iter::once("together".to_owned()).chain(totals).collect());
        let mut head = vec!["µs a transfer", "SQLite CPU", "wall"];
        if columns.len() > 1 {
            head.extend(["PostgreSQL CPU", "wall"]);
        }
        Table { head, rows }
    }

    /// Where a figure misses what is asked: what dominates. And what was asked for and is not measured: why.
    pub fn remarks(&self) -> Vec<String> {
        let misses = [Database::Sqlite, Database::Postgres].into_iter().flat_map(|database| self.lines(database));
        let mut remarks: Vec<String> = misses.filter_map(|line| line.miss()).collect();
        remarks.extend(self.missing().into_iter().map(|(what, reason)| format!("{what} is not measured: {reason}")));
        remarks
    }

    /// The figures for programs: `r1` to `r6`, each for both databases; null is what was not measured.
    pub fn json(&self) -> Value {
        let columns = [("sqlite", Some(&self.sqlite)), ("postgres", self.postgres.as_ref().ok())];
        let each = |of: fn(&Column) -> Value| {
            let value = |(name, column): (&str, Option<&Column>)| (name.to_owned(), column.map_or(Value::Null, of));
            Value::Object(columns.into_iter().map(value).collect())
        };
        json!({
            "states": self.states,
            "accounts": self.accounts,
            "cores": crate::cores::count(),
            "r1": each(|column| json!(column.r1().map(rounded))),
            "r2": each(|column| column.r2().map_or(Value::Null, |(a, b)| json!({ "a": rounded(a), "b": rounded(b) }))),
            "r3": each(Column::r3_json),
            "r4": each(Column::r4_json),
            "r5": each(|column| json!(column.r5().map(rounded))),
            "r6": each(Column::r6_json),
            "transfers_per_s": each(|column| json!(rounded(column.even.rate()))),
            "cpu_us": each(Column::stages_json),
            "missing": self.missing().into_iter().map(|(what, why)| (what, Value::from(why))).collect::<Map<_, _>>(),
        })
    }

    /// What was asked for and is not measured, and why.
    fn missing(&self) -> Vec<(String, String)> {
        self.postgres.as_ref().err().map(|why| ("postgres".to_owned(), why.clone())).into_iter().collect()
    }

    fn lines(&self, database: Database) -> Vec<Line> {
        match database {
            Database::Sqlite => line::lines(&self.sqlite, database),
            Database::Postgres => {
                self.postgres.as_ref().map_or_else(|_| Vec::new(), |column| line::lines(column, database))
            }
        }
    }
}

impl Column {
    /// Transfers to signatures.
    fn r1(&self) -> Option<f64> {
        self.signatures.as_ref().map(|rates| self.even.rate() / rates.best().per_second)
    }

    /// Transfers to those of ledgers written by hand: by single statements, and by sets.
    fn r2(&self) -> Option<(f64, f64)> {
        self.rivals.map(|rivals| (self.even.rate() / rivals.single, self.even.rate() / rivals.set))
    }

    /// Transfers at all states to those at fewer.
    fn r4(&self) -> Option<f64> {
        self.even_at_base.as_ref().map(|base| self.even.rate() / base.rate())
    }

    /// Transfers between hot accounts to those between random ones.
    fn r5(&self) -> Option<f64> {
        self.hot.as_ref().map(|hot| hot.rate() / self.even.rate())
    }

    fn r3_json(&self) -> Value {
        self.latency.map_or(Value::Null, |latency| {
            json!({
                "lone_ms": rounded(milliseconds(latency.lone)),
                "commit_ms": rounded(milliseconds(latency.commit)),
                "p99_half_load_ms": rounded(milliseconds(latency.p99_half_load)),
            })
        })
    }

    fn r4_json(&self) -> Value {
        self.r4().map_or(Value::Null, |ratio| json!({ "ratio": rounded(ratio), "rss_bytes": self.memory.resident }))
    }

    fn r6_json(&self) -> Value {
        self.restart.map_or(Value::Null, |restart| {
            json!({
                "states_per_s": rounded(restart.states_per_second()),
                "rebuild_tx_per_min_core": self.rebuild.map(rounded),
            })
        })
    }

    fn stages_json(&self) -> Value {
        let shares = self.even.shares().into_iter().map(|share| (share.name.to_owned(), json!(rounded(share.cpu_us))));
        Value::Object(shares.chain([("together".to_owned(), json!(rounded(self.even.cpu_us())))]).collect())
    }
}

fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// To four places: more was not measured.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
