//! One event for subscribers. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One event for subscribers.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_event")]
pub struct Model {
    /// Dense over all chains, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// The chain's number.
    pub chain_id: i64,
    /// Height of its block.
    pub height: i64,
    /// What happened.
    pub kind: String,
    /// Addresses that may see it, 32 bytes each.
    #[sea_orm(column_type = "Blob")]
    pub parties: Vec<u8>,
    /// JSON.
    pub payload: String,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
