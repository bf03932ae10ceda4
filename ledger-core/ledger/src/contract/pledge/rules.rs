//! What each pledge command allows.

use crate::amount::Amount;
use crate::contract::pledge::change::{self, Change, changes, follow, pledges_on};
use crate::contract::pledge::{
    COLLECT, CREATE, Cover, ENFORCE, NAME, PLEDGE, PUBLICISE, Pledge, PledgeError, RANK, RELEASE, SUBSTITUTE, TOP_UP,
    money, pledge_lock, pledge_state, publicity, read_cover,
};
use crate::contract::title::{self, Title, read_title};
use crate::encoding::ascending;
use crate::error::rule;
use crate::id::{PledgeId, TitleId};
use crate::lock::LockKind;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), PledgeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    money::stays_under_its_locks(transaction, command)?;
    match command.name.as_str() {
        CREATE => creates_one_pledge(transaction, command),
        RELEASE => releases(transaction, command),
        TOP_UP => tops_up(transaction, command),
        SUBSTITUTE => substitutes(transaction, command),
        RANK => changes_ranks(transaction, command),
        ENFORCE => money::enforces(transaction, command),
        COLLECT => money::collects(transaction, command),
        PUBLICISE => publicity::publicises(transaction, command),
        name => Err(PledgeError::CommandUnknown { name: name.to_owned() }),
    }
}

/// The one title of the transaction, before and after.
pub(super) fn one_title(transaction: &LedgerTransaction) -> Option<(&State, &State)> {
    let before: Vec<_> = transaction.inputs_of(title::NAME, title::TITLE).collect();
    let after: Vec<_> = transaction.outputs_of(title::NAME, title::TITLE).collect();
    match (before.as_slice(), after.as_slice()) {
        ([before], [(_, after)]) => Some((before.state.as_ref(), after)),
        _ => None,
    }
}

fn creates_one_pledge(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let wire::PledgeCreate { title } = command.message()?;
    let named: TitleId = title.as_slice().try_into()?;
    let (before, after) = one_title(transaction).ok_or(PledgeError::CreateStates)?;
    let title = read_title(before)?;
    let created: Vec<_> = transaction.outputs_of(NAME, PLEDGE).collect();
    let asked = match created.as_slice() {
        [(_, state)] => Some(read_cover(state)?.pledge),
        _ => None,
    };
    title_has_room(transaction, before, &title, asked.as_ref())?;
    let ([(_, state)], Some(pledge)) = (created.as_slice(), asked) else { return Err(PledgeError::CreateStates) };
    rule(transaction.inputs_of(NAME, PLEDGE).next().is_none(), || PledgeError::CreateStates)?;
    rule(title.title == named, || PledgeError::TitleNotNamed { number: title.number.clone() })?;
    pledge_fits(transaction, &pledge, &title, before, state)?;
    let from_ms = transaction.transaction.time_window.from_ms;
    let mut locks: Vec<_> = before.locks.iter().filter(|lock| !lock.has_ended(from_ms)).cloned().collect();
    locks.push(pledge_lock(&pledge));
    let is_locked = after.locks == before.clone().with_locks(locks).locks;
    rule(is_locked, || PledgeError::LockDiffers { number: title.number })
}

/// A title without any lock.
pub(super) fn title_is_free(transaction: &LedgerTransaction, before: &State, title: &Title) -> Result<(), PledgeError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    let number = title.number.clone();
    match before.locks.iter().find(|lock| !lock.has_ended(from_ms)).map(|lock| lock.kind) {
        None => Ok(()),
        Some(LockKind::Hold | LockKind::Escrow) => Err(PledgeError::Offered { number }),
        Some(LockKind::Pledge | LockKind::Stay) => Err(PledgeError::Exists { number }),
    }
}

/// A free title takes the first rank, one that is pledged the rank after the last.
fn title_has_room(
    transaction: &LedgerTransaction,
    before: &State,
    title: &Title,
    pledge: Option<&Pledge>,
) -> Result<(), PledgeError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    let last = pledges_on(transaction, before).map(|lock| lock.rank).max().unwrap_or(0);
    let live = before.locks.iter().filter(|lock| !lock.has_ended(from_ms));
    let mut others = live.filter(|lock| lock.kind != LockKind::Pledge).peekable();
    if last == 0 || others.peek().is_some() {
        return title_is_free(transaction, before, title);
    }
    match pledge {
        Some(pledge) if pledge.rank > last => Ok(()),
        _ => Err(PledgeError::Exists { number: title.number.clone() }),
    }
}

