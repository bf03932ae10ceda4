//! The first trade: coffee comes in, is pledged to bank A, lent on, repaid, released and sold; what must not pass is refused.
//!
//! Every step may be the one at which the player is killed: the run's name makes the idempotency keys, and what is done is
//! found done. A next run takes the next free receipt.

mod figure;
mod goods;
mod loan;
mod money;
mod pledge;
mod refusal;
mod sale;
mod sight;

use hive_plug::scenario::{ScenarioError, Stage, Write};
use serde_json::Value;

use super::cast;

/// Plays it.
///
/// # Errors
/// The node does not answer, or a step did not go as it must.
pub fn play(stage: &mut Stage) -> Result<(), ScenarioError> {
    stage.heading("Goods come in");
    goods::come_in(stage)?;
    let trade = goods::choose(stage)?;
    stage.heading("A receipt is pledged, once");
    let asset = money::define(stage)?;
    let trade = trade.priced(stage, asset)?;
    pledge::pledge(stage, &trade)?;
    pledge::second_bank_is_refused(stage, &trade)?;
    stage.heading("Bank A lends on it");
    loan::lend(stage, &trade)?;
    sight::balances(stage, &trade, "After the loan")?;
    stage.heading("The supplier is paid");
    loan::pay_supplier(stage, &trade)?;
    sight::balances(stage, &trade, "After the payment")?;
    stage.heading("The loan is repaid");
    sale::proceeds_arrive(stage, &trade)?;
    loan::repay(stage, &trade)?;
    sight::balances(stage, &trade, "After the repayment")?;
    stage.heading("The receipt is released and handed over");
    pledge::release(stage, &trade)?;
    sale::hand_over(stage, &trade)?;
    sight::balances(stage, &trade, "In the end")?;
    stage.heading("What the regulator sees");
    sight::supervision(stage, &trade)
}

/// What is traded in this run.
#[derive(Clone, Debug)]
pub(crate) struct Trade {
    /// Number of the receipt.
    number: String,
    /// Its mass in kilograms.
    kilograms: u64,
    /// What the goods are; names a column of the price file.
    commodity: String,
    /// The dollar of bank A.
    asset: String,
    /// What bank A lends, decimal text.
    loan: String,
    /// What the goods sell for.
    value: String,
    /// What the supplier is paid from the loan.
    supply: String,
}

const PAYLOAD: &str = "proposal { id } userErrors { code message }";

/// The mutation of one field that takes an input of this type.
fn mutation(field: &str, input: &str, more: &str) -> String {
    format!("mutation($input: {input}!) {{ {field}(input: $input) {{ {more} {PAYLOAD} }} }}")
}

/// A write of the platform.
fn platform<'a>(title: &'a str, role: &'a str, mutation: &'a str, input: Value, signers: &'a [&'a str]) -> Write<'a> {
    Write { title, role, endpoint: "platform", mutation, input, signers }
}

/// A write of the vertical.
fn own<'a>(title: &'a str, role: &'a str, mutation: &'a str, input: Value, signers: &'a [&'a str]) -> Write<'a> {
    Write { title, role, endpoint: crate::NAME, mutation, input, signers }
}
