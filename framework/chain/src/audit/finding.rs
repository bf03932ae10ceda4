//! What an audit says.

use std::fmt;

use ledger_core::Coded;
use thiserror::Error;

use crate::backup::ChainTip;

/// Findings kept in a report; further ones are counted.
const FINDINGS_MAX: usize = 1_000;

/// What is wrong at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FindingKind {
    /// The database itself says so.
    #[error("the database's file is damaged; restore it from a backup")]
    FileDamaged,
    /// A chain's number or genesis.
    #[error("a chain's row is damaged; restore the database from a backup")]
    ChainDamaged,
    /// A block that is cut short, or does not follow by every rule.
    #[error("a block does not verify, and its chain ends before it; restore the database from a backup")]
    BlockBroken,
    /// Higher ones are there.
    #[error("a block is missing, and its chain ends before it; restore the database from a backup")]
    BlockMissing,
    /// A whole-ledger invariant.
    #[error("the ledger that the blocks give breaks an invariant; nothing is committed on its chain any more")]
    InvariantBroken,
    /// An entry, its seal or its readers.
    #[error("the journal is not what the blocks fold and the entries say; restore the database from a backup")]
    JournalBroken,
    /// What a block gives is not stored: a part of its commit is missing.
    #[error(
        "a row that the blocks give is missing; restore the database from a backup, or build a read table anew with hive rebuild"
    )]
    RowMissing,
    /// What is stored no block gives: a part of a commit without its block, or somebody's own.
    #[error(
        "a row is there that no block gives; restore the database from a backup, or build a read table anew with hive rebuild"
    )]
    RowUnexpected,
    /// A stored value.
    #[error(
        "a value differs from what the blocks give; restore the database from a backup, or build a read table anew with hive rebuild"
    )]
    ValueDiffers,
    /// A kept present.
    #[error("what is kept of a chain's memory is not what its blocks give; the chain opens from its blocks instead")]
    PresentDiffers,
}

ledger_core::codes!(FindingKind {
    FileDamaged => "AUDIT_FILE_DAMAGED",
    ChainDamaged => "AUDIT_CHAIN_DAMAGED",
    BlockBroken => "AUDIT_BLOCK_BROKEN",
    BlockMissing => "AUDIT_BLOCK_MISSING",
    InvariantBroken => "AUDIT_INVARIANT_BROKEN",
    JournalBroken => "AUDIT_JOURNAL_BROKEN",
    RowMissing => "AUDIT_ROW_MISSING",
    RowUnexpected => "AUDIT_ROW_UNEXPECTED",
    ValueDiffers => "AUDIT_VALUE_DIFFERS",
    PresentDiffers => "AUDIT_PRESENT_DIFFERS",
});

/// One place where the database differs from what the blocks give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The table.
    pub table: String,
    /// The row: names and values of its key's columns.
    pub key: String,
    /// The column, when one column differs.
    pub column: Option<String>,
    /// Height of the block concerned, when known.
    pub height: Option<u64>,
    /// What is stored.
    pub found: String,
    /// What must be there, or what does not hold.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind.code(), self.table)?;
        if let Some(column) = &self.column {
            write!(formatter, ".{column}")?;
        }
        write!(formatter, " [{}]", self.key)?;
        if let Some(height) = self.height {
            write!(formatter, " at height {height}")?;
        }
        write!(formatter, ": found {}, expected {}", self.found, self.expected)
    }
}

/// The outcome of an audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Chains verified.
    pub chains: u64,
    /// Blocks verified.
    pub blocks: u64,
    /// Transactions verified.
    pub transactions: u64,
    /// Of these, those whose parties' signatures were verified: all of them but in a sampled audit.
    pub transactions_signed: u64,
    /// Journal entries verified.
    pub journal_entries: u64,
    /// Rows compared.
    pub rows: u64,
    /// Milliseconds it took.
    pub elapsed_ms: u64,
    /// The chains as their blocks give them, as far as they verify.
    pub tips: Vec<ChainTip>,
    /// The first differences, at most 1,000.
    pub findings: Vec<Finding>,
    /// Further differences.
    pub findings_omitted: u64,
}

impl AuditReport {
    /// True when nothing differs.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn add(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.findings_omitted = self.findings_omitted.saturating_add(1);
        }
    }
}
