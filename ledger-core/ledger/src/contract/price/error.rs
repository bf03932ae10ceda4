//! Why a price transaction is refused.

use thiserror::Error;

use crate::codes;
use crate::encoding::EncodingError;
use crate::id::{Address, FeedId};

/// Why a price transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PriceError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Not a command of the contract.
    #[error("the contract price has no command {name:?}; it has define and publish")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// A lock on a feed or a price.
    #[error("feeds and prices take no locks; leave the lock out")]
    Locked,
    /// Not one new feed.
    #[error("define creates one feed and touches no other feed or price")]
    DefineStates,
    /// Not one feed, its successor and one price.
    #[error("publish consumes one feed and creates it anew with one price")]
    PublishStates,
    /// A command for another feed than the one consumed.
    #[error("publish is for the feed {named} and consumes the feed {consumed}; consume the one it is for")]
    FeedOther {
        /// The command's feed.
        named: FeedId,
        /// The feed consumed.
        consumed: FeedId,
    },
    /// A code that is none.
    #[error("the code {code:?} is none; it has 1 to 16 characters of A-Z, 0-9 and -")]
    CodeForm {
        /// The code.
        code: String,
    },
    /// A feed's id that is another's.
    #[error("the id of the feed {code} does not follow from chain, owner and code")]
    FeedIdDiffers {
        /// The feed's code.
        code: String,
    },
    /// Prices in nothing.
    #[error("the feed {code} has no currency; name the currency that it is quoted in")]
    CurrencyMissing {
        /// The feed's code.
        code: String,
    },
    /// Prices for nothing.
    #[error("the feed {code} has no unit; name the unit that a price is for")]
    UnitMissing {
        /// The feed's code.
        code: String,
    },
    /// Too few publishers for a median.
    #[error("the feed {code} has {publishers} publishers; it needs at least 3")]
    PublishersTooFew {
        /// The feed's code.
        code: String,
        /// Its publishers.
        publishers: usize,
    },
    /// A quorum that is too small, or that its publishers cannot reach.
    #[error("the quorum of the feed {code} is {quorum}; it is 3 up to the number of publishers, {publishers}")]
    QuorumOutOfRange {
        /// The feed's code.
        code: String,
        /// The quorum.
        quorum: u32,
        /// Its publishers.
        publishers: usize,
    },
    /// A time for which prices count that is none.
    #[error("a price of the feed {code} counts for {max_age_ms} ms; it is 1 ms to 30 days")]
    MaxAgeOutOfRange {
        /// The feed's code.
        code: String,
        /// How long a price counts, milliseconds.
        max_age_ms: u64,
    },
    /// A circuit breaker that never or always breaks.
    #[error("the feed {code} breaks at {jump_basis_points} basis points; it is 1 to 10,000")]
    JumpOutOfRange {
        /// The feed's code.
        code: String,
        /// The largest move without an override.
        jump_basis_points: u32,
    },
    /// A price that nobody published.
    #[error("the new feed {code} has a price; leave it out and publish one")]
    NewFeedHasPrice {
        /// The feed's code.
        code: String,
    },
    /// A feed that is not its owner's, or that its publishers do not see.
    #[error("the state of the feed {code} is its owner's, with the publishers as its only participants")]
    FeedFrame {
        /// The feed's code.
        code: String,
    },
    /// A quote of a party that is no publisher.
    #[error("{party} quotes and is no publisher of the feed {code}; leave its quote out")]
    NotPublisher {
        /// Who quotes.
        party: Address,
        /// The feed's code.
        code: String,
    },
    /// Too few quotes.
    #[error("{quotes} publishers quote for the feed {code}, its quorum is {quorum}; ask more of them")]
    QuorumMissing {
        /// The feed's code.
        code: String,
        /// Quotes given.
        quotes: usize,
        /// Quotes needed.
        quorum: u32,
    },
    /// A quote of nothing.
    #[error("{party} quotes zero or more than an amount can hold; leave its quote out")]
    QuoteOutOfRange {
        /// Who quotes.
        party: Address,
    },
    /// The price's time lies outside the transaction's window.
    #[error("the price's time {time_ms} lies outside the transaction's time window; take a time within it")]
    OutsideWindow {
        /// The price's time, milliseconds UTC.
        time_ms: u64,
    },
    /// A window so long that a price could be dated far ahead.
    #[error("the time window is longer than the {max_age_ms} ms for which a price of the feed counts; shorten it")]
    WindowTooLong {
        /// How long a price counts, milliseconds.
        max_age_ms: u64,
    },
    /// Not later than the feed's latest price.
    #[error("the price's time {time_ms} is not later than the feed's latest at {last_ms}; a price is never replaced")]
    NotLater {
        /// The price's time, milliseconds UTC.
        time_ms: u64,
        /// Time of the feed's latest, milliseconds UTC.
        last_ms: u64,
    },
    /// The circuit breaker.
    #[error(
        "the price moves from {last} to {value}, by more than {jump_basis_points} basis points; all publishers can override that"
    )]
    Jump {
        /// The feed's latest value, in its smallest unit.
        last: u64,
        /// The new value.
        value: u64,
        /// The largest move without an override.
        jump_basis_points: u32,
    },
    /// An override without every publisher.
    #[error("{quotes} of {publishers} publishers quote; the circuit breaker is overridden by all of them")]
    OverrideNeedsAll {
        /// Quotes given.
        quotes: usize,
        /// Publishers of the feed.
        publishers: usize,
    },
    /// No price, or several, to rely on.
    #[error("the transaction refers to no price of the feed {feed}, or to several; refer to its latest as past")]
    NotReferred {
        /// The feed.
        feed: FeedId,
    },
    /// A price outside of the time for which it counts.
    #[error(
        "the price of {time_ms} ms counts for {max_age_ms} ms, not throughout the time window; take the latest and a window that it covers"
    )]
    DoesNotCount {
        /// The price's time, milliseconds UTC.
        time_ms: u64,
        /// How long it counts, milliseconds.
        max_age_ms: u64,
    },
    /// More than its latest price changes in a feed.
    #[error("the feed {code} changes in more than its latest price; publish changes nothing else")]
    FeedChanged {
        /// The feed's code.
        code: String,
    },
    /// The price created is not what follows from the command.
    #[error(
        "the price created is not what the quotes make, {value} in its smallest unit; it follows from feed and command"
    )]
    PriceDiffers {
        /// What the quotes make.
        value: u64,
    },
}

