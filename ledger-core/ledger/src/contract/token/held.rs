//! Holdings under locks: who may put them there, let them go, or move them under a pledge.

use crate::contract::pledge;
use crate::contract::token::{HOLD, HOLDING, NAME, RELEASE, SETTLE, TRANSFER, TokenError, holding, read_holding};
use crate::error::rule;
use crate::id::{ContextId, StateRef};
use crate::lock::{Lock, LockKind};
use crate::settlement::{Settlement, are_held, are_settled};
use crate::transaction::{Command, LedgerTransaction};
use crate::{Amount, wire};

/// The settlement that a command carries.
fn settlement_of(command: &Command) -> Result<(Settlement, Option<Amount>), TokenError> {
    let (settlement, amount) = match command.name.as_str() {
        HOLD => (command.message::<wire::TokenHold>()?.settlement, None),
        _ => {
            let wire::TokenSettle { settlement, amount } = command.message()?;
            (settlement, amount)
        }
    };
    Ok((Settlement::of_command(settlement)?, amount.map(Amount::from_minor).transpose()?))
}

/// The context under which the command puts locks on holdings or takes them off.
pub(super) fn context(transaction: &LedgerTransaction) -> Result<Option<ContextId>, TokenError> {
    let Some(command) = transaction.command(NAME) else { return Ok(None) };
    Ok(match command.name.as_str() {
        HOLD | SETTLE => Some(settlement_of(command)?.0.context(&transaction.transaction.chain)),
        RELEASE => Some(command.message::<wire::TokenRelease>()?.context.as_slice().try_into()?),
        _ => None,
    })
}

/// True where the transaction settles what parties give for each other.
pub(crate) fn settles_an_exchange(transaction: &LedgerTransaction) -> Result<bool, TokenError> {
    let settles = transaction.command(NAME).filter(|command| command.name == SETTLE);
    settles.map_or(Ok(false), |command| Ok(settlement_of(command)?.0.is_exchange()))
}

/// Holdings that their lockers let go here; their owners need not sign.
pub(super) fn let_go(transaction: &LedgerTransaction) -> Result<Vec<(StateRef, ContextId)>, TokenError> {
    if transaction.command(NAME).is_none_or(|command| ![SETTLE, RELEASE].contains(&command.name.as_str())) {
        return Ok(Vec::new());
    }
    let Some(context) = context(transaction)? else { return Ok(Vec::new()) };
    let has_lock = |locks: &[Lock]| locks.iter().any(|lock| lock.context == context);
    let inputs = transaction.inputs_of(NAME, HOLDING).filter(|input| has_lock(&input.state.locks));
    Ok(inputs.map(|input| (input.reference, context)).collect())
}

/// Locked value moves by the command of its lock: held value by settle and release, money under a pledge by the pledge's.
pub(super) fn locked_value_stays(transaction: &LedgerTransaction, command: &Command) -> Result<(), TokenError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    let moving = if command.name == TRANSFER { pledge::money_contexts(transaction)? } else { Vec::new() };
    let may = |lock: &Lock, by: &[&str]| match by.contains(&command.name.as_str()) {
        true => lock.kind != LockKind::Pledge,
        false => lock.kind == LockKind::Pledge && moving.contains(&lock.context),
    };
    for input in transaction.inputs_of(NAME, HOLDING) {
        let mut live = input.state.locks.iter().filter(|lock| !lock.has_ended(from_ms));
        rule(live.all(|lock| may(lock, &[SETTLE, RELEASE])), || TokenError::Locked)?;
    }
    for (_, state) in transaction.outputs_of(NAME, HOLDING) {
        rule(state.locks.iter().all(|lock| may(lock, &[HOLD, SETTLE, RELEASE])), || TokenError::LockNotCommanded)?;
        if let Some(purpose) = read_holding(state)?.purpose.filter(|_| !state.locks.is_empty()) {
            return Err(TokenError::PurposeBound { purpose });
        }
    }
    Ok(())
}

/// Owners split off and lock what they give by the legs; everything stays whose and what it was.
pub(super) fn holds_as_agreed(transaction: &LedgerTransaction, command: &Command) -> Result<(), TokenError> {
    let (settlement, _) = settlement_of(command)?;
    stays_with_its_owner(transaction)?;
    let mut held = transaction.outputs_of(NAME, HOLDING).filter(|(_, state)| !state.locks.is_empty());
    rule(held.next().is_some(), || TokenError::NothingHeld)?;
    Ok(are_held(transaction, &settlement)?)
}

/// Every leg happens, here.
pub(super) fn settles_every_leg(transaction: &LedgerTransaction, command: &Command) -> Result<(), TokenError> {
    let (settlement, part) = settlement_of(command)?;
    Ok(are_settled(transaction, &settlement, part)?)
}

/// What is held under one context is free again, or still held, and its owner's.
pub(super) fn releases_to_owners(transaction: &LedgerTransaction, command: &Command) -> Result<(), TokenError> {
    let wire::TokenRelease { context } = command.message()?;
    let context: ContextId = context.as_slice().try_into()?;
    let is_of = |locks: &[Lock]| locks.iter().all(|lock| lock.context == context);
    let consumes =
        transaction.inputs_of(NAME, HOLDING).all(|input| !input.state.locks.is_empty() && is_of(&input.state.locks));
    let creates = transaction.outputs_of(NAME, HOLDING).all(|(_, state)| is_of(&state.locks));
    rule(consumes && creates, || TokenError::OtherContext { context })?;
    rule(transaction.inputs_of(NAME, HOLDING).next().is_some(), || TokenError::NothingReleased)?;
    stays_with_its_owner(transaction)
}

/// Each owner has as much of each asset and purpose as before.
fn stays_with_its_owner(transaction: &LedgerTransaction) -> Result<(), TokenError> {
    let key = |state: &crate::State| Ok::<_, TokenError>((state.owner, holding(state)?));
    let mut totals = std::collections::BTreeMap::<_, (Amount, Amount)>::new();
    for input in transaction.inputs_of(NAME, HOLDING) {
        let (owner, held) = key(&input.state)?;
        let (before, _) = totals.entry((owner, held.asset, held.purpose)).or_default();
        *before = before.checked_add(held.amount)?;
    }
    for (_, state) in transaction.outputs_of(NAME, HOLDING) {
        let (owner, held) = key(state)?;
        let (_, after) = totals.entry((owner, held.asset, held.purpose)).or_default();
        *after = after.checked_add(held.amount)?;
    }
    match totals.into_iter().find(|(_, (before, after))| before != after) {
        Some(((party, asset, _), (before, after))) => {
            Err(TokenError::OwnerChanges { party, asset, before: before.minor(), after: after.minor() })
        }
        None => Ok(()),
    }
}
