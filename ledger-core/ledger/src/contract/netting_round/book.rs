//! The rows of a round as anybody has them from its transactions, and what is built from them: by the operator, by a member,
//! and by whoever takes the next step.

use std::collections::{BTreeMap, BTreeSet};

use ledger_finance::netting::{NettingError, Obligation as Owed, Obligations};
use prost::Message;

use super::row::{Row, result_leaf};
use super::wire_form::to_vecs;
use super::{
    APPLY, CHECK, JOIN, NAME, NettingRound, NettingRoundError, PROPOSE, RELEASE, Step, VOID, WITHDRAW, check,
    obligations, round_state, tree,
};
use crate::amount::Amount;
use crate::contract::obligation::{self, NET, Obligation, obligation_state};
use crate::id::{Address, ChainId, ContractId, ObligationId, RoundId, StateRef};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, Transaction, TransactionBuilder};
use crate::{merkle, wire};

/// A round and the state in which it stands.
pub type Standing<'r> = (StateRef, &'r NettingRound);
/// An obligation and the state in which it stands.
pub type Held<'o> = (StateRef, &'o Obligation);

/// The rows of one round, in their order, and what the result clears of each, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    round: RoundId,
    rows: Vec<Row>,
    cleared: Vec<Amount>,
}

impl Book {
    /// Of a round without rows.
    pub fn new(round: RoundId) -> Self {
        Self { round, rows: Vec::new(), cleared: Vec::new() }
    }