fn pledge_fits(
    transaction: &LedgerTransaction,
    pledge: &Pledge,
    title: &Title,
    titled: &State,
    state: &State,
) -> Result<(), PledgeError> {
    let frame = &transaction.transaction;
    let number = || title.number.clone();
    let last = pledges_on(transaction, titled).map(|lock| lock.rank).max().unwrap_or(0);
    let follows = pledge.pledge == PledgeId::derive(&frame.chain, &frame.command_id);
    rule(follows, || PledgeError::IdDiffers { number: number() })?;
    rule(pledge.title == title.title, || PledgeError::TitleDiffers { number: number() })?;
    rule(pledge.number == title.number, || PledgeError::NumberDiffers { number: number() })?;
    rule(pledge.pledgor == titled.owner, || PledgeError::PledgorDiffers { number: number() })?;
    rule(pledge.custodian == title.custodian, || PledgeError::CustodianDiffers { number: number() })?;
    let is_third = pledge.pledgee != pledge.pledgor && pledge.pledgee != pledge.custodian;
    rule(is_third, || PledgeError::PledgeeIsParty { number: number() })?;
    rule(pledge.quantity == title.quantity, || PledgeError::QuantityDiffers { number: number() })?;
    rule(pledge.unit == title.unit, || PledgeError::UnitDiffers { number: number() })?;
    rule(!pledge.secured_maximum.is_zero(), || PledgeError::SecuresNothing { number: number() })?;
    publicity::secures_the_pledgees_claim(transaction, pledge)?;
    publicity::is_public_already(transaction, pledge)?;
    rule(Some(pledge.rank) == last.checked_add(1), || PledgeError::RankDiffers { number: number() })?;
    rule(*state == pledge_state(pledge), || PledgeError::FrameDiffers { number: number() })
}

fn releases(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let wire::PledgeRelease { pledge, quantity: asked } = command.message()?;
    let named: PledgeId = pledge.as_slice().try_into()?;
    let mut changes = changes(transaction)?;
    let (before, after) = changes.remove(&named).ok_or(PledgeError::NotConsumed { command: RELEASE })?;
    frees(transaction, &before, after.as_ref(), asked)?;
    changes.into_values().try_for_each(|(before, after)| is_carried(transaction, &before, after))
}

/// So much of a pledge is freed: all of it, and it ends; or a part, and it goes on over the rest.
fn frees(
    transaction: &LedgerTransaction,
    before: &Cover,
    after: Option<&Cover>,
    asked: u64,
) -> Result<(), PledgeError> {
    is_within(before, asked)?;
    let (number, unit) = (before.pledge.number.clone(), before.pledge.unit.clone());
    let pledged = before.pledge.quantity.minor();
    match after {
        None if asked < pledged => Err(PledgeError::PartialRelease { number, asked, pledged, unit }),
        None if !before.money.is_empty() => Err(PledgeError::EndsUnasked { number }),
        None => change::ends(transaction, before),
        Some(_) if asked == pledged && before.money.is_empty() => Err(PledgeError::WholeGoesOn { number }),
        Some(after) => {
            let (change, asked) = (follow(transaction, before, after)?, Amount::from_minor(asked)?);
            let expected = Cover { released: before.released.checked_add(asked)?, ..change.followed.clone() };
            releases_a_part(&change, asked, &expected)
        }
    }
}

/// At most what is pledged.
pub(super) fn is_within(before: &Cover, asked: u64) -> Result<(), PledgeError> {
    let pledged = before.pledge.quantity.minor();
    rule(asked <= pledged, || {
        let (number, unit) = (before.pledge.number.clone(), before.pledge.unit.clone());
        PledgeError::OverRelease { number, asked, pledged, unit }
    })
}

/// Titles of this quantity leave, none comes, and the pledge goes on as expected.
pub(super) fn releases_a_part(change: &Change, asked: Amount, expected: &Cover) -> Result<(), PledgeError> {
    let Change { before, after, followed, .. } = change;
    let number = || before.pledge.number.clone();
    let remaining = before.pledge.quantity.checked_sub(asked)?;
    rule(!asked.is_zero(), || PledgeError::ReleasesNothing { number: number() })?;
    rule(change.come.is_empty(), || PledgeError::TitleComes { number: number() })?;
    rule(followed.pledge.quantity == remaining, || PledgeError::RestDiffers { number: number() })?;
    rule(after == expected, || PledgeError::NotWhatFollows { number: number() })
}

