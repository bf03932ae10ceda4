//! What each round command allows.

use super::check::leads_to;
use super::row::{minor, result_leaf};
use super::{
    ALGORITHM, APPLY, BOUND_MAX_MS, CHECK, JOIN, NAME, NettingRound, NettingRoundError, OBLIGATIONS_MAX, OPEN, PROPOSE,
    Phase, RELEASE, ROUND, SPAN_MAX_MS, Step, VOID, WITHDRAW, obligations, read_round, round_state, wire_form,
};
use crate::contract::obligation::Obligation;
use crate::encoding::{ascending, at_most};
use crate::error::rule;
use crate::id::{Address, ObligationId, RoundId};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), NettingRoundError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        OPEN => {
            command.message::<wire::NettingRoundOpen>()?;
            opens_one_sound_round(transaction)
        }
        JOIN => joins(transaction, command),
        WITHDRAW => withdraws(transaction, command),
        PROPOSE => proposes(transaction, command),
        CHECK => checks(transaction, command),
        VOID => {
            let wire::NettingRoundVoid { round } = command.message()?;
            becomes(transaction, VOID, &consumed(transaction, VOID, &round)?.voided()?)
        }
        APPLY => applies(transaction, command),
        RELEASE => releases(transaction, command),
        name => Err(NettingRoundError::CommandUnknown { name: name.to_owned() }),
    }?;
    match Step::of(transaction)? {
        Some(step) => step.is_as_it_follows(transaction),
        None => Ok(()),
    }
}

/// Rounds before and after.
fn rounds(transaction: &LedgerTransaction) -> (Vec<&State>, Vec<&State>) {
    let before = transaction.inputs_of(NAME, ROUND).map(|input| input.state.as_ref());
    (before.collect(), transaction.outputs_of(NAME, ROUND).map(|(_, state)| state).collect())
}

fn opens_one_sound_round(transaction: &LedgerTransaction) -> Result<(), NettingRoundError> {
    let (before, after) = rounds(transaction);
    let ([], [state]) = (before.as_slice(), after.as_slice()) else { return Err(NettingRoundError::OpenStates) };
    let (round, frame) = (read_round(state)?, &transaction.transaction);
    let follows = round.round == RoundId::derive(&frame.chain, &frame.command_id);
    rule(follows, || NettingRoundError::IdDiffers)?;
    let is_known = round.algorithm == ALGORITHM;
    rule(is_known, || NettingRoundError::AlgorithmUnknown { algorithm: round.algorithm.clone() })?;
    let NettingRound { cut_off_ms, void_after_ms, .. } = round;
    let window = frame.time_window;
    let is_ordered = window.until_ms <= cut_off_ms && cut_off_ms < void_after_ms;
    rule(is_ordered, || NettingRoundError::TimesOutOfOrder { cut_off_ms, void_after_ms })?;
    let bound_ms = void_after_ms.saturating_sub(cut_off_ms);
    rule(bound_ms <= BOUND_MAX_MS, || NettingRoundError::BoundTooLong { bound_ms })?;
    let span_ms = void_after_ms.saturating_sub(window.from_ms);
    rule(span_ms <= SPAN_MAX_MS, || NettingRoundError::SpanTooLong { span_ms })?;
    let names = (round.round, round.operator, round.asset);
    let new = NettingRound::new(names, (cut_off_ms, void_after_ms), round.salt);
    rule(**state == round_state(&new), || NettingRoundError::NotNew)
}

/// The one round that is consumed, which the command names, and created anew.
fn consumed(
    transaction: &LedgerTransaction,
    command: &'static str,
    named: &[u8],
) -> Result<NettingRound, NettingRoundError> {
    let (before, after) = rounds(transaction);
    let ([before], [_]) = (before.as_slice(), after.as_slice()) else {
        return Err(NettingRoundError::RoundStates { command });
    };
    is_named(read_round(before)?, named)
}

/// The one round that is referred to, which the command names; none is consumed or created.
fn referred(
    transaction: &LedgerTransaction,
    command: &'static str,
    named: &[u8],
) -> Result<NettingRound, NettingRoundError> {
    let referred: Vec<_> = transaction.references.iter().filter(|read| read.state.is(NAME, ROUND)).collect();
    let (before, after) = rounds(transaction);
    match (referred.as_slice(), before.is_empty() && after.is_empty()) {
        ([round], true) => is_named(read_round(&round.state)?, named),
        _ => Err(NettingRoundError::NotReferred { command }),
    }
}

fn is_named(round: NettingRound, named: &[u8]) -> Result<NettingRound, NettingRoundError> {
    let (named, at_hand) = (RoundId::try_from(named)?, round.round);
    if named == at_hand { Ok(round) } else { Err(NettingRoundError::RoundOther { named, at_hand }) }
}

fn becomes(
    transaction: &LedgerTransaction,
    command: &'static str,
    after: &NettingRound,
) -> Result<(), NettingRoundError> {
    let expected = round_state(after);
    let holds = transaction.outputs_of(NAME, ROUND).all(|(_, state)| *state == expected);
    rule(holds, || NettingRoundError::RoundDiffers { command })
}

fn is_before_cut_off(transaction: &LedgerTransaction, round: &NettingRound) -> Result<(), NettingRoundError> {
    let ends = transaction.transaction.time_window.until_ms;
    rule(ends <= round.cut_off_ms, || NettingRoundError::AfterCutOff { cut_off_ms: round.cut_off_ms })
}

fn is_before_end(transaction: &LedgerTransaction, round: &NettingRound) -> Result<(), NettingRoundError> {
    let ends = transaction.transaction.time_window.until_ms;
    rule(ends <= round.void_after_ms, || NettingRoundError::AfterEnd { void_after_ms: round.void_after_ms })
}

