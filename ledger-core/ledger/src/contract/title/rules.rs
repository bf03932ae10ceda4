//! What each title command allows.

use std::collections::BTreeSet;

use crate::claim::normalise;
use crate::contract::title::{
    ACCEPT, CARRY, ISSUE, MERGE, NAME, OFFER, REFUSE, SPLIT, TAKE, TITLE, Title, TitleError, WITHDRAW, offer_lock,
    offer_on, read_title, split,
};
use crate::contract::{agreement, chain, pledge};
use crate::error::rule;
use crate::id::{Address, AssetId, ChainId, TitleId};
use crate::lock::{Lock, LockKind};
use crate::settlement::{Leg, Settlement, are_settled};
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
            let wire::TitleAccept { title, settlement } = command.message()?;
            ends_offer(transaction, ACCEPT, title.as_slice().try_into()?)?;
            settlement_is_its_own(transaction, settlement)
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
        CARRY => {
            command.message::<wire::TitleCarry>()?;
            // What goes where, the agreement says of every state.
            rule(agreement::stepping(transaction).is_some(), || TitleError::NoAgreement)
        }
        name => Err(TitleError::CommandUnknown { name: name.to_owned() }),
    }
}

fn issues_sound_titles(transaction: &LedgerTransaction) -> Result<(), TitleError> {
    let is_empty = transaction.outputs_of(NAME, TITLE).next().is_none();
    let creates_alone = !is_empty && transaction.inputs_of(NAME, TITLE).next().is_none();
    rule(creates_alone, || TitleError::IssueStates)?;
    let mut numbers = BTreeSet::new();
    for (_, state) in transaction.outputs_of(NAME, TITLE) {
        let title = read_title(state)?;
        title_is_sound(&title, state, &transaction.transaction.chain)?;
        rule(state.locks.is_empty(), || TitleError::NewLocked { number: title.number.clone() })?;
        let is_new = numbers.insert((title.custodian, normalise(&title.number)));
        rule(is_new, || TitleError::NumberTwice { number: title.number })?;
    }
    Ok(())
}

/// What holds of every title that comes into being, its locks aside.
pub(super) fn title_is_sound(title: &Title, state: &State, chain: &ChainId) -> Result<(), TitleError> {
    let number = || title.number.clone();
    let follows = title.title == TitleId::derive(chain, &title.custodian, &title.number);
    rule(follows, || TitleError::IdDiffers { number: number() })?;
    rule(!title.number.is_empty(), || TitleError::NumberMissing)?;
    rule(!title.unit.is_empty(), || TitleError::UnitMissing { number: number() })?;
    rule(!title.quantity.is_zero(), || TitleError::QuantityZero { number: number() })?;
    rule(state.owner != title.custodian, || TitleError::HolderIsCustodian { number: number() })?;
    rule(state.participants == [title.custodian], || TitleError::FrameDiffers { number: number() })
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
        return Err(TitleError::MoveStates { command });
    };
    let (before, title) = (before.state.as_ref(), read_title(&before.state)?);
    rule(title.title == named, || TitleError::NotNamed { number: title.number.clone(), command })?;
    let is_kept = before.data == after.data && after.participants == [title.custodian];
    rule(is_kept, || TitleError::Changed { number: title.number.clone() })?;
    Ok(Moved { before, after, title })
}

/// A title goes to a third party.
fn goes_to_a_third(to: Address, holder: Address, title: &Title) -> Result<(), TitleError> {
    let is_third = to != holder && to != title.custodian;
    rule(is_third, || TitleError::ToParty { number: title.number.clone() })
}

