//! Lists of pledges: what they are asked for, and how they answer.

use async_graphql::{Enum, InputObject};
use hive_chain::ReadView;
use hive_plug::{ApiResult, Connection, Page};

use super::{Pledge, PledgeStatus};
use crate::filter::{Comparison, Filter, TimePoint, Viewer};
use crate::graphql::{AddressFilter, OrderDirection, QuantityFilter, TextFilter, tree_is_small};
use crate::pledge::query::{Model, PledgeFields, PledgeOrder, PledgeQuery};

/// The list's name in its cursors, by order: a cursor of one order means nothing in another.
fn list_name(order: PledgeOrderField) -> &'static str {
    match order {
        PledgeOrderField::ReceiptNumber => "pledges by receipt",
        PledgeOrderField::Mass => "pledges by mass",
        PledgeOrderField::Recorded => "pledges as recorded",
    }
}

/// Which pledges a list shows: all fields that are given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PledgeWhere {
    /// All of these must hold.
    #[graphql(validator(max_items = 20))]
    pub and: Option<Vec<PledgeWhere>>,
    /// At least one of these must hold.
    #[graphql(validator(max_items = 20))]
    pub or: Option<Vec<PledgeWhere>>,
    /// This must not hold.
    pub not: Option<Box<PledgeWhere>>,
    /// Number of the receipt.
    pub receipt_number: Option<TextFilter>,
    /// One of these statuses.
    pub status: Option<Vec<PledgeStatus>>,
    /// The obligor.
    pub pledgor: Option<AddressFilter>,
    /// For whom.
    pub pledgee: Option<AddressFilter>,
    /// Pledged mass in kilograms.
    pub mass_kilograms: Option<QuantityFilter>,
}

/// What pledges are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "PledgeOrder")]
pub enum PledgeOrderField {
    /// Number of the receipt.
    #[default]
    ReceiptNumber,
    /// Pledged mass.
    Mass,
    /// The order in which the ledger recorded them.
    Recorded,
}

/// An order of pledges.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct PledgeOrderBy {
    /// By what.
    pub field: PledgeOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl PledgeWhere {
    fn filter(self) -> ApiResult<Filter<PledgeFields>> {
        let all = |list: Option<Vec<Self>>| {
            list.unwrap_or_default().into_iter().map(Self::filter).collect::<ApiResult<Vec<_>>>()
        };
        let mass_kilograms = self.mass_kilograms.map(QuantityFilter::kilograms).transpose()?.unwrap_or_default();
        let party = |filter: Option<AddressFilter>| filter.map(Comparison::from).unwrap_or_default();
        let words = |list: Vec<PledgeStatus>| list.into_iter().map(|status| status.word().to_owned()).collect();
        Ok(Filter {
            fields: PledgeFields {
                receipt_number: self.receipt_number.map(Comparison::from).unwrap_or_default(),
                status: Comparison { among: self.status.map(words), ..Comparison::default() },
                pledgor: party(self.pledgor),
                pledgee: party(self.pledgee),
                mass_kilograms,
            },
            and: all(self.and)?,
            or: all(self.or)?,
            not: self.not.map(|not| not.filter().map(Box::new)).transpose()?,
        })
    }
}

/// The arguments of a list of pledges.
pub(crate) struct PledgeListArguments {
    pub(crate) filter: Option<PledgeWhere>,
    pub(crate) order_by: Option<PledgeOrderBy>,
    pub(crate) time: TimePoint,
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

/// A page of pledges.
pub(crate) async fn listed(
    view: ReadView,
    viewer: Viewer,
    arguments: PledgeListArguments,
) -> ApiResult<Connection<Pledge>> {
    let PledgeListArguments { filter, order_by, time, first, after, last, before } = arguments;
    let order = order_by.unwrap_or_default();
    let page = Page::new(list_name(order.field), first, after.as_deref(), last, before.as_deref())?;
    let query = PledgeQuery {
        viewer,
        time,
        filter: tree_is_small(filter.unwrap_or_default().filter()?)?,
        order: order.field.into(),
        descending: order.direction == OrderDirection::Desc,
    };
    let rows = query.page(&view, &page).await?;
    let pledge = |(key, row): (_, Model)| Pledge::of(view.chain(row.chain_id), row).map(|pledge| (key, pledge));
    let rows = rows.into_iter().map(pledge).collect::<ApiResult<Vec<_>>>()?;
    Ok(Connection::of(&page, rows, move || {
        let (view, query) = (view.clone(), query.clone());
        Box::pin(async move { Ok(query.count(&view).await?) })
    }))
}
