//! Lots in the schema.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use hive_plug::guard::SignedIn;
use hive_plug::party::Party;
use hive_plug::proposal::LedgerPosition;
use hive_plug::scalar::{BusinessDate, DateTime};
use hive_plug::{ApiError, ApiResult, Connection, NodeId, Page, Quantity};
use ledger_core::ChainId;

use crate::filter::{Comparison, Filter};
use crate::goods::graphql::{Goods, StoragePlace, business_date, kilograms};
use crate::graphql::{DateFilter, Listing, OrderDirection, QuantityFilter, TextFilter, time_point, tree_is_small};
use crate::lot::model;
use crate::lot::query::{LotFields, LotOrder, LotQuery, Model, lot_of};
use crate::version::graphql::ledger_position;

/// Kind of the opaque ids of lots.
const KIND: &str = "lot";
/// The list's name in its cursors, by order: a cursor of one order means nothing in another.
fn list_name(order: LotOrderField) -> &'static str {
    match order {
        LotOrderField::Number => "lots by number",
        LotOrderField::Mass => "lots by mass",
        LotOrderField::InboundOn => "lots by inbound date",
    }
}

/// Goods that a depositor brought into a warehouse together.
pub struct Lot {
    chain: ChainId,
    row: Model,
    lot: model::Lot,
}

impl Lot {
    /// The object of a row.
    pub(crate) fn of(chain: Option<ChainId>, row: Model) -> ApiResult<Self> {
        let chain = chain.ok_or_else(|| ApiError::internal("a row lies outside the view"))?;
        let lot = lot_of(&row).map_err(ApiError::internal)?;
        Ok(Self { chain, row, lot })
    }
}

/// Goods that a depositor brought into a warehouse together, and how much of them receipts stand for.
#[Object]
impl Lot {
    /// Opaque id.
    async fn id(&self) -> ID {
        NodeId::new(KIND, self.chain, format_args!("{}/{}", self.lot.operator, self.lot.number)).to_id()
    }

    /// The chain it lives on.
    async fn chain(&self) -> ID {
        ID(self.chain.to_string())
    }

    /// The operator's number of the lot.
    async fn number(&self) -> &str {
        &self.lot.number
    }

    /// The warehouse operator, who keeps the goods.
    async fn operator(&self) -> Party {
        self.lot.operator.into()
    }

    /// The party that brought the goods.
    async fn depositor(&self) -> Party {
        self.lot.depositor.into()
    }

    /// What the goods are.
    async fn goods(&self) -> Goods {
        self.lot.goods.clone().into()
    }

    /// Where they lie.
    async fn storage(&self) -> StoragePlace {
        self.lot.storage.clone().into()
    }

    /// Net mass in kilograms.
    async fn mass(&self) -> ApiResult<Quantity> {
        kilograms(self.lot.mass.quantity())
    }

    /// Pieces; 0 for goods in bulk.
    async fn bags(&self) -> u32 {
        self.lot.bags
    }

    /// Mass with packaging, in kilograms.
    async fn gross_mass(&self) -> ApiResult<Quantity> {
        kilograms(self.lot.gross_mass.quantity())
    }

    /// The day the goods came in.
    async fn inbound_date(&self) -> ApiResult<BusinessDate> {
        business_date(self.lot.inbound_date)
    }

    /// Net mass for which receipts have been issued, in kilograms; never over `mass`.
    async fn receipted(&self) -> ApiResult<Quantity> {
        kilograms(self.lot.receipted.quantity())
    }

    /// Where this version stands on the ledger.
    async fn ledger(&self) -> ApiResult<LedgerPosition> {
        let Model { from_height, position, recorded_at_ms, .. } = self.row;
        ledger_position(from_height, position, recorded_at_ms, &self.row.transaction_id)
    }
}

/// Which lots a list shows: all fields that are given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct LotWhere {
    /// All of these must hold.
    #[graphql(validator(max_items = 20))]
    pub and: Option<Vec<LotWhere>>,
    /// At least one of these must hold.
    #[graphql(validator(max_items = 20))]
    pub or: Option<Vec<LotWhere>>,
    /// This must not hold.
    pub not: Option<Box<LotWhere>>,
    /// The operator's number of the lot.
    pub number: Option<TextFilter>,
    /// What the goods are.
    pub commodity: Option<TextFilter>,
    /// Net mass in kilograms.
    pub mass_kilograms: Option<QuantityFilter>,
    /// The day the goods came in.
    pub inbound_date: Option<DateFilter>,
}

/// What lots are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "LotOrder")]
pub enum LotOrderField {
    /// The operator's number of the lot.
    #[default]
    Number,
    /// Net mass.
    Mass,
    /// The day the goods came in.
    InboundOn,
}

/// An order of lots.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct LotOrderBy {
    /// By what.
    pub field: LotOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl LotWhere {
    fn filter(self) -> ApiResult<Filter<LotFields>> {
        let all = |list: Option<Vec<Self>>| {
            list.unwrap_or_default().into_iter().map(Self::filter).collect::<ApiResult<Vec<_>>>()
        };
        let mass_kilograms = self.mass_kilograms.map(QuantityFilter::kilograms).transpose()?.unwrap_or_default();
        let text = |filter: Option<TextFilter>| filter.map(Comparison::from).unwrap_or_default();
        Ok(Filter {
            fields: LotFields {
                number: text(self.number),
                commodity: text(self.commodity),
                mass_kilograms,
                inbound_on: self.inbound_date.map(Comparison::from).unwrap_or_default(),
            },
            and: all(self.and)?,
            or: all(self.or)?,
            not: self.not.map(|not| not.filter().map(Box::new)).transpose()?,
        })
    }
}

/// Queries of lots.
#[derive(Clone, Copy, Debug, Default)]
pub struct LotQueries;

#[Object]
impl LotQueries {
    /// Lots of which you are operator or depositor.
    #[graphql(guard = "SignedIn")]
    #[allow(clippy::too_many_arguments)]
    async fn lots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these chains; default: all in which you take part.")] chains: Option<Vec<ID>>,
        #[graphql(desc = "Which lots.", name = "where")] filter: Option<LotWhere>,
        #[graphql(desc = "In which order; default: by number.")] order_by: Option<LotOrderBy>,
        #[graphql(desc = "As things stood on this business date.")] as_of: Option<BusinessDate>,
        #[graphql(desc = "As the ledger knew at this moment.")] known_at: Option<DateTime>,
        #[graphql(desc = "So many rows from the start, 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many rows from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<Connection<Lot>> {
        let order = order_by.unwrap_or_default();
        let page = Page::new(list_name(order.field), first, after.as_deref(), last, before.as_deref())?;
        let listing = Listing::own(context, chains.as_deref(), page)?;
        let query = LotQuery {
            viewer: listing.viewer,
            time: time_point(as_of, known_at)?,
            filter: tree_is_small(filter.unwrap_or_default().filter()?)?,
            order: order.field.into(),
            descending: order.direction == OrderDirection::Desc,
        };
        let rows = query.page(&listing.view, &listing.page).await?;
        let lot = |(key, row): (_, Model)| Lot::of(listing.view.chain(row.chain_id), row).map(|lot| (key, lot));
        let rows = rows.into_iter().map(lot).collect::<ApiResult<Vec<_>>>()?;
        let Listing { view, page, .. } = listing;
        Ok(Connection::of(&page, rows, move || {
            let (view, query) = (view.clone(), query.clone());
            Box::pin(async move { Ok(query.count(&view).await?) })
        }))
    }
}
