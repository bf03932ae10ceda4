//! The rows of a round as anybody has them from its transactions, and what is built from them: by the operator, by a member,
//! and by whoever takes the next step.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ledger_finance::netting::{NettingError, Obligation as Owed, Obligations};
use prost::Message;

use super::check::Checking;
use super::row::{Row, result_leaf};
use super::wire_form::to_vecs;
use super::{
    APPLY, CHECK, JOIN, NAME, NettingRound, NettingRoundError, PROPOSE, Phase, RELEASE, ROUND, Step, VOID, WITHDRAW,
    check, read_round, round_state, tree,
};
use crate::amount::Amount;
use crate::contract::obligation::{self, NET, OBLIGATION, Obligation, obligation_state};
use crate::encoding::Wire;
use crate::id::{Address, ChainId, ContractId, ObligationId, RoundId, StateRef};
use crate::state::State;
use crate::transaction::{Command, Transaction, TransactionBuilder};
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
    /// Where the obligations are that are in the round.
    places: BTreeMap<ObligationId, u32>,
    cleared: Vec<Amount>,
    /// Kept once what is cleared of every row is known: each step shows leaves of them.
    trees: Option<Trees>,
}

/// The trees over the rows as they joined, and as the result clears them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trees {
    joined: merkle::Tree,
    result: merkle::Tree,
}

impl Trees {
    fn new(rows: &[Row], cleared: &[Amount]) -> Self {
        let result = rows.iter().zip(cleared).map(|(row, cleared)| result_leaf(&row.obligation, *cleared));
        Self {
            joined: merkle::Tree::new(rows.iter().map(Row::joined_leaf).collect()),
            result: merkle::Tree::new(result.collect()),
        }
    }
}

impl Book {
    /// Of a round without rows.
    pub fn new(round: RoundId) -> Self {
        Self { round, rows: Vec::new(), places: BTreeMap::new(), cleared: Vec::new(), trees: None }
    }

