//! Schema of the framework's own tables.
//!
//! One file per area, each with its list of migrations; verticals carry their own tables and their own list.

use sea_orm_migration::prelude::*;

mod chain;
mod platform_tables;

/// Brings a database to the schema of this release.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        [chain::migrations(), platform_tables::migrations()].into_iter().flatten().collect()
    }
}
