//! An opening of a sealed field, sealed to its recipient. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// An opening of a sealed field.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_sealed_opening")]
pub struct Model {
    /// The field's chain.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub chain: Vec<u8>,
    /// The field's commitment.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub commitment: Vec<u8>,
    /// Who opens it.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub recipient: Vec<u8>,
    /// Who put it there.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub put_by: Vec<u8>,
    /// Milliseconds UTC.
    pub put_at_ms: i64,
    /// Sealed to the recipient's encryption key.
    #[sea_orm(column_type = "Blob")]
    pub sealed: Vec<u8>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
