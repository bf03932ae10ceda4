//! Who may see a proposal. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// Who may see a proposal.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_proposal_party")]
pub struct Model {
    /// Address of the party.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
    pub party: Vec<u8>,
    /// Number of the proposal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub proposal: i64,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
