//! A reader of a chain's journal in one epoch. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// A reader of a chain's journal.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal_reader")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Counts the changes of the readers, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub epoch: i64,
    /// Place among the epoch's readers, ascending by address.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i64,
    /// Address of the reader.
    #[sea_orm(column_type = "Blob")]
    pub reader: Vec<u8>,
    /// Its X25519 key then.
    #[sea_orm(column_type = "Blob")]
    pub encryption_key: Vec<u8>,
    /// The epoch's key, sealed to it.
    #[sea_orm(column_type = "Blob")]
    pub sealed_key: Vec<u8>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
