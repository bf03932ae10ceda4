//! When a chain's memory is worth keeping: when it is let go, when the node ends, and now and then while it is quiet.

use std::sync::Arc;
use std::time::Duration;

use super::write::write;
use crate::clock::Stopwatch;
use crate::hosted::HostedChain;
use crate::node::Shared;

/// Fewer transactions or blocks, and fewer states, are replayed in the few milliseconds in which a chain is to open.
const TRANSACTIONS_MIN: u64 = 12;
const STATES_MIN: u64 = 128;

/// While the node runs a present is written once at least so many transactions or states have come, a replay of which takes a
/// moment after a crash; and no sooner than a quarter of all states has, so that each costs the same however large the chain is.
const RUNNING_MIN: u64 = 2_048;
const RUNNING_SHARE: u64 = 4;

/// A chain whose last block is so old is quiet, milliseconds.
const QUIET_MS: u64 = 2_000;

/// At its end a node writes no longer than this, milliseconds; what is left is replayed from further back. A service manager
/// waits longer.
const SHUTDOWN_MAX_MS: u64 = 60_000;

/// Between two words on how far the writing at the node's end is, milliseconds.
const TOLD_EVERY_MS: u64 = 2_000;

/// What has come since a chain's memory was kept.
struct Since {
    transactions: u64,
    states: u64,
    blocks: u64,
    unspent: u64,
    /// Time of the last block, milliseconds UTC.
    last_ms: u64,
}

impl Since {
    /// None while it is being written.
    fn of(hosted: &HostedChain) -> Option<Self> {
        let mark = hosted.present.try_lock().ok()?;
        let (holdings, ledger) = (hosted.holdings(), hosted.ledger());
        Some(Self {
            transactions: ledger.commands_count().saturating_sub(mark.commands),
            states: holdings.states().saturating_sub(mark.states),
            blocks: ledger.height().saturating_sub(mark.height),
            unspent: holdings.unspent(),
            last_ms: ledger.time_ms(),
        })
    }

    /// Enough to be kept when the chain is let go.
    fn is_worth_keeping(&self) -> bool {
        self.transactions >= TRANSACTIONS_MIN || self.blocks >= TRANSACTIONS_MIN || self.states >= STATES_MIN
    }

    /// Enough to be kept though the chain stays, and no block for a while.
    fn is_due(&self, now_ms: u64) -> bool {
        let least = RUNNING_MIN.max(self.unspent / RUNNING_SHARE);
        self.transactions.max(self.states) >= least && now_ms.saturating_sub(self.last_ms) >= QUIET_MS
    }
}

impl Shared {
    /// Keeps what is worth it of a chain that is about to be let go. A failure is told, and the chain replayed next time.
    pub(crate) async fn keep_before_closing(&self, hosted: &Arc<HostedChain>) {
        let is_under_way = !hosted.pending().is_empty() || !hosted.is_settled();
        let is_stopped = hosted.stopped().is_some() || self.stopped().is_some();
        if !is_under_way && !is_stopped && Since::of(hosted).is_some_and(|since| since.is_worth_keeping()) {
            self.keep(hosted).await;
        }
    }

    /// Keeps what has come to a quiet chain, so that less is to be replayed after a crash.
    pub(crate) async fn keep_while_quiet(&self, hosted: &Arc<HostedChain>) {
        let is_quiet = self.stopped().is_none()
            && hosted.places() == 0
            && hosted.pending().is_empty()
            && hosted.is_settled()
            && hosted.stopped().is_none();
        if is_quiet && Since::of(hosted).is_some_and(|since| since.is_due(self.now_ms())) {
            self.keep(hosted).await;
        }
    }

    /// Keeps what is worth it of all chains in memory, as the last thing a node does.
    pub(crate) async fn keep_all(&self) {
        let mut chains = self.all_hosted();
        chains.retain(|hosted| hosted.stopped().is_none());
        let (stopwatch, mut told_ms) = (Stopwatch::start(Arc::clone(&self.clock)), 0);
        for (done, hosted) in chains.iter().enumerate() {
            let left = chains.len().saturating_sub(done);
            let elapsed_ms = stopwatch.elapsed_ms();
            if elapsed_ms > SHUTDOWN_MAX_MS {
                tracing::warn!(left, "the node ends before it has kept the present of all chains; they are replayed");
                return;
            }
            if elapsed_ms.saturating_sub(told_ms) > TOLD_EVERY_MS {
                tracing::info!(done, left, "keeping the present of the chains in memory");
                told_ms = elapsed_ms;
            }
            let left = Duration::from_millis(SHUTDOWN_MAX_MS.saturating_sub(elapsed_ms));
            let kept = tokio::time::timeout(left, self.keep_at_the_end(hosted)).await;
            if kept.is_err() {
                tracing::warn!(chain = %hosted.id, "keeping the present of a chain takes too long; it is replayed");
            }
        }
    }

    async fn keep_at_the_end(&self, hosted: &Arc<HostedChain>) {
        // Whoever is writing it comes to an end first.
        drop(hosted.present.lock().await);
        if Since::of(hosted).is_some_and(|since| since.is_worth_keeping()) {
            self.keep(hosted).await;
        }
    }

    async fn keep(&self, hosted: &Arc<HostedChain>) {
        let stopwatch = Stopwatch::start(Arc::clone(&self.clock));
        match write(self, hosted).await {
            Ok(true) => {
                let (took_ms, height) = (stopwatch.elapsed_ms(), hosted.ledger().height());
                tracing::debug!(chain = %hosted.id, height, took_ms, "the present of a chain is kept");
            }
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(chain = %hosted.id, %error, "the present of a chain is not kept; it is replayed from further back");
            }
        }
    }
}
