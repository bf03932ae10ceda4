//! Where a transaction and its command id stand. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// Where a transaction and its command id stand.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "committed_transaction")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Height of its block.
    #[sea_orm(primary_key, auto_increment = false)]
    pub height: i64,
    /// Its place in the block, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// TransactionId.
    #[sea_orm(column_type = "Blob")]
    pub id: Vec<u8>,
    /// First eight bytes of `id`, big endian.
    pub id_prefix: i64,
    /// CommandId.
    #[sea_orm(column_type = "Blob")]
    pub command_id: Vec<u8>,
    /// First eight bytes of `command_id`, big endian.
    pub command_prefix: i64,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
