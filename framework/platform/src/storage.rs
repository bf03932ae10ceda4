//! The only place of this crate that names the ORM: rows of sessions, organisations and proposals.
//!
//! Nothing here decides; it keeps and finds. A write transaction holds the node's one write lock, so nothing in it waits
//! for the ledger.

mod convert;
mod entity;
mod error;
pub(crate) mod opening;
pub(crate) mod organisation;
pub(crate) mod proposal;
pub(crate) mod reservation;
pub(crate) mod session;

pub use error::StorageError;

/// Lays the tables out in an empty database; a real one is migrated by the node that opens it.
#[cfg(test)]
pub(crate) async fn migrate_for_tests(database: &hive_chain::Database) {
    use hive_migrations::Migrator;
    use sea_orm_migration::MigratorTrait;

    let write = database.begin_write().await.unwrap();
    Migrator::up(write.orm(), None).await.unwrap();
    write.commit().await.unwrap();
}

/// Kinds of the journal's entries about a subject, in order.
#[cfg(test)]
pub(crate) async fn journal_kinds_for_tests(database: &hive_chain::Database, subject: &str) -> Vec<String> {
    use sea_orm::{ConnectionTrait, Statement};

    // Both databases take parameters by number.
    let sql = "SELECT kind FROM journal_entry WHERE subject = $1 ORDER BY chain_id, number";
    let kind = database.read().get_database_backend();
    let statement = Statement::from_sql_and_values(kind, sql, [subject.into()]);
    let rows = database.read().query_all_raw(statement).await.unwrap();
    rows.into_iter().map(|row| row.try_get("", "kind").unwrap()).collect()
}

/// Makes a stored proposal unreadable, as a damaged disk might.
#[cfg(test)]
pub(crate) async fn spoil_proposal_for_tests(database: &hive_chain::Database, number: i64) {
    use sea_orm::{ConnectionTrait, Statement};

    let sql = "UPDATE platform_proposal SET required = '[{]' WHERE number = $1";
    let statement = Statement::from_sql_and_values(database.read().get_database_backend(), sql, [number.into()]);
    let write = database.begin_write().await.unwrap();
    write.orm().execute_raw(statement).await.unwrap();
    write.commit().await.unwrap();
}
