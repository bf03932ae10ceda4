//! One entry of a chain's journal. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One entry of a chain's journal.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal_entry")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Dense per chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Milliseconds UTC.
    pub recorded_at_ms: i64,
    /// Address of who acted.
    #[sea_orm(column_type = "Blob")]
    pub actor: Vec<u8>,
    /// What was done.
    pub kind: String,
    /// What it was done to.
    pub subject: String,
    /// Counts the changes of the readers.
    pub epoch: i64,
    /// Salt and content, under the epoch's key.
    #[sea_orm(column_type = "Blob")]
    pub sealed: Vec<u8>,
    /// Salted hash of the content.
    #[sea_orm(column_type = "Blob")]
    pub commitment: Vec<u8>,
    /// Chained hash of the entry.
    #[sea_orm(column_type = "Blob")]
    pub hash: Vec<u8>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
