//! Checking a result row by row, so that nobody need trust who proposed it.
//!
//! Each step shows the next rows, as they joined and as the result clears them, with the hashes that lead to both roots. No row
//! clears more than is owed. And what each party's debts are cleared by is what its claims are cleared by, checked in one
//! number instead of one per party: the balance, the sum over all rows of `cleared · (h(debtor) − h(creditor))` modulo the
//! prime order ℓ of curve25519's group, about 2^252, where `h(party)` is a hash of round, joined root, result root and party.
//!
//! Why a balance of zero will do: ordered by party it is the sum of `h(party) · (debts cleared − claims cleared)`. The hashes
//! take in the result's root, so they are fixed only once every cleared amount is; whoever proposes cannot choose amounts to
//! fit them (Fiat and Shamir 1986). Where a party's difference is not zero it is below 2^63 in size, hence no multiple of ℓ,
//! and whatever the other terms are, one residue of `h(party)` alone makes the sum zero; a 256-bit number has it with a chance
//! of at most 16 / 2^256 = 2^-252. Another result gives other hashes, so every try is a new one. To show other rows than those
//! that joined or were proposed takes a collision of SHA-256.

use std::collections::BTreeMap;
use std::ops::{Add, Mul, Sub};

use curve25519_dalek::scalar::Scalar;

use super::row::{Row, result_leaf};
use super::{CHECK_ROWS, NettingRound, NettingRoundError, Phase, wire_form};
use crate::amount::Amount;
use crate::encoding::at_most;
use crate::error::rule;
use crate::hash::{Domain, hash};
use crate::id::{Address, RoundId};
use crate::merkle;
use crate::transaction::Command;
use crate::wire;

/// A result under check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checking {
    /// Root over the joined rows.
    pub joined: [u8; 32],
    /// Root over the result's rows.
    pub result: [u8; 32],
    /// What the result clears, as its proposer says, in the asset's smallest unit.
    pub cleared: Amount,
    /// Rows checked so far.
    pub checked_rows: u32,
    /// What they clear.
    pub checked_cleared: Amount,
    /// The balance over them, 32 bytes little endian.
    pub balance: [u8; 32],
}

/// Rows that a check shows, each with what is cleared of it.
pub(super) fn shown(command: &Command) -> Result<Vec<(Row, Amount)>, NettingRoundError> {
    let wire::NettingRoundCheck { rows, .. } = command.message()?;
    at_most(&rows, usize::try_from(CHECK_ROWS).unwrap_or(usize::MAX), "check.rows")?;
    Ok(rows.iter().map(Row::from_wire).collect::<Result<_, _>>()?)
}

/// How many rows the next check shows.
pub(super) fn next_rows(rows: u32, checked: u32) -> u32 {
    rows.saturating_sub(checked).min(CHECK_ROWS)
}

impl Checking {
    /// What follows once the next rows are checked; with the last of them the result is committed.
    pub(super) fn taken(&self, round: &NettingRound, command: &Command) -> Result<Phase, NettingRoundError> {
        let wire::NettingRoundCheck { joined_hidden, result_hidden, .. } = command.message()?;
        let (rows, first) = (shown(command)?, self.checked_rows);
        let expected = next_rows(round.rows, first);
        rule(u32::try_from(rows.len()) == Ok(expected), || NettingRoundError::RowCount {
            expected,
            shown: rows.len(),
        })?;
        let joined: Vec<_> = rows.iter().map(|(row, _)| row.joined_leaf()).collect();
        let is_joined = leads_to(round.rows, (first..).zip(joined), &wire_form::hashes(&joined_hidden)?, &self.joined);
        rule(is_joined, || NettingRoundError::RowsNotJoined { first })?;
        let netted: Vec<_> = rows.iter().map(|(row, cleared)| result_leaf(&row.obligation, *cleared)).collect();
        let is_result = leads_to(round.rows, (first..).zip(netted), &wire_form::hashes(&result_hidden)?, &self.result);
        rule(is_result, || NettingRoundError::RowsNotOfResult { first })?;
        let after = (first..).zip(&rows).try_fold(self.clone(), |checked, (number, (row, cleared))| {
            checked.with_row(&round.round, number, row, *cleared)
        })?;
        if after.checked_rows < round.rows {
            return Ok(Phase::Checking(after));
        }
        let (promised, cleared) = (self.cleared.minor(), after.checked_cleared.minor());
        rule(promised == cleared, || NettingRoundError::TotalDiffers { promised, cleared })?;
        rule(after.balance == Scalar::ZERO.to_bytes(), || NettingRoundError::Unbalanced)?;
        Ok(Phase::Committed { result: after.result, cleared: after.checked_cleared })
    }

    fn with_row(&self, round: &RoundId, number: u32, row: &Row, cleared: Amount) -> Result<Self, NettingRoundError> {
        rule(cleared <= row.outstanding, || NettingRoundError::ClearedOver {
            row: number,
            cleared: cleared.minor(),
            outstanding: row.outstanding.minor(),
        })?;
        let counted = self.checked_cleared.checked_add(cleared);
        let checked_cleared = counted.map_err(|_| NettingRoundError::GrossTooLarge)?;
        let difference = self.weight(round, &row.debtor).sub(self.weight(round, &row.creditor));
        let balance = Scalar::from_bytes_mod_order(self.balance).add(Scalar::from(cleared.minor()).mul(difference));
        let checked_rows = number.saturating_add(1);
        Ok(Self { checked_rows, checked_cleared, balance: balance.to_bytes(), ..self.clone() })
    }

    /// What a party counts with in the balance.
    fn weight(&self, round: &RoundId, party: &Address) -> Scalar {
        let parts: [&[u8]; 4] = [round.as_bytes(), &self.joined, &self.result, party.as_bytes()];
        Scalar::from_bytes_mod_order(hash(Domain::RoundChallenge, &parts))
    }
}

/// True where leaves with hidden hashes beside them lead to the root of a tree of so many rows.
pub(super) fn leads_to(
    rows: u32,
    leaves: impl Iterator<Item = (u32, [u8; 32])>,
    hidden: &[[u8; 32]],
    root: &[u8; 32],
) -> bool {
    let place = |(row, leaf): (u32, [u8; 32])| Some((usize::try_from(row).ok()?, leaf));
    let Some(shown) = leaves.map(place).collect::<Option<BTreeMap<_, _>>>() else { return false };
    let Ok(count) = usize::try_from(rows) else { return false };
    merkle::root_of_shown(count, &shown, hidden).as_ref() == Some(root)
}
