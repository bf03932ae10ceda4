//! Contract `price`: feeds whose publishers quote, and the prices that are the medians of their quotes.
//!
//! A feed's state carries its latest price: read it as current to be sure of the latest. Each price is a state of its own
//! that stays: read it as past where any price that [`counts`] will do. Publishers stand in for the feed's owner.

mod error;
pub mod ltv;
mod rules;

pub use error::PriceError;

use crate::amount::{Amount, Scale};
use crate::claim::{ClaimIdentity, ClaimKind};
use crate::condition::{Condition, Effect};
use crate::contract::{Contract, Ground, Signer};
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text};
use crate::error::{ContractError, rule};
use crate::id::{Address, ContractId, FeedId, StateRef};
use crate::state::State;
use crate::transaction::{LedgerTransaction, TimeWindow};
use crate::wire;

/// The contract's name.
pub const NAME: &str = "price";
/// The kind of a feed's state.
pub const FEED: &str = "feed";
/// The kind of a price's state.
pub const PRICE: &str = "price";
/// Defines a feed; owner and publishers sign.
pub const DEFINE: &str = "define";
/// Publishes a price; every publisher who quotes signs.
pub const PUBLISH: &str = "publish";
/// Every command.
pub const COMMANDS: &[&str] = &[DEFINE, PUBLISH];
/// The fewest publishers and quotes.
pub const QUOTES_MIN: usize = 3;
/// The most publishers of a feed.
pub const PUBLISHERS_MAX: usize = 16;

/// Rules of prices.
#[derive(Clone, Copy, Debug, Default)]
pub struct PriceContract;

/// A feed of prices. The state's owner is the feed's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceFeed {
    /// `H(chain, owner, code)`.
    pub feed: FeedId,
    /// Who defines it.
    pub owner: Address,
    /// What is priced, `[A-Z0-9-]`, at most 16.
    pub code: String,
    /// How its prices are quoted.
    pub quotation: Quotation,
    /// Who quotes; ascending, 3 to 16.
    pub publishers: Vec<Address>,
    /// Publishers who must quote for a price, from 3.
    pub quorum: u32,
    /// How long a price counts, milliseconds.
    pub max_age_ms: u64,
    /// A price further than this from the last needs every publisher.
    pub jump_basis_points: u32,
    /// The latest price.
    pub last: Option<PricePoint>,
}

/// What a price's number means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// ISO 4217 code of the currency, or the code of the asset, quoted in.
    pub currency: String,
    /// UN/ECE Rec 20 code of the quantity that a price is for: TNE, KGM, C62.
    pub unit: String,
    /// Decimal places of a price.
    pub scale: Scale,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// In the quotation's smallest unit, for one of its units.
    pub value: Amount,
    /// Milliseconds UTC.
    pub time_ms: u64,
}

/// One published price, complete without its feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The feed.
    pub feed: FeedId,
    /// Value and time.
    pub point: PricePoint,
    /// How many publishers quoted.
    pub quotes: u32,
    /// How long it counts, milliseconds.
    pub max_age_ms: u64,
    /// What its number means.
    pub quotation: Quotation,
}

/// True when the price counts throughout the window: not from after its begin, not too old at its end.
pub fn counts(price: &Price, window: TimeWindow) -> bool {
    let PricePoint { time_ms, .. } = price.point;
    time_ms <= window.from_ms && time_ms.saturating_add(price.max_age_ms) >= window.until_ms
}

/// The price of a feed that the transaction refers to, which counts throughout its window, and the condition under which it
/// does: the feed has no later one of the window's begin or before. For contracts that rely on a price.
///
/// # Errors
/// The transaction refers to no price of the feed, or to several, or the one does not count throughout the window.
pub fn relied_on(transaction: &LedgerTransaction, feed: &FeedId) -> Result<(Price, Condition), PriceError> {
    let window = transaction.transaction.time_window;
    let mut found = Vec::new();
    for referred in transaction.references.iter().filter(|referred| referred.state.is(NAME, PRICE)) {
        found.push(read_price(&referred.state)?);
    }
    found.retain(|price| price.feed == *feed);
    let [price]: [Price; 1] = found.try_into().map_err(|_| PriceError::NotReferred { feed: *feed })?;
    let PricePoint { time_ms, .. } = price.point;
    rule(counts(&price, window), || PriceError::DoesNotCount { time_ms, max_age_ms: price.max_age_ms })?;
    Ok((price, Condition::PriceIsLatest { feed: *feed, time_ms, until_ms: window.from_ms }))
}

fn effects(transaction: &LedgerTransaction) -> Result<Vec<Effect>, PriceError> {
    let publishes = transaction.command(NAME).is_some_and(|command| command.name == PUBLISH);
    let prices = transaction.outputs_of(NAME, PRICE).filter(|_| publishes);
    prices
        .map(|(_, state)| {
            let Price { feed, point, .. } = read_price(state)?;
            Ok(Effect::PublishPrice(feed, point.time_ms))
        })
        .collect()
}

/// A feed's state; its publishers see it.
pub fn feed_state(feed: &PriceFeed) -> State {
    State::new(ContractId::built_in(NAME), FEED, feed.owner, feed.publishers.iter().copied(), &feed.to_wire())
}

/// The state of a feed's price.
pub fn price_state(feed: &PriceFeed, price: &Price) -> State {
    State::new(ContractId::built_in(NAME), PRICE, feed.owner, feed.publishers.iter().copied(), &price.to_wire())
}

/// Reads a feed.
pub fn read_feed(state: &State) -> Result<PriceFeed, PriceError> {
    Ok(PriceFeed::from_wire(state.message()?)?)
}

