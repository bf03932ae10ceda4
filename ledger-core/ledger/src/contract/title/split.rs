//! One title into several, several into one. The quantity stays; numbers are new, the old ones' claims end.

use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::claim::normalise;
use crate::contract::pledge;
use crate::contract::title::rules::title_is_sound;
use crate::contract::title::{MERGE, NAME, SPLIT, TITLE, Title, TitleError, read_title};
use crate::error::rule;
use crate::id::{ContextId, TitleId};
use crate::lock::{Lock, LockKind};
use crate::state::State;
use crate::transaction::LedgerTransaction;

pub(super) fn splits_one_title(transaction: &LedgerTransaction, named: TitleId) -> Result<(), TitleError> {
    let (before, after) = titles(transaction)?;
    let ([(parent, parent_state)], [_, _, ..]) = (before.as_slice(), after.as_slice()) else {
        return Err(TitleError::SplitStates);
    };
    if parent.title != named {
        return Err(TitleError::NotNamed { number: parent.number.clone(), command: SPLIT });
    }
    new_titles_are_alike(transaction, &before, &after)?;
    let locks: Vec<_> = live_locks(transaction, parent_state).cloned().collect();
    pledges_come_along(transaction, parent, &locks)?;
    let released = pledge::resolved_context(transaction, pledge::RELEASE)?;
    after.iter().try_for_each(|(child, state)| child_keeps_locks(child, state, &locks, released))
}

pub(super) fn merges_free_titles(transaction: &LedgerTransaction, named: TitleId) -> Result<(), TitleError> {
    let (before, after) = titles(transaction)?;
    let ([_, _, ..], [(merged, state)]) = (before.as_slice(), after.as_slice()) else {
        return Err(TitleError::MergeStates);
    };
    if merged.title != named {
        return Err(TitleError::NotNamed { number: merged.number.clone(), command: MERGE });
    }
    new_titles_are_alike(transaction, &before, &after)?;
    if let Some((title, _)) = before.iter().find(|(_, state)| live_locks(transaction, state).next().is_some()) {
        return Err(TitleError::Locked { number: title.number.clone() });
    }
    child_keeps_locks(merged, state, &[], None)
}

type Titled<'t> = (Title, &'t State);

/// The titles before and after.
fn titles(transaction: &LedgerTransaction) -> Result<(Vec<Titled<'_>>, Vec<Titled<'_>>), TitleError> {
    let read = |state| Ok((read_title(state)?, state));
    let before = transaction.inputs_of(NAME, TITLE).map(|input| read(input.state.as_ref()));
    let after = transaction.outputs_of(NAME, TITLE).map(|(_, state)| read(state));
    Ok((before.collect::<Result<_, TitleError>>()?, after.collect::<Result<_, TitleError>>()?))
}

fn live_locks<'s>(transaction: &LedgerTransaction, state: &'s State) -> impl Iterator<Item = &'s Lock> {
    let from_ms = transaction.transaction.time_window.from_ms;
    state.locks.iter().filter(move |lock| !lock.has_ended(from_ms))
}

/// Sound titles of one custodian, holder and unit, of the same quantity together, each with a number of its own.
fn new_titles_are_alike(
    transaction: &LedgerTransaction,
    before: &[Titled<'_>],
    after: &[Titled<'_>],
) -> Result<(), TitleError> {
    let Some((first, first_state)) = before.first() else { return Ok(()) };
    let mut numbers: BTreeSet<String> = before.iter().map(|(title, _)| normalise(&title.number)).collect();
    for (title, state) in before.iter().chain(after) {
        let number = || title.number.clone();
        rule(title.custodian == first.custodian, || TitleError::OtherCustodian { number: number() })?;
        rule(state.owner == first_state.owner, || TitleError::OtherHolder { number: number() })?;
        rule(title.unit == first.unit, || TitleError::OtherUnit { number: number() })?;
    }
    for (title, state) in after {
        title_is_sound(title, state, &transaction.transaction.chain)?;
        if !numbers.insert(normalise(&title.number)) {
            return Err(TitleError::NumberTwice { number: title.number.clone() });
        }
    }
    let sum = |titles: &[Titled<'_>]| Amount::sum(titles.iter().map(|(title, _)| title.quantity));
    let (before, after) = (sum(before)?.minor(), sum(after)?.minor());
    if before == after { Ok(()) } else { Err(TitleError::NotConserved { before, after }) }
}

/// The contract pledge keeps pledges and titles together; it must be asked, for every pledge of the title.
fn pledges_come_along(transaction: &LedgerTransaction, parent: &Title, locks: &[Lock]) -> Result<(), TitleError> {
    let number = || parent.number.clone();
    if locks.iter().any(|lock| lock.kind != LockKind::Pledge) {
        return Err(TitleError::Locked { number: number() });
    }
    let moving = pledge::moving_contexts(transaction)?;
    if locks.iter().all(|lock| moving.contains(&lock.context)) {
        Ok(())
    } else {
        Err(TitleError::PledgeStays { number: number() })
    }
}

/// Every lock of the parent stands on the child, but for that of the pledge which is released.
fn child_keeps_locks(
    child: &Title,
    state: &State,
    locks: &[Lock],
    released: Option<ContextId>,
) -> Result<(), TitleError> {
    let is_kept = |lock: &&Lock| state.locks.contains(lock) || released != Some(lock.context);
    let kept: Vec<_> = locks.iter().filter(is_kept).cloned().collect();
    if state.locks == kept { Ok(()) } else { Err(TitleError::LocksDiffer { number: child.number.clone() }) }
}
