//! Builds a projection's tables anew from the stored blocks, in a shadow beside the live ones, and exchanges the two.
//!
//! Blocks are replayed from genesis as when a node opens: every rule again, but no party's signature. Reads and commits go on
//! meanwhile. How far the shadow is stands in it, so a rebuild that was cut off goes on; one by another program begins anew.

mod error;
mod late;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use ledger_core::verify::VerifiedBlock;
use ledger_core::{Block, ChainId, Genesis};
use tokio::sync::{oneshot, watch};

pub use error::RebuildError;
pub(crate) use late::{CAUGHT_UP, CaughtUp, Late};

use crate::clock::Stopwatch;
use crate::config::NodeConfig;
use crate::error::ChainError;
use crate::mempool::Request;
use crate::node::{Node, Shared};
use crate::projection::{CommittedBlock, Projection};
use crate::rebuilt::Rebuilt;
use crate::storage::entity::parked_projection;
use crate::storage::shadow::{self, Missed, Shadow};
use crate::storage::{Database, DatabaseLock, ProjectionWriter, StorageError, block_store, outbox_store, unsigned};
use crate::upgrade;

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RebuildProgress {
    /// Blocks read and, where the shadow did not have them yet, folded.
    pub blocks: u64,
    /// Blocks there were at the beginning.
    pub blocks_total: u64,
    /// Transactions of those blocks.
    pub transactions: u64,
    /// Milliseconds since it began.
    pub elapsed_ms: u64,
}

/// What a rebuild did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// The projection.
    pub projection: String,
    /// Chains whose rows were built.
    pub chains: u64,
    /// Blocks they were built from.
    pub blocks: u64,
    /// Of these, blocks that an earlier rebuild had folded already.
    pub resumed: u64,
    /// Transactions of those blocks.
    pub transactions: u64,
    /// Rows there are now.
    pub rows: u64,
    /// Chains where the projection stood still and goes on now.
    pub unparked: Vec<ChainId>,
    /// Milliseconds it took.
    pub elapsed_ms: u64,
}

/// A rebuild under way.
pub(crate) struct Rebuild {
    shared: Arc<Shared>,
    /// Place of the projection among the node's.
    place: usize,
    only: Option<ChainId>,
    shadow: Shadow,
    /// By chain number.
    chains: BTreeMap<i64, Follower>,
    report: RebuildReport,
    blocks_total: u64,
    stopwatch: Stopwatch,
}

/// A chain whose blocks are replayed.
struct Follower {
    chain: ChainId,
    rebuilt: Rebuilt,
    /// The last block that the shadow has.
    folded: u64,
}

/// What the exchange of the tables changed.
pub(crate) struct Exchanged {
    pub(crate) unparked: Vec<parked_projection::Model>,
    pub(crate) last_event: i64,
    report: RebuildReport,
}

impl Exchanged {
    pub(crate) fn unparked_chains(&self) -> impl Iterator<Item = (ChainId, &str)> {
        self.report.unparked.iter().map(|chain| (*chain, self.report.projection.as_str()))
    }
}

/// Rebuilds a projection of a database that no node has open.
///
/// # Errors
/// As for [`Node::rebuild`], and a node that runs on the database.
pub async fn rebuild_closed(
    config: NodeConfig,
    projection: &str,
    chain: Option<&ChainId>,
    progress: impl FnMut(RebuildProgress) + Send,
) -> Result<RebuildReport, RebuildError> {
    let url = config.database_url.clone();
    let lock = DatabaseLock::take(&url).await.map_err(ChainError::from)?;
    let database = Database::open_existing(&url).await.map_err(ChainError::from)?;
    upgrade::schema_is_current(&database, &config.projections).await?;
    let (_, events_written) = watch::channel(0);
    let (shared, _) = Shared::new(database, config, events_written);
    let shared = Arc::new(shared);
    let report = closed(&shared, &url, projection, chain, progress).await;
    shared.database.close().await.map_err(ChainError::from)?;
    drop(lock);
    report
}

async fn closed(
    shared: &Arc<Shared>,
    url: &str,
    projection: &str,
    chain: Option<&ChainId>,
    progress: impl FnMut(RebuildProgress) + Send,
) -> Result<RebuildReport, RebuildError> {
    let mut rebuild = Rebuild::open(shared, url, projection, chain).await?;
    rebuild.catch_up(progress).await?;
    let last_event = outbox_store::last_sequence(shared.database.read()).await.map_err(ChainError::from)?;
    Ok(rebuild.exchange(last_event).await?.report)
}

