//! One committed block. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One committed block.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "block")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub height: i64,
    /// Its place among the blocks of all chains, dense from 1.
    pub sequence: i64,
    /// BlockHash.
    #[sea_orm(column_type = "Blob")]
    pub hash: Vec<u8>,
    /// Milliseconds UTC, from the header.
    pub time_ms: i64,
    /// How many transactions it holds.
    pub transaction_count: i64,
    /// How many journal entries it folds.
    pub journal_count: i64,
    /// Canonical Block.
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
