//! Files of receipts, read line by line: a wrong line is told with its reason and leaves the others alone. Pure.
//!
//! The columns are those of `examples/trade-node/data/README.md`. A lot has one receipt: its line describes both.

mod columns;
mod seal;

use std::collections::BTreeMap;

use ledger_core::contract::Contract;
use ledger_core::{Address, ContractError, Digest, LedgerTransaction, Rejection, TransactionFrame, TransactionId};
use thiserror::Error;

pub use columns::COLUMNS;
pub(crate) use seal::salt_of;
pub use seal::{depositor_commitment, salt_bytes};

use crate::lot::contract::LotContract;
use crate::lot::model::Lot;
use crate::receipt::contract::ReceiptContract;
use crate::receipt::model::Receipt;
use crate::receipt::transaction::{LotBooking, issue};
use columns::Row;

/// Who stands behind every line of a file.
#[derive(Clone, Copy, Debug)]
pub struct Parties {
    /// The warehouse operator, who issues.
    pub operator: Address,
    /// The depositor, who holds first.
    pub depositor: Address,
}

/// A line that can be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The lot that comes in.
    pub lot: Lot,
    /// Its receipt, not sealed yet.
    pub receipt: Receipt,
    /// The depositor's name, which the ledger does not get.
    pub depositor_name: String,
    /// The depositor's domicile, which the ledger does not get.
    pub depositor_address: String,
}

/// A line of the file.
#[derive(Clone, Debug)]
pub struct Line {
    /// From 1, the heading included.
    pub number: u64,
    /// What it says, or why it is refused.
    pub entry: Result<Entry, LineError>,
}

/// Why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// Bytes that are no UTF-8.
    #[error("column {column} is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// The column.
        column: &'static str,
    },
    /// Too few or too many columns.
    #[error("the line has {actual} columns instead of {expected}")]
    ColumnCount {
        /// How many there must be.
        expected: usize,
        /// How many there are.
        actual: usize,
    },
    /// Nothing where something must be.
    #[error("column {column} is empty")]
    Empty {
        /// The column.
        column: &'static str,
    },
    /// A number below zero.
    #[error("column {column} is {value}; it cannot be below zero")]
    Negative {
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// A number with a fraction where whole ones are counted.
    #[error("column {column} is {value}; give a whole number")]
    Fraction {
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// No number, or one out of bounds.
    #[error("column {column} is {value:?}, which is no number in its bounds")]
    NotANumber {
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// No day of the calendar.
    #[error("column {column} is {value:?}, which is no day of the calendar; write it as 2026-03-04")]
    NotADate {
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// A number that another line of the file has.
    #[error("the receipt number {number} stands in line {first} already; a number is used once")]
    Duplicate {
        /// The receipt's number.
        number: String,
        /// The line that has it.
        first: u64,
    },
    /// A rule of the ledger.
    #[error("{}", .0.message)]
    Rule(Rejection),
}

impl LineError {
    /// Every code of a file's own.
    pub const CODES: &'static [&'static str] = &[
        "IMPORT_NOT_UTF8",
        "IMPORT_COLUMN_COUNT",
        "IMPORT_FIELD_EMPTY",
        "IMPORT_NEGATIVE",
        "IMPORT_FRACTION",
        "IMPORT_NOT_A_NUMBER",
        "IMPORT_NOT_A_DATE",
        "IMPORT_DUPLICATE",
    ];

    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::NotUtf8 { .. } => "IMPORT_NOT_UTF8",
            Self::ColumnCount { .. } => "IMPORT_COLUMN_COUNT",
            Self::Empty { .. } => "IMPORT_FIELD_EMPTY",
            Self::Negative { .. } => "IMPORT_NEGATIVE",
            Self::Fraction { .. } => "IMPORT_FRACTION",
            Self::NotANumber { .. } => "IMPORT_NOT_A_NUMBER",
            Self::NotADate { .. } => "IMPORT_NOT_A_DATE",
            Self::Duplicate { .. } => "IMPORT_DUPLICATE",
            Self::Rule(rejection) => &rejection.code,
        }
    }
}

