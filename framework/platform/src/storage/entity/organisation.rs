//! What a party is called. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// What a party is called.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_organisation")]
pub struct Model {
    /// Address of the party.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub address: Vec<u8>,
    /// Name in English.
    pub name_en: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Kind of organisation.
    pub kind: String,
    /// Milliseconds UTC.
    pub enrolled_at_ms: i64,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
