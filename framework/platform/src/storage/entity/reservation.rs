//! A token that an unfinished proposal will spend. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// A token that an unfinished proposal will spend.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_reservation")]
pub struct Model {
    /// Its chain.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub chain: Vec<u8>,
    /// Transaction that created the state.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub state_transaction: Vec<u8>,
    /// Place among its outputs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub state_index: i64,
    /// Number of the proposal.
    pub proposal: i64,
    /// Owner and creator.
    #[sea_orm(column_type = "Blob")]
    pub party: Vec<u8>,
    /// Milliseconds UTC; over when the proposal expires.
    pub until_ms: i64,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
