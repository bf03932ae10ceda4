//! Brings the database to this release's schema, all of it or nothing.

use hive_migrations::Migrator;
use sea_orm::DynIden;
use sea_orm::sea_query::{Alias, IntoIden};
use sea_orm_migration::{MigrationTrait, MigratorTrait, MigratorTraitSelf};

use super::{Database, StorageError};
use crate::projection::Projection;

/// A vertical's migrations, in order; a released one never changes.
pub type Migrations = Vec<Box<dyn MigrationTrait>>;

/// Runs one projection's migrations; each projection keeps a record of its own, so verticals come and go independently.
struct ProjectionMigrator<'a>(&'a dyn Projection);

impl MigratorTraitSelf for ProjectionMigrator<'_> {
    fn migrations(&self) -> Migrations {
        self.0.migrations()
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(format!("migration_{}", self.0.name().replace('-', "_"))).into_iden()
    }
}

/// Runs what is missing of the framework's and the projections' migrations.
pub(crate) async fn migrate(database: &Database, projections: &[Box<dyn Projection>]) -> Result<(), StorageError> {
    let transaction = database.begin_write().await?;
    <Migrator as MigratorTrait>::up(transaction.orm(), None).await?;
    for projection in projections {
        ProjectionMigrator(projection.as_ref()).up(transaction.orm(), None).await?;
    }
    transaction.commit().await
}

/// The same for the framework and one projection.
pub(crate) async fn one(database: &Database, projection: &dyn Projection) -> Result<(), StorageError> {
    let transaction = database.begin_write().await?;
    <Migrator as MigratorTrait>::up(transaction.orm(), None).await?;
    ProjectionMigrator(projection).up(transaction.orm(), None).await?;
    transaction.commit().await
}
