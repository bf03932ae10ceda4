//! Use cases of receipts: find what is needed, build the transaction, propose it to those who must sign.

use hive_chain::ChainError;
use hive_platform::proposal::summary::{Direction, SummaryItem, SummaryLine};
use hive_platform::{Draft, Drafted, OpenRequest, Opened, ProposalError};
use ledger_core::contract::title::{TitleError, offer_on};
use ledger_core::encoding::encode;
use ledger_core::{Address, ChainId, Rejection, TitleId};
use serde_json::{Value, json};

use crate::desk::{Desk, DeskError, PresentReceipt, ReceiptName, refusal, right, state_reference, titled};
use crate::goods::model::MassKilograms;
use crate::lot::model::Lot;
use crate::lot::query as lots;
use crate::receipt::model::{Receipt, TITLE_UNIT};
use crate::receipt::transaction::{self, LotBooking};

/// A proposal that only moves an offer stays open a day, and ends this long before the offer does, milliseconds.
const MARGIN_MS: u64 = 2_000;

/// A receipt to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueRequest {
    /// The chain.
    pub chain: ChainId,
    /// The caller's key for this intention.
    pub idempotency_key: String,
    /// The lot, where it comes in with this receipt; nothing of it is receipted.
    pub lot: Option<Lot>,
    /// The receipt. Its goods, storage and inbound date are the lot's, whatever is given.
    pub receipt: Receipt,
}

/// A change of an offer, or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRequest {
    /// The receipt.
    pub receipt: ReceiptName,
    /// The caller's key for this intention.
    pub idempotency_key: String,
}

/// Opens a proposal that issues a receipt with its title and books it against its lot. Operator and depositor sign.
///
/// # Errors
/// As of the platform; what a rule refuses is [`ProposalError::Rejected`].
pub async fn issue(desk: Desk<'_>, request: &IssueRequest) -> Result<Opened, ProposalError> {
    let receipt = &request.receipt;
    let view = desk.node.read_view(&[request.chain]);
    let known = lots::by_number(&view, desk.viewer(), &request.chain, &receipt.operator, &receipt.lot_number);
    let known = known.await.map_err(ChainError::from)?;
    let booking = booking(known, request);
    let described = request.lot.as_ref().map(|lot| hex::encode(encode(lot)));
    let input = json!(["warehouse-receipts/issue", hex::encode(encode(receipt)), described]);
    let effective_on = Some(receipt.issue_date);
    let open = OpenRequest { effective_on, ..open_request(request.chain, &request.idempotency_key, &input) };
    let draft = |draft: Draft| async move {
        let booking = booking.map_err(refusal)?;
        let (LotBooking::Store(lot) | LotBooking::Book(_, lot)) = &booking;
        let receipt = Receipt {
            goods: lot.goods.clone(),
            storage: lot.storage.clone(),
            inbound_date: lot.inbound_date,
            ..receipt.clone()
        };
        let transaction = transaction::issue(draft.frame().clone(), &booking, &receipt).map_err(refusal)?;
        let item = SummaryLine {
            direction: Direction::Comes,
            party: receipt.depositor,
            counterparty: Some(receipt.operator),
            item: SummaryItem::Title {
                title: TitleId::derive(&request.chain, &receipt.operator, &receipt.number),
                number: receipt.number.clone(),
                quantity: receipt.mass.quantity(),
                unit: TITLE_UNIT.to_owned(),
            },
        };
        Ok(Drafted { transaction, summary: vec![item] })
    };
    desk.platform.proposals().open(desk.principal, &open, draft).await
}

/// The lot as it is on the ledger, else as it is described.
fn booking(known: Option<lots::Model>, request: &IssueRequest) -> Result<LotBooking, DeskError> {
    let number = || request.receipt.lot_number.clone();
    match (known, &request.lot) {
        (Some(row), described) => {
            let lot = lots::lot_of(&row)?;
            let bare = Lot { receipted: MassKilograms::ZERO, receipted_bags: 0, ..lot.clone() };
            if described.as_ref().is_some_and(|described| *described != bare) {
                return Err(DeskError::LotDescribedOtherwise { number: number() });
            }
            Ok(LotBooking::Book(state_reference(&row.transaction_id, row.output_index)?, lot))
        }
        (None, Some(lot)) => Ok(LotBooking::Store(lot.clone())),
        (None, None) => Err(DeskError::LotUnknown { number: number() }),
    }
}

/// Opens a proposal that offers the receipt to a party until a time. The holder signs.
///
/// # Errors
/// As for [`issue`].
pub async fn offer(
    desk: Desk<'_>,
    request: &OfferRequest,
    to: Address,
    until_ms: u64,
) -> Result<Opened, ProposalError> {
    let input = json!(["warehouse-receipts/offer", named(&request.receipt), to.to_string(), until_ms.to_string()]);
    let open = within(desk, open_request(request.receipt.chain, &request.idempotency_key, &input), Some(until_ms));
    let build = |draft: Draft, receipt: PresentReceipt| {
        let transaction = transaction::offer(draft.frame().clone(), &receipt.state, to, until_ms).map_err(refusal)?;
        Ok(Drafted { transaction, summary: right("offer", &receipt.title, receipt.state.state.owner, to) })
    };
    propose(desk, &request.receipt, &open, build).await
}

