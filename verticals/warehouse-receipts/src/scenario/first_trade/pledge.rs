//! The receipt is pledged to bank A, not to bank B, and released.

use hive_plug::scenario::{ScenarioError, Stage};
use ledger_core::contract::title::{Title, title_state};
use ledger_core::{Amount, AssetId, ResolvedState, Scale, StateRef, TitleId, Transaction};
use serde_json::{Value, json};

use super::cast::{BANK_A, BANK_B, DEPOSITOR, OPERATOR};
use super::figure::grouped;
use super::{Trade, mutation, own, sight};
use crate::receipt::model::TITLE_UNIT;
use crate::receipt::transaction::{self, Secured};
use crate::scenario::client::{fault, head, prepared, signed, submitted};

/// Depositor, bank A and operator sign: three parties, three keys.
pub(super) fn pledge(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    let pledge = mutation("pledgeReceipt", "PledgeReceiptInput", "");
    let title = format!("The depositor pledges {} to bank A for {} USD", trade.number, grouped(&trade.loan));
    let input = json!({
        "chain": stage.chain().to_string(),
        "idempotencyKey": stage.key("pledge"),
        "receiptNumber": trade.number,
        "pledgee": stage.address(BANK_A)?,
        "securedAsset": trade.asset,
        "securedMaximum": trade.loan,
    });
    stage.settle(&own(&title, DEPOSITOR, &pledge, input, &[DEPOSITOR, BANK_A, OPERATOR])).map(|_| ())
}

/// Bank B takes the same receipt: depositor, bank B and operator all sign, and bank B submits. The ledger refuses, names
/// the receipt and the rule, and nothing of bank A.
pub(super) fn second_bank_is_refused(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    const DONE: &str = "refused/second-pledge";
    if stage.recall(DONE).is_some() {
        return Ok(());
    }
    let bank_a = stage.address(BANK_A)?;
    let act = |stage: &Stage| {
        let unsigned = second_pledge(stage, trade)?;
        let seats = [stage.seat(DEPOSITOR)?, stage.seat(BANK_B)?, stage.seat(OPERATOR)?];
        let all_signed = signed(unsigned, &seats)?;
        let result = submitted(stage, BANK_B, &[all_signed])?.into_iter().next().unwrap_or_default();
        names_no_rival(&result, trade, &bank_a)?;
        Ok(result)
    };
    let title = format!("Bank B takes {} as well; depositor, bank B and operator have signed", trade.number);
    stage.refusal(&title, "PLEDGE_EXISTS", |stage| sight::everything(stage, trade), act)?;
    stage.remember(DONE, "yes")
}

/// The transaction that bank B builds from the receipt that the depositor shows it.
fn second_pledge(stage: &Stage, trade: &Trade) -> Result<Transaction, ScenarioError> {
    let query =
        "query($chain: ID!, $number: String!) { receiptByNumber(chain: $chain, number: $number) { titleState } }";
    let variables = json!({ "chain": stage.chain().to_string(), "number": trade.number });
    let shown = stage.graphql(DEPOSITOR, query, variables)?["receiptByNumber"]["titleState"].clone();
    let reference: StateRef =
        shown.as_str().ok_or_else(|| ScenarioError::unexpected("titleState"))?.parse().map_err(fault)?;
    let (operator, depositor) = (stage.seat(OPERATOR)?.address, stage.seat(DEPOSITOR)?.address);
    let title = Title {
        title: TitleId::derive(&stage.chain(), &operator, &trade.number),
        custodian: operator,
        number: trade.number.clone(),
        quantity: Amount::from_minor(trade.kilograms).map_err(fault)?,
        unit: TITLE_UNIT.to_owned(),
    };
    let state = ResolvedState { reference, state: title_state(&title, depositor).into(), claims: Vec::new() };
    let bank_b = stage.seat(BANK_B)?.address;
    let asset: AssetId = trade.asset.parse().map_err(fault)?;
    let maximum = Amount::parse_decimal(&trade.loan, Scale::new(2).map_err(fault)?).map_err(fault)?;
    let frame = head(stage, BANK_B)?.frame(stage, bank_b, &stage.key("second-pledge"), None)?;
    let built = transaction::pledge(frame, &state, bank_b, Secured { asset, maximum }).map_err(fault)?;
    prepared(stage, BANK_B, vec![built])?.pop().ok_or_else(|| ScenarioError::unexpected("preparedTransactions"))
}

/// The refusal names the receipt, and neither the rival nor its terms.
fn names_no_rival(result: &Value, trade: &Trade, rival: &str) -> Result<(), ScenarioError> {
    let told = result["userErrors"].to_string();
    let cents = trade.loan.replace('.', "");
    match told.contains(rival) || told.contains(&trade.loan) || told.contains(&cents) || !told.contains(&trade.number) {
        true => Err(fault(format_args!("the refusal tells too much, or not which receipt: {told}"))),
        false => Ok(()),
    }
}

/// Bank A releases the whole pledge; more than the pledge is refused first.
pub(super) fn release(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    const DONE: &str = "refused/over-release";
    let release = mutation("releasePledge", "ReleasePledgeInput", "");
    let input = |key: String, kilograms: u64| {
        json!({
            "chain": stage.chain().to_string(),
            "idempotencyKey": key,
            "receiptNumber": trade.number,
            "quantity": { "value": kilograms.to_string(), "unit": TITLE_UNIT },
        })
    };
    let more = trade.kilograms.saturating_add(1);
    let (over, whole) = (input(stage.key("over-release"), more), input(stage.key("release"), trade.kilograms));
    if stage.recall(DONE).is_none() {
        let title = format!("Bank A releases {more} kg of {} pledged", trade.kilograms);
        let write = own(&title, BANK_A, &release, over, &[]);
        stage.refused(&write, "PLEDGE_OVER_RELEASE", |stage| sight::everything(stage, trade))?;
        stage.remember(DONE, "yes")?;
    }
    let title = format!("Bank A releases {}", trade.number);
    stage.settle(&own(&title, BANK_A, &release, whole, &[BANK_A])).map(|_| ())
}
