//! What the parties see: balances, the receipt, the regulator's view.

use hive_plug::scenario::{ScenarioError, Stage, Table};
use serde_json::{Value, json};

use super::Trade;
use super::cast::{BANK_A, DEPOSITOR, OPERATOR, REGULATOR, SUPPLIER};
use super::figure::grouped;

const RECEIPT: &str = "query($chain: ID!, $number: String!) { receiptByNumber(chain: $chain, number: $number) { \
    status holder { address } pledgee { address } offeredTo { address } ledger { transactionId } } }";
const HOLDINGS: &str = "query($chains: [ID!]) { holdings(chains: $chains, first: 100) { \
    nodes { asset { id code } free locked reserved total } } }";
/// Whose money moves in this trade.
const PAYERS: [&str; 3] = [DEPOSITOR, SUPPLIER, BANK_A];

fn receipt(stage: &Stage, trade: &Trade) -> Result<Value, ScenarioError> {
    let variables = json!({ "chain": stage.chain().to_string(), "number": trade.number });
    Ok(stage.graphql(OPERATOR, RECEIPT, variables)?["receiptByNumber"].clone())
}

/// What a role has of the trade's dollar.
fn holding(stage: &Stage, trade: &Trade, role: &str) -> Result<Value, ScenarioError> {
    let data = stage.graphql_at("platform", role, HOLDINGS, json!({ "chains": [stage.chain().to_string()] }))?;
    let nodes = data["holdings"]["nodes"].as_array().ok_or_else(|| ScenarioError::unexpected("holdings"))?;
    let of_asset = |node: &&Value| node["asset"]["id"] == trade.asset.as_str();
    Ok(nodes.iter().find(of_asset).cloned().unwrap_or_default())
}

/// Balances and receipt, to be compared before and after.
pub(super) fn everything(stage: &Stage, trade: &Trade) -> Result<Value, ScenarioError> {
    let totals = PAYERS.iter().map(|role| Ok(holding(stage, trade, role)?["total"].clone()));
    let totals = totals.collect::<Result<Vec<_>, ScenarioError>>()?;
    Ok(json!({ "totals": totals, "receipt": receipt(stage, trade)? }))
}

/// Shows who has what.
pub(super) fn balances(stage: &mut Stage, trade: &Trade, title: &str) -> Result<(), ScenarioError> {
    let receipt = receipt(stage, trade)?;
    let status = match receipt["status"].as_str() {
        Some("HELD") => "free".to_owned(),
        other => other.unwrap_or_default().to_lowercase(),
    };
    let mut rows = Vec::new();
    for role in PAYERS {
        let held = holding(stage, trade, role)?;
        let address = stage.seat(role)?.address;
        let is = |field: &str| receipt[field]["address"] == address.to_string().as_str();
        let part = match (is("holder"), is("pledgee")) {
            (true, _) => format!("holds {}, {status}", trade.number),
            (false, true) => format!("pledgee of {}", trade.number),
            (false, false) => String::new(),
        };
        let amount = |name: &str| grouped(held[name].as_str().unwrap_or("0.00"));
        rows.push(vec![stage.name_of(&address), amount("total"), part]);
    }
    stage.table(&Table {
        title: title.to_owned(),
        columns: ["party", "USD of bank A", "receipt"].map(str::to_owned).to_vec(),
        rows,
        numbers: vec![1],
    });
    Ok(())
}

/// Shows the regulator's totals and the pledge's history; the view itself is on record.
pub(super) fn supervision(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    let query = "query($number: String!) { warehouseReceipts(purpose: \"first trade\") { \
        pledgeTotals(by: PLEDGEE) { party { address } pledges mass { value } securedMaximum { amount currency } } \
        pledges(where: { receiptNumber: { eq: $number } }) { nodes { receiptNumber status pledgor { address } \
        pledgee { address } mass { value unit } ledger { height } } } } }";
    let data = stage.graphql_at("regulator", REGULATOR, query, json!({ "number": trade.number }))?;
    let view = &data["warehouseReceipts"];
    let nodes = view["pledges"]["nodes"].as_array().ok_or_else(|| ScenarioError::unexpected("pledges"))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = |value: &Value| match value["address"].as_str().and_then(|address| address.parse().ok()) {
        Some(address) => stage.name_of(&address),
        None => String::new(),
    };
    let row = |node: &Value| {
        vec![
            text(&node["receiptNumber"]),
            text(&node["status"]).to_lowercase(),
            name(&node["pledgor"]),
            name(&node["pledgee"]),
            grouped(&text(&node["mass"]["value"])),
            text(&node["ledger"]["height"]),
        ]
    };
    let rows = nodes.iter().map(row).collect();
    let columns = ["receipt", "pledge", "obligor", "pledgee", "kg", "block"].map(str::to_owned).to_vec();
    let live = view["pledgeTotals"].as_array().map_or(0, Vec::len);
    let title = format!("Pledges of this receipt; {live} pledgees hold live pledges on the chain");
    stage.table(&Table { title, columns, rows, numbers: vec![4, 5] });
    Ok(())
}