codes!(PriceError {
    CommandUnknown => "PRICE_COMMAND_UNKNOWN",
    Locked => "PRICE_LOCKED",
    DefineStates => "PRICE_DEFINE_STATES",
    PublishStates => "PRICE_PUBLISH_STATES",
    FeedOther => "PRICE_FEED_OTHER",
    CodeForm => "PRICE_CODE_FORM",
    FeedIdDiffers => "PRICE_FEED_ID_DIFFERS",
    CurrencyMissing => "PRICE_CURRENCY_MISSING",
    UnitMissing => "PRICE_UNIT_MISSING",
    PublishersTooFew => "PRICE_PUBLISHERS_TOO_FEW",
    QuorumOutOfRange => "PRICE_QUORUM_OUT_OF_RANGE",
    MaxAgeOutOfRange => "PRICE_MAX_AGE_OUT_OF_RANGE",
    JumpOutOfRange => "PRICE_JUMP_OUT_OF_RANGE",
    NewFeedHasPrice => "PRICE_NEW_FEED_HAS_PRICE",
    FeedFrame => "PRICE_FEED_FRAME",
    NotPublisher => "PRICE_NOT_PUBLISHER",
    QuorumMissing => "PRICE_QUORUM_MISSING",
    QuoteOutOfRange => "PRICE_QUOTE_OUT_OF_RANGE",
    OutsideWindow => "PRICE_OUTSIDE_WINDOW",
    WindowTooLong => "PRICE_WINDOW_TOO_LONG",
    NotLater => "PRICE_NOT_LATER",
    Jump => "PRICE_JUMP",
    OverrideNeedsAll => "PRICE_OVERRIDE_NEEDS_ALL",
    NotReferred => "PRICE_NOT_REFERRED",
    DoesNotCount => "PRICE_DOES_NOT_COUNT",
    FeedChanged => "PRICE_FEED_CHANGED",
    PriceDiffers => "PRICE_DIFFERS",
} inner { Encoding });
