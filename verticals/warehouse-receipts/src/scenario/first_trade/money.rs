//! The dollar that is lent and paid with.

use hive_plug::scenario::{ScenarioError, Stage};
use serde_json::json;

use super::cast::{ATTESTOR, BANK_A};
use super::{mutation, platform};

/// Defines bank A's dollar, once for all runs; answers its id.
pub(super) fn define(stage: &mut Stage) -> Result<String, ScenarioError> {
    let define = mutation("defineToken", "DefineTokenInput", "asset");
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": "first-trade/define-USD-A",
        "code": "USD-A",
        "title": "US dollar of bank A",
        "scale": 2,
        "unit": "USD",
        "backing": "deposits at bank A, attested",
        "attestor": stage.address(ATTESTOR)?,
        "supplyMax": "1000000000.00",
        "redeemable": true,
    });
    let write = platform("Bank A defines its dollar, backed by deposits", BANK_A, &define, input, &[BANK_A, ATTESTOR]);
    let settled = stage.settle(&write)?;
    let asset = settled.payload["asset"].as_str().map(str::to_owned);
    asset.ok_or_else(|| ScenarioError::unexpected("asset"))
}
