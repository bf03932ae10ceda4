//! Enforcement, and the money that comes in a title's place: the surplus, under the locks of later ranks.
//!
//! Nothing here is rounded: a title brings `proceeds`, the pledgee keeps `satisfied`, the rest is the surplus. Of the surplus so
//! much is under the later ranks' locks as they secure together, in one holding; what is past that is the pledgor's own.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::contract::pledge::change::{changes, ends, follow, pledges_on};
use crate::contract::pledge::rules::{is_within, one_title, releases_a_part};
use crate::contract::pledge::{
    COLLECT, Cover, ENFORCE, NAME, PLEDGE, Pledge, PledgeError, debt, moving_contexts, pledge_lock, read_pledge,
    resolved_context,
};
use crate::contract::title::{self, read_title};
use crate::contract::token::{self, holding, holding_state};
use crate::contract::{Due, PassedLock, Signer};
use crate::encoding::EncodingError;
use crate::error::rule;
use crate::id::{Address, AssetId, ContextId, PledgeId, StateRef};
use crate::lock::{Lock, LockKind};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, ResolvedState};
use crate::wire;

/// What becomes of each pledge consumed; none = it ends.
type Changes = BTreeMap<PledgeId, (Cover, Option<Cover>)>;

/// The pledge's context that an enforcement or a collection is for.
pub(super) fn served(transaction: &LedgerTransaction) -> Result<Option<ContextId>, EncodingError> {
    Ok(resolved_context(transaction, ENFORCE)?.or(resolved_context(transaction, COLLECT)?))
}

/// Who signs for the pledge that an enforcement or a collection serves.
pub(super) fn signers(transaction: &LedgerTransaction, served: &Pledge) -> Result<Vec<Signer>, PledgeError> {
    let Pledge { pledgee, pledgor, secured_asset, .. } = *served;
    let mut signers = vec![Signer { party: pledgee, role: "pledgee" }];
    // Money in another asset than the debt is worth what both agree.
    for (reference, _) in collected_money(transaction)? {
        let is_other = |input: &ResolvedState| {
            input.reference == reference && holding(&input.state).is_ok_and(|held| held.asset != secured_asset)
        };
        signers.extend(transaction.inputs.iter().any(is_other).then_some(Signer { party: pledgor, role: "pledgor" }));
    }
    Ok(signers)
}

/// Pledges of later ranks that change here; their pledgees are not asked.
pub(super) fn others(transaction: &LedgerTransaction) -> Result<Vec<StateRef>, PledgeError> {
    let Some(served) = served(transaction)? else { return Ok(Vec::new()) };
    let mut others = Vec::new();
    for input in transaction.inputs_of(NAME, PLEDGE) {
        if read_pledge(&input.state)?.pledge.context() != served {
            others.push(input.reference);
        }
    }
    Ok(others)
}

/// Money consumed on the lock of the pledge that is collected.
pub(crate) fn collected_money(transaction: &LedgerTransaction) -> Result<Vec<(StateRef, ContextId)>, EncodingError> {
    let Some(context) = resolved_context(transaction, COLLECT)? else { return Ok(Vec::new()) };
    let inputs = transaction.inputs_of(token::NAME, token::HOLDING);
    let under = inputs.filter(|input| input.state.locks.iter().any(|lock| lock.context == context));
    Ok(under.map(|input| (input.reference, context)).collect())
}

/// Contexts of pledges whose locks an enforcement or a collection puts on money.
pub(crate) fn money_contexts(transaction: &LedgerTransaction) -> Result<Vec<ContextId>, EncodingError> {
    match served(transaction)? {
        Some(_) => {
            let mut contexts = moving_contexts(transaction)?;
            // Ranks that a collection leaves as they are stay on the money too.
            for (reference, _) in collected_money(transaction)? {
                let inputs = transaction.inputs.iter().filter(|input| input.reference == reference);
                contexts.extend(inputs.flat_map(|input| input.state.locks.iter().map(|lock| lock.context)));
            }
            Ok(contexts)
        }
        None => Ok(Vec::new()),
    }
}

