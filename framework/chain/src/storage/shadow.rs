//! Where a projection's tables are built anew while the live ones are read and written: a file of its own beside SQLite's, a
//! schema of its own on PostgreSQL. Connections to it find the projection's tables there under their usual names.
//!
//! How far each chain is folded stands in the same place, written by the same transaction as the rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait, Statement};

use super::connection::Kind;
use super::dump::{identifier, literal};
use super::entity::outbox_event;
use super::lock::file_of;
use super::{Database, StorageError, WriteTransaction, bulk, migrate, outbox_store, signed, unsigned};
use crate::outbox::NewEvent;
use crate::projection::Projection;

/// Under which SQLite's live database sees the shadow while tables are exchanged.
const ATTACHED: &str = "rebuilt";
const POSITION: &str =
    "CREATE TABLE IF NOT EXISTS rebuild_position (chain_id BIGINT PRIMARY KEY, height BIGINT NOT NULL)";
const PROGRAM: &str = "CREATE TABLE IF NOT EXISTS rebuild_program (program TEXT NOT NULL)";

/// A projection's tables that are being built anew.
pub(crate) struct Shadow {
    database: Database,
    place: Place,
}

enum Place {
    File(PathBuf),
    Schema(String),
}

/// A chain whose projection stands still: what it missed is told when tables are exchanged.
#[derive(Clone, Debug)]
pub(crate) struct Missed {
    pub(crate) chain_number: i64,
    /// The block it stands still from.
    pub(crate) from: u64,
    /// What says that it has caught up.
    pub(crate) marker: NewEvent,
}

/// Which rows are exchanged, and what else changes with them.
pub(crate) struct Exchange<'a> {
    pub(crate) projection: &'a dyn Projection,
    /// One chain, or all of the table.
    pub(crate) chain_number: Option<i64>,
    pub(crate) missed: &'a [Missed],
    /// Sequence of the last event.
    pub(crate) last_event: i64,
}

impl Shadow {
    /// What an earlier rebuild by the same program has left, or an empty one; none beside a database in memory.
    pub(crate) async fn open(
        live: &Database,
        url: &str,
        projection: &dyn Projection,
        program: &str,
    ) -> Result<Option<Self>, StorageError> {
        let Some(shadow) = Self::connect(live, url, projection).await? else { return Ok(None) };
        if shadow.program().await? == program {
            return Ok(Some(shadow));
        }
        // Other code may have written other rows.
        shadow.remove(live).await?;
        let Some(shadow) = Self::connect(live, url, projection).await? else { return Ok(None) };
        let transaction = shadow.database.begin_write().await?;
        let written = format!("INSERT INTO rebuild_program (program) VALUES ({})", literal(program));
        transaction.orm().execute_unprepared(&written).await?;
        transaction.commit().await?;
        Ok(Some(shadow))
    }

    async fn connect(live: &Database, url: &str, projection: &dyn Projection) -> Result<Option<Self>, StorageError> {
        let name = projection.name().replace('-', "_");
        let (url, place) = match Kind::of(url)? {
            Kind::Sqlite => {
                let Some(path) = file_of(url) else { return Ok(None) };
                let path = beside(&path, &format!(".rebuild-{name}"));
                (format!("sqlite:{}", path.display()), Place::File(path))
            }
            Kind::Postgres => {
                let schema = format!("hive_rebuild_{name}");
                let create = format!("CREATE SCHEMA IF NOT EXISTS {}", identifier(&schema));
                live.read().execute_unprepared(&create).await?;
                let joint = if url.contains('?') { '&' } else { '?' };
                (format!("{url}{joint}options[search_path]={schema}"), Place::Schema(schema))
            }
        };
        let database = Database::open(&url).await?;
        migrate::one(&database, projection).await?;
        for table in [POSITION, PROGRAM] {
            database.read().execute_unprepared(table).await?;
        }
        Ok(Some(Self { database, place }))
    }

    async fn program(&self) -> Result<String, StorageError> {
        let row = self.query("SELECT program FROM rebuild_program").await?.pop();
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }

    /// The transaction that folds the next blocks.
    pub(crate) async fn begin(&self) -> Result<WriteTransaction, StorageError> {
        self.database.begin_write().await
    }

    /// How far each chain is folded, by its number.
    pub(crate) async fn heights(&self) -> Result<BTreeMap<i64, u64>, StorageError> {
        let mut heights = BTreeMap::new();
        for row in self.query("SELECT chain_id, height FROM rebuild_position").await? {
            let height = unsigned("rebuild_position", "height", row.try_get_by_index(1)?)?;
            heights.insert(row.try_get_by_index(0)?, height);
        }
        Ok(heights)
    }

