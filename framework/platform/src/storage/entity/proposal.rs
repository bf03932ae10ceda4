//! One proposal. Its columns are explained in the migration.

use sea_orm::entity::prelude::*;

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_proposal")]
pub struct Model {
    /// Order of opening.
    #[sea_orm(primary_key)]
    pub number: i64,
    /// 16 random bytes.
    #[sea_orm(column_type = "Blob")]
    pub id: Vec<u8>,
    /// Its chain.
    #[sea_orm(column_type = "Blob")]
    pub chain: Vec<u8>,
    /// Address of the creator.
    #[sea_orm(column_type = "Blob")]
    pub creator: Vec<u8>,
    /// The creator's key of this write.
    pub idempotency_key: String,
    /// SHA-256 of the write's input.
    #[sea_orm(column_type = "Blob")]
    pub input_hash: Vec<u8>,
    /// The canonical Transaction.
    #[sea_orm(column_type = "Blob")]
    pub body: Vec<u8>,
    /// Its id.
    #[sea_orm(column_type = "Blob")]
    pub transaction_id: Vec<u8>,
    /// Its command id; the ledger is asked by it.
    #[sea_orm(column_type = "Blob")]
    pub command_id: Vec<u8>,
    /// Who must sign, as JSON.
    pub required: String,
    /// What it does, as JSON.
    pub summary: String,
    /// What was to be warned of, as JSON.
    pub warnings: String,
    /// End of the time window, milliseconds UTC.
    pub until_ms: i64,
    /// Milliseconds UTC.
    pub opened_at_ms: i64,
    /// Number of the journal entry of its opening.
    pub journal_number: i64,
    /// Milliseconds UTC, when nothing is left to do.
    pub ended_at_ms: Option<i64>,
    /// How it ended.
    pub ending: Option<String>,
    /// Who ended it.
    #[sea_orm(column_type = "Blob")]
    pub ended_by: Option<Vec<u8>>,
    /// Code of the ledger's refusal.
    pub ending_code: Option<String>,
    /// Reason or message.
    pub ending_text: Option<String>,
}

/// The table stands alone; what belongs together is found by its keys.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
