//! The vertical's tables, in order; a released migration never changes.
//!
//! Every row of `…_lot`, `…_receipt` and `…_pledge` is a version: it holds from the block `from_height` until the block
//! `to_height` replaced it, and by business date from `effective_on` until `ended_on`. The present has no `to_height`.
//! Rows are numbered densely per chain, so that lists have a short last key.

use hive_chain::Migrations;
use sea_orm_migration::prelude::*;

use crate::{lot, pledge, receipt};

/// All migrations.
pub fn migrations() -> Migrations {
    vec![Box::new(FirstTables)]
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &str {
        "warehouse_receipts_000001_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FirstTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [lot::migration::table(), receipt::migration::table(), pledge::migration::table()] {
            manager.create_table(table).await?;
        }
        let indexes = [lot::migration::indexes(), receipt::migration::indexes(), pledge::migration::indexes()];
        for index in indexes.into_iter().flatten() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [pledge::projection::TABLE, receipt::projection::TABLE, lot::projection::TABLE] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}

/// A number that is always there.
pub(crate) fn integer(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().take()
}

/// Bytes that are always there.
pub(crate) fn bytes(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).blob().not_null().take()
}

/// A text that is always there.
pub(crate) fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().take()
}

/// A column that may be null.
pub(crate) fn optional(mut column: ColumnDef) -> ColumnDef {
    column.null().take()
}

/// A table of versions: key, the columns given, and since when until when the version holds.
pub(crate) fn versions(name: &str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let key = vec![integer("chain_id"), integer("row_number")];
    let version = vec![
        bytes("transaction_id"),
        integer("position"),
        integer("output_index"),
        integer("from_height"),
        optional(integer("to_height")),
        integer("recorded_at_ms"),
        optional(integer("ended_at_ms")),
        integer("effective_on"),
        optional(integer("ended_on")),
    ];
    let mut statement = Table::create();
    statement.table(Alias::new(name));
    for mut column in key.into_iter().chain(columns).chain(version) {
        statement.col(&mut column);
    }
    statement.primary_key(Index::create().col(Alias::new("chain_id")).col(Alias::new("row_number")));
    statement
}

/// An index that begins with the chain.
pub(crate) fn index(table: &str, name: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut statement = Index::create();
    statement.name(format!("{table}_{name}")).table(Alias::new(table)).col(Alias::new("chain_id"));
    for column in columns {
        statement.col(Alias::new(*column));
    }
    statement
}