/// True when the round consumed is past its time, so that anybody may void it.
pub(super) fn time_is_over(transaction: &LedgerTransaction) -> Result<bool, NettingRoundError> {
    let begins = transaction.transaction.time_window.from_ms;
    for state in rounds(transaction).0 {
        if begins < read_round(state)?.void_after_ms {
            return Ok(false);
        }
    }
    Ok(true)
}

fn joins(transaction: &LedgerTransaction, command: &Command) -> Result<(), NettingRoundError> {
    let wire::NettingRoundJoin { round } = command.message()?;
    let before = consumed(transaction, JOIN, &round)?;
    is_before_cut_off(transaction, &before)?;
    let joining = obligations::named(transaction, JOIN, OBLIGATIONS_MAX)?;
    becomes(transaction, JOIN, &before.joined(&joining)?)?;
    obligations::become_these(transaction, JOIN, joining.iter().map(|obligation| obligation.joined(before.round)))
}

fn withdraws(transaction: &LedgerTransaction, command: &Command) -> Result<(), NettingRoundError> {
    let wire::NettingRoundWithdraw { round, obligation, party, row, path } = command.message()?;
    at_most(&path, crate::merkle::PATH_MAX, "withdraw.path")?;
    let before = consumed(transaction, WITHDRAW, &round)?;
    is_before_cut_off(transaction, &before)?;
    let leaving = obligations::named(transaction, WITHDRAW, 1)?;
    obligations::are_in(&before.round, &leaving)?;
    let named = ObligationId::try_from(obligation.as_slice())?;
    let party = Address::try_from(party.as_slice())?;
    let freed = |leaving: &Obligation| -> Result<_, NettingRoundError> {
        let number = || leaving.number.clone();
        rule(leaving.obligation == named, || NettingRoundError::ObligationOther { number: number() })?;
        let is_its_own = [leaving.debtor, leaving.creditor].contains(&party);
        rule(is_its_own, || NettingRoundError::WithdrawnByStranger { number: number() })?;
        Ok(leaving.freed())
    };
    let after = leaving.iter().map(freed).collect::<Result<Vec<_>, _>>()?;
    let path = wire_form::hashes(&path)?;
    let round = leaving.iter().try_fold(before, |round, leaving| round.withdrawn(leaving, row, &path))?;
    becomes(transaction, WITHDRAW, &round)?;
    obligations::become_these(transaction, WITHDRAW, after.into_iter())
}

fn proposes(transaction: &LedgerTransaction, command: &Command) -> Result<(), NettingRoundError> {
    let wire::NettingRoundPropose { round, result, cleared } = command.message()?;
    let before = consumed(transaction, PROPOSE, &round)?;
    let begins = transaction.transaction.time_window.from_ms;
    rule(begins >= before.cut_off_ms, || NettingRoundError::BeforeCutOff { cut_off_ms: before.cut_off_ms })?;
    is_before_end(transaction, &before)?;
    let after = before.proposed(wire_form::hash(&result)?, minor(cleared, "propose.cleared")?)?;
    becomes(transaction, PROPOSE, &after)
}

fn checks(transaction: &LedgerTransaction, command: &Command) -> Result<(), NettingRoundError> {
    let wire::NettingRoundCheck { round, .. } = command.message()?;
    let before = consumed(transaction, CHECK, &round)?;
    is_before_end(transaction, &before)?;
    becomes(transaction, CHECK, &before.checked(command)?)
}

/// The rows shown are the result's, and each obligation takes what its row says.
fn applies(transaction: &LedgerTransaction, command: &Command) -> Result<(), NettingRoundError> {
    let wire::NettingRoundApply { round, rows, hidden } = command.message()?;
    at_most(&rows, OBLIGATIONS_MAX, "apply.rows")?;
    let round = referred(transaction, APPLY, &round)?;
    let Phase::Committed { result, .. } = &round.phase else { return Err(round.is_past(APPLY)) };
    let before = obligations::named(transaction, APPLY, OBLIGATIONS_MAX)?;
    obligations::are_in(&round.round, &before)?;
    let expected = u32::try_from(before.len()).unwrap_or(u32::MAX);
    rule(rows.len() == before.len(), || NettingRoundError::RowCount { expected, shown: rows.len() })?;
    let numbers: Vec<u32> = rows.iter().map(|netted| netted.row).collect();
    ascending(&numbers, "apply.rows")?;
    let cleared = rows.iter().map(|netted| minor(netted.cleared, "apply.cleared"));
    let cleared = cleared.collect::<Result<Vec<_>, _>>()?;
    let leaves = before.iter().zip(&cleared).map(|(netted, cleared)| result_leaf(&netted.obligation, *cleared));
    let is_result = leads_to(round.rows, numbers.iter().copied().zip(leaves), &wire_form::hashes(&hidden)?, result);
    let first = numbers.first().copied().unwrap_or_default();
    rule(is_result, || NettingRoundError::RowsNotOfResult { first })?;
    let after = before.iter().zip(&cleared).filter_map(|(netted, cleared)| netted.netted(*cleared));
    obligations::become_these(transaction, APPLY, after)
}

fn releases(transaction: &LedgerTransaction, command: &Command) -> Result<(), NettingRoundError> {
    let wire::NettingRoundRelease { round } = command.message()?;
    let round = referred(transaction, RELEASE, &round)?;
    let Phase::Voided = &round.phase else { return Err(round.is_past(RELEASE)) };
    let before = obligations::named(transaction, RELEASE, OBLIGATIONS_MAX)?;
    obligations::are_in(&round.round, &before)?;
    ascending(&before.iter().map(|freed| freed.obligation).collect::<Vec<_>>(), "release.obligations")?;
    obligations::become_these(transaction, RELEASE, before.iter().map(Obligation::freed))
}
