//! What each pledge command allows.

use crate::contract::pledge::{CREATE, NAME, PLEDGE, Pledge, PledgeError, RELEASE, pledge_lock, read_pledge};
use crate::contract::title::{self, Title, read_title};
use crate::id::{PledgeId, TitleId};
use crate::lock::LockKind;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), PledgeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        CREATE => creates_one_pledge(transaction, command),
        RELEASE => releases_the_whole(transaction, command),
        name => Err(PledgeError::CommandUnknown { name: name.to_owned() }),
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
    title_is_free(transaction, before, &title)?;
    let created: Vec<_> = transaction.outputs_of(NAME, PLEDGE).collect();
    let [(_, state)] = created.as_slice() else { return Err(rule) };
    if transaction.inputs_of(NAME, PLEDGE).next().is_some() || title.title != named {
        return Err(rule);
    }
    let pledge = read_pledge(state)?;
    pledge_fits(transaction, &pledge, &title, before, state)?;
    if after.locks != [pledge_lock(&pledge)] {
        return Err(PledgeError::Differs { number: title.number, field: "the title's lock" });
    }
    Ok(())
}

fn title_is_free(transaction: &LedgerTransaction, before: &State, title: &Title) -> Result<(), PledgeError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    let number = title.number.clone();
    match before.locks.iter().find(|lock| !lock.has_ended(from_ms)).map(|lock| lock.kind) {
        None => Ok(()),
        Some(LockKind::Hold) => Err(PledgeError::Offered { number }),
        Some(LockKind::Pledge | LockKind::Escrow | LockKind::Stay) => Err(PledgeError::Exists { number }),
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
    let parties_differ = pledge.pledgee != pledge.pledgor && pledge.pledgee != pledge.custodian;
    let participants_differ = *state != crate::contract::pledge::pledge_state(pledge);
    let checks = [
        ("its id follows from chain and command", pledge.pledge == PledgeId::derive(&frame.chain, &frame.command_id)),
        ("title", pledge.title == title.title && pledge.number == title.number),
        ("pledgor", pledge.pledgor == titled.owner),
        ("custodian", pledge.custodian == title.custodian),
        ("pledgee is another party than pledgor and custodian", parties_differ),
        ("quantity and unit", pledge.quantity == title.quantity && pledge.unit == title.unit),
        ("the secured maximum is over zero", !pledge.secured_maximum.is_zero()),
        ("rank", pledge.rank == 1),
        ("owner, participants and locks of its state", !participants_differ),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((field, _)) => Err(PledgeError::Differs { number: title.number.clone(), field }),
        None => Ok(()),
    }
}

fn releases_the_whole(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let rule = PledgeError::States { command: RELEASE, rule: "consumes one pledge and frees its title" };
    let wire::PledgeRelease { pledge, quantity } = command.message()?;
    let named: PledgeId = pledge.as_slice().try_into()?;
    let ended: Vec<_> = transaction.inputs_of(NAME, PLEDGE).collect();
    let [input] = ended.as_slice() else { return Err(rule) };
    let pledge = read_pledge(&input.state)?;
    if pledge.pledge != named {
        return Err(rule);
    }
    let (number, unit) = (pledge.number.clone(), pledge.unit.clone());
    let (asked, pledged) = (quantity, pledge.quantity.minor());
    if asked > pledged {
        return Err(PledgeError::OverRelease { number, asked, pledged, unit });
    }
    if asked < pledged {
        return Err(PledgeError::PartialRelease { number, asked, pledged, unit });
    }
    if transaction.outputs_of(NAME, PLEDGE).next().is_some() {
        return Err(rule);
    }
    let (before, after) = titles(transaction, rule.clone())?;
    let lock = pledge_lock(&pledge);
    let remaining: Vec<_> = before.locks.iter().filter(|held| **held != lock).cloned().collect();
    if !before.locks.contains(&lock) || after.locks != remaining {
        return Err(PledgeError::Differs { number, field: "the title's lock" });
    }
    Ok(())
}
