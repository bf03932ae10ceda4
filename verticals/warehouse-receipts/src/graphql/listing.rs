//! Arguments of lists: comparisons, order, points in time.

use async_graphql::{Enum, ID, InputObject};
use hive_chain::ReadView;
use hive_plug::connection::Page;
use hive_plug::scalar::{BusinessDate, DateTime, Decimal, PartyAddress};
use hive_plug::{ApiError, ApiResult, RequestContext};
use ledger_core::{Date, Scale};

use crate::filter::{Comparison, Filter, TimePoint, Viewer};
use crate::query::Key;

/// Direction of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// From the first to the last, from the least to the most.
    #[default]
    Asc,
    /// From the last to the first, from the most to the least.
    Desc,
}

/// Tests of a text; all that are given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TextFilter {
    /// Equal to this.
    pub eq: Option<String>,
    /// Not equal to this.
    pub ne: Option<String>,
    /// One of these.
    #[graphql(name = "in", validator(max_items = 100))]
    pub among: Option<Vec<String>>,
    /// Holds this text.
    #[graphql(validator(max_length = 64))]
    pub contains: Option<String>,
}

/// Tests of a quantity in whole kilograms; all that are given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct QuantityFilter {
    /// Equal to this.
    pub eq: Option<Decimal>,
    /// Not equal to this.
    pub ne: Option<Decimal>,
    /// Above this.
    pub gt: Option<Decimal>,
    /// At or above this.
    pub gte: Option<Decimal>,
    /// Below this.
    pub lt: Option<Decimal>,
    /// At or below this.
    pub lte: Option<Decimal>,
}

/// Tests of a business date; all that are given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DateFilter {
    /// On this day.
    pub eq: Option<BusinessDate>,
    /// On another day.
    pub ne: Option<BusinessDate>,
    /// After this day.
    pub gt: Option<BusinessDate>,
    /// On this day or after it.
    pub gte: Option<BusinessDate>,
    /// Before this day.
    pub lt: Option<BusinessDate>,
    /// On this day or before it.
    pub lte: Option<BusinessDate>,
}

/// Tests of a party; all that are given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AddressFilter {
    /// This party.
    pub eq: Option<PartyAddress>,
    /// Another party.
    pub ne: Option<PartyAddress>,
    /// One of these.
    #[graphql(name = "in", validator(max_items = 100))]
    pub among: Option<Vec<PartyAddress>>,
}

impl From<TextFilter> for Comparison<String> {
    fn from(filter: TextFilter) -> Self {
        let TextFilter { eq, ne, among, contains } = filter;
        Self { eq, ne, among, contains, ..Self::default() }
    }
}

impl From<DateFilter> for Comparison<i64> {
    fn from(filter: DateFilter) -> Self {
        let days = |date: Option<BusinessDate>| date.map(|date| i64::from(date.days()));
        let DateFilter { eq, ne, gt, gte, lt, lte } = filter;
        let (gt, gte, lt, lte) = (days(gt), days(gte), days(lt), days(lte));
        Self { eq: days(eq), ne: days(ne), gt, gte, lt, lte, ..Self::default() }
    }
}

impl From<AddressFilter> for Comparison<Vec<u8>> {
    fn from(filter: AddressFilter) -> Self {
        let bytes = |party: PartyAddress| party.0.to_vec();
        let among = filter.among.map(|parties| parties.into_iter().map(bytes).collect());
        Self { eq: filter.eq.map(bytes), ne: filter.ne.map(bytes), among, ..Self::default() }
    }
}

impl QuantityFilter {
    /// The comparison in whole kilograms.
    pub(crate) fn kilograms(self) -> ApiResult<Comparison<i64>> {
        let whole = |value: Option<Decimal>| value.as_ref().map(whole_kilograms).transpose();
        let Self { eq, ne, gt, gte, lt, lte } = self;
        let (gt, gte, lt, lte) = (whole(gt)?, whole(gte)?, whole(lt)?, whole(lte)?);
        Ok(Comparison { eq: whole(eq)?, ne: whole(ne)?, gt, gte, lt, lte, ..Comparison::default() })
    }
}

/// A number of whole kilograms.
pub(crate) fn whole_kilograms(value: &Decimal) -> ApiResult<i64> {
    let amount = value.to_amount(Scale::default()).map_err(|error| ApiError::bad_input(error.to_string()))?;
    i64::try_from(amount.minor()).map_err(|error| ApiError::bad_input(error.to_string()))
}

/// A date of the ledger.
pub(crate) fn date_days(date: BusinessDate) -> ApiResult<Date> {
    Date::from_days(date.days()).map_err(|error| ApiError::bad_input(error.to_string()))
}

/// The point in time that the arguments `asOf` and `knownAt` name.
pub(crate) fn time_point(as_of: Option<BusinessDate>, known_at: Option<DateTime>) -> ApiResult<TimePoint> {
    Ok(TimePoint { as_of: as_of.map(date_days).transpose()?, known_at_ms: known_at.map(|known_at| known_at.0) })
}

/// A filter that is not out of proportion.
pub(crate) fn tree_is_small<F>(filter: Filter<F>) -> ApiResult<Filter<F>> {
    if filter.nodes() > Filter::<F>::NODES_MAX {
        let most = Filter::<F>::NODES_MAX;
        return Err(ApiError::bad_input(format!("where has more than {most} parts; ask for less at once")));
    }
    Ok(filter)
}

/// What every list is given: eye, chains, page.
pub(crate) struct Listing {
    pub(crate) view: ReadView,
    pub(crate) viewer: Viewer,
    pub(crate) page: Page<Key>,
}

impl Listing {
    /// The list of the caller's own party.
    pub(crate) fn own(context: &async_graphql::Context<'_>, chains: Option<&[ID]>, page: Page<Key>) -> ApiResult<Self> {
        let viewer = Viewer::Party(context.principal()?.party());
        Ok(Self { view: context.read_view(chains)?, viewer, page })
    }
}
