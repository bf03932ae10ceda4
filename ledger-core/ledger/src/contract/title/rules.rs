//! What each title command allows.

use std::collections::BTreeSet;

use crate::claim::normalise;
use crate::contract::pledge;
use crate::contract::title::{
    ACCEPT, ISSUE, MERGE, NAME, OFFER, REFUSE, SPLIT, TAKE, TITLE, Title, TitleError, WITHDRAW, offer_lock, offer_on,
    read_title, split,
};
use crate::id::{Address, ChainId, TitleId};
use crate::lock::Lock;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), TitleError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        ISSUE => {
            command.message::<wire::TitleIssue>()?;
            issues_sound_titles(transaction)
        }
        OFFER => offers_one_free_title(transaction, command),
        ACCEPT => {
            let wire::TitleAccept { title } = command.message()?;
            ends_offer(transaction, ACCEPT, title.as_slice().try_into()?)
        }
        REFUSE => {
            let wire::TitleRefuse { title } = command.message()?;
            ends_offer(transaction, REFUSE, title.as_slice().try_into()?)
        }
        WITHDRAW => {
            let wire::TitleWithdraw { title } = command.message()?;
            ends_offer(transaction, WITHDRAW, title.as_slice().try_into()?)
        }
        SPLIT => {
            let wire::TitleSplit { title } = command.message()?;
            split::splits_one_title(transaction, title.as_slice().try_into()?)
        }
        MERGE => {
            let wire::TitleMerge { title } = command.message()?;
            split::merges_free_titles(transaction, title.as_slice().try_into()?)
        }
        TAKE => takes_one_title(transaction, command),
        name => Err(TitleError::CommandUnknown { name: name.to_owned() }),
    }
}

fn issues_sound_titles(transaction: &LedgerTransaction) -> Result<(), TitleError> {
    let is_empty = transaction.outputs_of(NAME, TITLE).next().is_none();
    if is_empty || transaction.inputs_of(NAME, TITLE).next().is_some() {
        return Err(TitleError::States { command: ISSUE, rule: "creates titles and consumes none" });
    }
    let mut numbers = BTreeSet::new();
    for (_, state) in transaction.outputs_of(NAME, TITLE) {
        let title = read_title(state)?;
        title_is_sound(&title, state, &transaction.transaction.chain)?;
        if !state.locks.is_empty() {
            return Err(TitleError::NotSound { number: title.number, field: "a new title has no locks" });
        }
        if !numbers.insert((title.custodian, normalise(&title.number))) {
            return Err(TitleError::NumberTwice { number: title.number });
        }
    }
    Ok(())
}

/// What holds of every title that comes into being, its locks aside.
pub(super) fn title_is_sound(title: &Title, state: &State, chain: &ChainId) -> Result<(), TitleError> {
    let refused = |field| Err(TitleError::NotSound { number: title.number.clone(), field });
    if title.title != TitleId::derive(chain, &title.custodian, &title.number) {
        return refused("its id follows from chain, custodian and number");
    }
    if title.number.is_empty() || title.unit.is_empty() {
        return refused("number and unit are needed");
    }
    if title.quantity.is_zero() {
        return refused("the quantity is over zero");
    }
    if state.owner == title.custodian {
        return refused("the holder is another party than the custodian");
    }
    if state.participants != [title.custodian] {
        return refused("its custodian takes part, and nobody else");
    }
    Ok(())
}

/// The one title that a command moves: before and after.
struct Moved<'t> {
    before: &'t State,
    after: &'t State,
    title: Title,
}

fn moved<'t>(
    transaction: &'t LedgerTransaction,
    command: &'static str,
    named: TitleId,
) -> Result<Moved<'t>, TitleError> {
    let before: Vec<_> = transaction.inputs_of(NAME, TITLE).collect();
    let after: Vec<_> = transaction.outputs_of(NAME, TITLE).collect();
    let ([before], [(_, after)]) = (before.as_slice(), after.as_slice()) else {
        return Err(TitleError::States { command, rule: "consumes one title and creates it anew" });
    };
    let (before, title) = (before.state.as_ref(), read_title(&before.state)?);
    if title.title != named {
        return Err(TitleError::States { command, rule: "names the title that it consumes" });
    }
    if before.data != after.data || after.participants != [title.custodian] {
        return Err(TitleError::Changed { number: title.number });
    }
    Ok(Moved { before, after, title })
}

fn offers_one_free_title(transaction: &LedgerTransaction, command: &Command) -> Result<(), TitleError> {
    let wire::TitleOffer { title, to, until_ms } = command.message()?;
    let (named, to): (TitleId, Address) = (title.as_slice().try_into()?, to.as_slice().try_into()?);
    let Moved { before, after, title } = moved(transaction, OFFER, named)?;
    let frame = &transaction.transaction;
    if before.locks.iter().any(|lock| !lock.has_ended(frame.time_window.from_ms)) {
        return Err(TitleError::Locked { number: title.number });
    }
    if after.owner != before.owner || to == before.owner || to == title.custodian {
        return Err(TitleError::HolderDiffers { number: title.number });
    }
    if until_ms < frame.time_window.until_ms {
        return Err(TitleError::OfferEnded { number: title.number, until_ms });
    }
    if after.locks != [offer_lock(&frame.chain, &frame.command_id, to, until_ms)] {
        return Err(TitleError::OfferDiffers { number: title.number });
    }
    Ok(())
}

/// The core sees to it that every lock that goes is resolved by its own command and locker.
fn takes_one_title(transaction: &LedgerTransaction, command: &Command) -> Result<(), TitleError> {
    let wire::TitleTake { title, to } = command.message()?;
    let (named, to): (TitleId, Address) = (title.as_slice().try_into()?, to.as_slice().try_into()?);
    let Moved { before, after, title } = moved(transaction, TAKE, named)?;
    let enforced = pledge::resolved_context(transaction, pledge::ENFORCE)?;
    if !before.locks.iter().any(|lock| enforced == Some(lock.context)) {
        return Err(TitleError::NotEnforced { number: title.number });
    }
    if after.owner != to || to == before.owner || to == title.custodian {
        return Err(TitleError::HolderDiffers { number: title.number });
    }
    if after.locks.is_empty() { Ok(()) } else { Err(TitleError::LocksDiffer { number: title.number }) }
}

fn ends_offer(transaction: &LedgerTransaction, command: &'static str, named: TitleId) -> Result<(), TitleError> {
    let Moved { before, after, title } = moved(transaction, command, named)?;
    let number = title.number;
    let Some(Lock { locker, until_ms, .. }) = offer_on(before) else {
        return Err(TitleError::NotOffered { number });
    };
    let until_ms = until_ms.unwrap_or(u64::MAX);
    let window = transaction.transaction.time_window;
    let has_ended = window.from_ms >= until_ms;
    if command == WITHDRAW && !has_ended {
        return Err(TitleError::OfferOpen { number, until_ms });
    }
    if command != WITHDRAW && window.until_ms > until_ms {
        return Err(TitleError::OfferEnded { number, until_ms });
    }
    let holder = if command == ACCEPT { *locker } else { before.owner };
    if after.owner != holder {
        return Err(TitleError::HolderDiffers { number });
    }
    if after.locks.is_empty() { Ok(()) } else { Err(TitleError::OfferDiffers { number }) }
}
