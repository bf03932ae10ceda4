//! What becomes of each pledge in a transaction: its titles are always those that carry its lock.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::pledge::{
    Cover, NAME, PLEDGE, PledgeError, PledgedTitle, cover_state, pledge_lock, read_cover, rules,
};
use crate::contract::title::{self, Title, read_title};
use crate::error::rule;
use crate::id::{PledgeId, TitleId};
use crate::lock::{Lock, LockKind};
use crate::state::State;
use crate::transaction::LedgerTransaction;

/// One pledge that goes on: before, after, and before with the titles that carry its lock after.
pub(super) struct Change {
    pub(super) before: Cover,
    pub(super) after: Cover,
    /// What `before` becomes by its titles alone.
    pub(super) followed: Cover,
    /// Titles that leave the pledge.
    pub(super) leave: Vec<TitleId>,
    /// Titles that were consumed free and come under the pledge.
    pub(super) come: Vec<TitleId>,
}

/// The pledges consumed, each with what it becomes; none = it ends.
pub(super) fn changes(
    transaction: &LedgerTransaction,
) -> Result<BTreeMap<PledgeId, (Cover, Option<Cover>)>, PledgeError> {
    let mut changes = BTreeMap::new();
    for input in transaction.inputs_of(NAME, PLEDGE) {
        let before = read_cover(&input.state)?;
        changes.insert(before.pledge.pledge, (before, None));
    }
    for (_, state) in transaction.outputs_of(NAME, PLEDGE) {
        let after = read_cover(state)?;
        let number = after.pledge.number.clone();
        rule(*state == cover_state(&after), || PledgeError::FrameDiffers { number: number.clone() })?;
        match changes.get_mut(&after.pledge.pledge) {
            Some((_, slot @ None)) => *slot = Some(after),
            _ => return Err(PledgeError::CreatedUnasked { number }),
        }
    }
    Ok(changes)
}

/// A title as it is consumed or created.
struct Titled<'t> {
    title: Title,
    state: &'t State,
}

fn titled<'t>(states: impl Iterator<Item = &'t State>) -> Result<BTreeMap<TitleId, Titled<'t>>, PledgeError> {
    states
        .map(|state| {
            let title = read_title(state)?;
            Ok((title.title, Titled { title, state }))
        })
        .collect()
}

fn inputs(transaction: &LedgerTransaction) -> Result<BTreeMap<TitleId, Titled<'_>>, PledgeError> {
    titled(transaction.inputs_of(title::NAME, title::TITLE).map(|input| input.state.as_ref()))
}

fn outputs(transaction: &LedgerTransaction) -> Result<Vec<Titled<'_>>, PledgeError> {
    let outputs = transaction.outputs_of(title::NAME, title::TITLE);
    outputs.map(|(_, state)| Ok(Titled { title: read_title(state)?, state })).collect()
}

fn has_lock_of(state: &State, cover: &Cover) -> bool {
    let context = cover.pledge.pledge.context();
    state.locks.iter().any(|lock| lock.context == context)
}

/// Follows a pledge that goes on, under the lock of `after`.
pub(super) fn follow(transaction: &LedgerTransaction, before: &Cover, after: &Cover) -> Result<Change, PledgeError> {
    let (consumed, created) = (inputs(transaction)?, outputs(transaction)?);
    let lock = pledge_lock(&after.pledge);
    let under: Vec<_> = created.iter().filter(|created| has_lock_of(created.state, after)).collect();
    for Titled { title, state } in &under {
        let number = || title.number.clone();
        let mut of_pledge = state.locks.iter().filter(|other| other.context == lock.context);
        rule(of_pledge.all(|other| *other == lock), || PledgeError::LockDiffers { number: number() })?;
        rule(state.owner == before.pledge.pledgor, || PledgeError::PledgorDiffers { number: number() })?;
        rule(title.custodian == before.pledge.custodian, || PledgeError::CustodianDiffers { number: number() })?;
        rule(title.unit == before.pledge.unit, || PledgeError::UnitDiffers { number: number() })?;
    }
    let old: BTreeSet<TitleId> = before.titles.iter().map(|title| title.title).collect();
    let kept: BTreeSet<TitleId> = under.iter().map(|created| created.title.title).collect();
    let leaves = |title: &TitleId| consumed.contains_key(title) && !kept.contains(title);
    let leave: Vec<TitleId> = old.iter().filter(|title| leaves(title)).copied().collect();
    let mut titles: Vec<_> = before.titles.iter().filter(|title| !leaves(&title.title)).cloned().collect();
    let mut come = Vec::new();
    for Titled { title, .. } in under.iter().filter(|created| !old.contains(&created.title.title)) {
        if let Some(free) = consumed.get(&title.title) {
            rules::title_is_free(transaction, free.state, &free.title)?;
            come.push(title.title);
        }
        let (number, quantity) = (title.number.clone(), title.quantity);
        titles.push(PledgedTitle { title: title.title, number, quantity });
    }
    let followed = before.over(titles)?;
    Ok(Change { before: before.clone(), after: after.clone(), followed, leave, come })
}

/// A pledge that ends frees all its titles.
pub(super) fn ends(transaction: &LedgerTransaction, before: &Cover) -> Result<(), PledgeError> {
    let (consumed, created) = (inputs(transaction)?, outputs(transaction)?);
    let lock = pledge_lock(&before.pledge);
    let frees =
        |title: &PledgedTitle| consumed.get(&title.title).is_some_and(|consumed| consumed.state.locks.contains(&lock));
    let number = || before.pledge.number.clone();
    let is_freed = before.titles.iter().all(frees);
    rule(is_freed, || PledgeError::TitleNotConsumed { number: number() })?;
    let is_free = !created.iter().any(|created| has_lock_of(created.state, before));
    rule(is_free, || PledgeError::LockStays { number: number() })
}

/// Every title of the pledge is consumed and stays under it: its lock changes.
pub(super) fn relocks_every_title(transaction: &LedgerTransaction, change: &Change) -> Result<(), PledgeError> {
    let consumed = inputs(transaction)?;
    let are_consumed = change.before.titles.iter().all(|title| consumed.contains_key(&title.title));
    rule(are_consumed, || PledgeError::TitleNotConsumed { number: change.before.pledge.number.clone() })
}

/// The live pledge locks of a title.
pub(super) fn pledges_on<'s>(transaction: &LedgerTransaction, state: &'s State) -> impl Iterator<Item = &'s Lock> {
    let from_ms = transaction.transaction.time_window.from_ms;
    state.locks.iter().filter(move |lock| lock.kind == LockKind::Pledge && !lock.has_ended(from_ms))
}
