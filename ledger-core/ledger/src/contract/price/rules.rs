//! What each price command allows.

use crate::amount::Amount;
use crate::contract::price::{
    DEFINE, FEED, NAME, PRICE, PUBLISH, PriceError, PriceFeed, PricePoint, QUOTES_MIN, feed_state, price_state,
    read_feed,
};
use crate::encoding::{ascending, at_most};
use crate::error::rule;
use crate::id::{Address, ChainId, FeedId};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, TimeWindow};
use crate::wire;

/// A jump over the whole of the last price: every fall is within it.
const JUMP_BASIS_POINTS_MAX: u32 = 10_000;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), PriceError> {
    let mut outputs = transaction.transaction.outputs.iter().filter(|state| state.contract.name() == NAME);
    if outputs.any(|state| !state.locks.is_empty()) {
        return Err(PriceError::Locked);
    }
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        DEFINE => {
            command.message::<wire::PriceDefine>()?;
            defines_one_feed(transaction)
        }
        PUBLISH => publishes_one_price(transaction, command),
        name => Err(PriceError::CommandUnknown { name: name.to_owned() }),
    }
}

fn consumed(transaction: &LedgerTransaction) -> Vec<&State> {
    let inputs = transaction.inputs.iter().map(|input| input.state.as_ref());
    inputs.filter(|state| state.contract.name() == NAME).collect()
}

fn created(transaction: &LedgerTransaction) -> Vec<&State> {
    transaction.transaction.outputs.iter().filter(|state| state.contract.name() == NAME).collect()
}

fn defines_one_feed(transaction: &LedgerTransaction) -> Result<(), PriceError> {
    let created = created(transaction);
    let [state] = created.as_slice() else { return Err(PriceError::DefineStates) };
    rule(consumed(transaction).is_empty() && state.kind == FEED, || PriceError::DefineStates)?;
    let feed = read_feed(state)?;
    feed_is_of_its_owner(&feed, state, &transaction.transaction.chain)?;
    prices_have_bounds(&feed)
}

fn feed_is_of_its_owner(feed: &PriceFeed, state: &State, chain: &ChainId) -> Result<(), PriceError> {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let code = || feed.code.clone();
    let has_form = !feed.code.is_empty() && feed.code.bytes().all(is_plain);
    rule(has_form, || PriceError::CodeForm { code: code() })?;
    rule(feed.feed == FeedId::derive(chain, &feed.owner, &feed.code), || PriceError::FeedIdDiffers { code: code() })?;
    rule(!feed.quotation.currency.is_empty(), || PriceError::CurrencyMissing { code: code() })?;
    rule(!feed.quotation.unit.is_empty(), || PriceError::UnitMissing { code: code() })?;
    rule(feed.last.is_none(), || PriceError::NewFeedHasPrice { code: code() })?;
    rule(*state == feed_state(feed), || PriceError::FeedFrame { code: code() })
}

fn prices_have_bounds(feed: &PriceFeed) -> Result<(), PriceError> {
    let code = || feed.code.clone();
    let (publishers, quorum) = (feed.publishers.len(), usize::try_from(feed.quorum).unwrap_or(usize::MAX));
    rule(publishers >= QUOTES_MIN, || PriceError::PublishersTooFew { code: code(), publishers })?;
    rule((QUOTES_MIN..=publishers).contains(&quorum), || PriceError::QuorumOutOfRange {
        code: code(),
        quorum: feed.quorum,
        publishers,
    })?;
    rule((1..=TimeWindow::LONGEST_MS).contains(&feed.max_age_ms), || PriceError::MaxAgeOutOfRange {
        code: code(),
        max_age_ms: feed.max_age_ms,
    })?;
    rule((1..=JUMP_BASIS_POINTS_MAX).contains(&feed.jump_basis_points), || PriceError::JumpOutOfRange {
        code: code(),
        jump_basis_points: feed.jump_basis_points,
    })
}