/// Opens a proposal by which the transferee takes the receipt over. The transferee signs and the operator seals.
///
/// # Errors
/// As for [`issue`].
pub async fn accept(desk: Desk<'_>, request: &OfferRequest) -> Result<Opened, ProposalError> {
    let until_ms = offered_until(desk, &request.receipt).await?;
    let input = json!(["warehouse-receipts/accept", named(&request.receipt)]);
    let open = within(desk, open_request(request.receipt.chain, &request.idempotency_key, &input), until_ms);
    let build = |draft: Draft, receipt: PresentReceipt| {
        let (holder, transferee) = (receipt.state.state.owner, transferee(&receipt)?);
        let transaction = transaction::accept(draft.frame().clone(), &receipt.state, transferee).map_err(refusal)?;
        let summary = SummaryLine::movement(holder, transferee, titled(&receipt.title)).to_vec();
        Ok(Drafted { transaction, summary })
    };
    propose(desk, &request.receipt, &open, build).await
}

/// Opens a proposal by which the transferee refuses the receipt. The transferee signs.
///
/// # Errors
/// As for [`issue`].
pub async fn refuse(desk: Desk<'_>, request: &OfferRequest) -> Result<Opened, ProposalError> {
    let until_ms = offered_until(desk, &request.receipt).await?;
    let input = json!(["warehouse-receipts/refuse", named(&request.receipt)]);
    let open = within(desk, open_request(request.receipt.chain, &request.idempotency_key, &input), until_ms);
    let build = |draft: Draft, receipt: PresentReceipt| {
        let transferee = transferee(&receipt)?;
        let transaction = transaction::refuse(draft.frame().clone(), &receipt.state).map_err(refusal)?;
        Ok(Drafted { transaction, summary: right("refusal", &receipt.title, receipt.state.state.owner, transferee) })
    };
    propose(desk, &request.receipt, &open, build).await
}

/// Opens a proposal by which the holder takes an ended offer back. The holder signs.
///
/// # Errors
/// As for [`issue`].
pub async fn withdraw(desk: Desk<'_>, request: &OfferRequest) -> Result<Opened, ProposalError> {
    let input = json!(["warehouse-receipts/withdraw", named(&request.receipt)]);
    let open = open_request(request.receipt.chain, &request.idempotency_key, &input);
    let build = |draft: Draft, receipt: PresentReceipt| {
        let transferee = transferee(&receipt)?;
        let transaction = transaction::withdraw(draft.frame().clone(), &receipt.state).map_err(refusal)?;
        Ok(Drafted { transaction, summary: right("withdrawal", &receipt.title, receipt.state.state.owner, transferee) })
    };
    propose(desk, &request.receipt, &open, build).await
}

/// Finds the receipt, then opens the proposal; what cannot be found refuses when the transaction is drafted.
pub(crate) async fn propose(
    desk: Desk<'_>,
    name: &ReceiptName,
    open: &OpenRequest,
    build: impl FnOnce(Draft, PresentReceipt) -> Result<Drafted, Rejection> + Send,
) -> Result<Opened, ProposalError> {
    let found = desk.receipt(name).await?;
    let draft = |draft: Draft| async move { build(draft, found.map_err(refusal)?) };
    desk.platform.proposals().open(desk.principal, open, draft).await
}

/// A request whose input has one spelling.
pub(crate) fn open_request(chain: ChainId, idempotency_key: &str, input: &Value) -> OpenRequest {
    OpenRequest::new(chain, idempotency_key, input.to_string())
}

/// The receipt's name as part of an input.
pub(crate) fn named(receipt: &ReceiptName) -> Value {
    json!([receipt.number, receipt.operator.map(|operator| operator.to_string())])
}

/// The proposal ends before the offer does: the ledger takes an acceptance only while the offer stands.
fn within(desk: Desk<'_>, open: OpenRequest, until_ms: Option<u64>) -> OpenRequest {
    let Some(until_ms) = until_ms else { return open };
    let left_ms = until_ms.saturating_sub(desk.node.clock().now_ms()).saturating_sub(MARGIN_MS);
    OpenRequest { valid_for_ms: open.valid_for_ms.min(left_ms), ..open }
}

async fn offered_until(desk: Desk<'_>, name: &ReceiptName) -> Result<Option<u64>, ProposalError> {
    let found = desk.receipt(name).await?;
    Ok(found.ok().and_then(|receipt| receipt.row.offered_until_ms).and_then(|until| u64::try_from(until).ok()))
}

/// To whom the receipt is offered.
fn transferee(receipt: &PresentReceipt) -> Result<Address, Rejection> {
    let offer = offer_on(&receipt.state.state);
    let not_offered = || TitleError::NotOffered { number: receipt.title.number.clone() };
    offer.map(|lock| lock.locker).ok_or_else(|| refusal(not_offered()))
}

#[cfg(test)]
mod tests;
