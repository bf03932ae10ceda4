//! What parties owe each other in one currency, and how much of it need not be paid.
//!
//! Three ways, each keeping every party's net position: bilateral netting ([`Obligations::bilateral`]), multilateral net
//! positions ([`Obligations::positions`]), and clearing along cycles without novation ([`Obligations::clear`]), where nobody
//! gets another debtor or creditor than before. Which obligations may be netted (due, confirmed, agreed by both, not
//! pledged, not assigned) is the caller's to decide.

mod certificate;
mod clearing;
mod residual;
#[cfg(test)]
mod size;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::AMOUNT_MAX;

pub use clearing::{ALGORITHM, Clearing, Part};

/// One party owes another. A party is any ordered key: an address, or a small number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obligation<P> {
    /// Who pays.
    pub debtor: P,
    /// Who is paid.
    pub creditor: P,
    /// Smallest units of the currency, 1 to [`AMOUNT_MAX`].
    pub amount: u64,
}

/// The most obligations of one set.
pub const OBLIGATIONS_MAX: usize = 200_000;
/// The most parties of one set. In a ring of all of them the search goes once around for each length of way.
pub const PARTIES_MAX: usize = 10_000;

/// Obligations of one currency, to be netted together.
///
/// Invariant: at most [`OBLIGATIONS_MAX`] among at most [`PARTIES_MAX`], each over 1 to [`AMOUNT_MAX`] and between two parties, together at most
/// [`AMOUNT_MAX`]. So no sum of some of them leaves an `i64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligations<P> {
    rows: Vec<Obligation<P>>,
    gross: u64,
}

/// Why obligations cannot be netted. A row is counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NettingError {
    /// Past [`OBLIGATIONS_MAX`].
    #[error("there are {count} obligations, at most {OBLIGATIONS_MAX} are netted together; split the set")]
    TooMany {
        /// As many as there are.
        count: usize,
    },
    /// Past [`PARTIES_MAX`].
    #[error("{count} parties owe or are owed, at most {PARTIES_MAX} net together; split the set")]
    TooManyParties {
        /// As many as there are.
        count: usize,
    },
    /// An obligation over nothing.
    #[error("obligation {row} is over nothing; leave it out")]
    AmountZero {
        /// Its row.
        row: usize,
    },
    /// Past [`AMOUNT_MAX`].
    #[error("obligation {row} is over more than {AMOUNT_MAX} smallest units; split it")]
    AmountOverflow {
        /// Its row.
        row: usize,
    },
    /// Debtor and creditor are one.
    #[error("obligation {row} is owed by its own creditor; leave it out")]
    OwnCreditor {
        /// Its row.
        row: usize,
    },
    /// The sum of all is past [`AMOUNT_MAX`].
    #[error("the obligations are over more than {AMOUNT_MAX} smallest units together; split the set")]
    GrossOverflow,
    /// A clearing that its own certificate refuses: a fault of the program, and nothing was cleared.
    #[error("the clearing could not be proved to be the largest; clear nothing and report the obligations")]
    Unproven,
}

impl NettingError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "NETTING_TOO_MANY",
            Self::TooManyParties { .. } => "NETTING_TOO_MANY_PARTIES",
            Self::AmountZero { .. } => "NETTING_AMOUNT_ZERO",
            Self::AmountOverflow { .. } => "NETTING_AMOUNT_OVERFLOW",
            Self::OwnCreditor { .. } => "NETTING_OWN_CREDITOR",
            Self::GrossOverflow => "NETTING_GROSS_OVERFLOW",
            Self::Unproven => "NETTING_UNPROVEN",
        }
    }
}

