//! A node that is closed and opened again: how long until it takes transactions.

use std::time::{Duration, Instant};

use hive_chain::{Node, NodeConfig, SubmitError};

use crate::error::BenchError;
use crate::market::Market;
use crate::process::{self, DatabaseWork};

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
        market.leave(1).await?;
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

/// Transactions a minute that a core folds into projections which are built anew, each in turn; none where a node has none.
pub(crate) async fn rebuild_per_minute_and_core(
    market: &Market,
    projections: &[String],
    database: &DatabaseWork,
) -> Result<Option<f64>, BenchError> {
    let (cpu, of_database) = (process::cpu(), database.cpu_outside().await);
    let mut transactions = 0;
    for projection in projections {
        transactions += market.node.rebuild(projection, Some(&market.chain), |_| {}).await?.transactions;
    }
    let cpu = process::cpu().saturating_sub(cpu) + database.cpu_outside().await.saturating_sub(of_database);
    Ok((transactions > 0).then(|| transactions as f64 * 60.0 / cpu.as_secs_f64().max(1e-9)))
}
