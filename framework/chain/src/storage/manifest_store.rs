//! The one row that a backup has besides a node's own tables.

use sea_orm::{ConnectionTrait, Statement};

use super::dump::literal;
use super::{Database, StorageError};

pub(crate) async fn write(database: &Database, manifest: &str) -> Result<(), StorageError> {
    let transaction = database.begin_write().await?;
    transaction.orm().execute_unprepared("CREATE TABLE backup_manifest (manifest TEXT NOT NULL)").await?;
    let insert = format!("INSERT INTO backup_manifest (manifest) VALUES ({})", literal(manifest));
    transaction.orm().execute_unprepared(&insert).await?;
    transaction.commit().await
}

/// Reads it and takes it away; empty where there is none.
pub(crate) async fn take(database: &Database) -> Result<String, StorageError> {
    let transaction = database.begin_write().await?;
    let backend = transaction.orm().get_database_backend();
    let there = super::dump::tables(transaction.orm()).await?.iter().any(|table| table == "backup_manifest");
    if !there {
        return Ok(String::new());
    }
    let select = Statement::from_string(backend, "SELECT manifest FROM backup_manifest");
    let row = transaction.orm().query_one_raw(select).await?;
    let manifest = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    transaction.orm().execute_unprepared("DROP TABLE backup_manifest").await?;
    transaction.commit().await?;
    Ok(manifest)
}
