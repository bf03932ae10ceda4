//! One refresh token ever given out. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One refresh token ever given out.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_refresh_token")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub fingerprint: Vec<u8>,
    /// Its session.
    #[sea_orm(column_type = "Blob")]
    pub session: Vec<u8>,
    /// Milliseconds UTC.
    pub issued_at_ms: i64,
    /// Milliseconds UTC; a used token is never good again.
    pub used_at_ms: Option<i64>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
