//! Receipts in the schema.

mod list;
pub mod mutation;
mod subscription;

use async_graphql::{Context, Enum, ID, Object};
use hive_plug::guard::SignedIn;
use hive_plug::party::Party;
use hive_plug::proposal::LedgerPosition;
use hive_plug::scalar::{BasisPoints, BusinessDate, DateTime, Hash, PartyAddress};
use hive_plug::{ApiError, ApiResult, Connection, Money, NodeId, Quantity, RequestContext};
use ledger_core::{Address, ChainId, TitleId};

pub(crate) use list::{ReceiptListArguments, listed};
pub use list::{ReceiptOrderBy, ReceiptOrderField, ReceiptWhere};
pub use mutation::ReceiptMutations;
pub(crate) use mutation::{Written, chain_of, named};
pub use subscription::WarehouseReceiptsRegulatorSubscription;
pub use subscription::{ReceiptChange, ReceiptEventKind, WarehouseReceiptsSubscription};

use crate::filter::{TimePoint, Viewer};
use crate::goods::graphql::{Goods, GoodsInsurance, StoragePlace, business_date, insurance, kilograms, money};
use crate::graphql::time_point;
use crate::receipt::model;
use crate::receipt::projection::{HELD, OFFERED, PLEDGED, REPLACED};
use crate::receipt::query::{self, Model, receipt_of};
use crate::version::graphql::ledger_position;

/// Kind of the opaque ids of receipts.
pub(crate) const KIND: &str = "receipt";

/// How a receipt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ReceiptStatus {
    /// Free in its holder's hands.
    Held,
    /// Offered to a transferee, until it accepts, refuses, or the offer ends.
    Offered,
    /// Pledged; it moves when the pledgee releases it.
    Pledged,
    /// Its title was split or merged: the goods stand under other documents now.
    Replaced,
}

impl ReceiptStatus {
    /// The word in the column.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Held => HELD,
            Self::Offered => OFFERED,
            Self::Pledged => PLEDGED,
            Self::Replaced => REPLACED,
        }
    }

    fn of(word: &str) -> ApiResult<Self> {
        let known =
            [Self::Held, Self::Offered, Self::Pledged, Self::Replaced].into_iter().find(|status| status.word() == word);
        known.ok_or_else(|| ApiError::internal(format_args!("no receipt is {word}")))
    }
}

/// A warehouse receipt at a point in time.
pub struct Receipt {
    chain: ChainId,
    row: Model,
    receipt: model::Receipt,
}

impl Receipt {
    /// The object of a row.
    pub(crate) fn of(chain: Option<ChainId>, row: Model) -> ApiResult<Self> {
        let chain = chain.ok_or_else(|| ApiError::internal("a row lies outside the view"))?;
        let receipt = receipt_of(&row).map_err(ApiError::internal)?;
        Ok(Self { chain, row, receipt })
    }

    fn title_id(&self) -> ApiResult<TitleId> {
        TitleId::try_from(self.row.title.as_slice()).map_err(ApiError::internal)
    }
}

fn party(bytes: &[u8]) -> ApiResult<Party> {
    Address::try_from(bytes).map(Party).map_err(ApiError::internal)
}

/// A warehouse receipt: the document of article 909 of the Chinese Civil Code, and in whose hands it is. You see it while
/// you are its operator, holder, pledgee or the one it is offered to.
#[Object]
impl Receipt {
    /// Opaque id; the same for all versions.
    async fn id(&self) -> ApiResult<ID> {
        Ok(NodeId::new(KIND, self.chain, self.title_id()?).to_id())
    }

    /// The chain it lives on.
    async fn chain(&self) -> ID {
        ID(self.chain.to_string())
    }

    /// The operator's serial.
    async fn number(&self) -> &str {
        &self.receipt.number
    }

    /// Number of the lot it stands for.
    async fn lot_number(&self) -> &str {
        &self.receipt.lot_number
    }

    /// The warehouse operator: it issued the receipt and keeps the goods.
    async fn operator(&self) -> Party {
        self.receipt.operator.into()
    }

    /// The party that brought the goods; the first holder.
    async fn depositor(&self) -> Party {
        self.receipt.depositor.into()
    }

    /// Commitment to the depositor's name and domicile, which the ledger does not hold; how it is made stands in
    /// warehouse_receipts.proto.
    async fn depositor_commitment(&self) -> Hash {
        Hash(*self.receipt.depositor_commitment.as_bytes())
    }

    /// What the goods are.
    async fn goods(&self) -> Goods {
        self.receipt.goods.clone().into()
    }

    /// Where they lie.
    async fn storage(&self) -> StoragePlace {
        self.receipt.storage.clone().into()
    }

    /// Net mass in kilograms.
    async fn mass(&self) -> ApiResult<Quantity> {
        kilograms(self.receipt.mass.quantity())
    }

    /// Pieces; 0 for goods in bulk.
    async fn bags(&self) -> u32 {
        self.receipt.bags
    }

    /// Loss in storage that the depositor bears.
    async fn loss_standard(&self) -> BasisPoints {
        BasisPoints(self.receipt.loss_standard.0)
    }

    /// The day the goods came in: the first day of the storage term.
    async fn inbound_date(&self) -> ApiResult<BusinessDate> {
        business_date(self.receipt.inbound_date)
    }

    /// The last day of the storage term.
    async fn storage_until(&self) -> ApiResult<BusinessDate> {
        business_date(self.receipt.storage_until)
    }

    /// Storage fee per tonne and month.
    async fn storage_fee(&self) -> ApiResult<Money> {
        money(&self.receipt.storage_fee)
    }

