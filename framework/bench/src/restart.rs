//! A node that is closed and opened again: how long until it takes transactions.

use std::time::{Duration, Instant};

use hive_chain::{Node, NodeConfig, SubmitError};

use crate::error::BenchError;
use crate::market::Market;

/// A restart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Restart {
    /// Unspent states that the chain had.
    states: u64,
    /// From the call that opens the node to the durable answer to a first transfer.
    pub(crate) time: Duration,
}

impl Restart {
    /// Closes the market's node and opens another on its database.
    pub(crate) async fn measure(market: Market, config: NodeConfig) -> Result<(Market, Self), BenchError> {
        let mut market = market;
        let states = market.unspent_states().await;
        let transfer = market.even_transfers(1).await?;
        market.node.shutdown().await;
        let begun = Instant::now();
        let node = Node::open(config).await?;
        node.ready().map_err(SubmitError::Stopped)?;
        let market = market.on(node);
        for bytes in transfer {
            market.node.submit(&market.chain, bytes).await?;
        }
        Ok((market, Self { states, time: begun.elapsed() }))
    }

    /// Unspent states a second.
    pub(crate) fn states_per_second(&self) -> f64 {
        self.states as f64 / self.time.as_secs_f64().max(1e-9)
    }
}

/// Transactions a minute that each core folds into projections which are built anew.
///
/// # Errors
/// Why it is not measured, for people.
pub(crate) fn rebuild_per_minute_and_core(_market: &Market) -> Result<f64, &'static str> {
    Err(
        "this release builds projections by folding blocks as they are committed, and has no command that builds them anew",
    )
}
