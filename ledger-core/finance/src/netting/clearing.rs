//! Clearing along cycles: the most that can be set off without anybody paying another than before.

use std::collections::{BTreeMap, BTreeSet};

use super::certificate::is_smallest;
use super::residual::{self, Pair};
use super::{NettingError, Obligation, Obligations};

/// The algorithm and its version. Of several largest clearings one is chosen by the algorithm, so another version is another
/// name: what was cleared under one name is computed again under it.
pub const ALGORITHM: &str = "maximum-circulation/unit-cost-primal-dual/1";

/// What a clearing does to one obligation, in smallest units. Both together are its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Set off, not to be paid.
    pub cleared: u64,
    /// Still owed, with the obligation's own due date.
    pub residual: u64,
}

/// A largest clearing of a set of obligations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearing {
    parts: Vec<Part>,
    cleared: u64,
    residual: u64,
}

impl Clearing {
    /// What becomes of each obligation, in the order in which they were given.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// All that is set off, in smallest units.
    pub fn cleared(&self) -> u64 {
        self.cleared
    }

    /// All that is still owed, in smallest units. With what is cleared it is the gross.
    pub fn residual(&self) -> u64 {
        self.residual
    }
}

impl<P: Ord + Clone> Obligations<P> {
    /// The most that cycles of debts set off, without novation: every debt shrinks or stays, every party's net position
    /// stays, and no clearing of this kind is larger.
    ///
    /// What is cleared is a circulation 0 ≤ f ≤ amount of the largest sum, so what remains is the smallest flow that
    /// brings every net debtor's position to the net creditors along existing debts: a minimum-cost flow at cost 1 a debt,
    /// found as [`ALGORITHM`] says by the primal-dual method (Ford and Fulkerson 1962; Ahuja, Magnanti and Orlin, Network
    /// Flows, 1993, section 9.8) with Dinic's blocking flows (1970): as many rounds as there are lengths of shortest
    /// ways, fewer than parties. For the use see Fleischman, Dini and Littera, Liquidity-Saving through
    /// Obligation-Clearing and Mutual Credit, 2020.
    ///
    /// Ties fall by the order of parties and pairs, never by rows. What two parties clear in one direction goes to their
    /// obligations in the order given, the oldest in full first.
    ///
    /// The result is proved before it is returned; [`NettingError::Unproven`] says that the program is at fault.
    pub fn clear(&self) -> Result<Clearing, NettingError> {
        let owed = self.owed();
        let mut cleared = cleared_by_pair(&owed).ok_or(NettingError::Unproven)?;
        let parts: Vec<Part> = self.rows().iter().map(|row| part_of(row, &mut cleared)).collect();
        let sum = |amount: fn(&Part) -> u64| parts.iter().map(amount).fold(0, u64::saturating_add);
        let (cleared, residual) = (sum(|part| part.cleared), sum(|part| part.residual));
        Ok(Clearing { parts, cleared, residual })
    }
}

/// What each two parties clear in each direction; none if it cannot be proved.
fn cleared_by_pair<'a, P: Ord>(owed: &BTreeMap<(&'a P, &'a P), u64>) -> Option<BTreeMap<(&'a P, &'a P), u64>> {
    let parties: BTreeSet<&P> = owed.keys().flat_map(|(debtor, creditor)| [*debtor, *creditor]).collect();
    let numbers: BTreeMap<&P, usize> = parties.into_iter().zip(0..).collect();
    let number = |party: &P| numbers.get(party).copied();
    let pair = |(&(debtor, creditor), &owed): (&(&P, &P), &u64)| {
        Some(Pair { debtor: number(debtor)?, creditor: number(creditor)?, owed })
    };
    let pairs: Vec<Pair> = owed.iter().map(pair).collect::<Option<_>>()?;
    let solution = residual::smallest(&pairs, numbers.len())?;
    if !is_smallest(&pairs, numbers.len(), &solution) {
        return None;
    }
    let remaining = owed.iter().zip(&solution.residual);
    remaining.map(|((names, owed), residual)| Some((*names, owed.checked_sub(*residual)?))).collect()
}

/// Takes an obligation's part out of what its two parties clear.
fn part_of<'a, P: Ord>(row: &'a Obligation<P>, cleared: &mut BTreeMap<(&'a P, &'a P), u64>) -> Part {
    let own = match cleared.get_mut(&(&row.debtor, &row.creditor)) {
        Some(left) => {
            let own = row.amount.min(*left);
            *left = left.saturating_sub(own);
            own
        }
        None => 0,
    };
    Part { cleared: own, residual: row.amount.saturating_sub(own) }
}
