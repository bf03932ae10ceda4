//! One signed-in session. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One signed-in session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_session")]
pub struct Model {
    /// 16 random bytes.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub id: Vec<u8>,
    /// Address of the party.
    #[sea_orm(column_type = "Blob")]
    pub party: Vec<u8>,
    /// The key that signed in.
    #[sea_orm(column_type = "Blob")]
    pub signing_key: Vec<u8>,
    /// Milliseconds UTC.
    pub opened_at_ms: i64,
    /// Milliseconds UTC; the session ends then at the latest.
    pub expires_at_ms: i64,
    /// Milliseconds UTC, when revoked.
    pub revoked_at_ms: Option<i64>,
    /// Why it was revoked.
    pub revoked_because: Option<String>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
