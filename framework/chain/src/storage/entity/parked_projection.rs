//! A projection that failed on a block. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// A projection that failed on a block.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parked_projection")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// The projection's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The block it failed on.
    pub height: i64,
    /// Why.
    pub reason: String,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
