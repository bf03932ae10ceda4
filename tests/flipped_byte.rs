//! The audit finds a flipped byte in any column of any table, and says where.

use std::collections::BTreeMap;
use std::path::Path;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::cast::{BANK_A, DEPOSITOR, OPERATOR, SUPPLIER};
use crate::node::Node;
use crate::seed::Dice;
use crate::trade::{Purse, import_receipts, offer};

/// Tables on which all others hang: damaged one column at a time, so that no finding hides another.
const ROOTS: [&str; 3] = ["block", "chain", "journal_entry"];

#[test]
fn a_flipped_byte_anywhere_is_found_and_named() {
    let mut dice = Dice::seeded();
    let mut node = Node::start();
    fill(&node);
    node.stop();
    assert_eq!(audit(&node)["passed"], true);

    let vandal = Vandal::open(&node.data().join("hive.sqlite"));
    let tables = vandal.tables();
    for table in ["block", "state", "claim", "outbox_event", "warehouse_receipts_receipt", "warehouse_receipts_pledge"]
    {
        assert!(tables.contains_key(table), "the trade fills {table}: {:?}", tables.keys());
    }
    for group in groups(&tables) {
        let damages: Vec<Damage> = group.iter().map(|(table, column)| vandal.flip(table, column, &mut dice)).collect();
        let report = audit(&node);
        for damage in &damages {
            assert!(
                is_named(&report, damage),
                "{}.{} from {} to {} is not named: {report}",
                damage.table,
                damage.column,
                damage.before,
                damage.after
            );
        }
        damages.iter().for_each(|damage| vandal.execute(&damage.undo));
    }
    assert_eq!(audit(&node)["passed"], true, "everything is as it was");
}

/// Receipts held, offered and pledged, tokens issued and paid, proposals on record.
fn fill(node: &Node) {
    let numbers = import_receipts(node, 3);
    let purse = Purse::fill(node, "100.00");
    let [depositor, supplier, bank, operator] = [DEPOSITOR, SUPPLIER, BANK_A, OPERATOR].map(|name| node.party(name));
    purse.payment(&supplier.address.to_string(), "12.50", "payment").settle(&[&depositor]);
    purse.pledge(&numbers[0], &bank).settle(&[&depositor, &bank, &operator]);
    offer(&depositor, &supplier, &numbers[1]).settle(&[&depositor]);
}

/// Columns that are damaged together: of each table at most one.
fn groups(tables: &BTreeMap<String, Vec<String>>) -> Vec<Vec<(&str, &str)>> {
    let mut groups = Vec::new();
    for root in ROOTS {
        groups.extend(tables[root].iter().map(|column| vec![(root, column.as_str())]));
    }
    let rest = || tables.iter().filter(|(table, _)| !ROOTS.contains(&table.as_str()));
    let most = rest().map(|(_, columns)| columns.len()).max().unwrap_or_default();
    for place in 0..most {
        groups
            .push(rest().filter_map(|(table, columns)| Some((table.as_str(), columns.get(place)?.as_str()))).collect());
    }
    groups
}

fn audit(node: &Node) -> Value {
    let outcome = node.hive(&["--json", "audit"]);
    assert!(matches!(outcome.status, Some(0 | 2)), "{:?}: {}", outcome.status, outcome.stderr);
    outcome.json()
}

/// True if the report names the table, and the column unless the row as such is not the same any more. A damaged genesis
/// shows in the blocks that no longer follow from it.
fn is_named(report: &Value, damage: &Damage) -> bool {
    let findings = report["findings"].as_array().into_iter().flatten();
    let is_it = |finding: &&Value| {
        let column = finding["column"].as_str();
        let fits = column.is_none_or(|column| column == damage.column || ROOTS.contains(&damage.table.as_str()));
        finding["table"] == damage.table.as_str() && fits
    };
    findings.clone().any(|finding| is_it(&finding))
        || damage.table == "chain" && findings.clone().any(|finding| finding["table"] == "block")
}

/// One flipped byte, and how to put it back.
struct Damage {
    table: String,
    column: String,
    before: String,
    after: String,
    undo: String,
}

/// Writes into a database behind its node's back.
struct Vandal {
    runtime: Runtime,
    connection: DatabaseConnection,
}

