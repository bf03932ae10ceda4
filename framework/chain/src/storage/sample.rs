//! A projection for this crate's tests: one row per transaction, one event per token transfer, and a switch to fail.

use async_trait::async_trait;
use ledger_core::contract::token;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::{Migrations, ProjectionWriter};
use crate::projection::{CommittedBlock, Projection, ProjectionError};

/// One row per transaction of a chain.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sample_transaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub height: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub commands: String,
    /// Counts the rows of the chain, so that it depends on what was written before.
    pub ordinal: i64,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A transaction with this metadata key makes the projection fail.
pub(crate) const FAIL: &str = "fail the projection";

pub(crate) struct Sample;

#[async_trait]
impl Projection for Sample {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["sample_transaction"]
    }

    fn migrations(&self) -> Migrations {
        vec![Box::new(SampleTable)]
    }

    async fn apply(&self, writer: &mut ProjectionWriter<'_>, block: &CommittedBlock) -> Result<(), ProjectionError> {
        let mut ordinal = i64::try_from(writer.count::<Entity>(|rows| rows).await?).unwrap();
        let mut rows = Vec::new();
        for (position, transaction) in block.transactions() {
            ordinal += 1;
            let commands: Vec<_> =
                transaction.transaction.commands.iter().map(|c| format!("{}/{}", c.contract.name(), c.name)).collect();
            rows.push(ActiveModel {
                height: Set(i64::try_from(block.height()).unwrap()),
                position: Set(i64::from(position)),
                commands: Set(commands.join(" ")),
                ordinal: Set(ordinal),
                note: Set(transaction.transaction.metadata.first().map(|(key, _)| key.clone())),
                ..Default::default()
            });
            if commands.contains(&"token/transfer".to_owned()) {
                let owners: Vec<_> =
                    transaction.outputs_of(token::NAME, token::HOLDING).map(|(_, state)| state.owner).collect();
                writer.emit(
                    "sample.transferred",
                    &owners,
                    &serde_json::json!({ "transaction": transaction.id.to_string() }),
                );
            }
        }
        let failing = block.transactions().any(|(_, t)| t.transaction.metadata.iter().any(|(key, _)| key == FAIL));
        writer.insert_many(rows).await?;
        match failing {
            true => Err(ProjectionError::RowMissing { table: "sample_transaction", key: "asked to fail".to_owned() }),
            false => Ok(()),
        }
    }
}

/// The same, with the switch mended.
pub(crate) struct Mended;

#[async_trait]
impl Projection for Mended {
    fn name(&self) -> &'static str {
        Sample.name()
    }

    fn tables(&self) -> &'static [&'static str] {
        Sample.tables()
    }

    fn migrations(&self) -> Migrations {
        Sample.migrations()
    }

    async fn apply(&self, writer: &mut ProjectionWriter<'_>, block: &CommittedBlock) -> Result<(), ProjectionError> {
        match Sample.apply(writer, block).await {
            Err(ProjectionError::RowMissing { .. }) => Ok(()),
            other => other,
        }
    }
}

/// The same with one migration more, as a later release has it.
pub(crate) struct Grown {
    /// The later migration fails.
    pub(crate) breaks: bool,
}

/// Name of the later migration.
pub(crate) const NEWER: &str = "sample_000002_index";

#[async_trait]
impl Projection for Grown {
    fn name(&self) -> &'static str {
        Sample.name()
    }

    fn tables(&self) -> &'static [&'static str] {
        Sample.tables()
    }

    fn migrations(&self) -> Migrations {
        vec![
            Box::new(SampleTable),
            Box::new(SampleIndex { table: if self.breaks { "no_table" } else { "sample_transaction" } }),
        ]
    }

    async fn apply(&self, writer: &mut ProjectionWriter<'_>, block: &CommittedBlock) -> Result<(), ProjectionError> {
        Sample.apply(writer, block).await
    }
}

struct SampleIndex {
    table: &'static str,
}

impl MigrationName for SampleIndex {
    fn name(&self) -> &str {
        NEWER
    }
}

#[async_trait]
impl MigrationTrait for SampleIndex {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name("sample_note").table(Alias::new(self.table)).col(Alias::new("note"));
        manager.create_index(index).await
    }
}

struct SampleTable;

impl MigrationName for SampleTable {
    fn name(&self) -> &str {
        "sample_000001_tables"
    }
}

#[async_trait]
impl MigrationTrait for SampleTable {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table(Alias::new("sample_transaction"));
        for column in ["chain_id", "height", "position"] {
            table.col(sea_orm::sea_query::ColumnDef::new(Alias::new(column)).big_integer().not_null());
        }
        table.col(sea_orm::sea_query::ColumnDef::new(Alias::new("commands")).text().not_null());
        table.col(sea_orm::sea_query::ColumnDef::new(Alias::new("ordinal")).big_integer().not_null());
        table.col(sea_orm::sea_query::ColumnDef::new(Alias::new("note")).text().null());
        let mut key = Index::create();
        key.col(Alias::new("chain_id")).col(Alias::new("height")).col(Alias::new("position"));
        manager.create_table(table.primary_key(&mut key).to_owned()).await
    }
}