fn offers_one_free_title(transaction: &LedgerTransaction, command: &Command) -> Result<(), TitleError> {
    let wire::TitleOffer { title, to, until_ms, settlement } = command.message()?;
    let (named, to): (TitleId, Address) = (title.as_slice().try_into()?, to.as_slice().try_into()?);
    let Moved { before, after, title } = moved(transaction, OFFER, named)?;
    let frame = &transaction.transaction;
    let number = || title.number.clone();
    let is_free = before.locks.iter().all(|lock| lock.has_ended(frame.time_window.from_ms));
    rule(is_free, || TitleError::Locked { number: number() })?;
    rule(after.owner == before.owner, || TitleError::HolderDiffers { number: number() })?;
    goes_to_a_third(to, before.owner, &title)?;
    rule(until_ms >= frame.time_window.until_ms, || TitleError::OfferEnded { number: number(), until_ms })?;
    let lock = match settlement {
        None => offer_lock(&frame.chain, &frame.command_id, to, until_ms),
        settlement => leg_lock(transaction, &title, before.owner, (to, until_ms), settlement)?,
    };
    rule(after.locks == [lock], || TitleError::OfferDiffers { number: number() })
}

/// The lock of a title that is a leg of a settlement: in escrow for the transferee, as long as the offer stands.
fn leg_lock(
    transaction: &LedgerTransaction,
    title: &Title,
    holder: Address,
    (to, until_ms): (Address, u64),
    settlement: Option<wire::Settlement>,
) -> Result<Lock, TitleError> {
    let settlement = Settlement::of_command(settlement)?;
    let asset = AssetId::from_bytes(*title.title.as_bytes());
    let (kind, locker) = (LockKind::Escrow, to);
    let leg = Leg { from: holder, to, asset, amount: title.quantity, kind, locker };
    let lock = settlement.lock(&transaction.transaction.chain, &holder, &asset);
    let is_leg = settlement.legs.contains(&leg) && settlement.until_ms == Some(until_ms);
    lock.filter(|_| is_leg).ok_or_else(|| TitleError::LegDiffers { number: title.number.clone() })
}

/// An offer that is a leg of a settlement is accepted with it, every leg in this transaction; another without.
fn settlement_is_its_own(transaction: &LedgerTransaction, message: Option<wire::Settlement>) -> Result<(), TitleError> {
    let inputs = transaction.inputs_of(NAME, TITLE).map(|input| input.state.as_ref());
    let settlement = message.map(|message| Settlement::of_command(Some(message))).transpose()?;
    for state in inputs {
        let leg = offer_on(state).filter(|lock| lock.kind == LockKind::Escrow).map(|lock| lock.context);
        let named = settlement.as_ref().map(|settlement| settlement.context(&transaction.transaction.chain));
        if leg != named {
            return Err(TitleError::SettlementDiffers { number: read_title(state)?.number });
        }
    }
    settlement.map_or(Ok(()), |settlement| Ok(are_settled(transaction, &settlement, None)?))
}

/// The core sees to it that every lock that goes is resolved by its own command and locker.
fn takes_one_title(transaction: &LedgerTransaction, command: &Command) -> Result<(), TitleError> {
    let wire::TitleTake { title, to } = command.message()?;
    let (named, to): (TitleId, Address) = (title.as_slice().try_into()?, to.as_slice().try_into()?);
    let Moved { before, after, title } = moved(transaction, TAKE, named)?;
    let enforced = pledge::resolved_context(transaction, pledge::ENFORCE)?;
    let by_order = chain::executed(transaction).ok().flatten().is_some_and(|executed| !executed.states.is_empty());
    if !by_order && !before.locks.iter().any(|lock| enforced == Some(lock.context)) {
        return Err(TitleError::NotEnforced { number: title.number });
    }
    rule(after.owner == to, || TitleError::HolderDiffers { number: title.number.clone() })?;
    goes_to_a_third(to, before.owner, &title)?;
    rule(after.locks.is_empty(), || TitleError::LocksDiffer { number: title.number })
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
    rule(after.owner == holder, || TitleError::HolderDiffers { number: number.clone() })?;
    rule(after.locks.is_empty(), || TitleError::OfferStays { number })
}