/// Rebuilds a projection of a node that runs.
pub(crate) async fn rebuild(
    node: &Node,
    projection: &str,
    chain: Option<&ChainId>,
    progress: impl FnMut(RebuildProgress) + Send,
) -> Result<RebuildReport, RebuildError> {
    let _alone = node.shared.rebuilding.lock().await;
    let mut rebuild = Rebuild::open(&node.shared, &node.shared.database_url, projection, chain).await?;
    rebuild.catch_up(progress).await?;
    let (answer, answered) = oneshot::channel();
    node.mempool.send(Request::Exchange(Box::new(rebuild), answer));
    let ended = |_| ChainError::Stopped("the node is shutting down".to_owned());
    Ok(answered.await.map_err(ended)??.report)
}

impl Rebuild {
    async fn open(shared: &Arc<Shared>, url: &str, name: &str, only: Option<&ChainId>) -> Result<Self, RebuildError> {
        let known = || shared.projections.iter().map(|projection| projection.name().to_owned()).collect();
        let place = shared.projections.iter().position(|projection| projection.name() == name);
        let place = place.ok_or_else(|| RebuildError::UnknownProjection { name: name.to_owned(), known: known() })?;
        if let Some(chain) = only
            && block_store::chain_of(shared.database.read(), chain.as_bytes())
                .await
                .map_err(ChainError::from)?
                .is_none()
        {
            return Err(ChainError::UnknownChain(*chain).into());
        }
        let projection = projection_at(shared, place)?;
        let shadow = Shadow::open(&shared.database, url, projection, &program()).await.map_err(ChainError::from)?;
        Ok(Self {
            shared: Arc::clone(shared),
            place,
            only: only.copied(),
            shadow: shadow.ok_or(RebuildError::InMemory)?,
            chains: BTreeMap::new(),
            report: RebuildReport { projection: name.to_owned(), ..RebuildReport::default() },
            blocks_total: 0,
            stopwatch: Stopwatch::start(Arc::clone(&shared.clock)),
        })
    }

    /// Folds all blocks there are, in database transactions of a page each.
    async fn catch_up(&mut self, mut progress: impl FnMut(RebuildProgress) + Send) -> Result<(), RebuildError> {
        self.follow().await?;
        for number in self.chains.keys() {
            let height = block_store::height(self.shared.database.read(), *number).await.map_err(ChainError::from)?;
            self.blocks_total = self.blocks_total.saturating_add(height);
        }
        self.fold_all(&mut |report, blocks_total, elapsed_ms| {
            progress(RebuildProgress {
                blocks: report.blocks,
                blocks_total,
                transactions: report.transactions,
                elapsed_ms,
            });
        })
        .await
    }

    /// Folds what is left, and puts the shadow in the place of the live tables. Nobody commits blocks meanwhile.
    pub(crate) async fn exchange(mut self, last_event: i64) -> Result<Exchanged, RebuildError> {
        self.follow().await?;
        self.fold_all(&mut |_, _, _| {}).await?;
        let parked = self.parked().await?;
        let exchanged = self.exchange_tables(&parked, last_event).await;
        // The commit may hold though its answer is lost: then memory and database would not agree.
        let (rows, last_event) = exchanged.inspect_err(|error| self.shared.stop(error.to_string()))?;
        self.shadow.remove(&self.shared.database).await.map_err(ChainError::from)?;
        let chains = u64::try_from(self.chains.len()).unwrap_or(u64::MAX);
        let unparked = parked.iter().filter_map(|parked| Some(self.chains.get(&parked.chain_id)?.chain)).collect();
        let elapsed_ms = self.stopwatch.elapsed_ms();
        let report = RebuildReport { chains, rows, unparked, elapsed_ms, ..self.report };
        Ok(Exchanged { unparked: parked, last_event, report })
    }

    async fn exchange_tables(
        &self,
        parked: &[parked_projection::Model],
        last_event: i64,
    ) -> Result<(u64, i64), ChainError> {
        let missed = |parked: &parked_projection::Model| {
            let follower = self.chains.get(&parked.chain_id);
            let until = follower.map_or(0, |follower| follower.folded);
            let from = unsigned("parked_projection", "height", parked.height)?;
            let caught_up = CaughtUp { projection: parked.name.clone(), chain_number: parked.chain_id, from, until };
            Ok(Missed { chain_number: parked.chain_id, from, marker: caught_up.event() })
        };
        let missed = parked.iter().map(missed).collect::<Result<Vec<_>, StorageError>>()?;
        let exchange = shadow::Exchange {
            projection: projection_at(&self.shared, self.place)?,
            chain_number: if self.only.is_some() { self.chains.keys().next().copied() } else { None },
            missed: &missed,
            last_event,
        };
        Ok(self.shadow.exchange(&self.shared.database, &exchange).await?)
    }