/// A pledge that no command names here stays, over the same quantity; its title was split beside another's release.
fn is_carried(transaction: &LedgerTransaction, before: &Cover, after: Option<Cover>) -> Result<(), PledgeError> {
    let number = || before.pledge.number.clone();
    let after = after.ok_or_else(|| PledgeError::EndsUnasked { number: number() })?;
    let change = follow(transaction, before, &after)?;
    rule(change.come.is_empty(), || PledgeError::TitleComes { number: number() })?;
    let is_kept = change.followed.pledge.quantity == before.pledge.quantity;
    rule(is_kept, || PledgeError::QuantityChanges { number: number() })?;
    rule(change.after == change.followed, || PledgeError::NotWhatFollows { number: number() })
}

/// The pledge with what it gained counted as pledged.
fn grown(change: &Change) -> Result<Cover, PledgeError> {
    let gained = change.followed.pledge.quantity.checked_sub(change.before.pledge.quantity);
    let gained = gained.map_err(|_| PledgeError::Shrinks { number: change.before.pledge.number.clone() })?;
    Ok(Cover { pledged: change.before.pledged.checked_add(gained)?, ..change.followed.clone() })
}

fn tops_up(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let wire::PledgeTopUp { pledge } = command.message()?;
    let named: PledgeId = pledge.as_slice().try_into()?;
    let mut changes = changes(transaction)?;
    let (before, after) = changes.remove(&named).ok_or(PledgeError::NotConsumed { command: TOP_UP })?;
    let number = || before.pledge.number.clone();
    rule(changes.is_empty(), || PledgeError::OthersTouched { command: TOP_UP })?;
    let after = after.ok_or_else(|| PledgeError::EndsUnasked { number: number() })?;
    let change = follow(transaction, &before, &after)?;
    rule(change.leave.is_empty(), || PledgeError::TitleLeaves { number: number() })?;
    rule(!change.come.is_empty(), || PledgeError::NothingComes { number: number() })?;
    let expected = grown(&change)?;
    rule(after == expected, || PledgeError::NotWhatFollows { number: number() })
}

fn substitutes(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let wire::PledgeSubstitute { pledges } = command.message()?;
    let named = pledges.iter().map(|id| id.as_slice().try_into()).collect::<Result<Vec<PledgeId>, _>>()?;
    ascending(&named, "substitute.pledges")?;
    let changes = changes(transaction)?;
    let are_consumed = !named.is_empty() && named.iter().all(|pledge| changes.contains_key(pledge));
    rule(are_consumed, || PledgeError::NotConsumed { command: SUBSTITUTE })?;
    rule(changes.len() == named.len(), || PledgeError::OthersTouched { command: SUBSTITUTE })?;
    for (before, after) in changes.into_values() {
        let number = || before.pledge.number.clone();
        let after = after.ok_or_else(|| PledgeError::EndsUnasked { number: number() })?;
        let change = follow(transaction, &before, &after)?;
        rule(!change.leave.is_empty(), || PledgeError::NothingLeaves { number: number() })?;
        let expected = grown(&change)?;
        rule(after == expected, || PledgeError::NotWhatFollows { number: number() })?;
    }
    Ok(())
}

fn changes_ranks(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let wire::PledgeRank {} = command.message()?;
    let changes = changes(transaction)?;
    rule(!changes.is_empty(), || PledgeError::NothingRanked)?;
    for (before, after) in changes.into_values() {
        let number = || before.pledge.number.clone();
        let after = after.ok_or_else(|| PledgeError::EndsUnasked { number: number() })?;
        // Its money would stay under the old rank.
        rule(before.money.is_empty(), || PledgeError::MoneyTouched { command: RANK.to_owned() })?;
        let change = follow(transaction, &before, &after)?;
        let mut expected = change.followed.clone();
        expected.pledge.rank = after.pledge.rank;
        rule(after.pledge.rank != before.pledge.rank, || PledgeError::RankUnchanged { number: number() })?;
        let are_kept = change.come.is_empty() && change.followed.titles == before.titles;
        rule(are_kept, || PledgeError::TitlesChange { number: number() })?;
        rule(after == expected, || PledgeError::NotWhatFollows { number: number() })?;
        change::relocks_every_title(transaction, &change)?;
    }
    Ok(())
}
