//! A claim held by a state. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// A claim held by a state.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claim")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// The holding state.
    #[sea_orm(primary_key, auto_increment = false)]
    pub state_number: i64,
    /// Place among that state's claims.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i64,
    /// ClaimKey.
    #[sea_orm(column_type = "Blob")]
    pub claim_key: Vec<u8>,
    /// 1 exclusive, 2 once.
    pub kind: i64,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