    /// Where the projection stands still, of the chains that are rebuilt.
    async fn parked(&self) -> Result<Vec<parked_projection::Model>, ChainError> {
        let mut parked = block_store::parked(self.shared.database.read()).await?;
        parked.retain(|row| row.name == self.report.projection && self.chains.contains_key(&row.chain_id));
        parked.sort_unstable_by_key(|row| row.chain_id);
        Ok(parked)
    }

    /// Takes up the chains there are; more may have been made meanwhile.
    async fn follow(&mut self) -> Result<(), ChainError> {
        let heights = self.shadow.heights().await?;
        for row in block_store::chains(self.shared.database.read()).await? {
            let genesis: Genesis = ledger_core::encoding::decode(&row.genesis)?;
            let chain = genesis.chain_id();
            if self.chains.contains_key(&row.number) || self.only.is_some_and(|only| only != chain) {
                continue;
            }
            let rebuilt = Rebuilt::new(&self.shared, row.number, genesis, u64::MAX)?;
            let folded = heights.get(&row.number).copied().unwrap_or(0);
            self.chains.insert(row.number, Follower { chain, rebuilt, folded });
        }
        Ok(())
    }

    async fn fold_all(
        &mut self,
        progress: &mut (impl FnMut(&RebuildReport, u64, u64) + Send),
    ) -> Result<(), RebuildError> {
        let numbers: Vec<i64> = self.chains.keys().copied().collect();
        for number in numbers {
            while let Some(follower) = self.chains.get_mut(&number) {
                let page = follower.rebuilt.next_verified().await?;
                if page.is_empty() {
                    break;
                }
                self.fold(number, page).await?;
                progress(&self.report, self.blocks_total, self.stopwatch.elapsed_ms());
            }
        }
        Ok(())
    }

    /// Folds a page of a chain in one database transaction of the shadow.
    async fn fold(&mut self, number: i64, page: Vec<(Block, Arc<VerifiedBlock>)>) -> Result<(), RebuildError> {
        // The page was read before, so a block of it that the live projection failed on is among these.
        let parked = self.parked().await?;
        let from = parked.iter().find(|row| row.chain_id == number).map(|row| row.height);
        let from = from.map(|from| unsigned::<u64>("parked_projection", "height", from)).transpose();
        let from = from.map_err(ChainError::from)?;
        let Some(follower) = self.chains.get_mut(&number) else { return Ok(()) };
        let projection = projection_at(&self.shared, self.place)?;
        let transaction = self.shadow.begin().await.map_err(ChainError::from)?;
        let (mut missed, mut folded) = (Vec::new(), follower.folded);
        for (_, verified) in page {
            let height = verified.header().height;
            let transactions = u64::from(verified.header().transaction_count);
            self.report.blocks = self.report.blocks.saturating_add(1);
            self.report.transactions = self.report.transactions.saturating_add(transactions);
            if height <= follower.folded {
                self.report.resumed = self.report.resumed.saturating_add(1);
                continue;
            }
            let mut writer = ProjectionWriter::new(transaction.orm(), number, height, projection.tables());
            let applied = projection.apply(&mut writer, &CommittedBlock::new(verified)).await;
            applied.map_err(|error| RebuildError::Failed {
                projection: projection.name().to_owned(),
                chain: follower.chain,
                height,
                reason: error.to_string(),
            })?;
            if from.is_some_and(|from| from <= height) {
                missed.extend(writer.withhold_events());
            }
            folded = height;
        }
        let written = async {
            Shadow::keep_events(&transaction, missed).await?;
            Shadow::advance(&transaction, number, folded).await?;
            transaction.commit().await
        };
        written.await.map_err(ChainError::from)?;
        follower.folded = folded;
        Ok(())
    }
}

fn projection_at(shared: &Shared, place: usize) -> Result<&dyn Projection, ChainError> {
    let projection = shared.projections.get(place).map(AsRef::as_ref);
    projection.ok_or_else(|| ChainError::Stopped("the node's projections have changed".to_owned()))
}

/// What tells this program from another build of it: its version, and its file's length and time.
fn program() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let file = file.map(|file| format!("{} bytes of {}.{:09}", file.len(), file.mtime(), file.mtime_nsec()));
    format!("{} {}", env!("CARGO_PKG_VERSION"), file.unwrap_or_default())
}
