//! Use cases of pledges: pledge a receipt for a debt, release it.

use hive_chain::ChainError;
use hive_platform::{Draft, Drafted, Opened, ProposalError};
use ledger_core::{Address, Amount, AssetId};
use serde_json::json;

use crate::desk::{Desk, DeskError, PresentReceipt, ReceiptName, refusal, right, state_reference};
use crate::pledge::query as pledges;
use crate::receipt::service::{named, open_request, propose};
use crate::receipt::transaction::{self, Secured};

/// A receipt to be pledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PledgeRequest {
    /// The receipt.
    pub receipt: ReceiptName,
    /// The caller's key for this intention.
    pub idempotency_key: String,
    /// For whom.
    pub pledgee: Address,
    /// Asset of the secured debt.
    pub secured_asset: AssetId,
    /// The most that is secured, in the asset's smallest unit.
    pub secured_maximum: Amount,
}

/// A pledge to be released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRequest {
    /// The pledged receipt.
    pub receipt: ReceiptName,
    /// The caller's key for this intention.
    pub idempotency_key: String,
    /// How much is released, in kilograms; the whole.
    pub quantity: Amount,
}

/// Opens a proposal that pledges the receipt. Pledgor, pledgee and operator sign.
///
/// # Errors
/// As of the platform; what a rule refuses is [`ProposalError::Rejected`].
pub async fn pledge(desk: Desk<'_>, request: &PledgeRequest) -> Result<Opened, ProposalError> {
    let PledgeRequest { receipt, pledgee, secured_asset, secured_maximum, .. } = request;
    let (pledgee, secured) = (*pledgee, Secured { asset: *secured_asset, maximum: *secured_maximum });
    let input = json!([
        "warehouse-receipts/pledge",
        named(receipt),
        pledgee.to_string(),
        secured_asset.to_string(),
        secured_maximum.minor().to_string(),
    ]);
    let open = open_request(receipt.chain, &request.idempotency_key, &input);
    let build = |draft: Draft, receipt: PresentReceipt| {
        let transaction =
            transaction::pledge(draft.frame().clone(), &receipt.state, pledgee, secured).map_err(refusal)?;
        Ok(Drafted { transaction, summary: right("pledge", &receipt.title, receipt.state.state.owner, pledgee) })
    };
    propose(desk, receipt, &open, build).await
}

/// Opens a proposal that releases the receipt's pledge. The pledgee signs.
///
/// # Errors
/// As for [`pledge`].
pub async fn release(desk: Desk<'_>, request: &ReleaseRequest) -> Result<Opened, ProposalError> {
    let input = json!(["warehouse-receipts/release", named(&request.receipt), request.quantity.minor().to_string()]);
    let open = open_request(request.receipt.chain, &request.idempotency_key, &input);
    let found = desk.receipt(&request.receipt).await?;
    let pledge = match &found {
        Ok(receipt) => live_pledge(desk, &request.receipt, receipt).await?,
        Err(error) => Err(error.clone()),
    };
    let draft = |draft: Draft| async move {
        let (receipt, pledged) = (found.map_err(refusal)?, pledge.map_err(refusal)?);
        let transaction = transaction::release(draft.frame().clone(), &receipt.state, &pledged, request.quantity);
        let (pledgor, pledgee) = (receipt.state.state.owner, pledged.state.owner);
        let summary = right("release", &receipt.title, pledgor, pledgee);
        Ok(Drafted { transaction: transaction.map_err(refusal)?, summary })
    };
    desk.platform.proposals().open(desk.principal, &open, draft).await
}

/// The state of the receipt's live pledge.
async fn live_pledge(
    desk: Desk<'_>,
    name: &ReceiptName,
    receipt: &PresentReceipt,
) -> Result<Result<ledger_core::ResolvedState, DeskError>, ProposalError> {
    let view = desk.node.read_view(&[name.chain]);
    let row = pledges::active_of(&view, desk.viewer(), &name.chain, &receipt.title.title).await;
    let Some(row) = row.map_err(ChainError::from)? else {
        return Ok(Err(DeskError::PledgeUnknown { number: name.number.clone() }));
    };
    let moved = || DeskError::ReceiptMoved { number: name.number.clone() };
    Ok(match state_reference(&row.transaction_id, row.output_index) {
        Ok(reference) => desk.state(&name.chain, &reference).await?.ok_or_else(moved),
        Err(error) => Err(error.into()),
    })
}

#[cfg(test)]
mod tests;
