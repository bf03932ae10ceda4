//! What a node achieves on this machine: throughput, latency, memory and restart, as ratios to what the same machine does in the
//! same run.
//!
//! The node runs inside this process on a database of its own. Its workload are transfers of a token, one input and two outputs
//! each, signed before any clock runs, put to the node as a platform does that collects its customers' signatures: requests of
//! 500 transactions, 16 of them under way, each answer durable. Everything a node does is on: verification, hash chain, state
//! root, journal, holdings, projections.

mod column;
mod cores;
mod draw;
mod error;
mod load;
mod market;
mod process;
mod report;
mod signature;
mod throughput;

use std::collections::BTreeSet;

use hive_chain::NodeConfig;

use column::Column;
pub use error::BenchError;
pub use report::Report;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Transfers a second, to signatures a second that the same cores verify in batches and do nothing else.
    R1,
}

/// A measurement to be made.
pub struct Plan {
    /// Unspent states that are issued.
    pub states: u64,
    /// What is measured.
    pub figures: BTreeSet<Figure>,
    /// Gives a node its contracts and projections.
    pub equip: Box<dyn Fn(NodeConfig) -> NodeConfig + Send + Sync>,
}

/// Fewest states that say anything.
pub const STATES_MIN: u64 = 1_000;

impl Plan {
    /// Accounts among which the states lie.
    fn accounts(&self) -> u64 {
        (self.states / 10).clamp(100, 100_000)
    }

    /// States of the smaller chain that the large one is compared with.
    fn base(&self) -> u64 {
        (self.states / 2).min(100_000)
    }
}

/// Measures; `told` hears how far it is.
///
/// # Errors
/// A database cannot be opened, or the node does not take the workload.
pub async fn run(plan: &Plan, told: &mut (dyn FnMut(&str) + Send)) -> Result<Report, BenchError> {
    let sqlite = Column::of_sqlite(plan, told).await?;
    Ok(Report { states: plan.states, accounts: plan.accounts(), sqlite })
}
