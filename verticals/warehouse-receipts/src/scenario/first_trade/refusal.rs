//! What must be refused: wrong amounts, wrong signatures, the same command again. After each, nothing has changed.

use hive_plug::scenario::{ProposalDocument, ScenarioError, Settled, SignatureInput, Stage, Write};
use ledger_core::Transaction;
use ledger_core::transaction::signing_bytes;
use serde_json::json;

use super::cast::{DEPOSITOR, SUPPLIER};
use super::{Trade, mutation, platform, sight};
use crate::scenario::client::{random, signed, submitted};

/// Plays a refusal that an earlier try of this run has not shown yet.
fn once(
    stage: &mut Stage,
    name: &str,
    play: impl FnOnce(&mut Stage) -> Result<(), ScenarioError>,
) -> Result<(), ScenarioError> {
    let done = format!("refused/{name}");
    if stage.recall(&done).is_some() {
        return Ok(());
    }
    play(stage)?;
    stage.remember(&done, "yes")
}

/// A negative amount, and one below the scale of the asset.
pub(super) fn amounts_are_refused(stage: &mut Stage, trade: &Trade) -> Result<(), ScenarioError> {
    let issue = mutation("issueTokens", "IssueTokensInput", "");
    let cases = [
        ("negative", "-100.00", "AMOUNT_NEGATIVE", "Bank A issues a negative amount"),
        ("below-scale", "100.005", "AMOUNT_BELOW_SCALE", "Bank A issues half a cent"),
    ];
    for (name, amount, code, title) in cases {
        let input = json!({
            "chain": stage.chain().to_string(),
            "idempotencyKey": stage.key(name),
            "asset": trade.asset,
            "amount": amount,
            "to": stage.address(DEPOSITOR)?,
            "reference": format!("{name} / {}", stage.run()),
        });
        let write = platform(title, super::cast::BANK_A, &issue, input, &[]);
        once(stage, name, |stage| stage.refused(&write, code, |stage| sight::everything(stage, trade)))?;
    }
    Ok(())
}

/// A signature with one bit changed, and the depositor's good signature given for another party.
pub(super) fn signatures_are_refused(stage: &mut Stage, trade: &Trade, write: &Write<'_>) -> Result<(), ScenarioError> {
    let payload = stage.write(write)?;
    let Some(id) = payload["proposal"]["id"].as_str().map(str::to_owned) else { return Ok(()) };
    let document = stage.proposal(DEPOSITOR, &id)?;
    if document.status != "OPEN" {
        return Ok(());
    }
    let tampered = tampered(stage.seat(DEPOSITOR)?.sign(&document)?);
    let misplaced = for_another(stage, &document)?;
    let cases = [
        ("tampered-signature", "A signature is tampered with", "SIGNATURE_INVALID", tampered),
        (
            "misplaced-signature",
            "A signature given for the supplier is presented",
            "SIGNATURE_FOR_ANOTHER_PARTY",
            misplaced,
        ),
    ];
    for (name, title, code, signature) in cases {
        let act = |stage: &Stage| stage.sign_proposal(DEPOSITOR, &id, std::slice::from_ref(&signature));
        once(stage, name, |stage| stage.refusal(title, code, |stage| sight::everything(stage, trade), act))?;
    }
    Ok(())
}

/// The signature with one digit changed.
fn tampered(mut signature: SignatureInput) -> SignatureInput {
    let at = 10;
    let other = if signature.signature.get(at..=at) == Some("0") { "1" } else { "0" };
    signature.signature.replace_range(at..=at, other);
    signature
}

/// The depositor's key signs for the supplier, and the signature is presented for the depositor.
fn for_another(stage: &Stage, document: &ProposalDocument) -> Result<SignatureInput, ScenarioError> {
    let (depositor, supplier) = (stage.seat(DEPOSITOR)?, stage.seat(SUPPLIER)?.address);
    let bytes = signing_bytes(&document.transaction.chain, &document.transaction_id, &supplier);
    Ok(depositor.sign_bytes(depositor.address, &bytes))
}

/// Another transaction under a command that was accepted.
pub(super) fn replay_is_refused(stage: &mut Stage, trade: &Trade, settled: &Settled) -> Result<(), ScenarioError> {
    let title = "The payment's command is used again, with other bytes";
    let accepted = settled.proposal.transaction.clone();
    let act = |stage: &Stage| {
        let again = Transaction { salt: random()?, ..accepted };
        let again = signed(again, &[stage.seat(DEPOSITOR)?])?;
        Ok(submitted(stage, DEPOSITOR, &[again])?.into_iter().next().unwrap_or_default())
    };
    once(stage, "replayed-command", |stage| {
        stage.refusal(title, "COMMAND_REPLAYED", |stage| sight::everything(stage, trade), act)
    })
}