    /// Takes in an accepted transaction, all of the round's one after another: what joins, what is withdrawn, what is checked.
    ///
    /// # Errors
    /// The transaction cannot be read; an accepted one can.
    pub fn take(&mut self, transaction: &LedgerTransaction) -> Result<(), NettingRoundError> {
        let Some(command) = transaction.command(NAME) else { return Ok(()) };
        match command.name.as_str() {
            JOIN => {
                let wire::NettingRoundJoin { round } = command.message()?;
                if round == self.round.as_bytes() {
                    self.rows.extend(obligations::consumed(transaction)?.iter().map(Row::of));
                }
            }
            WITHDRAW => {
                let wire::NettingRoundWithdraw { round, row, .. } = command.message()?;
                let row = usize::try_from(row).ok().and_then(|row| self.rows.get_mut(row));
                if let Some(row) = row.filter(|_| round == self.round.as_bytes()) {
                    *row = Row::default();
                }
            }
            CHECK => {
                let wire::NettingRoundCheck { round, .. } = command.message()?;
                if round == self.round.as_bytes() {
                    self.cleared.extend(check::shown(command)?.into_iter().map(|(_, cleared)| cleared));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What the result clears of each row, as far as it is known.
    pub fn cleared(&self) -> &[Amount] {
        &self.cleared
    }

    /// The book with a result for its rows.
    pub fn with_result(self, cleared: Vec<Amount>) -> Self {
        Self { cleared, ..self }
    }

    /// The book with the result that the round's algorithm gives: a largest clearing along cycles, in order of the rows.
    ///
    /// # Errors
    /// They cannot be cleared together, e.g. for more than 10,000 parties.
    pub fn clear(self) -> Result<Self, NettingError> {
        let live = || self.rows.iter().filter(|row| !row.outstanding.is_zero());
        let owed = |row: &Row| Owed { debtor: row.debtor, creditor: row.creditor, amount: row.outstanding.minor() };
        let clearing = Obligations::new(live().map(owed).collect())?.clear()?;
        let mut parts = clearing.parts().iter();
        let cleared = |row: &Row| {
            let part = if row.outstanding.is_zero() { None } else { parts.next() };
            let minor = part.map_or(0, |part| part.cleared);
            Amount::from_minor(minor).map_err(|_| NettingError::GrossOverflow)
        };
        let cleared = self.rows.iter().map(cleared).collect::<Result<_, _>>()?;
        Ok(self.with_result(cleared))
    }

    /// The row of an obligation that is in the round.
    pub fn row_of(&self, obligation: &ObligationId) -> Option<u32> {
        let place = self.rows.iter().position(|row| row.obligation == *obligation)?;
        u32::try_from(place).ok()
    }

    fn joined_leaves(&self) -> Vec<[u8; 32]> {
        self.rows.iter().map(Row::joined_leaf).collect()
    }

    fn result_leaves(&self) -> Vec<[u8; 32]> {
        self.rows.iter().zip(&self.cleared).map(|(row, cleared)| result_leaf(&row.obligation, *cleared)).collect()
    }

    /// The hashes that lead from a row to the root of its full subtree, nearest first.
    fn path(&self, row: u32) -> Option<Vec<[u8; 32]>> {
        let subtree = tree::subtree_of(u32::try_from(self.rows.len()).ok()?, row)?;
        let first = usize::try_from(subtree.first).ok()?;
        let after = first.checked_add(usize::try_from(subtree.size).ok()?)?;
        let leaves: Vec<_> = self.rows.get(first..after)?.iter().map(Row::joined_leaf).collect();
        merkle::path(&leaves, usize::try_from(row.checked_sub(subtree.first)?).ok()?)
    }

    /// Takes one obligation out, for its debtor or its creditor.
    ///
    /// # Errors
    /// It is not in the round, or the round gathers no longer.
    pub fn withdraw(
        &self,
        builder: TransactionBuilder,
        (state, round): Standing<'_>,
        (held, leaving): Held<'_>,
        party: Address,
    ) -> Result<TransactionBuilder, NettingRoundError> {
        let number = || leaving.number.clone();
        let row = self.row_of(&leaving.obligation).ok_or_else(|| NettingRoundError::NotOfRound { number: number() })?;
        let path = self.path(row).ok_or_else(|| NettingRoundError::NotThatRow { number: number(), row })?;
        let after = round.withdrawn(leaving, row, &path)?;
        let refused = |_| NettingRoundError::WithdrawnByStranger { number: number() };
        let freed = leaving.freed().consented(party, false).map_err(refused)?;
        let command = wire::NettingRoundWithdraw {
            round: round.round.to_vec(),
            obligation: leaving.obligation.to_vec(),
            party: party.to_vec(),
            row,
            path: to_vecs(&path),
        };
        let builder = builder.input(state).input(held).output(round_state(&after)).output(obligation_state(&freed));
        Ok(netting(builder, WITHDRAW, &command))
    }

    /// Names the result that the book has.
    ///
    /// # Errors
    /// The round gathers no longer, or the result clears nothing or too much.
    pub fn propose(
        &self,
        builder: TransactionBuilder,
        (state, round): Standing<'_>,
    ) -> Result<TransactionBuilder, NettingRoundError> {
        let result = merkle::root(&self.result_leaves());
        let cleared = Amount::sum(self.cleared.iter().copied()).map_err(|_| NettingRoundError::GrossTooLarge)?;
        let after = round.proposed(result, cleared)?;
        let (round, cleared) = (round.round.to_vec(), cleared.minor());
        let command = wire::NettingRoundPropose { round, result: result.to_vec(), cleared };
        Ok(builder.input(state).output(round_state(&after)).command(id(), PROPOSE, &command))
    }

    /// The check of the next rows.
    ///
    /// # Errors
    /// The round is not being checked, or the book is not of its rows and result.
    pub fn check(&self, chain: ChainId, (state, round): Standing<'_>) -> Result<Transaction, NettingRoundError> {
        let step = Step::check(round.clone());
        let first = step.first_row();
        let count = check::next_rows(round.rows, first);
        let place = |row: u32| usize::try_from(row).unwrap_or(usize::MAX);
        let rows = place(first)..place(first.saturating_add(count));
        let shown: BTreeSet<usize> = rows.clone().collect();
        let netted = self.rows.iter().zip(&self.cleared).skip(rows.start).take(rows.len());
        let message = wire::NettingRoundCheck {
            round: round.round.to_vec(),
            rows: netted.map(|(row, cleared)| row.to_wire(*cleared)).collect(),
            joined_hidden: to_vecs(&merkle::hidden(&self.joined_leaves(), &shown)),
            result_hidden: to_vecs(&merkle::hidden(&self.result_leaves(), &shown)),
        };
        let command = Command { contract: id(), name: CHECK.to_owned(), arguments: message.encode_to_vec() };
        let after = round.checked(&command)?;
        let builder = TransactionBuilder::new(step.frame(chain, round.cut_off_ms)?);
        Ok(builder.input(state).output(round_state(&after)).command(id(), CHECK, &message).build())
    }

    /// The residuals of some obligations of a committed round, at a time in milliseconds UTC; at most 255 at once.
    ///
    /// # Errors
    /// One is not in the round, or the time is out of range.
    pub fn apply(
        &self,
        chain: ChainId,
        (state, round): Standing<'_>,
        held: &[Held<'_>],
        now_ms: u64,
    ) -> Result<Transaction, NettingRoundError> {
        let places: BTreeMap<&ObligationId, usize> =
            self.rows.iter().zip(0..).map(|(row, place)| (&row.obligation, place)).collect();
        let mut of_row = BTreeMap::new();
        for (held, before) in held {
            let not_of_round = || NettingRoundError::NotOfRound { number: before.number.clone() };
            let place = *places.get(&before.obligation).ok_or_else(not_of_round)?;
            let cleared = *self.cleared.get(place).ok_or_else(not_of_round)?;
            of_row.insert(place, (*held, *before, cleared));
        }
        let number = |place: &usize| u32::try_from(*place).unwrap_or(u32::MAX);
        let netted = of_row.iter().map(|(place, (_, _, cleared))| (number(place), cleared.minor()));
        let command = wire::NettingRoundApply {
            round: round.round.to_vec(),
            rows: netted.map(|(row, cleared)| wire::NettedRow { row, cleared }).collect(),
            hidden: to_vecs(&merkle::hidden(&self.result_leaves(), &of_row.keys().copied().collect())),
        };
        let step = Step::apply(round.clone(), of_row.keys().map(number).collect());
        let mut builder = TransactionBuilder::new(step.frame(chain, now_ms)?).past(state);
        for (held, before, cleared) in of_row.values() {
            builder = builder.input(*held);
            builder = before.netted(*cleared).iter().map(obligation_state).fold(builder, TransactionBuilder::output);
        }
        Ok(netting(builder, APPLY, &command).build())
    }
}

/// Takes obligations into a round, in this order.
///
/// # Errors
/// One may not join, or the round gathers no longer.
pub fn join(
    builder: TransactionBuilder,
    (state, round): Standing<'_>,
    joining: &[Held<'_>],
) -> Result<TransactionBuilder, NettingRoundError> {
    let before: Vec<Obligation> = joining.iter().map(|(_, obligation)| (*obligation).clone()).collect();
    let after = round.joined(&before)?;
    let builder = joining.iter().map(|(held, _)| *held).fold(builder.input(state), TransactionBuilder::input);
    let joined = before.iter().map(|obligation| obligation_state(&obligation.joined(round.round)));
    let builder = joined.fold(builder.output(round_state(&after)), TransactionBuilder::output);
    Ok(netting(builder, JOIN, &wire::NettingRoundJoin { round: round.round.to_vec() }))
}

/// Ends a round without a result, for its operator.
///
/// # Errors
/// It is committed, or voided already.
pub fn void(
    builder: TransactionBuilder,
    (state, round): Standing<'_>,
) -> Result<TransactionBuilder, NettingRoundError> {
    let command = wire::NettingRoundVoid { round: round.round.to_vec() };
    Ok(builder.input(state).output(round_state(&round.voided()?)).command(id(), VOID, &command))
}

/// Ends a round whose time is over, at a time in milliseconds UTC.
///
/// # Errors
/// It is committed, or voided already, or the time is out of range.
pub fn void_unsigned(chain: ChainId, standing: Standing<'_>, now_ms: u64) -> Result<Transaction, NettingRoundError> {
    let step = Step::void(standing.1.clone());
    Ok(void(TransactionBuilder::new(step.frame(chain, now_ms)?), standing)?.build())
}

/// Frees obligations of a voided round, at a time in milliseconds UTC; at most 255 at once.
///
/// # Errors
/// The time is out of range.
pub fn release(
    chain: ChainId,
    (state, round): Standing<'_>,
    held: &[Held<'_>],
    now_ms: u64,
) -> Result<Transaction, NettingRoundError> {
    let mut held = held.to_vec();
    held.sort_by_key(|(_, obligation)| obligation.obligation);
    let step = Step::release(round.clone(), held.iter().map(|(_, freed)| freed.obligation).collect());
    let builder = TransactionBuilder::new(step.frame(chain, now_ms)?).past(state);
    let builder = held.iter().map(|(held, _)| *held).fold(builder, TransactionBuilder::input);
    let freed = held.iter().map(|(_, freed)| -> State { obligation_state(&freed.freed()) });
    let builder = freed.fold(builder, TransactionBuilder::output);
    Ok(netting(builder, RELEASE, &wire::NettingRoundRelease { round: round.round.to_vec() }).build())
}

/// A command that changes obligations, with what they need for it.
fn netting(builder: TransactionBuilder, name: &str, command: &impl Message) -> TransactionBuilder {
    let of_obligations = ContractId::built_in(obligation::NAME);
    builder.command(id(), name, command).command(of_obligations, NET, &wire::ObligationNet {})
}

fn id() -> ContractId {
    ContractId::built_in(NAME)
}
