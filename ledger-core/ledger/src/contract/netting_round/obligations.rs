//! What becomes of the obligations that a round's command consumes.

use super::{NettingRoundError, OBLIGATIONS_MAX};
use crate::contract::debt;
use crate::contract::obligation::{self, NET, Obligation, obligation_state};
use crate::encoding::EncodingError;
use crate::error::rule;
use crate::id::RoundId;
use crate::transaction::LedgerTransaction;

/// The obligations consumed, in the order of the inputs.
pub(super) fn consumed(transaction: &LedgerTransaction) -> Result<Vec<Obligation>, EncodingError> {
    debt::consumed(transaction)
}

/// Those that a command is for: `1..=most`, with `obligation/net` beside it.
pub(super) fn named(
    transaction: &LedgerTransaction,
    command: &'static str,
    most: usize,
) -> Result<Vec<Obligation>, NettingRoundError> {
    let nets = transaction.command(obligation::NAME).is_some_and(|beside| beside.name == NET);
    rule(nets, || NettingRoundError::NetMissing { command })?;
    let consumed = consumed(transaction)?;
    let count = consumed.len();
    rule((1..=most.min(OBLIGATIONS_MAX)).contains(&count), || NettingRoundError::ObligationCount {
        command,
        count,
        most,
    })?;
    Ok(consumed)
}

/// They are of the round.
pub(super) fn are_in(round: &RoundId, obligations: &[Obligation]) -> Result<(), NettingRoundError> {
    match obligations.iter().find(|obligation| obligation.round != Some(*round)) {
        Some(other) => Err(NettingRoundError::NotOfRound { number: other.number.clone() }),
        None => Ok(()),
    }
}

/// The obligations created are exactly these, in this order.
pub(super) fn become_these(
    transaction: &LedgerTransaction,
    command: &'static str,
    after: impl Iterator<Item = Obligation>,
) -> Result<(), NettingRoundError> {
    let created = debt::outputs::<Obligation>(transaction).map(|(_, state)| state.clone());
    rule(created.eq(after.map(|obligation| obligation_state(&obligation))), || NettingRoundError::ObligationsDiffer {
        command,
    })
}
