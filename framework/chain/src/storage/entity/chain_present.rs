//! A part of what is kept of a chain's memory. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// A part of what is kept of a chain's memory.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_present")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// The height it belongs to; 0 of the head and of what is only appended.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    /// What it holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: i64,
    /// Its place among the parts of its kind, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i64,
    /// The records.
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
