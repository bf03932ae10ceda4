//! What a list is asked for, before any database: comparisons of fields, joined by and, or, not; points in time; who looks.

use ledger_core::{Address, Date};

/// Tests of one field; all that are given must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison<T> {
    /// Equal.
    pub eq: Option<T>,
    /// Not equal.
    pub ne: Option<T>,
    /// One of these.
    pub among: Option<Vec<T>>,
    /// Above.
    pub gt: Option<T>,
    /// At or above.
    pub gte: Option<T>,
    /// Below.
    pub lt: Option<T>,
    /// At or below.
    pub lte: Option<T>,
    /// Holds this text.
    pub contains: Option<String>,
}

impl<T> Default for Comparison<T> {
    fn default() -> Self {
        Self { eq: None, ne: None, among: None, gt: None, gte: None, lt: None, lte: None, contains: None }
    }
}

impl<T> Comparison<T> {
    /// Equal to this.
    pub fn equal(value: T) -> Self {
        Self { eq: Some(value), ..Self::default() }
    }
}

/// A tree of conditions on fields `F`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter<F> {
    /// Fields that must hold.
    pub fields: F,
    /// All of these must hold.
    pub and: Vec<Filter<F>>,
    /// One of these must hold; none given = nothing asked.
    pub or: Vec<Filter<F>>,
    /// This must not hold.
    pub not: Option<Box<Filter<F>>>,
}

impl<F> Filter<F> {
    /// Nodes of a tree at most; a larger one is refused before it is read.
    pub const NODES_MAX: usize = 64;

    /// How many nodes the tree has.
    pub fn nodes(&self) -> usize {
        let of_all = |filters: &[Self]| filters.iter().map(Self::nodes).sum::<usize>();
        1 + of_all(&self.and) + of_all(&self.or) + self.not.as_ref().map_or(0, |not| not.nodes())
    }
}

/// A point in business time and in recorded time; none = the present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimePoint {
    /// As things stood on this business date.
    pub as_of: Option<Date>,
    /// As the ledger knew at this time, milliseconds UTC.
    pub known_at_ms: Option<u64>,
}

/// Whose eyes look at rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// A party: it sees the rows in which it has a part.
    Party(Address),
    /// A supervisor of every chain it asks about: it sees all.
    Supervisor,
}
