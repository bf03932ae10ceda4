//! What each price command allows.

use crate::amount::Amount;
use crate::contract::price::{
    DEFINE, FEED, NAME, PRICE, PUBLISH, PriceError, PriceFeed, PricePoint, QUOTES_MIN, feed_state, price_state,
    read_feed,
};
use crate::encoding::{ascending, at_most};
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
    let rule = PriceError::States { command: DEFINE, rule: "creates one feed and touches no other feed or price" };
    let created = created(transaction);
    let [state] = created.as_slice() else { return Err(rule) };
    if !consumed(transaction).is_empty() || state.kind != FEED {
        return Err(rule);
    }
    feed_is_sound(&read_feed(state)?, state, &transaction.transaction.chain)
}

fn feed_is_sound(feed: &PriceFeed, state: &State, chain: &ChainId) -> Result<(), PriceError> {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let code = &feed.code;
    let quorum = usize::try_from(feed.quorum).unwrap_or(usize::MAX);
    let checks = [
        ("the code has 1 to 16 characters of A-Z, 0-9 and -", !code.is_empty() && code.bytes().all(is_plain)),
        ("its id follows from chain, owner and code", feed.feed == FeedId::derive(chain, &feed.owner, code)),
        ("currency and unit are needed", !feed.quotation.currency.is_empty() && !feed.quotation.unit.is_empty()),
        ("it has at least 3 publishers", feed.publishers.len() >= QUOTES_MIN),
        ("the quorum is 3 up to the number of publishers", (QUOTES_MIN..=feed.publishers.len()).contains(&quorum)),
        ("a price counts for 1 ms to 30 days", (1..=TimeWindow::LONGEST_MS).contains(&feed.max_age_ms)),
        ("the jump is 1 to 10,000 basis points", (1..=JUMP_BASIS_POINTS_MAX).contains(&feed.jump_basis_points)),
        ("a new feed has no price", feed.last.is_none()),
        ("owner and participants of its state", *state == feed_state(feed)),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((field, _)) => Err(PriceError::NotSound { code: code.clone(), field }),
        None => Ok(()),
    }
}

fn publishes_one_price(transaction: &LedgerTransaction, command: &Command) -> Result<(), PriceError> {
    let rule = || PriceError::States { command: PUBLISH, rule: "consumes one feed, creates it anew and one price" };
    let wire::PricePublish { feed: named, time_ms, quotes, override_breaker } = command.message()?;
    let [before]: [&State; 1] = consumed(transaction).try_into().map_err(|_| rule())?;
    let [after, price]: [&State; 2] = created(transaction).try_into().map_err(|_| rule())?;
    if before.kind != FEED || after.kind != FEED || price.kind != PRICE {
        return Err(rule());
    }
    let feed = read_feed(before)?;
    if feed.feed != FeedId::try_from(named.as_slice())? {
        return Err(PriceError::States { command: PUBLISH, rule: "names the feed that it consumes" });
    }
    time_is_in_order(&feed, time_ms, transaction.transaction.time_window)?;
    let values = quoted(&feed, &quotes)?;
    let all_quote = values.len() == feed.publishers.len();
    if override_breaker && !all_quote {
        let (quotes, publishers) = (values.len(), feed.publishers.len());
        return Err(PriceError::OverrideNeedsAll { quotes, publishers });
    }
    let (quoted_feed, made) = feed.published(time_ms, &values).ok_or_else(rule)?;
    if let Some(PricePoint { value: last, .. }) = feed.last
        && !override_breaker
        && is_jump(last, made.point.value, feed.jump_basis_points)
    {
        let (last, value) = (last.minor(), made.point.value.minor());
        return Err(PriceError::Jump { last, value, jump_basis_points: feed.jump_basis_points });
    }
    if *after != feed_state(&quoted_feed) {
        return Err(PriceError::Differs { kind: FEED });
    }
    if *price == price_state(&feed, &made) { Ok(()) } else { Err(PriceError::Differs { kind: PRICE }) }
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