/// Locks behind the pledge that is served, on the title or the money consumed.
pub(super) fn passed_locks(transaction: &LedgerTransaction) -> Result<Vec<PassedLock>, PledgeError> {
    let Some(served) = served(transaction)? else { return Ok(Vec::new()) };
    let moving = moving_contexts(transaction)?;
    let passes = |lock: &&Lock| lock.context != served && moving.contains(&lock.context);
    let mut passed = Vec::new();
    for input in &transaction.inputs {
        let locks = input.state.locks.iter().filter(passes);
        passed.extend(locks.map(|lock| PassedLock { state: input.reference, context: lock.context }));
    }
    Ok(passed)
}

/// Money under a pledge is consumed by its collection alone, and comes under pledges by enforcement and collection alone.
pub(super) fn stays_under_its_locks(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let is_money = |state: &State| {
        state.is(token::NAME, token::HOLDING) && state.locks.iter().any(|lock| lock.kind == LockKind::Pledge)
    };
    let consumes = transaction.inputs.iter().any(|input| is_money(&input.state));
    let creates = transaction.transaction.outputs.iter().any(is_money);
    let holds = match command.name.as_str() {
        COLLECT => true,
        ENFORCE => !consumes,
        _ => !consumes && !creates,
    };
    rule(holds, || PledgeError::MoneyTouched { command: command.name.chars().take(32).collect() })
}

/// What an enforcement says.
struct Enforcement {
    pledge: PledgeId,
    quantity: u64,
    proceeds: Amount,
    satisfied: Amount,
}

fn enforcement(command: &Command) -> Result<Enforcement, PledgeError> {
    let wire::PledgeEnforce { pledge, quantity, proceeds, satisfied } = command.message()?;
    let (proceeds, satisfied) = (Amount::from_minor(proceeds)?, Amount::from_minor(satisfied)?);
    Ok(Enforcement { pledge: pledge.as_slice().try_into()?, quantity, proceeds, satisfied })
}

/// So much of an amount stays under the locks of these pledges: what they secure together, or all where they secure other assets.
fn locked_of(amount: Amount, asset: AssetId, pledges: &[&Pledge]) -> Amount {
    if pledges.iter().any(|pledge| pledge.secured_asset != asset) {
        return amount;
    }
    let secured = Amount::sum(pledges.iter().map(|pledge| pledge.secured_maximum));
    secured.map_or(amount, |secured| secured.min(amount))
}

/// The pledgor's money under the locks of these pledges; none where nothing is locked.
fn money_state(pledgor: Address, asset: AssetId, amount: Amount, pledges: &[&Pledge]) -> Option<State> {
    let locks = pledges.iter().map(|pledge| pledge_lock(pledge)).collect();
    (!amount.is_zero()).then(|| holding_state(asset, pledgor, amount).with_locks(locks))
}

/// The pledge less what it was paid, as far as that is in the asset it secures.
fn paid(mut cover: Cover, asset: AssetId, amount: Amount) -> Result<Cover, PledgeError> {
    if cover.pledge.secured_asset == asset {
        let (asked, secured) = (amount.minor(), cover.pledge.secured_maximum.minor());
        let rest = cover.pledge.secured_maximum.checked_sub(amount);
        cover.pledge.secured_maximum = rest.map_err(|_| PledgeError::SecuredExceeded { asked, secured })?;
    }
    Ok(cover)
}

