//! Files of obligations, read line by line; every line that is none is told with its number.

use std::collections::BTreeSet;
use std::path::Path;

use ledger_core::{Amount, AmountError, Coded, Date, Scale, codes};
use ledger_finance::currency::decimal_places;
use ledger_finance::netting::Obligation;
use thiserror::Error;

use crate::cli::error::CliError;

const COLUMNS: [&str; 5] = ["debtor", "creditor", "amount", "currency", "due"];
/// Longest name of a party, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// Lines told of at most.
const TOLD_MAX: usize = 20;

/// Obligations of one currency, those of one pair and direction the oldest first.
pub(super) struct File {
    pub(super) currency: String,
    pub(super) scale: Scale,
    pub(super) obligations: Vec<Obligation<String>>,
}

struct Row {
    obligation: Obligation<String>,
    currency: String,
    scale: Scale,
    due: Date,
}

/// Why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum RowError {
    /// Not a line of the columns, or not UTF-8.
    #[error("it is no line of {} columns in UTF-8", COLUMNS.len())]
    Malformed,
    /// A party without a name, or with one that is too long.
    #[error("the {column} needs a name of 1 to {NAME_BYTES_MAX} bytes")]
    Name {
        /// Which column.
        column: &'static str,
    },
    /// Debtor and creditor are one.
    #[error("{party} would owe itself; leave the line out")]
    OwnCreditor {
        /// The party.
        party: String,
    },
    /// A code that is no currency's.
    #[error("{code:?} is no currency of ISO 4217, such as CNY or USD")]
    CurrencyUnknown {
        /// The code.
        code: String,
    },
    /// Not an amount of its currency.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// An amount of nothing.
    #[error("the amount is zero; leave the line out")]
    AmountZero,
    /// Not a date.
    #[error("{text:?} is no date; write it as 2026-09-28")]
    Due {
        /// What stands there.
        text: String,
    },
}

codes!(RowError {
    Malformed => "OBLIGATION_LINE_MALFORMED",
    Name => "OBLIGATION_NAME",
    OwnCreditor => "OBLIGATION_OWN_CREDITOR",
    CurrencyUnknown => "OBLIGATION_CURRENCY_UNKNOWN",
    AmountZero => "OBLIGATION_AMOUNT_ZERO",
    Due => "OBLIGATION_DUE",
} inner { Amount });

/// Reads a file; of several currencies the one asked for.
pub(super) fn read(path: &Path, currency: Option<&str>) -> Result<File, CliError> {
    let unreadable = |source| CliError::File { path: path.to_owned(), action: "cannot be read", source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let rows = rows(&bytes).map_err(|(code, message)| refused(path, &code, &message))?;
    let currencies: BTreeSet<&str> = rows.iter().map(|row| row.currency.as_str()).collect();
    let chosen = match (currency, currencies.len()) {
        (Some(code), _) => code.to_owned(),
        (None, 1) => currencies.into_iter().collect(),
        (None, 0) => return Err(refused(path, "OBLIGATIONS_NONE", "it has no obligations")),
        (None, _) => {
            let all = currencies.into_iter().collect::<Vec<_>>().join(", ");
            let reason = format!("its obligations are in {all}; net one currency at a time with --currency");
            return Err(refused(path, "OBLIGATIONS_CURRENCIES", &reason));
        }
    };
    of_currency(rows, chosen).map_err(|reason| refused(path, "OBLIGATIONS_NONE", &reason))
}

fn of_currency(rows: Vec<Row>, currency: String) -> Result<File, String> {
    let mut rows: Vec<Row> = rows.into_iter().filter(|row| row.currency == currency).collect();
    rows.sort_by(|one, other| (one.due, &one.obligation).cmp(&(other.due, &other.obligation)));
    let Some(Row { scale, .. }) = rows.first() else { return Err(format!("it has no obligations in {currency}")) };
    let scale = *scale;
    Ok(File { currency, scale, obligations: rows.into_iter().map(|row| row.obligation).collect() })
}

/// All rows, or the lines that are none with the code of the first.
fn rows(bytes: &[u8]) -> Result<Vec<Row>, (String, String)> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
    let expected = COLUMNS.join(",");
    let has_columns = reader.headers().is_ok_and(|heading| {
        let names = heading.iter().map(|name| name.trim_start_matches('\u{feff}'));
        names.eq(COLUMNS)
    });
    if !has_columns {
        return Err(("OBLIGATIONS_COLUMNS".to_owned(), format!("its first line is not {expected}")));
    }
    let (mut rows, mut told, mut code) = (Vec::new(), Vec::new(), None);
    for (number, record) in (1_u64..).zip(reader.into_records()) {
        match record.map_err(|_| RowError::Malformed).and_then(|record| row(&record)) {
            Ok(row) => rows.push(row),
            Err(error) => {
                code.get_or_insert_with(|| error.code().to_owned());
                told.push(format!("row {number} (line {}): {error}", number.saturating_add(1)));
            }
        }
    }
    let Some(code) = code else { return Ok(rows) };
    let more = told.len().saturating_sub(TOLD_MAX);
    told.truncate(TOLD_MAX);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    Err((code, told.join("\n  ")))
}