    /// Takes in an accepted transaction, all of the round's one after another: what joins, what is withdrawn, what is checked.
    ///
    /// # Errors
    /// The transaction cannot be read; an accepted one can.
    pub fn take(&mut self, transaction: &Transaction) -> Result<(), NettingRoundError> {
        let Some(command) = transaction.command(NAME) else { return Ok(()) };
        match command.name.as_str() {
            JOIN => {
                let wire::NettingRoundJoin { round } = command.message()?;
                if round == self.round.as_bytes() {
                    let mut joined = transaction.outputs.iter().filter(|state| state.is(obligation::NAME, OBLIGATION));
                    joined.try_for_each(|state| self.append(state))?;
                }
            }
            WITHDRAW => {
                let wire::NettingRoundWithdraw { round, row, .. } = command.message()?;
                let row = usize::try_from(row).ok().and_then(|row| self.rows.get_mut(row));
                if let Some(row) = row.filter(|_| round == self.round.as_bytes()) {
                    self.places.remove(&row.obligation);
                    *row = Row::default();
                    self.trees = None;
                }
            }
            CHECK => {
                let wire::NettingRoundCheck { round, .. } = command.message()?;
                if round == self.round.as_bytes() {
                    self.take_checked(transaction, command)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn append(&mut self, state: &State) -> Result<(), NettingRoundError> {
        let joined = Obligation::from_wire(state.message()?)?;
        let place = u32::try_from(self.rows.len()).map_err(|_| NettingRoundError::RowsTooMany)?;
        self.places.insert(joined.obligation, place);
        self.rows.push(Row::of(&joined));
        self.trees = None;
        Ok(())
    }

    /// A result that is known already stays: whatever a check shows is of its root.
    fn take_checked(&mut self, transaction: &Transaction, command: &Command) -> Result<(), NettingRoundError> {
        let shown = check::shown(command)?;
        let Some(state) = transaction.outputs.iter().find(|state| state.is(NAME, ROUND)) else { return Ok(()) };
        let round = read_round(state)?;
        let checked = if let Phase::Checking(checking) = &round.phase { checking.checked_rows } else { round.rows };
        let known = self.cleared.len();
        let is_news = usize::try_from(checked).is_ok_and(|checked| checked == known.saturating_add(shown.len()));
        if is_news {
            self.cleared.extend(shown.into_iter().map(|(_, cleared)| cleared));
            self.keep_trees();
        }
        Ok(())
    }

    fn keep_trees(&mut self) {
        let is_whole = !self.rows.is_empty() && self.rows.len() == self.cleared.len();
        self.trees = is_whole.then(|| Trees::new(&self.rows, &self.cleared));
    }

    fn trees(&self) -> Cow<'_, Trees> {
        match &self.trees {
            Some(kept) => Cow::Borrowed(kept),
            None => Cow::Owned(Trees::new(&self.rows, &self.cleared)),
        }
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
        let mut book = Self { cleared, ..self };
        book.keep_trees();
        book
    }

    /// True when the book's result is the one that is being checked, to the last row and in all.
    pub fn is_of(&self, checking: &Checking) -> bool {
        let cleared = Amount::sum(self.cleared.iter().copied());
        let trees = self.trees();
        cleared == Ok(checking.cleared)
            && (trees.joined.root(), trees.result.root()) == (checking.joined, checking.result)
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
        self.places.get(obligation).copied()
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
        let command = wire::NettingRoundWithdraw {
            round: round.round.to_vec(),
            obligation: leaving.obligation.to_vec(),
            party: party.to_vec(),
            row,
            path: to_vecs(&path),
        };
        let builder =
            builder.input(state).input(held).output(round_state(&after)).output(obligation_state(&leaving.freed()));
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
        let result = self.trees().result.root();
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
        let trees = self.trees();
        let message = wire::NettingRoundCheck {
            round: round.round.to_vec(),
            rows: netted.map(|(row, cleared)| row.to_wire(*cleared)).collect(),
            joined_hidden: to_vecs(&trees.joined.hidden(&shown)),
            result_hidden: to_vecs(&trees.result.hidden(&shown)),
        };
        let command = Command { contract: id(), name: CHECK.to_owned(), arguments: message.encode_to_vec() };
        let after = round.checked(&command)?;
        let builder = TransactionBuilder::new(step.frame(chain, round.cut_off_ms)?);
        Ok(builder.input(state).output(round_state(&after)).command(id(), CHECK, &message).build())
    }

    /// The residuals of some obligations of a committed round, at a time in milliseconds UTC; at most 255 at once. Rows far from
    /// each other need many hashes beside them, so it may be of the first of them alone.
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
        let trees = self.trees();
        let mut held = held;
        loop {
            let step = self.applied(&trees, chain, (state, round), held, now_ms)?;
            let fits = step.commands.iter().all(|command| command.arguments.len() <= State::DATA_BYTES_MAX);
            match held.split_at_checked(held.len() / 2) {
                Some((half, _)) if !fits && !half.is_empty() => held = half,
                _ => return Ok(step),
            }
        }
    }

    fn applied(
        &self,
        trees: &Trees,
        chain: ChainId,
        (state, round): Standing<'_>,
        held: &[Held<'_>],
        now_ms: u64,
    ) -> Result<Transaction, NettingRoundError> {
        let mut of_row = BTreeMap::new();
        for (held, before) in held {
            let not_of_round = || NettingRoundError::NotOfRound { number: before.number.clone() };
            let row = self.row_of(&before.obligation).ok_or_else(not_of_round)?;
            let cleared = usize::try_from(row).ok().and_then(|place| self.cleared.get(place));
            of_row.insert(row, (*held, *before, *cleared.ok_or_else(not_of_round)?));
        }
        let netted = of_row.iter().map(|(row, (_, _, cleared))| (*row, cleared.minor()));
        let shown = of_row.keys().filter_map(|row| usize::try_from(*row).ok()).collect();
        let command = wire::NettingRoundApply {
            round: round.round.to_vec(),
            rows: netted.map(|(row, cleared)| wire::NettedRow { row, cleared }).collect(),
            hidden: to_vecs(&trees.result.hidden(&shown)),
        };
        let step = Step::apply(round.clone(), of_row.keys().copied().collect());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EvidenceHash;
    use crate::contract::netting_round::ROWS_MAX;

    /// Rows that withdrawals have left far from each other: their hashes are too many for one transaction.
    #[test]
    fn rows_far_from_each_other_are_applied_in_as_many_transactions_as_their_hashes_need() {
        let amount = |minor| Amount::from_minor(minor).unwrap();
        let round = NettingRound::new(Default::default(), (1, 2), [5; 32]);
        let somewhere = StateRef { transaction: Default::default(), index: 0 };
        let id = |row: u32| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&row.to_be_bytes());
            ObligationId::from_bytes(bytes)
        };
        let mut book = Book::new(round.round);
        book.rows = (0..ROWS_MAX).map(|_| Row::default()).collect();
        let spread: Vec<u32> = (0..255).map(|place| place * (ROWS_MAX / 255)).collect();
        let together: Vec<u32> = (1_000..1_255).collect();
        let obligation = |row: &u32| Obligation {
            obligation: id(*row),
            debtor: Address::default(),
            creditor: Address::default(),
            asset: Default::default(),
            amount: amount(5),
            outstanding: amount(5),
            due_on: Default::default(),
            issuer: Address::default(),
            number: row.to_string(),
            document: EvidenceHash::default(),
            debtor_nets: None,
            creditor_nets: None,
            round: Some(round.round),
        };
        let book = book.with_result(vec![amount(1); ROWS_MAX as usize]);
        for (rows, all_at_once) in [(spread, false), (together, true)] {
            let mut book = book.clone();
            let obligations: Vec<_> = rows.iter().map(obligation).collect();
            book.places = obligations.iter().map(|owed| owed.obligation).zip(rows).collect();
            let held: Vec<Held<'_>> = obligations.iter().map(|owed| (somewhere, owed)).collect();
            let step = book.apply(ChainId::default(), (somewhere, &round), &held, 3).unwrap();
            assert!(step.commands.iter().all(|command| command.arguments.len() <= State::DATA_BYTES_MAX));
            assert_eq!(step.outputs.len() == 255, all_at_once, "{}", step.outputs.len());
            assert!(step.outputs.len() >= 127);
        }
    }
}
