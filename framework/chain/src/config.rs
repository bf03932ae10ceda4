//! What a node is made of.

use std::sync::Arc;
use std::time::Duration;

use ledger_core::{ClaimSecret, ContractSet, SigningKey};

use crate::clock::{Clock, SystemClock};
use crate::journal::JournalKey;
use crate::projection::Projection;

/// What an answer to a submission promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The block is on the disk: SQLite's `synchronous=FULL`, PostgreSQL's `synchronous_commit=on`.
    #[default]
    Durable,
    /// The database has the block, and brings it to the disk a little later: `synchronous=NORMAL`, `synchronous_commit=off`.
    /// What was answered last is lost when the machine (with PostgreSQL: the server) fails; what is there is whole, in order.
    Relaxed,
}

/// What [`crate::Node::open`] needs.
pub struct NodeConfig {
    /// `sqlite:PATH` (created when missing), `sqlite::memory:`, or `postgres://USER@HOST/NAME` (a database that exists).
    pub database_url: String,
    /// What answers promise.
    pub durability: Durability,
    /// Signs the headers of the chains this node records.
    pub recorder: SigningKey,
    /// Hides the identities behind claims; the same for the whole life of the node's chains.
    pub claim_secret: ClaimSecret,
    /// Opens the contents of the node's journals; the same for the whole life of the node's chains.
    pub journal_key: JournalKey,
    /// Every contract that hosted chains may name in their genesis.
    pub contracts: ContractSet,
    /// Read tables of the verticals, folded in this order.
    pub projections: Vec<Box<dyn Projection>>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Transactions under way at most, over all chains; beyond it submitters are told Busy.
    pub mempool_max: usize,
    /// How long after a failure of the database it is tried whether the cause is gone; then twice as long each time.
    pub recovery_pause: Duration,
    /// Threads that verify transactions at most; so many checks of unsigned ones run beside them.
    pub verifiers_max: usize,
    /// Once so many transactions are in a commit, over all chains, the blocks of further chains wait for the next.
    pub commit_transactions_max: usize,
    /// A chain that nobody has used for so long, by the clock, is let go from memory.
    pub chain_idle: Duration,
    /// Chains in memory at most; beyond it the least recently used ones of which nothing is under way are let go.
    pub chains_open_max: usize,
}

impl NodeConfig {
    /// A node without verticals, with the machine's clock and the usual bounds.
    pub fn new(
        database_url: impl Into<String>,
        recorder: SigningKey,
        claim_secret: ClaimSecret,
        journal_key: JournalKey,
    ) -> Self {
        Self {
            database_url: database_url.into(),
            durability: Durability::default(),
            recorder,
            claim_secret,
            journal_key,
            contracts: ContractSet::built_in(),
            projections: Vec::new(),
            clock: Arc::new(SystemClock),
            mempool_max: 16_384,
            recovery_pause: Duration::from_secs(1),
            verifiers_max: std::thread::available_parallelism().map_or(2, usize::from),
            commit_transactions_max: 32_768,
            chain_idle: Duration::from_secs(600),
            chains_open_max: 1_024,
        }
    }
}
