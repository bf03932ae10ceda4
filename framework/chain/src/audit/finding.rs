//! What an audit says.

use std::fmt;

use crate::backup::ChainTip;

/// Findings kept in a report; further ones are counted.
const FINDINGS_MAX: usize = 1_000;

/// One place where the database differs from what the blocks give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
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
        write!(formatter, "{}", self.table)?;
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