/// Why a file is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    /// Another heading.
    #[error("the heading is not the one of a file of receipts: column {place} must be {expected}")]
    Heading {
        /// Place of the first column that differs, from 1.
        place: usize,
        /// What must stand there.
        expected: &'static str,
    },
    /// The file is empty, or no table at all.
    #[error("the file is no table of comma-separated values: {reason}")]
    NotATable {
        /// What the reader says.
        reason: String,
    },
}

/// Reads a file. `frame` is what a transaction would be built with; the rules of the ledger are tried with it.
///
/// # Errors
/// The file is no table, or one of other columns.
pub fn read(bytes: &[u8], parties: Parties, frame: &TransactionFrame) -> Result<Vec<Line>, FileError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut records = reader.byte_records();
    let not_a_table = |reason: String| FileError::NotATable { reason };
    let heading = records.next().ok_or_else(|| not_a_table("it is empty".to_owned()))?;
    let heading = heading.map_err(|error| not_a_table(error.to_string()))?;
    for (place, expected) in COLUMNS.iter().enumerate() {
        if heading.get(place) != Some(expected.as_bytes()) {
            return Err(FileError::Heading { place: place.saturating_add(1), expected });
        }
    }
    let mut lines = Vec::new();
    let mut first_lines: BTreeMap<String, u64> = BTreeMap::new();
    for record in records {
        let record = record.map_err(|error| not_a_table(error.to_string()))?;
        let number = record.position().map_or(0, csv::Position::line);
        let entry = Row::of(&record).and_then(|row| row.entry(parties));
        let entry = entry.and_then(|entry| is_first(entry, number, &mut first_lines));
        lines.push(Line { number, entry: entry.and_then(|entry| obeys_the_rules(entry, frame)) });
    }
    Ok(lines)
}

fn is_first(entry: Entry, line: u64, first_lines: &mut BTreeMap<String, u64>) -> Result<Entry, LineError> {
    let number = entry.receipt.number.clone();
    match first_lines.get(&number) {
        Some(first) => Err(LineError::Duplicate { number, first: *first }),
        None => {
            first_lines.insert(number, line);
            Ok(entry)
        }
    }
}

/// Tries the rules that the ledger will apply, so that a wrong line costs no way to the node.
fn obeys_the_rules(entry: Entry, frame: &TransactionFrame) -> Result<Entry, LineError> {
    let rule = |error: ContractError| LineError::Rule(error.into());
    let effective_on = entry.receipt.issue_date;
    let frame = TransactionFrame { effective_on, ..frame.clone() };
    let transaction = issue(frame, &LotBooking::Store(entry.lot.clone()), &entry.receipt);
    let transaction = transaction.map_err(|error| LineError::Rule(error.into()))?;
    let resolved =
        LedgerTransaction { id: TransactionId::default(), transaction, inputs: Vec::new(), references: Vec::new() };
    let unnamed = |error: ledger_core::EncodingError| LineError::Rule(error.into());
    LotContract::new().map_err(unnamed)?.verify(&resolved).map_err(rule)?;
    ReceiptContract::new().map_err(unnamed)?.verify(&resolved).map_err(rule)?;
    Ok(entry)
}

impl Entry {
    /// The receipt with the commitment to its depositor.
    pub fn sealed(&self, salt: &[u8; 32]) -> Receipt {
        let commitment = depositor_commitment(salt, &self.depositor_name, &self.depositor_address);
        Receipt { depositor_commitment: Digest::from_bytes(commitment), ..self.receipt.clone() }
    }
}

impl From<FileError> for Rejection {
    fn from(error: FileError) -> Self {
        let code = match error {
            FileError::Heading { .. } => "IMPORT_HEADING",
            FileError::NotATable { .. } => "IMPORT_NOT_A_TABLE",
        };
        Self { code: code.to_owned(), message: error.to_string() }
    }
}

#[cfg(test)]
mod tests;