impl Vandal {
    fn open(path: &Path) -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let url = format!("sqlite:{}", path.display());
        let connection = runtime.block_on(Database::connect(url)).expect("the database opens");
        Self { runtime, connection }
    }

    /// Tables of chains and projections that have rows, each with its columns.
    fn tables(&self) -> BTreeMap<String, Vec<String>> {
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let columns = self.query(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' \
             AND m.name NOT LIKE '%migration%' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'platform_%' \
             ORDER BY 1, c.cid",
        );
        for mut row in columns {
            let (column, table) = (row.remove(1), row.remove(0));
            tables.entry(table).or_default().push(column);
        }
        tables.retain(|table, _| self.count(table) > 0);
        tables
    }

    fn count(&self, table: &str) -> usize {
        self.query(&format!("SELECT CAST(count(*) AS TEXT) FROM \"{table}\""))[0][0].parse().expect("a count")
    }

    /// Flips one bit of a random row's value; a null becomes a value.
    fn flip(&self, table: &str, column: &str, dice: &mut Dice) -> Damage {
        let keys = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk");
        let keys: Vec<String> = self.query(&keys).into_iter().map(|mut row| row.remove(0)).collect();
        let quoted: String = keys.iter().map(|key| format!(", quote(\"{key}\")")).collect();
        for _ in 0..200 {
            let row = dice.below(self.count(table));
            let mut values = self
                .query(&format!(
                    "SELECT quote(\"{column}\"), typeof(\"{column}\"){quoted} FROM \"{table}\" LIMIT 1 OFFSET {row}"
                ))
                .remove(0);
            let key_values = values.split_off(2);
            let (before, after) = (values[0].clone(), flipped(&values[0], &values[1], dice));
            let update = |from: &str, to: &str| {
                let parts = keys.iter().zip(&key_values);
                let parts =
                    parts.map(|(key, value)| format!("\"{key}\" = {}", if key == column { from } else { value }));
                format!("UPDATE \"{table}\" SET \"{column}\" = {to} WHERE {}", parts.collect::<Vec<_>>().join(" AND "))
            };
            // A flipped key may meet another row's; then another bit is tried.
            if self.try_execute(&update(&before, &after)) {
                let undo = update(&after, &before);
                return Damage { table: table.to_owned(), column: column.to_owned(), before, after, undo };
            }
        }
        panic!("no bit of {table}.{column} can be flipped");
    }

    fn execute(&self, sql: &str) {
        assert!(self.try_execute(sql), "{sql}");
    }

    /// True if exactly one row was changed.
    fn try_execute(&self, sql: &str) -> bool {
        let done = self.runtime.block_on(self.connection.execute_raw(statement(sql)));
        done.is_ok_and(|done| done.rows_affected() == 1)
    }

    fn query(&self, sql: &str) -> Vec<Vec<String>> {
        let rows = self.runtime.block_on(self.connection.query_all_raw(statement(sql))).expect("the query runs");
        let text = |row: &sea_orm::QueryResult, place| row.try_get_by_index(place).expect("a text");
        rows.iter().map(|row| (0..row.column_names().len()).map(|place| text(row, place)).collect()).collect()
    }
}

fn flipped(literal: &str, class: &str, dice: &mut Dice) -> String {
    let flip = |bytes: &mut Vec<u8>, dice: &mut Dice| {
        if bytes.is_empty() {
            bytes.push(b'x');
        } else {
            let place = dice.below(bytes.len());
            bytes[place] ^= 1 << dice.below(8);
        }
    };
    match class {
        "null" => ["7", "'x'", "X'00'"][dice.below(3)].to_owned(),
        "integer" => (literal.parse::<i64>().expect("an integer") ^ (1 << dice.below(62))).to_string(),
        "blob" => {
            let digits = literal.trim_start_matches("X'").trim_end_matches('\'');
            let mut bytes = hex::decode(digits).expect("SQLite writes blobs in hexadecimal");
            flip(&mut bytes, dice);
            format!("X'{}'", hex::encode(bytes))
        }
        _ => {
            let mut bytes = literal.trim_matches('\'').replace("''", "'").into_bytes();
            flip(&mut bytes, dice);
            format!("CAST(X'{}' AS TEXT)", hex::encode(bytes))
        }
    }
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, sql.to_owned())
}
