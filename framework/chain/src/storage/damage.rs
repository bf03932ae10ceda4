//! Damages one stored value, for tests of the audit, and can put it back.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// Small, seeded and good enough to pick rows and bits.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }
}

pub(crate) struct Damage {
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) before: String,
    pub(crate) after: String,
    undo: String,
}

pub(crate) struct Vandal {
    connection: DatabaseConnection,
}

impl Vandal {
    pub(crate) async fn open(url: &str) -> Self {
        Self { connection: sea_orm::Database::connect(url).await.unwrap() }
    }

    /// Every table of this crate and its projections, with its columns; read from the database itself.
    pub(crate) async fn columns(&self) -> Vec<(String, String)> {
        let sql = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                   WHERE m.type = 'table' AND m.name NOT LIKE '%migration%' AND m.name NOT LIKE 'sqlite_%' \
                   AND m.name NOT LIKE 'platform_%' ORDER BY 1, c.cid";
        let rows = self.query(sql).await;
        rows.into_iter().map(|mut row| (row.remove(0), row.remove(0))).collect()
    }

    pub(crate) async fn count(&self, table: &str) -> usize {
        self.query(&format!("SELECT CAST(count(*) AS TEXT), '' FROM \"{table}\"")).await[0][0].parse().unwrap()
    }

    /// Flips one bit of a random row's value; a null becomes a value.
    pub(crate) async fn flip(&self, table: &str, column: &str, dice: &mut Dice) -> Damage {
        let key: Vec<String> = self
            .query(&format!("SELECT name, '' FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"))
            .await
            .into_iter()
            .map(|mut row| row.remove(0))
            .collect();
        for _ in 0..200 {
            let row = dice.below(self.count(table).await);
            let quoted: Vec<_> = key.iter().map(|name| format!("quote(\"{name}\")")).collect();
            let sql = format!(
                "SELECT quote(\"{column}\"), typeof(\"{column}\"), {} FROM \"{table}\" LIMIT 1 OFFSET {row}",
                quoted.join(", ")
            );
            let mut values = self.query(&sql).await.remove(0);
            let keys = values.split_off(2);
            let (before, class) = (values.remove(0), values.remove(0));
            let after = flipped(&before, &class, dice);
            let place = |own: &str| {
                let parts = key.iter().zip(&keys);
                let parts = parts.map(|(n, v)| format!("\"{n}\" = {}", if n == column { own } else { v }));
                parts.collect::<Vec<_>>().join(" AND ")
            };
            let update =
                |value: &str, own: &str| format!("UPDATE \"{table}\" SET \"{column}\" = {value} WHERE {}", place(own));
            // A flipped key may collide with another row's, or be the same after conversion; then another bit is tried.
            if self.connection.execute_raw(statement(&update(&after, &before))).await.is_err() {
                continue;
            }
            let undo = update(&before, &after);
            return Damage { table: table.to_owned(), column: column.to_owned(), before, after, undo };
        }
        panic!("no bit of {table}.{column} can be flipped");
    }

    pub(crate) async fn restore(&self, damage: &Damage) {
        let done = self.connection.execute_raw(statement(&damage.undo)).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{}", damage.undo);
    }

    /// From now on no state can be written.
    pub(crate) async fn fill_the_disk(&self) {
        let raises = "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS \
                      $$ BEGIN RAISE EXCEPTION 'disk full'; END $$";
        let statements: &[&str] = match self.connection.get_database_backend() {
            DbBackend::Postgres => {
                &[raises, "CREATE TRIGGER disk_full BEFORE INSERT ON state EXECUTE FUNCTION disk_full()"]
            }
            _ => &["CREATE TRIGGER disk_full BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'disk full'); END"],
        };
        for sql in statements {
            self.execute(sql).await;
        }
    }

    pub(crate) async fn empty_the_disk(&self) {
        match self.connection.get_database_backend() {
            DbBackend::Postgres => self.execute("DROP TRIGGER disk_full ON state").await,
            _ => self.execute("DROP TRIGGER disk_full").await,
        }
    }

    /// The server ends the session that keeps other nodes away.
    pub(crate) async fn end_the_locks_session(&self) {
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await;
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.connection.execute_raw(statement(sql)).await.unwrap();
    }

    pub(crate) async fn query(&self, sql: &str) -> Vec<Vec<String>> {
        let rows = self.connection.query_all_raw(statement(sql)).await.unwrap();
        let width = |row: &sea_orm::QueryResult| row.column_names().len();
        rows.iter().map(|row| (0..width(row)).map(|place| row.try_get_by_index(place).unwrap()).collect()).collect()
    }
}

fn flipped(literal: &str, class: &str, dice: &mut Dice) -> String {
    match class {
        "null" => ["7", "'x'", "X'00'"][dice.below(3)].to_owned(),
        "integer" => (literal.parse::<i64>().unwrap() ^ (1 << dice.below(62))).to_string(),
        "blob" => {
            let mut bytes = hex::decode(literal.trim_start_matches("X'").trim_end_matches('\'')).unwrap();
            if bytes.is_empty() {
                return "X'00'".to_owned();
            }
            let place = dice.below(bytes.len());
            bytes[place] ^= 1 << dice.below(8);
            format!("X'{}'", hex::encode(bytes))
        }
        _ => {
            let mut bytes = literal.trim_matches('\'').replace("''", "'").into_bytes();
            if bytes.is_empty() {
                return "'x'".to_owned();
            }
            let place = dice.below(bytes.len());
            bytes[place] ^= 1 << dice.below(8);
            format!("CAST(X'{}' AS TEXT)", hex::encode(bytes))
        }
    }
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, sql.to_owned())
}