impl<P: Ord + Clone> Obligations<P> {
    /// Obligations to be netted together; of those between the same two parties in the same direction, the oldest first.
    ///
    /// Refused, in this order: more than [`OBLIGATIONS_MAX`]; by row, an amount of zero, one past [`AMOUNT_MAX`], a debtor
    /// that is its own creditor; more than [`PARTIES_MAX`]; a sum past [`AMOUNT_MAX`].
    pub fn new(rows: Vec<Obligation<P>>) -> Result<Self, NettingError> {
        if rows.len() > OBLIGATIONS_MAX {
            return Err(NettingError::TooMany { count: rows.len() });
        }
        for (row, obligation) in rows.iter().enumerate() {
            obligation_is_sound(row, obligation)?;
        }
        let parties: BTreeSet<&P> = rows.iter().flat_map(|row| [&row.debtor, &row.creditor]).collect();
        if parties.len() > PARTIES_MAX {
            return Err(NettingError::TooManyParties { count: parties.len() });
        }
        let add = |sum: u64, obligation: &Obligation<P>| sum.checked_add(obligation.amount);
        let gross = rows.iter().try_fold(0, add).filter(|gross| *gross <= AMOUNT_MAX);
        gross.map(|gross| Self { rows, gross }).ok_or(NettingError::GrossOverflow)
    }

    /// The obligations in the order in which they were given.
    pub fn rows(&self) -> &[Obligation<P>] {
        &self.rows
    }

    /// The sum of all, in smallest units: what is paid without netting.
    pub fn gross(&self) -> u64 {
        self.gross
    }

    /// What remains when each two parties set their debts off against each other: at most one obligation of two parties,
    /// ordered by debtor and creditor. Its [`gross`](Self::gross) is what is still paid.
    pub fn bilateral(&self) -> Self {
        let owed = self.owed();
        let difference = |(&(debtor, creditor), amount): (&(&P, &P), &u64)| {
            let back = owed.get(&(creditor, debtor)).copied().unwrap_or(0);
            let amount = amount.checked_sub(back).filter(|amount| *amount > 0)?;
            Some(Obligation { debtor: debtor.clone(), creditor: creditor.clone(), amount })
        };
        let rows: Vec<_> = owed.iter().filter_map(difference).collect();
        let gross = rows.iter().fold(0, |sum: u64, row| sum.saturating_add(row.amount));
        Self { rows, gross }
    }

    /// What each party gets (positive) or pays (negative) in all, in smallest units. They sum to zero.
    pub fn positions(&self) -> BTreeMap<P, i64> {
        // No sum of some amounts leaves an i64, so nothing saturates here.
        let mut positions = BTreeMap::new();
        for row in &self.rows {
            let paid = positions.entry(row.debtor.clone()).or_insert(0i64);
            *paid = paid.saturating_sub_unsigned(row.amount);
            let got = positions.entry(row.creditor.clone()).or_insert(0i64);
            *got = got.saturating_add_unsigned(row.amount);
        }
        positions
    }

    /// What is paid when each party pays or gets its position alone, in smallest units: the sum of the positive ones.
    pub fn multilateral(&self) -> u64 {
        let got = self.positions().into_values().filter_map(|position| u64::try_from(position).ok());
        got.fold(0, u64::saturating_add)
    }

    /// What each party owes each other, in order of debtor and creditor, obligations of the same two as one.
    fn owed(&self) -> BTreeMap<(&P, &P), u64> {
        let mut owed = BTreeMap::new();
        for row in &self.rows {
            let sum = owed.entry((&row.debtor, &row.creditor)).or_insert(0u64);
            *sum = sum.saturating_add(row.amount);
        }
        owed
    }
}

fn obligation_is_sound<P: Ord>(row: usize, obligation: &Obligation<P>) -> Result<(), NettingError> {
    match obligation {
        Obligation { amount: 0, .. } => Err(NettingError::AmountZero { row }),
        Obligation { amount, .. } if *amount > AMOUNT_MAX => Err(NettingError::AmountOverflow { row }),
        Obligation { debtor, creditor, .. } if debtor == creditor => Err(NettingError::OwnCreditor { row }),
        _ => Ok(()),
    }
}
