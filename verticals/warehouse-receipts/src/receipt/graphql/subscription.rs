//! What happens to receipts, as it happens, resumable after a lost connection.

use async_graphql::{Context, Enum, ID, Object, Subscription};
use futures_util::stream::{BoxStream, StreamExt};
use hive_chain::OutboxEvent;
use hive_plug::guard::{Holding, SignedIn};
use hive_plug::party::Party;
use hive_plug::scalar::{BigInt, Hash};
use hive_plug::{ApiError, ApiResult, RequestContext};
use ledger_core::{Address, ChainId, Permission, TitleId, TransactionId};
use serde_json::Value;

use super::Receipt;
use crate::filter::{TimePoint, Viewer};
use crate::receipt::event::ReceiptEvent;
use crate::receipt::query;

/// What happened to a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ReceiptEvent")]
pub enum ReceiptEventKind {
    /// It was issued.
    Issued,
    /// It was offered to a transferee.
    Offered,
    /// The transferee has it.
    Transferred,
    /// The transferee refused it.
    Refused,
    /// The holder took an ended offer back.
    Withdrawn,
    /// It was pledged.
    Pledged,
    /// Its pledge was released.
    Released,
}

/// Something that happened to a receipt.
pub struct ReceiptChange {
    event: OutboxEvent,
    kind: ReceiptEvent,
    number: String,
    operator: Address,
    title: TitleId,
    transaction: TransactionId,
    viewer: Viewer,
}

impl ReceiptChange {
    /// The event, if it is one of receipts and the viewer has a part in it.
    fn of(event: OutboxEvent, chains: &[ChainId], viewer: Viewer) -> Option<ApiResult<Self>> {
        let kind = ReceiptEvent::of_kind(&event.kind)?;
        let concerns = match viewer {
            Viewer::Party(party) => event.parties.contains(&party),
            Viewer::Supervisor => true,
        };
        (concerns && chains.contains(&event.chain)).then(|| Self::read(event, kind, viewer))
    }

    fn read(event: OutboxEvent, kind: ReceiptEvent, viewer: Viewer) -> ApiResult<Self> {
        let payload: Value = serde_json::from_str(&event.payload).map_err(ApiError::internal)?;
        let text = |name: &str| payload[name].as_str().unwrap_or_default();
        Ok(Self {
            kind,
            number: text("receiptNumber").to_owned(),
            operator: text("operator").parse().map_err(ApiError::internal)?,
            title: text("title").parse().map_err(ApiError::internal)?,
            transaction: text("transactionId").parse().map_err(ApiError::internal)?,
            event,
            viewer,
        })
    }
}

/// Something that happened to a receipt in which you have a part.
#[Object]
impl ReceiptChange {
    /// Its number in the node's order of events; give it as `after` to go on from here.
    async fn sequence(&self) -> ApiResult<BigInt> {
        u64::try_from(self.event.sequence).map(BigInt).map_err(ApiError::internal)
    }

    /// What happened.
    async fn kind(&self) -> ReceiptEventKind {
        self.kind.into()
    }

    /// The chain.
    async fn chain(&self) -> ID {
        ID(self.event.chain.to_string())
    }

    /// Height of the block.
    async fn height(&self) -> BigInt {
        BigInt(self.event.height)
    }

    /// The transaction that did it.
    async fn transaction_id(&self) -> Hash {
        Hash(*self.transaction.as_bytes())
    }

    /// Number of the receipt.
    async fn receipt_number(&self) -> &str {
        &self.number
    }

    /// Its operator.
    async fn operator(&self) -> Party {
        self.operator.into()
    }

    /// The receipt as it stands now, if you may see it.
    async fn receipt(&self, context: &Context<'_>) -> ApiResult<Option<Receipt>> {
        let chain = self.event.chain;
        let view = context.node()?.read_view(&[chain]);
        let row = query::by_title(&view, self.viewer, &chain, &self.title, TimePoint::default()).await?;
        row.map(|row| Receipt::of(Some(chain), row)).transpose()
    }
}

type Changes = BoxStream<'static, ApiResult<ReceiptChange>>;

fn changes(
    context: &Context<'_>,
    chains: Vec<ChainId>,
    viewer: Viewer,
    after: Option<BigInt>,
) -> Result<Changes, ApiError> {
    let after = after.map(|after| i64::try_from(after.0)).transpose();
    let after = after.map_err(|error| ApiError::bad_input(error.to_string()))?;
    let events = context.node()?.subscribe(after);
    let change = move |event: Result<OutboxEvent, hive_chain::ChainError>| {
        let change = match event {
            Ok(event) => ReceiptChange::of(event, &chains, viewer),
            Err(error) => Some(Err(error.into())),
        };
        std::future::ready(change)
    };
    Ok(events.filter_map(change).boxed())
}

/// Subscriptions of the vertical.
#[derive(Clone, Copy, Debug, Default)]
pub struct WarehouseReceiptsSubscription;

#[Subscription]
impl WarehouseReceiptsSubscription {
    /// What happens to receipts in which you have a part, in the order of the ledger, none left out.
    #[graphql(guard = "SignedIn")]
    async fn receipt_events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these chains; default: all in which you take part.")] chains: Option<Vec<ID>>,
        #[graphql(desc = "Go on behind this event's sequence; default: from now on.")] after: Option<BigInt>,
    ) -> Result<Changes, ApiError> {
        let chains = context.chains(chains.as_deref())?;
        let viewer = Viewer::Party(context.principal()?.party());
        changes(context, chains, viewer, after)
    }
}

/// What a supervisor subscribes to.
#[derive(Clone, Copy, Debug, Default)]
pub struct WarehouseReceiptsRegulatorSubscription;

#[Subscription]
impl WarehouseReceiptsRegulatorSubscription {
    /// What happens to receipts on the chains you supervise. Needs the permission supervise.
    #[graphql(guard = "Holding(Permission::Supervise)")]
    async fn warehouse_receipt_events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Go on behind this event's sequence; default: from now on.")] after: Option<BigInt>,
    ) -> Result<Changes, ApiError> {
        changes(context, context.supervised_chains()?, Viewer::Supervisor, after)
    }
}
