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
mod latency;
mod load;
mod market;
mod process;
mod report;
mod restart;
mod server;
mod signature;
mod storage;
mod throughput;

use std::collections::BTreeSet;
use std::time::Duration;

use hive_chain::NodeConfig;

use column::Column;
pub use error::BenchError;
pub use report::{Report, Table};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Transfers a second, to signatures a second that the same cores verify in batches and do nothing else.
    R1,
    /// Transfers a second on PostgreSQL, to those of ledgers written by hand on the same server.
    R2,
    /// The time to a durable answer, alone and at half of full load.
    R3,
    /// Transfers a second at all states, to those at fewer; and memory.
    R4,
    /// Transfers a second between hot accounts, to those between random ones.
    R5,
    /// The time of a restart.
    R6,
}

/// Where PostgreSQL is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresAt {
    /// A server that is started for this run, where PostgreSQL is installed.
    Own,
    /// `postgres://USER@HOST:PORT`; the user may make databases.
    Url(String),
    /// It is left out.
    Nowhere,
}

/// A measurement to be made.
pub struct Plan {
    /// Unspent states that are issued.
    pub states: u64,
    /// What is measured; transfers a second are measured anyway.
    pub figures: BTreeSet<Figure>,
    /// Where PostgreSQL is.
    pub postgres: PostgresAt,
    /// Gives a node its contracts and projections.
    pub equip: Box<dyn Fn(NodeConfig) -> NodeConfig + Send + Sync>,
}

/// Fewest states that say anything.
pub const STATES_MIN: u64 = 1_000;

impl Figure {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [Self::R1, Self::R2, Self::R3, Self::R4, Self::R5, Self::R6];

    /// As `r1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::R1 => "r1",
            Self::R2 => "r2",
            Self::R3 => "r3",
            Self::R4 => "r4",
            Self::R5 => "r5",
            Self::R6 => "r6",
        }
    }

    /// The figure of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.name() == name)
    }
}

impl Plan {
    fn asks(&self, figure: Figure) -> bool {
        self.figures.contains(&figure)
    }

    /// Accounts among which the states lie.
    fn accounts(&self) -> u64 {
        (self.states / 10).clamp(100, 100_000)
    }

    /// States of the smaller chain that the large one is compared with.
    fn base(&self) -> u64 {
        (self.states / 2).min(100_000)
    }

    /// What is measured by time takes some of these: half a second, less where there are few states.
    fn slice(&self) -> Duration {
        Duration::from_micros(self.states.saturating_mul(25)).min(Duration::from_millis(500))
    }
}

/// Measures; `told` hears how far it is.
///
/// # Errors
/// A database cannot be opened, or the node does not take the workload.
pub async fn run(plan: &Plan, told: &mut (dyn FnMut(&str) + Send)) -> Result<Report, BenchError> {
    if let PostgresAt::Url(url) = &plan.postgres {
        storage::is_usable(url).await?;
    }
    let sqlite = Column::of_sqlite(plan, told).await?;
    let postgres = Column::of_postgres(plan, told).await?;
    Ok(Report::new(plan, sqlite, postgres))
}