fn publishes_one_price(transaction: &LedgerTransaction, command: &Command) -> Result<(), PriceError> {
    let wire::PricePublish { feed: named, time_ms, quotes, override_breaker } = command.message()?;
    let [before]: [&State; 1] = consumed(transaction).try_into().map_err(|_| PriceError::PublishStates)?;
    let [after, price]: [&State; 2] = created(transaction).try_into().map_err(|_| PriceError::PublishStates)?;
    let are_of_kinds = before.kind == FEED && after.kind == FEED && price.kind == PRICE;
    rule(are_of_kinds, || PriceError::PublishStates)?;
    let feed = read_feed(before)?;
    let (named, consumed) = (FeedId::try_from(named.as_slice())?, feed.feed);
    rule(named == consumed, || PriceError::FeedOther { named, consumed })?;
    time_is_in_order(&feed, time_ms, transaction.transaction.time_window)?;
    let values = quoted(&feed, &quotes)?;
    let (quoted_feed, made) = feed.published(time_ms, &values).ok_or(PriceError::PublishStates)?;
    breaker_holds(&feed, made.point.value, values.len(), override_breaker)?;
    rule(*after == feed_state(&quoted_feed), || PriceError::FeedChanged { code: feed.code.clone() })?;
    rule(*price == price_state(&feed, &made), || PriceError::PriceDiffers { value: made.point.value.minor() })
}

/// The circuit breaker: a jump needs the override, and the override every publisher.
fn breaker_holds(feed: &PriceFeed, value: Amount, quotes: usize, is_overridden: bool) -> Result<(), PriceError> {
    if is_overridden {
        let publishers = feed.publishers.len();
        return rule(quotes == publishers, || PriceError::OverrideNeedsAll { quotes, publishers });
    }
    let Some(PricePoint { value: last, .. }) = feed.last else { return Ok(()) };
    rule(!is_jump(last, value, feed.jump_basis_points), || PriceError::Jump {
        last: last.minor(),
        value: value.minor(),
        jump_basis_points: feed.jump_basis_points,
    })
}

fn time_is_in_order(feed: &PriceFeed, time_ms: u64, window: TimeWindow) -> Result<(), PriceError> {
    if window.until_ms.saturating_sub(window.from_ms) > feed.max_age_ms {
        return Err(PriceError::WindowTooLong { max_age_ms: feed.max_age_ms });
    }
    if !window.contains(time_ms) {
        return Err(PriceError::OutsideWindow { time_ms });
    }
    match feed.last {
        Some(PricePoint { time_ms: last_ms, .. }) if time_ms <= last_ms => {
            Err(PriceError::NotLater { time_ms, last_ms })
        }
        _ => Ok(()),
    }
}

/// The quotes' values, each of another publisher, enough of them.
fn quoted(feed: &PriceFeed, quotes: &[wire::PriceQuote]) -> Result<Vec<Amount>, PriceError> {
    at_most(quotes, feed.publishers.len(), "quotes")?;
    let (mut parties, mut values) = (Vec::new(), Vec::new());
    for quote in quotes {
        let party: Address = quote.publisher.as_slice().try_into()?;
        if feed.publishers.binary_search(&party).is_err() {
            return Err(PriceError::NotPublisher { party, code: feed.code.clone() });
        }
        let value = Amount::from_minor(quote.value).ok().filter(|value| !value.is_zero());
        values.push(value.ok_or(PriceError::QuoteOutOfRange { party })?);
        parties.push(party);
    }
    ascending(&parties, "quotes")?;
    let quorum = usize::try_from(feed.quorum).unwrap_or(usize::MAX).max(QUOTES_MIN);
    if values.len() < quorum {
        return Err(PriceError::QuorumMissing { code: feed.code.clone(), quotes: values.len(), quorum: feed.quorum });
    }
    Ok(values)
}

/// True when the move is over so many basis points of the last value; exact, a move of just as many is none.
fn is_jump(last: Amount, value: Amount, jump_basis_points: u32) -> bool {
    let moved = u128::from(last.minor().abs_diff(value.minor()));
    let allowed = u128::from(last.minor()).saturating_mul(u128::from(jump_basis_points));
    moved.saturating_mul(10_000) > allowed
}
