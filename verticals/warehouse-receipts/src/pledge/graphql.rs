//! Pledges in the schema.

mod list;
pub mod mutation;

use async_graphql::{Context, Enum, ID, Object};
use hive_plug::guard::SignedIn;
use hive_plug::party::Party;
use hive_plug::proposal::LedgerPosition;
use hive_plug::scalar::{AmountMinor, BusinessDate, DateTime, Hash};
use hive_plug::{ApiError, ApiResult, Connection, Money, NodeId, Quantity, RequestContext};
use ledger_core::{Address, Amount, AssetId, ChainId, PledgeId};

pub(crate) use list::{PledgeListArguments, listed};
pub use list::{PledgeOrderBy, PledgeOrderField, PledgeWhere};
pub use mutation::PledgeMutations;

use crate::filter::Viewer;
use crate::goods::graphql::kilograms;
use crate::graphql::time_point;
use crate::pledge::projection::{ACTIVE, ENFORCED, RELEASED};
use crate::pledge::query::{self, Model};
use crate::version::graphql::ledger_position;

/// Kind of the opaque ids of pledges.
const KIND: &str = "pledge";

/// How a pledge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PledgeStatus {
    /// The receipt is locked for the pledgee.
    Active,
    /// The pledgee has released it.
    Released,
    /// The pledgee has enforced it.
    Enforced,
}

impl PledgeStatus {
    /// The word in the column.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => ACTIVE,
            Self::Released => RELEASED,
            Self::Enforced => ENFORCED,
        }
    }
}

/// A pledge of a receipt at a point in time.
pub struct Pledge {
    chain: ChainId,
    row: Model,
}

impl Pledge {
    /// The object of a row.
    pub(crate) fn of(chain: Option<ChainId>, row: Model) -> ApiResult<Self> {
        let chain = chain.ok_or_else(|| ApiError::internal("a row lies outside the view"))?;
        Ok(Self { chain, row })
    }
}

pub(crate) fn party(bytes: &[u8]) -> ApiResult<Party> {
    Address::try_from(bytes).map(Party).map_err(ApiError::internal)
}

pub(crate) fn amount(minor: i64) -> ApiResult<Amount> {
    let minor = u64::try_from(minor).map_err(ApiError::internal)?;
    Amount::from_minor(minor).map_err(ApiError::internal)
}

/// An amount of an asset in money, where the asset is one of a currency.
pub(crate) async fn secured(
    context: &Context<'_>,
    chain: &ChainId,
    asset: &[u8],
    minor: i64,
) -> ApiResult<Option<Money>> {
    let asset = AssetId::try_from(asset).map_err(ApiError::internal)?;
    let asset = context.platform()?.wallets().asset(context.principal()?, chain, &asset).await;
    let Ok(asset) = asset else { return Ok(None) };
    let currency = hive_plug::scalar::CurrencyCode::new(&asset.definition.unit);
    currency.map(|currency| Ok(Money::of(amount(minor)?, asset.definition.scale, currency))).transpose()
}

/// A receipt that secures a debt. You see it as its pledgor, its pledgee or the operator of the warehouse.
#[Object]
impl Pledge {
    /// Opaque id; the same for all versions.
    async fn id(&self) -> ApiResult<ID> {
        let pledge = PledgeId::try_from(self.row.pledge.as_slice()).map_err(ApiError::internal)?;
        Ok(NodeId::new(KIND, self.chain, pledge).to_id())
    }

    /// The chain it lives on.
    async fn chain(&self) -> ID {
        ID(self.chain.to_string())
    }

    /// Number of the receipt.
    async fn receipt_number(&self) -> &str {
        &self.row.number
    }

    /// How it stands.
    async fn status(&self) -> ApiResult<PledgeStatus> {
        let known = [PledgeStatus::Active, PledgeStatus::Released];
        let status = known.into_iter().find(|status| status.word() == self.row.status);
        status.ok_or_else(|| ApiError::internal(format_args!("no pledge is {}", self.row.status)))
    }

    /// Whose receipt it is: the obligor.
    async fn pledgor(&self) -> ApiResult<Party> {
        party(&self.row.pledgor)
    }

    /// For whom it is pledged.
    async fn pledgee(&self) -> ApiResult<Party> {
        party(&self.row.pledgee)
    }

    /// The warehouse operator, who keeps the goods.
    async fn operator(&self) -> ApiResult<Party> {
        party(&self.row.custodian)
    }

    /// Pledged mass in kilograms.
    async fn mass(&self) -> ApiResult<Quantity> {
        kilograms(amount(self.row.quantity)?)
    }

    /// Asset of the secured debt.
    async fn secured_asset(&self) -> ApiResult<Hash> {
        let asset = AssetId::try_from(self.row.secured_asset.as_slice()).map_err(ApiError::internal)?;
        Ok(Hash(*asset.as_bytes()))
    }

    /// The most that is secured, in the asset's smallest unit.
    async fn secured_maximum_minor(&self) -> ApiResult<AmountMinor> {
        amount(self.row.secured_maximum).map(AmountMinor)
    }

    /// The most that is secured, where the asset is one of a currency.
    async fn secured_maximum(&self, context: &Context<'_>) -> ApiResult<Option<Money>> {
        secured(context, &self.chain, &self.row.secured_asset, self.row.secured_maximum).await
    }

    /// 1 is the senior rank.
    async fn rank(&self) -> ApiResult<u32> {
        u32::try_from(self.row.rank).map_err(ApiError::internal)
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

/// Queries of pledges.
#[derive(Clone, Copy, Debug, Default)]
pub struct PledgeQueries;

#[Object]
impl PledgeQueries {
    /// Pledges of receipts of which you are pledgor, pledgee or operator.
    #[graphql(guard = "SignedIn")]
    #[allow(clippy::too_many_arguments)]
    async fn pledges(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these chains; default: all in which you take part.")] chains: Option<Vec<ID>>,
        #[graphql(desc = "Which pledges.", name = "where")] filter: Option<PledgeWhere>,
        #[graphql(desc = "In which order; default: by number of the receipt.")] order_by: Option<PledgeOrderBy>,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
        #[graphql(desc = "So many rows from the start, 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many rows from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<Pledge>> {
        let viewer = Viewer::Party(context.principal()?.party());
        let view = context.read_view(chains.as_deref())?;
        let time = time_point(as_of, known_at)?;
        listed(view, viewer, PledgeListArguments { filter, order_by, time, first, after, last, before }).await
    }

    /// A pledge by its opaque id; null if there is none that you may see.
    #[graphql(guard = "SignedIn")]
    async fn pledge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The opaque id.")] id: ID,
    ) -> ApiResult<Option<Pledge>> {
        let Some(node_id) = NodeId::read(KIND, &id) else { return Ok(None) };
        let Ok(pledge) = node_id.key.parse::<PledgeId>() else { return Ok(None) };
        let principal = context.principal()?;
        if !principal.participates(&node_id.chain) {
            return Ok(None);
        }
        let view = context.node()?.read_view(&[node_id.chain]);
        let row = query::by_id(&view, Viewer::Party(principal.party()), &node_id.chain, &pledge).await?;
        row.map(|row| Pledge::of(Some(node_id.chain), row)).transpose()
    }
}
