//! One collected signature. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One collected signature.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_proposal_signature")]
pub struct Model {
    /// Number of the proposal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub proposal: i64,
    /// The party it is given for.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub party: Vec<u8>,
    /// The key.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub signing_key: Vec<u8>,
    /// 64 bytes.
    #[sea_orm(column_type = "Blob")]
    pub signature: Vec<u8>,
    /// Milliseconds UTC.
    pub signed_at_ms: i64,
    /// Number of its journal entry.
    pub journal_number: i64,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
