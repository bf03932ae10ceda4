//! The earliest deadline of a chain's agreements and netting rounds. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// The earliest deadline of a chain's agreements and netting rounds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_timer")]
pub struct Model {
    /// The chain's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain_id: i64,
    /// Milliseconds UTC.
    pub due_ms: i64,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
