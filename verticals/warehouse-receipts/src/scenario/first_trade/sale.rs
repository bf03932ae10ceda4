//! The goods are sold: proceeds come in, and the receipt goes over.

use hive_plug::scenario::{ScenarioError, Stage};
use serde_json::json;

use super::cast::{ATTESTOR, BANK_A, DEPOSITOR, OPERATOR, SUPPLIER};
use super::figure::grouped;
use super::{Trade, mutation, own, platform};
use crate::scenario::client::{head, moment};

/// How long the offer stands, milliseconds.
const OFFER_MS: u64 = 7 * 86_400_000;
/// Under which name the run remembers when its offer ends.
const OFFERED_UNTIL: &str = "offered-until";

/// The buyer has paid into the depositor's account at bank A: the attested deposit becomes dollars.
pub(super) fn proceeds_arrive(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    let issue = mutation("issueTokens", "IssueTokensInput", "");
    let title = format!("Proceeds of {} USD arrive for {}", grouped(&trade.value), trade.commodity);
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": stage.key("proceeds"),
        "asset": trade.asset,
        "amount": trade.value,
        "to": stage.address(DEPOSITOR)?,
        "reference": format!("deposit for {} / {}", trade.number, stage.run()),
    });
    stage.settle(&platform(&title, BANK_A, &issue, input, &[BANK_A, ATTESTOR])).map(|_| ())
}

/// The depositor offers the receipt; the supplier accepts and the operator seals.
pub(super) fn hand_over(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    let until = match stage.recall(OFFERED_UNTIL) {
        Some(until) => until,
        None => {
            let until = moment(head(stage, DEPOSITOR)?.now_ms().saturating_add(OFFER_MS))?;
            stage.remember(OFFERED_UNTIL, &until)?;
            until
        }
    };
    let offer = mutation("offerTransfer", "OfferTransferInput", "");
    let title = format!("The depositor offers {} to the supplier", trade.number);
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": stage.key("offer"),
        "receiptNumber": trade.number,
        "to": stage.address(SUPPLIER)?,
        "until": until,
    });
    stage.settle(&own(&title, DEPOSITOR, &offer, input, &[DEPOSITOR]))?;
    let accept = mutation("acceptTransfer", "TransferAnswerInput", "");
    let title = format!("The supplier accepts {}, the operator seals", trade.number);
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": stage.key("accept"),
        "receiptNumber": trade.number,
    });
    stage.settle(&own(&title, SUPPLIER, &accept, input, &[SUPPLIER, OPERATOR])).map(|_| ())
}