/// The best rank hands its title over for what it brings; later ranks go on over the surplus.
pub(super) fn enforces(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let Enforcement { pledge, quantity, proceeds, satisfied } = enforcement(command)?;
    let mut changes = changes(transaction)?;
    let (enforced, after) = changes.remove(&pledge).ok_or(PledgeError::NotConsumed { command: ENFORCE })?;
    let takes = transaction.command(title::NAME).is_some_and(|command| command.name == title::TAKE);
    let (taken, _) = one_title(transaction).filter(|_| takes).ok_or(PledgeError::NotTaken)?;
    let title = read_title(taken)?;
    let number = || title.number.clone();
    let is_best = pledges_on(transaction, taken).all(|lock| lock.rank >= enforced.pledge.rank);
    rule(is_best, || PledgeError::NotSenior { number: number() })?;
    rule(!proceeds.is_zero(), || PledgeError::NoProceeds { number: number() })?;
    let surplus = proceeds.checked_sub(satisfied).map_err(|_| {
        let (satisfied, proceeds) = (satisfied.minor(), proceeds.minor());
        PledgeError::ProceedsExceeded { satisfied, proceeds }
    })?;
    debt::is_paid_on(transaction, &enforced.pledge, satisfied)?;
    let asset = enforced.pledge.secured_asset;
    loses_title(transaction, &enforced, after.as_ref(), quantity, |cover| paid(cover, asset, satisfied))?;
    let later: Vec<&Pledge> = changes.values().map(|(before, _)| &before.pledge).collect();
    let locked = locked_of(surplus, asset, &later);
    let locked = if later.is_empty() { Amount::ZERO } else { locked };
    let expected = money_state(enforced.pledge.pledgor, asset, locked, &later);
    let outputs = transaction.outputs_of(token::NAME, token::HOLDING).map(|(_, state)| state);
    let under = outputs.filter(|state| !state.locks.is_empty());
    rule(under.eq(expected.as_ref()), || PledgeError::SurplusDiffers { locked: locked.minor() })?;
    for (before, after) in changes.values() {
        let goes_on = |cover: Cover| Ok(cover.with_money(asset, locked)?);
        loses_title(transaction, before, after.as_ref(), quantity, goes_on)?;
    }
    Ok(())
}

/// The title leaves a pledge, which goes on over what is left, or ends.
fn loses_title(
    transaction: &LedgerTransaction,
    before: &Cover,
    after: Option<&Cover>,
    quantity: u64,
    then: impl Fn(Cover) -> Result<Cover, PledgeError>,
) -> Result<(), PledgeError> {
    is_within(before, quantity)?;
    let (number, unit) = (before.pledge.number.clone(), before.pledge.unit.clone());
    let pledged = before.pledge.quantity.minor();
    let is_whole = quantity == pledged;
    // Whatever is left of a whole one is money.
    let left = then(Cover { titles: Vec::new(), ..before.clone() })?;
    match after {
        None if !is_whole => Err(PledgeError::PartialRelease { number, asked: quantity, pledged, unit }),
        None if !left.is_empty() => Err(PledgeError::EndsUnasked { number }),
        None => ends(transaction, before),
        Some(_) if is_whole && left.is_empty() => Err(PledgeError::WholeGoesOn { number }),
        Some(after) => {
            let change = follow(transaction, before, after)?;
            let quantity = Amount::from_minor(quantity)?;
            let expected = then(Cover { released: before.released.checked_add(quantity)?, ..change.followed.clone() })?;
            releases_a_part(&change, quantity, &expected)
        }
    }
}

/// The taker pays the pledgee what it keeps and the pledgor what no later rank secures; a pledgee who takes owes itself nothing.
pub(super) fn dues(transaction: &LedgerTransaction) -> Result<Vec<Due>, PledgeError> {
    let Some(command) = transaction.command(NAME).filter(|command| command.name == ENFORCE) else {
        return Ok(Vec::new());
    };
    let Enforcement { pledge, proceeds, satisfied, .. } = enforcement(command)?;
    let mut changes: Changes = changes(transaction)?;
    let Some((enforced, _)) = changes.remove(&pledge) else { return Ok(Vec::new()) };
    let Pledge { pledgee, pledgor, secured_asset: asset, .. } = enforced.pledge;
    let later: Vec<&Pledge> = changes.values().map(|(before, _)| &before.pledge).collect();
    let surplus = proceeds.checked_sub(satisfied)?;
    let locked = if later.is_empty() { Amount::ZERO } else { locked_of(surplus, asset, &later) };
    let taker = one_title(transaction).map(|(_, after)| after.owner);
    let to_pledgee = if taker == Some(pledgee) { Amount::ZERO } else { satisfied };
    let dues = [(pledgee, to_pledgee), (pledgor, surplus.checked_sub(locked)?)];
    let over_zero = dues.into_iter().filter(|(_, amount)| !amount.is_zero());
    Ok(over_zero.map(|(payee, amount)| Due { payee, asset, amount }).collect())
}

