//! What each pledge command allows.

use crate::amount::Amount;
use crate::contract::pledge::change::{self, Change, changes, follow, pledges_on};
use crate::contract::pledge::{
    CREATE, Cover, ENFORCE, NAME, PLEDGE, Pledge, PledgeError, RANK, RELEASE, SUBSTITUTE, TOP_UP, pledge_lock,
    pledge_state, read_cover,
};
use crate::contract::title::{self, Title, read_title};
use crate::encoding::ascending;
use crate::id::{PledgeId, TitleId};
use crate::lock::LockKind;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), PledgeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        CREATE => creates_one_pledge(transaction, command),
        RELEASE => releases(transaction, command),
        TOP_UP => tops_up(transaction, command),
        SUBSTITUTE => substitutes(transaction, command),
        RANK => changes_ranks(transaction, command),
        ENFORCE => enforces(transaction, command),
        name => Err(PledgeError::CommandUnknown { name: name.to_owned() }),
    }
}

/// Refuses with the first field that does not hold.
pub(super) fn all_hold<const N: usize>(number: &str, checks: [(&'static str, bool); N]) -> Result<(), PledgeError> {
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((field, _)) => Err(PledgeError::Differs { number: number.to_owned(), field }),
        None => Ok(()),
    }
}

/// The title under the pledge, before and after.
fn titles(transaction: &LedgerTransaction, rule: PledgeError) -> Result<(&State, &State), PledgeError> {
    let before: Vec<_> = transaction.inputs_of(title::NAME, title::TITLE).collect();
    let after: Vec<_> = transaction.outputs_of(title::NAME, title::TITLE).collect();
    match (before.as_slice(), after.as_slice()) {
        ([before], [(_, after)]) => Ok((before.state.as_ref(), after)),
        _ => Err(rule),
    }
}

fn creates_one_pledge(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let rule = PledgeError::States { command: CREATE, rule: "locks one title and creates its one pledge" };
    let wire::PledgeCreate { title } = command.message()?;
    let named: TitleId = title.as_slice().try_into()?;
    let (before, after) = titles(transaction, rule.clone())?;
    let title = read_title(before)?;
    let created: Vec<_> = transaction.outputs_of(NAME, PLEDGE).collect();
    let asked = match created.as_slice() {
        [(_, state)] => Some(read_cover(state)?.pledge),
        _ => None,
    };
    title_has_room(transaction, before, &title, asked.as_ref())?;
    let ([(_, state)], Some(pledge)) = (created.as_slice(), asked) else { return Err(rule) };
    if transaction.inputs_of(NAME, PLEDGE).next().is_some() || title.title != named {
        return Err(rule);
    }
    pledge_fits(transaction, &pledge, &title, before, state)?;
    let from_ms = transaction.transaction.time_window.from_ms;
    let mut locks: Vec<_> = before.locks.iter().filter(|lock| !lock.has_ended(from_ms)).cloned().collect();
    locks.push(pledge_lock(&pledge));
    if after.locks != before.clone().with_locks(locks).locks {
        return Err(PledgeError::Differs { number: title.number, field: "the title's lock" });
    }
    Ok(())
}

/// A title without any lock.
pub(super) fn title_is_free(transaction: &LedgerTransaction, before: &State, title: &Title) -> Result<(), PledgeError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    let number = title.number.clone();
    match before.locks.iter().find(|lock| !lock.has_ended(from_ms)).map(|lock| lock.kind) {
        None => Ok(()),
        Some(LockKind::Hold) => Err(PledgeError::Offered { number }),
        Some(LockKind::Pledge | LockKind::Escrow | LockKind::Stay) => Err(PledgeError::Exists { number }),
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
    let last = pledges_on(transaction, titled).map(|lock| lock.rank).max().unwrap_or(0);
    let parties_differ = pledge.pledgee != pledge.pledgor && pledge.pledgee != pledge.custodian;
    let checks = [
        ("its id follows from chain and command", pledge.pledge == PledgeId::derive(&frame.chain, &frame.command_id)),
        ("title", pledge.title == title.title && pledge.number == title.number),
        ("pledgor", pledge.pledgor == titled.owner),
        ("custodian", pledge.custodian == title.custodian),
        ("pledgee is another party than pledgor and custodian", parties_differ),
        ("quantity and unit", pledge.quantity == title.quantity && pledge.unit == title.unit),
        ("the secured maximum is over zero", !pledge.secured_maximum.is_zero()),
        ("rank", Some(pledge.rank) == last.checked_add(1)),
        ("owner, participants and locks of its state", *state == pledge_state(pledge)),
    ];
    all_hold(&title.number, checks)
}

fn releases(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let rule = PledgeError::States { command: RELEASE, rule: "consumes one pledge and frees its title" };
    let wire::PledgeRelease { pledge, quantity: asked } = command.message()?;
    let named: PledgeId = pledge.as_slice().try_into()?;
    let mut changes = changes(transaction, &rule)?;
    let Some((before, after)) = changes.remove(&named) else { return Err(rule) };
    frees(transaction, &before, after.as_ref(), asked, &rule)?;
    changes.into_values().try_for_each(|(before, after)| is_carried(transaction, &before, after.as_ref(), &rule))
}

/// So much of a pledge is freed: all of it, and it ends; or a part, and it goes on over the rest.
fn frees(
    transaction: &LedgerTransaction,
    before: &Cover,
    after: Option<&Cover>,
    asked: u64,
    rule: &PledgeError,
) -> Result<(), PledgeError> {
    let (number, unit) = (before.pledge.number.clone(), before.pledge.unit.clone());
    let pledged = before.pledge.quantity.minor();
    if asked > pledged {
        return Err(PledgeError::OverRelease { number, asked, pledged, unit });
    }
    match after {
        None if asked < pledged => Err(PledgeError::PartialRelease { number, asked, pledged, unit }),
        None => change::ends(transaction, before),
        Some(_) if asked == pledged => Err(rule.clone()),
        Some(after) => releases_a_part(&follow(transaction, before, after)?, Amount::from_minor(asked)?),
    }
}

/// The best rank takes its title; pledges of later ranks lose it with their pledgees' consent.
fn enforces(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let rule =
        PledgeError::States { command: ENFORCE, rule: "hands one title of the pledge to its taker by title/take" };
    let wire::PledgeEnforce { pledge, quantity: asked } = command.message()?;
    let named: PledgeId = pledge.as_slice().try_into()?;
    let mut changes = changes(transaction, &rule)?;
    let Some((enforced, after)) = changes.remove(&named) else { return Err(rule) };
    if transaction.command(title::NAME).is_none_or(|command| command.name != title::TAKE) {
        return Err(rule);
    }
    let (taken, _) = titles(transaction, rule.clone())?;
    if pledges_on(transaction, taken).any(|lock| lock.rank < enforced.pledge.rank) {
        return Err(PledgeError::NotSenior { number: read_title(taken)?.number });
    }
    frees(transaction, &enforced, after.as_ref(), asked, &rule)?;
    let mut later = changes.into_values();
    later.try_for_each(|(before, after)| frees(transaction, &before, after.as_ref(), asked, &rule))
}

fn releases_a_part(change: &Change, asked: Amount) -> Result<(), PledgeError> {
    let Change { before, after, followed, .. } = change;
    let remaining = before.pledge.quantity.checked_sub(asked)?;
    let expected = Cover { released: before.released.checked_add(asked)?, ..followed.clone() };
    let checks = [
        ("the quantity released is over zero", !asked.is_zero()),
        ("no title comes", change.come.is_empty()),
        ("the titles that stay sum to what is not released", followed.pledge.quantity == remaining),
        ("its titles, quantity and what was released", *after == expected),
    ];
    all_hold(&before.pledge.number, checks)
}

/// A pledge that no command names here stays, over the same quantity; its title was split beside another's release.
fn is_carried(
    transaction: &LedgerTransaction,
    before: &Cover,
    after: Option<&Cover>,
    rule: &PledgeError,
) -> Result<(), PledgeError> {
    let change = follow(transaction, before, after.ok_or_else(|| rule.clone())?)?;
    let checks = [
        ("no title comes", change.come.is_empty()),
        ("a pledge not named keeps its quantity", change.followed.pledge.quantity == before.pledge.quantity),
        ("its titles follow those locked for it", change.after == change.followed),
    ];
    all_hold(&before.pledge.number, checks)
}

/// The pledge with what it gained counted as pledged.
fn grown(change: &Change) -> Result<Cover, PledgeError> {
    let gained = change.followed.pledge.quantity.checked_sub(change.before.pledge.quantity);
    let gained = gained
        .map_err(|_| PledgeError::Shrinks { number: change.before.pledge.number.clone(), command: SUBSTITUTE })?;
    Ok(Cover { pledged: change.before.pledged.checked_add(gained)?, ..change.followed.clone() })
}

fn tops_up(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let rule = PledgeError::States { command: TOP_UP, rule: "consumes one pledge and creates it over further titles" };
    let wire::PledgeTopUp { pledge } = command.message()?;
    let named: PledgeId = pledge.as_slice().try_into()?;
    let mut changes = changes(transaction, &rule)?;
    let (Some((before, Some(after))), true) = (changes.remove(&named), changes.is_empty()) else { return Err(rule) };
    let change = follow(transaction, &before, &after)?;
    let checks = [
        ("no title leaves", change.leave.is_empty()),
        ("further titles come", !change.come.is_empty()),
        ("its titles, quantity and what was pledged", after == grown(&change)?),
    ];
    all_hold(&before.pledge.number, checks)
}

fn substitutes(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let rule = PledgeError::States { command: SUBSTITUTE, rule: "consumes the pledges named and creates them anew" };
    let wire::PledgeSubstitute { pledges } = command.message()?;
    let named = pledges.iter().map(|id| id.as_slice().try_into()).collect::<Result<Vec<PledgeId>, _>>()?;
    ascending(&named, "substitute.pledges")?;
    let changes = changes(transaction, &rule)?;
    if named.is_empty() || !changes.keys().eq(&named) {
        return Err(rule);
    }
    for (before, after) in changes.into_values() {
        let Some(after) = after else { return Err(rule) };
        let change = follow(transaction, &before, &after)?;
        let checks = [
            ("a title leaves", !change.leave.is_empty()),
            ("its titles, quantity and what was pledged", after == grown(&change)?),
        ];
        all_hold(&before.pledge.number, checks)?;
    }
    change::ranks_are_unique(transaction)
}

fn changes_ranks(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let rule = PledgeError::States { command: RANK, rule: "consumes pledges and creates them with other ranks" };
    let wire::PledgeRank {} = command.message()?;
    let changes = changes(transaction, &rule)?;
    if changes.is_empty() {
        return Err(rule);
    }
    for (before, after) in changes.into_values() {
        let Some(after) = after else { return Err(rule) };
        let change = follow(transaction, &before, &after)?;
        let mut expected = change.followed.clone();
        expected.pledge.rank = after.pledge.rank;
        let checks = [
            ("rank", after.pledge.rank != before.pledge.rank && after.pledge.rank > 0),
            ("no title comes or leaves", change.come.is_empty() && change.followed.titles == before.titles),
            ("only its rank changes", after == expected),
        ];
        all_hold(&before.pledge.number, checks)?;
        change::relocks_every_title(transaction, &change)?;
    }
    change::ranks_are_unique(transaction)
}
