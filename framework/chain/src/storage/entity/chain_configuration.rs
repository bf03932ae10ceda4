//! The configuration that a transaction has set. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// The configuration that a transaction has set.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_configuration")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Canonical Configuration.
    #[sea_orm(column_type = "Blob")]
    pub configuration: Vec<u8>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
