//! Worked scenarios and imports: real clients of a running node, each party with its own key.

mod cast;
mod client;
pub mod first_trade;
pub mod import;

use hive_plug::scenario::{Importer, Scenario};

/// The first trade.
pub const FIRST_TRADE: Scenario = Scenario {
    name: "first-trade",
    title: "A lot of coffee is stored, pledged, lent on, repaid, released and sold",
    cast: cast::CAST,
    play: first_trade::play,
};

/// Receipts from a table.
pub const RECEIPTS: Importer = Importer {
    name: "receipts",
    about: "warehouse receipts as comma-separated values, one lot and its receipt a line; columns as in examples/trade-node/data/README.md",
    run: import::run,
};
