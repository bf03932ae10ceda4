//! What obligations come to when they are set off against each other.

use std::collections::BTreeMap;
use std::path::Path;

use ledger_core::{Amount, Scale};
use ledger_finance::netting::{ALGORITHM, Clearing, Obligations};
use serde_json::{Value, json};

use super::obligations::{self, File, refused};
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Rows of what remains that are printed for people.
const SHOWN_MAX: usize = 50;

/// What remains between two parties, by debtor and creditor.
type Residual = BTreeMap<(String, String), u64>;

/// Runs `hive finance netting`.
pub(super) fn run(path: &Path, currency: Option<&str>, output: Output) -> Result<(), CliError> {
    let File { currency, scale, obligations } = obligations::read(path, currency)?;
    let count = obligations.len();
    let obligations = Obligations::new(obligations).map_err(|error| refused(path, error.code(), &error.to_string()))?;
    let clearing = obligations.clear().map_err(|error| refused(path, error.code(), &error.to_string()))?;
    let residual = residual(&obligations, &clearing);
    let bilateral = obligations.bilateral().gross();
    let figures = [
        ("gross", obligations.gross()),
        ("bilateral", bilateral),
        ("multilateral", obligations.multilateral()),
        ("cleared", clearing.cleared()),
    ];
    if output == Output::Json {
        let mut as_json: serde_json::Map<String, Value> =
            figures.iter().map(|(name, minor)| ((*name).to_owned(), decimal(*minor, scale).into())).collect();
        as_json.insert("currency".to_owned(), currency.into());
        as_json.insert("algorithm".to_owned(), ALGORITHM.into());
        let row = |((debtor, creditor), minor): (&(String, String), &u64)| json!({ "debtor": debtor, "creditor": creditor, "amount": decimal(*minor, scale) });
        as_json.insert("residual".to_owned(), residual.iter().map(row).collect());
        output.table(&[], &[], &Value::Object(as_json));
        return Ok(());
    }
    let parties = obligations.positions().len();
    output.say(&format!("{count} obligations of {parties} parties in {currency}"));
    let ways = [
        ("each by itself (gross)", obligations.gross()),
        ("set off by pairs (bilateral)", bilateral),
        ("cleared along cycles, everybody with its own debtors and creditors", clearing.residual()),
        ("net positions alone (multilateral)", obligations.multilateral()),
    ];
    let gross = obligations.gross();
    let row = |(way, paid): &(&str, u64)| {
        let saved = gross.saturating_sub(*paid);
        vec![(*way).to_owned(), decimal(*paid, scale), decimal(saved, scale), percent(saved, gross)]
    };
    output.table(
        &["way to settle", "to pay", "saved", "saved %"],
        &ways.iter().map(row).collect::<Vec<_>>(),
        &Value::Null,
    );
    output.say("\nWhat remains after clearing along cycles");
    let row = |((debtor, creditor), minor): (&(String, String), &u64)| {
        vec![debtor.clone(), creditor.clone(), decimal(*minor, scale)]
    };
    let rows: Vec<_> = residual.iter().take(SHOWN_MAX).map(row).collect();
    output.table(&["debtor", "creditor", "amount"], &rows, &Value::Null);
    if residual.len() > SHOWN_MAX {
        output.say(&format!("and {} more; --format json has them all", residual.len().saturating_sub(SHOWN_MAX)));
    }
    Ok(())
}

fn residual(obligations: &Obligations<String>, clearing: &Clearing) -> Residual {
    let mut residual = Residual::new();
    for (row, part) in obligations.rows().iter().zip(clearing.parts()).filter(|(_, part)| part.residual > 0) {
        let sum = residual.entry((row.debtor.clone(), row.creditor.clone())).or_default();
        *sum = sum.saturating_add(part.residual);
    }
    residual
}

/// Smallest units as the currency writes them; no sum of obligations is past what an amount holds.
fn decimal(minor: u64, scale: Scale) -> String {
    Amount::from_minor(minor).map(|amount| amount.to_decimal(scale)).unwrap_or_default()
}

/// A share in percent to one place, rounded down: nothing is promised that is not saved.
fn percent(part: u64, whole: u64) -> String {
    let thousandths = u128::from(part).saturating_mul(1_000).checked_div(u128::from(whole)).unwrap_or_default();
    format!("{}.{}", thousandths.div_euclid(10), thousandths.rem_euclid(10))
}