fn row(record: &csv::StringRecord) -> Result<Row, RowError> {
    let fields: Vec<&str> = record.iter().collect();
    let [debtor, creditor, amount, currency, due] = fields.as_slice() else { return Err(RowError::Malformed) };
    let name = |column: &'static str, name: &str| match (1..=NAME_BYTES_MAX).contains(&name.len()) {
        true => Ok(name.to_owned()),
        false => Err(RowError::Name { column }),
    };
    let (debtor, creditor) = (name("debtor", debtor)?, name("creditor", creditor)?);
    if debtor == creditor {
        return Err(RowError::OwnCreditor { party: debtor });
    }
    let currency = (*currency).to_owned();
    let places = decimal_places(&currency).ok_or_else(|| RowError::CurrencyUnknown { code: currency.clone() })?;
    let scale = Scale::new(places)?;
    let amount = Amount::parse_decimal(amount, scale)?;
    if amount.is_zero() {
        return Err(RowError::AmountZero);
    }
    let due = due.parse().map_err(|_| RowError::Due { text: (*due).to_owned() })?;
    Ok(Row { obligation: Obligation { debtor, creditor, amount: amount.minor() }, currency, scale, due })
}

pub(super) fn refused(path: &Path, code: &str, reason: &str) -> CliError {
    CliError::Node { code: code.to_owned(), message: format!("{}: {reason}", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> Result<usize, String> {
        let text = format!("debtor,creditor,amount,currency,due\nA,B,1.00,CNY,2026-09-28\n{line}\n");
        rows(text.as_bytes()).map(|rows| rows.len()).map_err(|(code, message)| {
            assert!(message.contains("row 2 (line 3)"), "{message}");
            code
        })
    }

    #[test]
    fn lines_that_are_no_obligations_are_told_with_their_number() {
        for (line, expected) in [
            ("A,B,5,CNY,2026-09-28", Ok(2)),
            (" A , B , 5.10 , CNY , 2026-09-28 ", Ok(2)),
            ("B,A,5,JPY,2026-09-28", Ok(2)),
            ("A,A,5,CNY,2026-09-28", Err("OBLIGATION_OWN_CREDITOR")),
            ("A,B,0.00,CNY,2026-09-28", Err("OBLIGATION_AMOUNT_ZERO")),
            ("A,B,-1,CNY,2026-09-28", Err("AMOUNT_NEGATIVE")),
            ("A,B,0.001,CNY,2026-09-28", Err("AMOUNT_BELOW_SCALE")),
            ("A,B,5.1,JPY,2026-09-28", Err("AMOUNT_BELOW_SCALE")),
            ("A,B,many,CNY,2026-09-28", Err("AMOUNT_NOT_A_NUMBER")),
            ("A,B,5,RMB,2026-09-28", Err("OBLIGATION_CURRENCY_UNKNOWN")),
            (",B,5,CNY,2026-09-28", Err("OBLIGATION_NAME")),
            ("A,B,5,CNY,28.9.2026", Err("OBLIGATION_DUE")),
            ("A,B,5,CNY", Err("OBLIGATION_LINE_MALFORMED")),
            ("A,B,5,CNY,2026-09-28,more", Err("OBLIGATION_LINE_MALFORMED")),
        ] {
            assert_eq!(code(line), expected.map_err(str::to_owned), "{line}");
        }
    }

    #[test]
    fn the_columns_are_named() {
        let none = rows(b"from,to,amount\n").map(|rows| rows.len()).map_err(|(code, _)| code);
        assert_eq!(none, Err("OBLIGATIONS_COLUMNS".to_owned()));
        let marked = "\u{feff}debtor,creditor,amount,currency,due\nA,B,1,CNY,2026-09-28\n";
        assert_eq!(rows(marked.as_bytes()).map(|rows| rows.len()).ok(), Some(1), "as a spreadsheet saves it");
    }
}
