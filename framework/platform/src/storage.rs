//! The only place of this crate that names the ORM: rows of sessions, organisations and proposals.
//!
//! Nothing here decides; it keeps and finds. A write transaction holds the node's one write lock, so nothing in it waits
//! for the ledger.

mod convert;
mod entity;
mod error;
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
