//! Brings a database to this release's schema, all of it or nothing, and says what is missing.

use std::collections::BTreeSet;

use hive_migrations::Migrator;
use sea_orm::sea_query::{Alias, IntoIden};
use sea_orm::{ConnectionTrait, DynIden, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait, MigratorTraitSelf};

use super::dump::{identifier, tables};
use super::{Database, StorageError, WriteTransaction};
use crate::projection::Projection;

/// A vertical's migrations, in order; a released one never changes.
pub type Migrations = Vec<Box<dyn MigrationTrait>>;

/// Whose migrations: each keeps a record of its own, so verticals come and go independently.
enum Part<'a> {
    Framework,
    Projection(&'a dyn Projection),
}

/// How far a database's schema is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SchemaLevel {
    /// Migrations that the database has, of the framework and of each projection.
    applied: Vec<u32>,
    /// Names of those it does not have yet.
    pub(crate) pending: Vec<String>,
    /// Names of those it has and this program does not.
    pub(crate) unknown: Vec<String>,
}

impl SchemaLevel {
    /// True of a database that no node has ever opened.
    pub(crate) fn is_new(&self) -> bool {
        self.unknown.is_empty() && self.applied.iter().all(|applied| *applied == 0)
    }
}

impl Part<'_> {
    /// The table that says what is applied.
    fn record(&self) -> String {
        match self {
            Self::Framework => "seaql_migrations".to_owned(),
            Self::Projection(projection) => format!("migration_{}", projection.name().replace('-', "_")),
        }
    }
}

impl MigratorTraitSelf for Part<'_> {
    fn migrations(&self) -> Migrations {
        match self {
            Self::Framework => <Migrator as MigratorTrait>::migrations(),
            Self::Projection(projection) => projection.migrations(),
        }
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(self.record()).into_iden()
    }
}

fn parts(projections: &[Box<dyn Projection>]) -> impl Iterator<Item = Part<'_>> {
    let of_projections = projections.iter().map(|projection| Part::Projection(projection.as_ref()));
    std::iter::once(Part::Framework).chain(of_projections)
}

/// True of the tables that say which migrations are applied.
pub(crate) fn is_record(table: &str, projections: &[Box<dyn Projection>]) -> bool {
    parts(projections).any(|part| part.record() == table)
}

/// Runs what is missing of the framework's and the projections' migrations.
pub(crate) async fn migrate(database: &Database, projections: &[Box<dyn Projection>]) -> Result<(), StorageError> {
    let transaction = database.begin_write().await?;
    within(&transaction, projections).await?;
    transaction.commit().await
}

/// The same within a transaction.
pub(crate) async fn within(
    transaction: &WriteTransaction,
    projections: &[Box<dyn Projection>],
) -> Result<(), StorageError> {
    for part in parts(projections) {
        part.up(transaction.orm(), None).await?;
    }
    Ok(())
}

/// The same for the framework and one projection.
pub(super) async fn one(database: &Database, projection: &dyn Projection) -> Result<(), StorageError> {
    let transaction = database.begin_write().await?;
    for part in [Part::Framework, Part::Projection(projection)] {
        part.up(transaction.orm(), None).await?;
    }
    transaction.commit().await
}

/// Brings an empty database as far as another one is.
pub(crate) async fn up_to(
    transaction: &WriteTransaction,
    projections: &[Box<dyn Projection>],
    level: &SchemaLevel,
) -> Result<(), StorageError> {
    for (part, applied) in parts(projections).zip(&level.applied) {
        if *applied > 0 {
            part.up(transaction.orm(), Some(*applied)).await?;
        }
    }
    Ok(())
}

/// How far a database is; reads alone.
pub(crate) async fn level(
    connection: &impl ConnectionTrait,
    projections: &[Box<dyn Projection>],
) -> Result<SchemaLevel, StorageError> {
    let tables = tables(connection).await?;
    let mut level = SchemaLevel::default();
    for part in parts(projections) {
        let (record, mut applied) = (part.record(), BTreeSet::new());
        if tables.contains(&record) {
            let select = format!("SELECT version FROM {}", identifier(&record));
            let statement = Statement::from_string(connection.get_database_backend(), select);
            for row in connection.query_all_raw(statement).await? {
                applied.insert(row.try_get_by_index::<String>(0)?);
            }
        }
        let mut count = 0_u32;
        for migration in part.migrations() {
            if applied.remove(migration.name()) {
                count = count.saturating_add(1);
            } else {
                level.pending.push(migration.name().to_owned());
            }
        }
        level.applied.push(count);
        level.unknown.extend(applied);
    }
    Ok(level)
}
