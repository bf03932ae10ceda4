//! One output ever created. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One output ever created.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "state")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Dense per chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Height of the block that created it.
    pub height: i64,
    /// Place of the creating transaction in its block.
    pub position: i64,
    /// Place among that transaction's outputs.
    pub output_index: i64,
    /// name@version.
    pub contract: String,
    /// Which of the contract's messages it holds.
    pub kind: String,
    /// Address.
    #[sea_orm(column_type = "Blob")]
    pub owner: Vec<u8>,
    /// AssetId, when the state holds an amount of one.
    #[sea_orm(column_type = "Blob", nullable)]
    pub asset: Option<Vec<u8>>,
    /// In the asset's smallest unit.
    pub amount: Option<i64>,
    /// How many locks it carries.
    pub lock_count: i64,
    /// Height of the block that consumed it; null while unspent.
    pub spent_height: Option<i64>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
