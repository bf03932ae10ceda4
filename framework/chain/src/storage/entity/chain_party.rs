//! What a chain knows of a party. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// What a chain knows of a party.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_party")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Its address.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub party: Vec<u8>,
    /// Canonical Party.
    #[sea_orm(column_type = "Blob", nullable)]
    pub record: Option<Vec<u8>>,
    /// Canonical Permissions.
    #[sea_orm(column_type = "Blob", nullable)]
    pub permissions: Option<Vec<u8>>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
