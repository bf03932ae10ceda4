//! The receipts come in from a file, and one of them is chosen.

use hive_plug::scenario::{ImportReport, ScenarioError, Stage, StepReport, Table};
use serde_json::{Value, json};

use super::cast::{DEPOSITOR, OPERATOR};
use super::figure::grouped;
use super::{Trade, loan};
use crate::scenario::client::fault;
use crate::scenario::import::import;

const RECEIPTS: &[u8] = include_bytes!("../../../../../examples/trade-node/data/receipts.csv");
const RECEIPTS_WITH_ERRORS: &[u8] = include_bytes!("../../../../../examples/trade-node/data/receipts_with_errors.csv");

/// Under which name the run remembers its receipt.
const CHOSEN: &str = "receipt";

/// Imports both files; what is on the ledger stays as it is.
pub(super) fn come_in(stage: &mut Stage) -> Result<(), ScenarioError> {
    let report = import(stage, RECEIPTS)?;
    tell(stage, "Import 200 receipts", &report);
    let report = import(stage, RECEIPTS_WITH_ERRORS)?;
    tell(stage, "Import a file with mistakes; good lines are kept", &report);
    if !report.refused.is_empty() {
        let rows = report.refused.iter().map(|bad| vec![bad.line.to_string(), bad.code.clone(), bad.reason.clone()]);
        stage.table(&Table {
            title: "Lines that were refused".to_owned(),
            columns: ["line", "code", "reason"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
            numbers: vec![0],
        });
    }
    Ok(())
}

fn tell(stage: &mut Stage, title: &str, report: &ImportReport) {
    let ImportReport { imported, already_there, refused } = report;
    let signers = [OPERATOR, DEPOSITOR].into_iter().filter_map(|role| stage.seat(role).ok());
    let signers: Vec<String> = signers.map(|seat| seat.role.title.to_owned()).collect();
    stage.report(StepReport {
        number: 0,
        title: title.to_owned(),
        signers: if *imported == 0 { Vec::new() } else { signers },
        height: None,
        transaction: None,
        refusal: None,
        done_before: *imported == 0,
        note: Some(format!("{imported} issued, {already_there} there before, {} refused", refused.len())),
    });
}

/// The receipt of this run: the one it has begun with, else the depositor's next free one.
pub(super) fn choose(stage: &mut Stage) -> Result<Chosen, ScenarioError> {
    let number = match stage.recall(CHOSEN) {
        Some(number) => number,
        None => {
            let number = next_free(stage)?;
            stage.remember(CHOSEN, &number)?;
            number
        }
    };
    let query = "query($chain: ID!, $number: String!) { receiptByNumber(chain: $chain, number: $number) { \
        number mass { value } goods { commodity } } }";
    let variables = json!({ "chain": stage.chain().to_string(), "number": number });
    // The operator sees the receipt for ever, whoever holds it.
    let receipt = stage.graphql(OPERATOR, query, variables)?["receiptByNumber"].clone();
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| ScenarioError::unexpected("receipt"));
    let kilograms = text(&receipt["mass"]["value"])?.parse().map_err(fault)?;
    Ok(Chosen { number, kilograms, commodity: text(&receipt["goods"]["commodity"])? })
}

fn next_free(stage: &Stage) -> Result<String, ScenarioError> {
    let query = "query($chains: [ID!], $holder: Address!) { receipts(chains: $chains, first: 1, \
        where: { status: [HELD], holder: { eq: $holder } }, orderBy: { field: NUMBER }) { nodes { number } } }";
    let variables = json!({ "chains": [stage.chain().to_string()], "holder": stage.address(DEPOSITOR)? });
    let data = stage.graphql(DEPOSITOR, query, variables)?;
    let number = data["receipts"]["nodes"][0]["number"].as_str().map(str::to_owned);
    number.ok_or_else(|| fault("the depositor has no free receipt left; import more"))
}

/// A receipt before anybody has reckoned with it.
pub(super) struct Chosen {
    number: String,
    kilograms: u64,
    commodity: String,
}

impl Chosen {
    /// The trade with its amounts, from the latest price.
    pub(super) fn priced(self, stage: &mut Stage, asset: String) -> Result<Trade, ScenarioError> {
        let Self { number, kilograms, commodity } = self;
        let terms = loan::Terms::of(&commodity, kilograms)?;
        let title = format!("Receipt {number}: {} kg of {commodity}", grouped(&kilograms.to_string()));
        stage.table(&terms.table(title, kilograms));
        let loan::Terms { value, loan, supply, .. } = terms;
        let (loan, value, supply) = (loan.to_string(), value.to_string(), supply.to_string());
        Ok(Trade { number, kilograms, commodity, asset, loan, value, supply })
    }
}