    /// Notes within the transaction that folded it how far a chain is.
    pub(crate) async fn advance(
        transaction: &WriteTransaction,
        chain_number: i64,
        height: u64,
    ) -> Result<(), StorageError> {
        let height = signed("rebuild_position", "height", height)?;
        let sql = format!(
            "INSERT INTO rebuild_position (chain_id, height) VALUES ({chain_number}, {height}) \
             ON CONFLICT (chain_id) DO UPDATE SET height = excluded.height"
        );
        transaction.orm().execute_unprepared(&sql).await?;
        Ok(())
    }

    /// Keeps events for the moment when tables are exchanged.
    pub(crate) async fn keep_events(transaction: &WriteTransaction, events: Vec<NewEvent>) -> Result<(), StorageError> {
        let mut last = outbox_store::last_sequence(transaction.orm()).await?;
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            last = last.saturating_add(1);
            rows.push(event.into_row(last)?);
        }
        bulk::insert_all::<outbox_event::ActiveModel, _, _>(transaction.orm(), rows).await
    }

    /// Puts the shadow's rows in the place of the live ones, and the missed events behind the last one, in one transaction of
    /// the live database; answers how many rows there are now, and the sequence of the last event. Nobody else writes
    /// meanwhile; readers see the rows of before until it is committed.
    pub(crate) async fn exchange(&self, live: &Database, exchange: &Exchange<'_>) -> Result<(u64, i64), StorageError> {
        let prefix = match &self.place {
            Place::Schema(schema) => schema.as_str(),
            Place::File(path) => {
                let path = literal(&path.display().to_string());
                live.writer().execute_unprepared(&format!("ATTACH DATABASE {path} AS {ATTACHED}")).await?;
                ATTACHED
            }
        };
        let exchanged = exchanged(live, prefix, exchange).await;
        if matches!(self.place, Place::File(_)) {
            live.writer().execute_unprepared(&format!("DETACH DATABASE {ATTACHED}")).await?;
        }
        exchanged
    }

    /// Takes it away, once its rows are live.
    pub(crate) async fn remove(self, live: &Database) -> Result<(), StorageError> {
        self.database.close().await?;
        match self.place {
            Place::Schema(schema) => {
                let drop = format!("DROP SCHEMA {} CASCADE", identifier(&schema));
                live.read().execute_unprepared(&drop).await?;
            }
            Place::File(path) => {
                for file in [path.clone(), beside(&path, "-wal"), beside(&path, "-shm")] {
                    match std::fs::remove_file(&file) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            return Err(StorageError::FileUnusable { path: file, reason: error.to_string() });
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    async fn query(&self, sql: &str) -> Result<Vec<sea_orm::QueryResult>, StorageError> {
        let connection = self.database.read();
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        Ok(connection.query_all_raw(statement).await?)
    }
}

async fn exchanged(
    live: &Database,
    prefix: &str,
    Exchange { projection, chain_number, missed, last_event }: &Exchange<'_>,
) -> Result<(u64, i64), StorageError> {
    let transaction = live.begin_write().await?;
    let of_chain = chain_number.map_or(String::new(), |number| format!(" WHERE chain_id = {number}"));
    let mut rows = 0_u64;
    for table in projection.tables() {
        let table = identifier(table);
        transaction.orm().execute_unprepared(&format!("DELETE FROM {table}{of_chain}")).await?;
        let copy = format!("INSERT INTO {table} SELECT * FROM {prefix}.{table}{of_chain}");
        rows = rows.saturating_add(transaction.orm().execute_unprepared(&copy).await?.rows_affected());
    }
    let mut last_event = *last_event;
    for Missed { chain_number, from, marker } in *missed {
        last_event = last_event.saturating_add(1);
        let marker = marker.clone().into_row(last_event)?;
        bulk::insert_all::<outbox_event::ActiveModel, _, _>(transaction.orm(), vec![marker]).await?;
        let from = signed("parked_projection", "height", *from)?;
        let tell = format!(
            "INSERT INTO outbox_event (sequence, chain_id, height, kind, parties, payload) \
             SELECT {last_event} + ROW_NUMBER() OVER (ORDER BY sequence), chain_id, height, kind, parties, payload \
             FROM {prefix}.outbox_event WHERE chain_id = {chain_number} AND height >= {from}"
        );
        let told = transaction.orm().execute_unprepared(&tell).await?.rows_affected();
        last_event = last_event.saturating_add(i64::try_from(told).unwrap_or(i64::MAX));
    }
    let stands_still = format!(
        "DELETE FROM parked_projection WHERE name = {}{}",
        literal(projection.name()),
        of_chain.replace(" WHERE ", " AND ")
    );
    transaction.orm().execute_unprepared(&stands_still).await?;
    transaction.commit().await?;
    Ok((rows, last_event))
}

/// The path with something at its end.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(ending);
    PathBuf::from(name)
}
