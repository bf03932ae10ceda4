//! Lists of receipts: what they are asked for, and how they answer.

use async_graphql::{Enum, InputObject};
use hive_chain::ReadView;
use hive_plug::{ApiResult, Connection, Page};

use super::{Receipt, ReceiptStatus};
use crate::filter::{Comparison, Filter, TimePoint, Viewer};
use crate::graphql::{AddressFilter, DateFilter, OrderDirection, QuantityFilter, TextFilter, tree_is_small};
use crate::receipt::query::{Model, ReceiptFields, ReceiptOrder, ReceiptQuery};

/// The list's name in its cursors, by order: a cursor of one order means nothing in another.
fn list_name(order: ReceiptOrderField) -> &'static str {
    match order {
        ReceiptOrderField::Number => "receipts by number",
        ReceiptOrderField::Mass => "receipts by mass",
        ReceiptOrderField::IssuedOn => "receipts by date of issue",
    }
}

/// Which receipts a list shows: all fields that are given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ReceiptWhere {
    /// All of these must hold.
    #[graphql(validator(max_items = 20))]
    pub and: Option<Vec<ReceiptWhere>>,
    /// At least one of these must hold.
    #[graphql(validator(max_items = 20))]
    pub or: Option<Vec<ReceiptWhere>>,
    /// This must not hold.
    pub not: Option<Box<ReceiptWhere>>,
    /// The operator's serial.
    pub number: Option<TextFilter>,
    /// Number of the lot.
    pub lot_number: Option<TextFilter>,
    /// What the goods are.
    pub commodity: Option<TextFilter>,
    /// One of these statuses.
    pub status: Option<Vec<ReceiptStatus>>,
    /// Net mass in kilograms.
    pub mass_kilograms: Option<QuantityFilter>,
    /// Date of issue.
    pub issue_date: Option<DateFilter>,
    /// Who holds it.
    pub holder: Option<AddressFilter>,
    /// Who keeps the goods.
    pub operator: Option<AddressFilter>,
}

/// What receipts are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "ReceiptOrder")]
pub enum ReceiptOrderField {
    /// The operator's serial.
    #[default]
    Number,
    /// Net mass.
    Mass,
    /// Date of issue.
    IssuedOn,
}

/// An order of receipts.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct ReceiptOrderBy {
    /// By what.
    pub field: ReceiptOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl ReceiptWhere {
    fn filter(self) -> ApiResult<Filter<ReceiptFields>> {
        let all = |list: Option<Vec<Self>>| {
            list.unwrap_or_default().into_iter().map(Self::filter).collect::<ApiResult<Vec<_>>>()
        };
        let mass_kilograms = self.mass_kilograms.map(QuantityFilter::kilograms).transpose()?.unwrap_or_default();
        let text = |filter: Option<TextFilter>| filter.map(Comparison::from).unwrap_or_default();
        let party = |filter: Option<AddressFilter>| filter.map(Comparison::from).unwrap_or_default();
        let words = |list: Vec<ReceiptStatus>| list.into_iter().map(|status| status.word().to_owned()).collect();
        Ok(Filter {
            fields: ReceiptFields {
                number: text(self.number),
                lot_number: text(self.lot_number),
                commodity: text(self.commodity),
                status: Comparison { among: self.status.map(words), ..Comparison::default() },
                mass_kilograms,
                issued_on: self.issue_date.map(Comparison::from).unwrap_or_default(),
                holder: party(self.holder),
                operator: party(self.operator),
            },
            and: all(self.and)?,
            or: all(self.or)?,
            not: self.not.map(|not| not.filter().map(Box::new)).transpose()?,
        })
    }
}

/// The arguments of a list of receipts.
pub(crate) struct ReceiptListArguments {
    pub(crate) filter: Option<ReceiptWhere>,
    pub(crate) order_by: Option<ReceiptOrderBy>,
    pub(crate) time: TimePoint,
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

/// A page of receipts.
pub(crate) async fn listed(
    view: ReadView,
    viewer: Viewer,
    arguments: ReceiptListArguments,
) -> ApiResult<Connection<Receipt>> {
    let ReceiptListArguments { filter, order_by, time, first, after, last, before } = arguments;
    let order = order_by.unwrap_or_default();
    let page = Page::new(list_name(order.field), first, after.as_deref(), last, before.as_deref())?;
    let query = ReceiptQuery {
        viewer,
        time,
        filter: tree_is_small(filter.unwrap_or_default().filter()?)?,
        order: order.field.into(),
        descending: order.direction == OrderDirection::Desc,
    };
    let rows = query.page(&view, &page).await?;
    let receipt = |(key, row): (_, Model)| Receipt::of(view.chain(row.chain_id), row).map(|receipt| (key, receipt));
    let rows = rows.into_iter().map(receipt).collect::<ApiResult<Vec<_>>>()?;
    Ok(Connection::of(&page, rows, move || {
        let (view, query) = (view.clone(), query.clone());
        Box::pin(async move { Ok(query.count(&view).await?) })
    }))
}
