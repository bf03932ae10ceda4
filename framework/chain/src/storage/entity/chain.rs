//! One hosted chain. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One hosted chain.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chain")]
pub struct Model {
    /// Dense number, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// The ChainId.
    #[sea_orm(column_type = "Blob")]
    pub identity: Vec<u8>,
    /// The genesis' name.
    pub name: String,
    /// Canonical Genesis.
    #[sea_orm(column_type = "Blob")]
    pub genesis: Vec<u8>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