/// Reads a price.
pub fn read_price(state: &State) -> Result<Price, PriceError> {
    Ok(Price::from_wire(state.message()?)?)
}

impl PriceFeed {
    /// The price that these values make, and the feed that carries it: the median, of an even number the lower of the two
    /// in the middle, so that it is a value somebody quoted and nothing is rounded. No values make no price.
    pub fn published(&self, time_ms: u64, values: &[Amount]) -> Option<(Self, Price)> {
        let mut sorted = values.to_vec();
        sorted.sort();
        let value = *sorted.get(sorted.len().saturating_sub(1).div_euclid(2))?;
        let point = PricePoint { value, time_ms };
        let price = Price {
            feed: self.feed,
            point,
            quotes: u32::try_from(values.len()).ok()?,
            max_age_ms: self.max_age_ms,
            quotation: self.quotation.clone(),
        };
        Some((Self { last: Some(point), ..self.clone() }, price))
    }
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, PriceError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let publisher = |party| Signer { party, role: "publisher" };
    let mut signers = Vec::new();
    match command.name.as_str() {
        DEFINE => {
            for (_, state) in transaction.outputs_of(NAME, FEED) {
                let PriceFeed { owner, publishers, .. } = read_feed(state)?;
                signers.push(Signer { party: owner, role: "owner" });
                signers.extend(publishers.into_iter().map(publisher));
            }
        }
        PUBLISH => {
            let wire::PricePublish { quotes, .. } = command.message()?;
            for quote in quotes {
                signers.push(publisher(quote.publisher.as_slice().try_into()?));
            }
        }
        _ => {}
    }
    Ok(signers)
}

impl Contract for PriceContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[FEED, PRICE]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        let publishes = transaction.command(NAME).is_some_and(|command| command.name == PUBLISH);
        let feeds = transaction.inputs_of(NAME, FEED).filter(|_| publishes);
        Ok(feeds.map(|input| (input.reference, Ground::Signers)).collect())
    }

    fn effects(&self, transaction: &LedgerTransaction) -> Result<Vec<Effect>, ContractError> {
        effects(transaction).map_err(ContractError::new)
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let mut claims = Vec::new();
        for (output, state) in transaction.outputs_of(NAME, FEED) {
            let PriceFeed { owner, code, .. } = read_feed(state).map_err(ContractError::new)?;
            let parts = vec![owner.to_string(), code];
            claims.push(ClaimIdentity {
                class: "price feed",
                parts,
                output,
                kind: ClaimKind::Exclusive,
                near: Vec::new(),
            });
        }
        Ok(claims)
    }
}

fn quotation(currency: String, unit: String, scale: u32) -> Result<Quotation, EncodingError> {
    plain_text(&currency, 16, "price.currency")?;
    plain_text(&unit, 16, "price.unit")?;
    let scale = Scale::new(scale).map_err(|_| EncodingError::OutOfRange { field: "price.scale" })?;
    Ok(Quotation { currency, unit, scale })
}

fn point(value: u64, time_ms: u64) -> Result<PricePoint, EncodingError> {
    let value = Amount::from_minor(value).map_err(|_| EncodingError::OutOfRange { field: "price.value" })?;
    Ok(PricePoint { value, time_ms })
}

impl Wire for PriceFeed {
    type Message = wire::PriceFeed;

    fn to_wire(&self) -> wire::PriceFeed {
        wire::PriceFeed {
            feed: self.feed.to_vec(),
            owner: self.owner.to_vec(),
            code: self.code.clone(),
            currency: self.quotation.currency.clone(),
            unit: self.quotation.unit.clone(),
            scale: u32::from(self.quotation.scale.places()),
            publishers: self.publishers.iter().map(Address::to_vec).collect(),
            quorum: self.quorum,
            max_age_ms: self.max_age_ms,
            jump_basis_points: self.jump_basis_points,
            last: self.last.map(|last| wire::PricePoint { value: last.value.minor(), time_ms: last.time_ms }),
        }
    }

    fn from_wire(message: wire::PriceFeed) -> Result<Self, EncodingError> {
        plain_text(&message.code, 16, "feed.code")?;
        at_most(&message.publishers, PUBLISHERS_MAX, "feed.publishers")?;
        let publishers = message.publishers.iter().map(|bytes| bytes.as_slice().try_into());
        let publishers = publishers.collect::<Result<Vec<Address>, _>>()?;
        ascending(&publishers, "feed.publishers")?;
        Ok(Self {
            feed: message.feed.as_slice().try_into()?,
            owner: message.owner.as_slice().try_into()?,
            code: message.code,
            quotation: quotation(message.currency, message.unit, message.scale)?,
            publishers,
            quorum: message.quorum,
            max_age_ms: message.max_age_ms,
            jump_basis_points: message.jump_basis_points,
            last: message.last.map(|last| point(last.value, last.time_ms)).transpose()?,
        })
    }
}

impl Wire for Price {
    type Message = wire::Price;

    fn to_wire(&self) -> wire::Price {
        wire::Price {
            feed: self.feed.to_vec(),
            value: self.point.value.minor(),
            time_ms: self.point.time_ms,
            quotes: self.quotes,
            max_age_ms: self.max_age_ms,
            currency: self.quotation.currency.clone(),
            unit: self.quotation.unit.clone(),
            scale: u32::from(self.quotation.scale.places()),
        }
    }

    fn from_wire(message: wire::Price) -> Result<Self, EncodingError> {
        Ok(Self {
            feed: message.feed.as_slice().try_into()?,
            point: point(message.value, message.time_ms)?,
            quotes: message.quotes,
            max_age_ms: message.max_age_ms,
            quotation: quotation(message.currency, message.unit, message.scale)?,
        })
    }
}

#[cfg(test)]
mod tests;