/// One holding of money is let go by a pledge: to its pledgee as far as it is owed, if its rank is the best.
pub(super) fn collects(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let wire::PledgeCollect { pledge, amount } = command.message()?;
    let (named, amount): (PledgeId, _) = (pledge.as_slice().try_into()?, Amount::from_minor(amount)?);
    let mut changes = changes(transaction)?;
    let (before, after) = changes.remove(&named).ok_or(PledgeError::NotConsumed { command: COLLECT })?;
    let inputs: Vec<_> = transaction.inputs_of(token::NAME, token::HOLDING).collect();
    let [input] = inputs.as_slice() else { return Err(PledgeError::CollectStates) };
    let lock = pledge_lock(&before.pledge);
    let is_alone = transaction.inputs_of(title::NAME, title::TITLE).next().is_none();
    rule(is_alone && input.state.locks.contains(&lock), || PledgeError::CollectStates)?;
    let (asset, held) = (holding(&input.state)?.asset, holding(&input.state)?.amount);
    let number = || before.pledge.number.clone();
    let others: Vec<&Lock> = input.state.locks.iter().filter(|other| **other != lock).collect();
    let is_best = others.iter().all(|other| other.rank > lock.rank);
    rule(amount.is_zero() || is_best, || PledgeError::NotSenior { number: number() })?;
    let left = held.checked_sub(amount).map_err(|_| {
        let (asked, held) = (amount.minor(), held.minor());
        PledgeError::CollectExceeds { asked, held }
    })?;
    // Money in another asset is worth what both agree, so it is no payment on a debt.
    if asset == before.pledge.secured_asset && !amount.is_zero() {
        debt::is_paid_on(transaction, &before.pledge, amount)?;
    } else {
        debt::pays_nothing(transaction, &before.pledge)?;
    }
    let expected = paid(before.without_money(asset, held)?, asset, amount)?;
    becomes(&before, after, expected)?;

    let later: Vec<&Pledge> = changes.values().map(|(before, _)| &before.pledge).collect();
    // Who is consumed is asked nothing, so it must stand behind; who is not consumed keeps all that is under its lock.
    let stands_behind = |pledge: &&Pledge| is_best && input.state.locks.contains(&pledge_lock(pledge));
    rule(later.iter().all(stands_behind), || PledgeError::OthersTouched { command: COLLECT })?;
    let locked = match (others.is_empty(), later.is_empty()) {
        (true, _) => Amount::ZERO,
        (_, true) => left,
        _ => locked_of(left, asset, &later),
    };
    let locks = others.into_iter().cloned().collect();
    let under = (!locked.is_zero()).then(|| holding_state(asset, input.state.owner, locked).with_locks(locks));
    let own = left.checked_sub(locked)?;
    let of = |owner, amount: Amount| (!amount.is_zero()).then(|| holding_state(asset, owner, amount));
    let mut expected: Vec<State> =
        [of(before.pledge.pledgee, amount), under, of(input.state.owner, own)].into_iter().flatten().collect();
    let mut actual: Vec<State> =
        transaction.outputs_of(token::NAME, token::HOLDING).map(|(_, state)| state.clone()).collect();
    let key = |state: &State| (state.owner, state.data.clone(), state.locks.clone());
    expected.sort_by_key(key);
    actual.sort_by_key(key);
    rule(actual == expected, || PledgeError::MoneyDiffers)?;
    let gone = held.checked_sub(locked)?;
    rule(later.is_empty() || !gone.is_zero(), || PledgeError::OthersTouched { command: COLLECT })?;
    for (other, other_after) in changes.into_values() {
        let expected = other.without_money(asset, gone)?;
        becomes(&other, other_after, expected)?;
    }
    Ok(())
}

/// The pledge goes on as expected, or ends where nothing is under it any more.
fn becomes(before: &Cover, after: Option<Cover>, expected: Cover) -> Result<(), PledgeError> {
    let number = before.pledge.number.clone();
    match after {
        None => rule(expected.is_empty(), || PledgeError::EndsUnasked { number }),
        Some(_) if expected.is_empty() => Err(PledgeError::WholeGoesOn { number }),
        Some(after) => rule(after == expected, || PledgeError::NotWhatFollows { number }),
    }
}
