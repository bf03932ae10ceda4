//! Which rows of a list a caller asks for.

use crate::connection::{Cursor, CursorKey, ROWS_DEFAULT, ROWS_MAX};
use crate::error::{ApiError, ApiResult};

/// A stretch of a list: so many rows after or before a place.
#[derive(Clone, Debug)]
pub struct Page<K> {
    list: &'static str,
    rows: usize,
    backwards: bool,
    after: Option<K>,
    before: Option<K>,
}

impl<K: CursorKey> Page<K> {
    /// The page that the arguments of a list field ask for. `list` names the list in its cursors.
    ///
    /// # Errors
    /// `first` together with `last`, a number outside 0 to 100, or a cursor of another list.
    pub fn new(
        list: &'static str,
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> ApiResult<Self> {
        if first.is_some() && last.is_some() {
            return Err(ApiError::bad_input("give first or last, not both"));
        }
        let place =
            |text: Option<&str>| text.map(|text| Cursor::decode(list, text).map(|cursor| cursor.key)).transpose();
        Ok(Self {
            list,
            rows: rows_of(first.or(last))?,
            backwards: last.is_some(),
            after: place(after)?,
            before: place(before)?,
        })
    }

    /// Rows asked for.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Rows to read: one more than asked, so that the page knows whether the list goes on.
    pub fn rows_to_read(&self) -> usize {
        self.rows.saturating_add(1)
    }

    /// True if the rows nearest to the end are wanted: read in descending order.
    pub fn backwards(&self) -> bool {
        self.backwards
    }

    /// Only rows above this key.
    pub fn after(&self) -> Option<&K> {
        self.after.as_ref()
    }

    /// Only rows below this key.
    pub fn before(&self) -> Option<&K> {
        self.before.as_ref()
    }

    /// The cursor of a row.
    pub(super) fn cursor(&self, key: &K) -> String {
        Cursor { list: self.list, key: key.clone() }.encode()
    }

    /// True if the page starts behind a row the caller has already seen.
    pub(super) fn has_start(&self) -> bool {
        if self.backwards { self.before.is_some() } else { self.after.is_some() }
    }
}

impl<K: CursorKey + Ord> Page<K> {
    /// True if the row lies between the page's cursors.
    pub fn holds(&self, key: &K) -> bool {
        self.after.as_ref().is_none_or(|after| key > after) && self.before.as_ref().is_none_or(|before| key < before)
    }
}

fn rows_of(asked: Option<i32>) -> ApiResult<usize> {
    let refused = || ApiError::bad_input(format!("a page has 0 to {ROWS_MAX} rows"));
    let rows = asked.map_or(Ok(ROWS_DEFAULT), |asked| u32::try_from(asked).map_err(|_| refused()))?;
    if rows > ROWS_MAX {
        return Err(refused());
    }
    usize::try_from(rows).map_err(|_| refused())
}
