//! What the reads of all nouns have in common: versions in time, comparisons, keyset pages.

use hive_chain::{ReadView, StorageError};
use hive_plug::Page;
use sea_orm::sea_query::{ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select, Value};

use crate::filter::{Comparison, Filter, TimePoint};

/// A row's place in an order: the text or number it is ordered by (the other is empty), its chain, its row.
pub type Key = (String, i64, i64, i64);

/// A table of versions.
pub(crate) trait Versions: EntityTrait {
    const CHAIN: Self::Column;
    const ROW: Self::Column;
    const TO_HEIGHT: Self::Column;
    const RECORDED_AT: Self::Column;
    const ENDED_AT: Self::Column;
    const EFFECTIVE_ON: Self::Column;
    const ENDED_ON: Self::Column;
}

/// Says that an entity is a table of versions.
macro_rules! versions {
    ($entity:ty, $columns:ty) => {
        impl $crate::query::Versions for $entity {
            const CHAIN: $columns = <$columns>::ChainId;
            const ROW: $columns = <$columns>::RowNumber;
            const TO_HEIGHT: $columns = <$columns>::ToHeight;
            const RECORDED_AT: $columns = <$columns>::RecordedAtMs;
            const ENDED_AT: $columns = <$columns>::EndedAtMs;
            const EFFECTIVE_ON: $columns = <$columns>::EffectiveOn;
            const ENDED_ON: $columns = <$columns>::EndedOn;
        }
    };
}
pub(crate) use versions;

/// The fields of a filter as a condition on columns.
pub(crate) trait Fields {
    fn condition(&self) -> Condition;
}

/// A filter as a condition.
pub(crate) fn filtered<F: Fields>(filter: &Filter<F>) -> Condition {
    let mut all = Condition::all().add(filter.fields.condition());
    for part in &filter.and {
        all = all.add(filtered(part));
    }
    if !filter.or.is_empty() {
        let any = filter.or.iter().fold(Condition::any(), |any, part| any.add(filtered(part)));
        all = all.add(any);
    }
    match &filter.not {
        Some(not) => all.add(filtered(not).not()),
        None => all,
    }
}

/// A comparison as a condition on one column.
pub(crate) fn compared<C: ColumnTrait, T: Clone + Into<Value>>(column: C, asked: &Comparison<T>) -> Condition {
    let mut all = Condition::all();
    let single = [
        asked.eq.clone().map(|value| column.eq(value)),
        asked.ne.clone().map(|value| column.ne(value)),
        asked.gt.clone().map(|value| column.gt(value)),
        asked.gte.clone().map(|value| column.gte(value)),
        asked.lt.clone().map(|value| column.lt(value)),
        asked.lte.clone().map(|value| column.lte(value)),
        asked.among.clone().map(|values| column.is_in(values)),
        asked.contains.as_ref().map(|text| column.into_expr().like(holding(text))),
    ];
    for test in single.into_iter().flatten() {
        all = all.add(test);
    }
    all
}

/// The pattern for texts that hold this one; its own wildcards mean themselves.
fn holding(text: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

/// The versions that held at a point in time.
pub(crate) fn at<E: Versions>(time: &TimePoint) -> Condition {
    let known_at_ms = time.known_at_ms.map(|known| i64::try_from(known).unwrap_or(i64::MAX));
    let as_of = time.as_of.map(crate::projection::days);
    let mut open = Condition::any().add(E::TO_HEIGHT.is_null());
    let mut begun = Condition::all();
    if let Some(known_at_ms) = known_at_ms {
        begun = begun.add(E::RECORDED_AT.lte(known_at_ms));
        open = open.add(E::ENDED_AT.gt(known_at_ms));
    }
    if let Some(as_of) = as_of {
        begun = begun.add(E::EFFECTIVE_ON.lte(as_of));
        open = open.add(E::ENDED_ON.gt(as_of));
    }
    begun.add(open)
}

/// What a list is ordered by; chain and row follow, so that the order is total.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderBy<C> {
    pub(crate) column: C,
    pub(crate) is_text: bool,
    pub(crate) descending: bool,
}

impl<C: ColumnTrait> OrderBy<C> {
    /// Rows above a key in ascending order, or below it.
    fn beyond<E: Versions<Column = C>>(&self, key: &Key, above: bool) -> Condition {
        let (text, number, chain, row) = key.clone();
        let value: Value = if self.is_text { text.into() } else { number.into() };
        let past = |column: C, value: Value| if above { column.gt(value) } else { column.lt(value) };
        let same_chain = Condition::all().add(E::CHAIN.eq(chain)).add(past(E::ROW, row.into()));
        let behind = Condition::any().add(past(E::CHAIN, chain.into())).add(same_chain);
        let same_value = Condition::all().add(self.column.eq(value.clone())).add(behind);
        Condition::any().add(past(self.column, value)).add(same_value)
    }
}

/// One page of versions, and one row more.
pub(crate) async fn page<E: Versions>(
    view: &ReadView,
    condition: Condition,
    order: OrderBy<E::Column>,
    page: &Page<Key>,
) -> Result<Vec<E::Model>, StorageError> {
    let ascending = order.descending == page.backwards();
    let direction = || if ascending { Order::Asc } else { Order::Desc };
    let rows = u64::try_from(page.rows_to_read()).unwrap_or(u64::MAX);
    let refine = |select: Select<E>| {
        let mut select = select.filter(condition);
        if let Some(after) = page.after() {
            select = select.filter(order.beyond::<E>(after, !order.descending));
        }
        if let Some(before) = page.before() {
            select = select.filter(order.beyond::<E>(before, order.descending));
        }
        select
            .order_by(order.column, direction())
            .order_by(E::CHAIN, direction())
            .order_by(E::ROW, direction())
            .limit(rows)
    };
    view.all::<E>(refine).await
}
