//! Verifies everything again, as an outsider would, and compares every stored value with what the blocks give.
//!
//! Blocks are replayed from genesis with every signature, in the order of their commits, through the very code that commits
//! them, into a shadow database in memory. Then each table is compared with its shadow, row by row and column by column.

mod blocks;
mod finding;
mod journal;
mod present;
mod sample;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger_core::Digest;
use tokio::sync::watch;

pub use finding::{AuditReport, Finding, FindingKind};
pub use sample::AuditSample;

use crate::backup::ChainTip;
use crate::clock::Stopwatch;
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::journal::JournalTip;
use crate::node::Shared;
use crate::present::Head;
use crate::projection::Projection;
use crate::rebuild::Late;
use crate::storage::{self, Database, ReadTransaction, outbox_store};

/// What the audit is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditStage {
    /// Verifying blocks.
    Blocks,
    /// Verifying journals.
    Journals,
    /// Comparing tables.
    Tables,
}

/// How far the audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditProgress {
    /// What it is at.
    pub stage: AuditStage,
    /// Blocks verified so far.
    pub blocks: u64,
    /// Blocks in all.
    pub blocks_total: u64,
    /// Transactions verified so far.
    pub transactions: u64,
    /// Transactions in all.
    pub transactions_total: u64,
    /// Rows compared so far.
    pub rows: u64,
    /// Milliseconds since the audit began.
    pub elapsed_ms: u64,
}

impl AuditProgress {
    /// Transactions verified per second so far.
    pub fn transactions_per_second(&self) -> u64 {
        self.transactions.saturating_mul(1_000) / self.elapsed_ms.max(1)
    }

    /// Seconds until all blocks are verified, at the rate so far; none before there is one.
    pub fn seconds_left(&self) -> Option<u64> {
        let left = self.transactions_total.saturating_sub(self.transactions);
        left.checked_div(self.transactions_per_second())
    }
}

/// An audit under way.
struct Audit<'a, P> {
    shared: &'a Arc<Shared>,
    /// Which blocks' signatures are verified; none = all of them.
    sample: Option<AuditSample>,
    /// One moment of the live database: commits go on meanwhile.
    live: ReadTransaction,
    shadow: Database,
    /// Chains as the audit rebuilds them, by number.
    chains: BTreeMap<i64, Arc<HostedChain>>,
    /// Numbers of chains whose blocks do not verify to the end; rows beyond that are not reported one by one.
    broken: BTreeSet<i64>,
    /// Journal hashes that blocks have folded, by chain number.
    folded: BTreeMap<i64, Vec<Digest>>,
    /// What is kept of chains at heights that their blocks have not reached yet, by chain number.
    presents: BTreeMap<i64, Head>,
    /// Ends of journals as they are kept.
    kept_journals: BTreeMap<i64, JournalTip>,
    /// Events that came late, held back until their place in the outbox.
    late: Late,
    /// The node's projections, which hold them back.
    projections: Vec<Box<dyn Projection>>,
    report: AuditReport,
    blocks_total: u64,
    transactions_total: u64,
    stopwatch: Stopwatch,
    progress: P,
}

/// Audits a database that no node has open: damage that keeps a node from opening is a finding here. Writes nothing. A sample
/// leaves the parties' signatures of other blocks unverified.
///
/// # Errors
/// There is no such database, or it cannot be read at all.
pub async fn audit_closed(
    config: NodeConfig,
    sample: Option<AuditSample>,
    progress: impl FnMut(AuditProgress) + Send,
) -> Result<AuditReport, ChainError> {
    let database = Database::open_existing(&config.database_url).await?;
    let (_, events_written) = watch::channel(0);
    let (shared, _) = Shared::new(database, config, events_written);
    let shared = Arc::new(shared);
    let report = audit(&shared, sample, progress).await;
    shared.database.close().await?;
    report
}

/// Runs the audit; damage is a finding, not an error.
pub(crate) async fn audit<P: FnMut(AuditProgress) + Send>(
    shared: &Arc<Shared>,
    sample: Option<AuditSample>,
    progress: P,
) -> Result<AuditReport, ChainError> {
    let shadow = Database::open("sqlite::memory:").await?;
    storage::migrate(&shadow, &shared.projections).await?;
    let live = shared.database.begin_read().await?;
    let late = Late::of(outbox_store::caught_up(live.orm()).await);
    let mut audit = Audit {
        shared,
        sample,
        live,
        projections: late.projections(shared),
        late,
        shadow,
        chains: BTreeMap::new(),
        broken: BTreeSet::new(),
        folded: BTreeMap::new(),
        presents: BTreeMap::new(),
        kept_journals: BTreeMap::new(),
        report: AuditReport::default(),
        blocks_total: 0,
        transactions_total: 0,
        stopwatch: Stopwatch::start(Arc::clone(&shared.clock)),
        progress,
    };
    audit.file_is_sound().await?;
    audit.rebuild_chains().await?;
    audit.note_presents().await?;
    audit.verify_blocks().await?;
    audit.no_present_is_left();
    audit.tell(AuditStage::Journals);
    audit.verify_journals().await?;
    audit.compare_tables().await?;
    audit.tell(AuditStage::Tables);
    audit.report.tips = audit.chains.values().map(|chain| ChainTip::of(chain)).collect();
    audit.report.elapsed_ms = audit.stopwatch.elapsed_ms();
    audit.shadow.close().await?;
    Ok(audit.report)
}

impl<P: FnMut(AuditProgress) + Send> Audit<'_, P> {
    fn tell(&mut self, stage: AuditStage) {
        (self.progress)(AuditProgress {
            stage,
            blocks: self.report.blocks,
            blocks_total: self.blocks_total,
            transactions: self.report.transactions,
            transactions_total: self.transactions_total,
            rows: self.report.rows,
            elapsed_ms: self.stopwatch.elapsed_ms(),
        });
    }
}