    /// Insurance of the goods, if there is one.
    async fn insurance(&self) -> ApiResult<Option<GoodsInsurance>> {
        self.receipt.insurance.clone().map(insurance).transpose()
    }

    /// Name of the issuer.
    async fn issuer_name(&self) -> &str {
        &self.receipt.issuer_name
    }

    /// Where it was issued.
    async fn issue_place(&self) -> &str {
        &self.receipt.issue_place
    }

    /// When it was issued.
    async fn issue_date(&self) -> ApiResult<BusinessDate> {
        business_date(self.receipt.issue_date)
    }

    /// How it stands.
    async fn status(&self) -> ApiResult<ReceiptStatus> {
        ReceiptStatus::of(&self.row.status)
    }

    /// Who holds it.
    async fn holder(&self) -> ApiResult<Party> {
        party(&self.row.holder)
    }

    /// For whom it is pledged, while it is.
    async fn pledgee(&self) -> ApiResult<Option<Party>> {
        self.row.pledgee.as_deref().map(party).transpose()
    }

    /// To whom it is offered, while it is.
    async fn offered_to(&self) -> ApiResult<Option<Party>> {
        self.row.offered_to.as_deref().map(party).transpose()
    }

    /// When the offer ends.
    async fn offered_until(&self) -> Option<DateTime> {
        self.row.offered_until_ms.and_then(|until| u64::try_from(until).ok()).map(DateTime)
    }

    /// Id of the title on the ledger.
    async fn title(&self) -> ApiResult<Hash> {
        Ok(Hash(*self.title_id()?.as_bytes()))
    }

    /// The title's state on the ledger, as "transaction:output"; what a client that builds transactions itself consumes.
    async fn title_state(&self) -> ApiResult<String> {
        let reference = crate::desk::state_reference(&self.row.transaction_id, self.row.output_index);
        Ok(reference.map_err(ApiError::internal)?.to_string())
    }

    /// Business date from which this version holds.
    async fn effective_on(&self) -> ApiResult<BusinessDate> {
        let days = i32::try_from(self.row.effective_on).map_err(ApiError::internal)?;
        BusinessDate::from_days(days).ok_or_else(|| ApiError::internal("a date is past the calendar"))
    }

    /// Where this version stands on the ledger.
    async fn ledger(&self) -> ApiResult<LedgerPosition> {
        let Model { from_height, position, recorded_at_ms, .. } = self.row;
        ledger_position(from_height, position, recorded_at_ms, &self.row.transaction_id)
    }
}

/// The caller's receipt of an opaque id.
pub(crate) async fn find(context: &Context<'_>, id: &ID, time: TimePoint) -> ApiResult<Option<Receipt>> {
    let Some(node_id) = NodeId::read(KIND, id) else { return Ok(None) };
    let Ok(title) = node_id.key.parse::<TitleId>() else { return Ok(None) };
    let principal = context.principal()?;
    if !principal.participates(&node_id.chain) {
        return Ok(None);
    }
    let view = context.node()?.read_view(&[node_id.chain]);
    let viewer = Viewer::Party(principal.party());
    let row = query::by_title(&view, viewer, &node_id.chain, &title, time).await?;
    row.map(|row| Receipt::of(Some(node_id.chain), row)).transpose()
}

/// Queries of receipts.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReceiptQueries;

#[Object]
impl ReceiptQueries {
    /// Receipts of which you are operator, holder or pledgee, or that are offered to you.
    #[graphql(guard = "SignedIn")]
    #[allow(clippy::too_many_arguments)]
    async fn receipts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these chains; default: all in which you take part.")] chains: Option<Vec<ID>>,
        #[graphql(desc = "Which receipts.", name = "where")] filter: Option<ReceiptWhere>,
        #[graphql(desc = "In which order; default: by number.")] order_by: Option<ReceiptOrderBy>,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
        #[graphql(desc = "So many rows from the start, 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many rows from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<Receipt>> {
        let viewer = Viewer::Party(context.principal()?.party());
        let view = context.read_view(chains.as_deref())?;
        let time = time_point(as_of, known_at)?;
        listed(view, viewer, ReceiptListArguments { filter, order_by, time, first, after, last, before }).await
    }

    /// A receipt by its opaque id; null if there is none that you may see.
    #[graphql(guard = "SignedIn")]
    async fn receipt(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The opaque id.")] id: ID,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
    ) -> ApiResult<Option<Receipt>> {
        find(context, &id, time_point(as_of, known_at)?).await
    }

    /// A receipt by its number; null if there is none that you may see.
    #[graphql(guard = "SignedIn")]
    async fn receipt_by_number(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain it lives on.")] chain: ID,
        #[graphql(desc = "The operator's serial.")] number: String,
        #[graphql(desc = "The operator; needed only where two have the same serial.")] operator: Option<PartyAddress>,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
    ) -> ApiResult<Option<Receipt>> {
        let (chain, time) = (context.chain(&chain)?, time_point(as_of, known_at)?);
        let view = context.node()?.read_view(&[chain]);
        let viewer = Viewer::Party(context.principal()?.party());
        let operator = operator.map(|operator| operator.0);
        let mut rows = query::by_number(&view, viewer, &chain, &number, operator.as_ref(), time).await?;
        match (rows.pop(), rows.pop()) {
            (Some(_), Some(_)) => Err(ApiError::bad_input("two operators have this number; name the operator")),
            (row, _) => row.map(|row| Receipt::of(Some(chain), row)).transpose(),
        }
    }
}
