//! `hive import`: reads a file, builds one issue for each line, has operator and depositor sign, submits in batches.
//!
//! The command id follows from the receipt's number, so a file that is imported again repeats nothing: a killed import is
//! simply started again.

use std::collections::BTreeSet;
use std::path::Path;

use hive_plug::scenario::{BadLine, ImportReport, ScenarioError, Seat, Stage};
use ledger_core::{SignedTransaction, Transaction};
use serde_json::{Value, json};

use super::cast::{DEPOSITOR, OPERATOR};
use super::client::{fault, head, prepared, signed, submitted};
use crate::receipt::import::{Entry, Line, Parties, read, salt_bytes, salt_of};
use crate::receipt::transaction::{LotBooking, issue};

/// Lines of one request.
const BATCH: usize = 50;

/// Imports a file of receipts.
///
/// # Errors
/// The file cannot be read or is another table, a key is missing, or the node does not answer.
pub fn run(stage: &mut Stage, path: &Path) -> Result<ImportReport, ScenarioError> {
    let bytes = std::fs::read(path).map_err(|error| fault(format_args!("{}: {error}", path.display())))?;
    import(stage, &bytes)
}

/// Imports the content of a file of receipts.
///
/// # Errors
/// As for [`run`].
pub fn import(stage: &mut Stage, bytes: &[u8]) -> Result<ImportReport, ScenarioError> {
    let parties = Parties { operator: stage.seat(OPERATOR)?.address, depositor: stage.seat(DEPOSITOR)?.address };
    let frame = head(stage, OPERATOR)?.frame(stage, parties.operator, "import", None)?;
    let lines = read(bytes, parties, &frame).map_err(fault)?;
    let mut report = ImportReport::default();
    let mut progress = stage.progress(u64::try_from(lines.len()).unwrap_or(u64::MAX), "issuing receipts");
    for batch in lines.chunks(BATCH) {
        import_batch(stage, batch, &mut report)?;
        progress.advance(u64::try_from(batch.len()).unwrap_or(u64::MAX));
    }
    Ok(report)
}

fn import_batch(stage: &Stage, lines: &[Line], report: &mut ImportReport) -> Result<(), ScenarioError> {
    let mut good = Vec::with_capacity(lines.len());
    for line in lines {
        match &line.entry {
            Ok(entry) => good.push((line.number, entry)),
            Err(error) => {
                let (code, reason) = (error.code().to_owned(), error.to_string());
                report.refused.push(BadLine { line: line.number, code, reason });
            }
        }
    }
    let known = already_there(stage, &good)?;
    let all = good.len();
    good.retain(|(_, entry)| !known.contains(&entry.receipt.number));
    report.already_there = report.already_there.saturating_add(all.saturating_sub(good.len()));
    if good.is_empty() {
        return Ok(());
    }
    let signed = signed_issues(stage, &good)?;
    for ((line, _), result) in good.iter().zip(submitted(stage, OPERATOR, &signed)?) {
        note(report, *line, &result);
    }
    Ok(())
}

/// Numbers of the lines whose receipts the operator has issued already.
fn already_there(stage: &Stage, good: &[(u64, &Entry)]) -> Result<BTreeSet<String>, ScenarioError> {
    let numbers: Vec<&str> = good.iter().map(|(_, entry)| entry.receipt.number.as_str()).collect();
    let query = "query($chains: [ID!], $numbers: [String!], $operator: Address!) { \
        receipts(chains: $chains, first: 100, where: { number: { in: $numbers }, operator: { eq: $operator } }) { \
        nodes { number } } }";
    let chain = stage.chain().to_string();
    let variables = json!({ "chains": [chain], "numbers": numbers, "operator": stage.address(OPERATOR)? });
    let data = stage.graphql(OPERATOR, query, variables)?;
    let nodes = data["receipts"]["nodes"].as_array().ok_or_else(|| ScenarioError::unexpected("receipts"))?;
    Ok(nodes.iter().filter_map(|node| node["number"].as_str()).map(str::to_owned).collect())
}

fn signed_issues(stage: &Stage, good: &[(u64, &Entry)]) -> Result<Vec<SignedTransaction>, ScenarioError> {
    let (operator, depositor) = (stage.seat(OPERATOR)?, stage.seat(DEPOSITOR)?);
    let head = head(stage, OPERATOR)?;
    let build = |(_, entry): &(u64, &Entry)| {
        let receipt = entry.sealed(&salt(stage, depositor, &entry.receipt.number)?);
        let key = format!("import/{}", receipt.number);
        let frame = head.frame(stage, operator.address, &key, Some(receipt.issue_date))?;
        issue(frame, &LotBooking::Store(entry.lot.clone()), &receipt).map_err(fault)
    };
    let transactions = good.iter().map(build).collect::<Result<Vec<Transaction>, _>>()?;
    let transactions = prepared(stage, OPERATOR, transactions)?;
    transactions.into_iter().map(|transaction| signed(transaction, &[operator, depositor])).collect()
}

/// The receipt's salt, which the depositor finds again with its key alone.
fn salt(stage: &Stage, depositor: &Seat, number: &str) -> Result<[u8; 32], ScenarioError> {
    let given = depositor.sign_bytes(depositor.address, &salt_bytes(&stage.chain(), number));
    Ok(salt_of(&hex::decode(given.signature).map_err(fault)?))
}

fn note(report: &mut ImportReport, line: u64, result: &Value) {
    if result["ledger"].is_object() {
        let count = if result["replayed"] == true { &mut report.already_there } else { &mut report.imported };
        *count = count.saturating_add(1);
        return;
    }
    let text = |name: &str| result["userErrors"][0][name].as_str().unwrap_or_default().to_owned();
    match text("code").as_str() {
        // Another import was faster with the same line.
        "COMMAND_REPLAYED" => report.already_there = report.already_there.saturating_add(1),
        code => report.refused.push(BadLine { line, code: code.to_owned(), reason: text("message") }),
    }
}
