//! Relay connections: keyset pages of lists.
//!
//! A list field takes `first`, `after`, `last`, `before`, makes a [`Page`] of them, reads one row more than
//! [`Page::rows`] in the order [`Page::backwards`] says, and hands the rows to [`Connection::of`].

use std::borrow::Cow;

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use futures_util::future::BoxFuture;

use crate::error::ApiResult;
use crate::scalar::BigInt;

mod cursor;
mod page;

pub use cursor::{Cursor, CursorKey};
pub use page::Page;

/// Rows of a page when the caller names no number.
pub const ROWS_DEFAULT: u32 = 20;
/// Rows of a page at most.
pub const ROWS_MAX: u32 = 100;

/// Where a page stands in its list.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct PageInfo {
    /// True if rows come before this page.
    pub has_previous_page: bool,
    /// True if rows come after this page.
    pub has_next_page: bool,
    /// Cursor of the first row.
    pub start_cursor: Option<String>,
    /// Cursor of the last row.
    pub end_cursor: Option<String>,
}

/// A row with its cursor.
#[derive(Debug)]
pub struct Edge<N> {
    cursor: String,
    node: N,
}

type Count = Box<dyn Fn() -> BoxFuture<'static, ApiResult<u64>> + Send + Sync>;

/// A page of a list.
pub struct Connection<N> {
    edges: Vec<Edge<N>>,
    has_previous_page: bool,
    has_next_page: bool,
    count: Count,
}

impl<N> Connection<N> {
    /// A page from rows read for it: up to one more than asked, last row first if the page goes backwards.
    /// `count` runs only when `totalCount` is asked.
    pub fn of<K: CursorKey>(
        page: &Page<K>,
        mut rows: Vec<(K, N)>,
        count: impl Fn() -> BoxFuture<'static, ApiResult<u64>> + Send + Sync + 'static,
    ) -> Self {
        let has_more = rows.len() > page.rows();
        rows.truncate(page.rows());
        Self::of_page(page, rows, has_more, count)
    }

    /// A page from exactly its rows, last row first if the page goes backwards; `has_more` says whether rows follow.
    pub fn of_page<K: CursorKey>(
        page: &Page<K>,
        mut rows: Vec<(K, N)>,
        has_more: bool,
        count: impl Fn() -> BoxFuture<'static, ApiResult<u64>> + Send + Sync + 'static,
    ) -> Self {
        if page.backwards() {
            rows.reverse();
        }
        let edges = rows.into_iter().map(|(key, node)| Edge { cursor: page.cursor(&key), node }).collect();
        let (has_previous_page, has_next_page) =
            if page.backwards() { (has_more, page.has_start()) } else { (page.has_start(), has_more) };
        Self { edges, has_previous_page, has_next_page, count: Box::new(count) }
    }

    /// A page of a list that lies whole in memory, in its order.
    pub fn of_all<K: CursorKey + Ord>(page: &Page<K>, mut rows: Vec<(K, N)>) -> Self {
        rows.sort_by(|(left, _), (right, _)| left.cmp(right));
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        rows.retain(|(key, _)| page.holds(key));
        if page.backwards() {
            rows.reverse();
        }
        rows.truncate(page.rows_to_read());
        Self::of(page, rows, move || Box::pin(async move { Ok(total) }))
    }
}

/// A page of a list.
#[Object(name_type, shareable)]
impl<N: OutputType> Connection<N> {
    /// The rows with their cursors.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The rows.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// Rows of the whole list that the caller may see; counted only when asked.
    async fn total_count(&self) -> ApiResult<BigInt> {
        (self.count)().await.map(BigInt)
    }
}

/// A row with its cursor.
#[Object(name_type, shareable)]
impl<N: OutputType> Edge<N> {
    /// Give it as `after` or `before` to go on from this row.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The row.
    async fn node(&self) -> &N {
        &self.node
    }
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Connection", N::type_name()))
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Edge", N::type_name()))
    }
}

#[cfg(test)]
mod tests;
