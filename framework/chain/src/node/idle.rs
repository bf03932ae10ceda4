//! Lets go of chains that nobody uses, and of the least recently used ones where too many are in memory.

use std::sync::Arc;
use std::time::Duration;

use super::{Node, Shared};
use crate::hosted::HostedChain;
use crate::mempool::WeakMempool;

/// Between two looks at what is idle, at least and at most.
const LOOK_MIN: Duration = Duration::from_millis(10);
const LOOK_MAX: Duration = Duration::from_secs(30);

/// Looks after the chains in memory until nobody has the node any more.
pub(super) async fn tend(shared: Arc<Shared>, mempool: WeakMempool) {
    // Several looks in the time that makes a chain idle.
    let pause = (shared.bounds.chain_idle / 4).clamp(LOOK_MIN, LOOK_MAX);
    loop {
        // Whichever comes first: the time, or too many chains.
        let _either = tokio::time::timeout(pause, shared.crowded.notified()).await;
        let Some(mempool) = mempool.upgrade() else { return };
        let node = Node { shared: Arc::clone(&shared), mempool };
        if shared.has_ended() {
            return;
        }
        if !shared.has_failed() {
            node.let_go().await;
        }
    }
}

impl Node {
    /// Keeps the present of what is quiet. Closes what is idle, and of the rest as many as are too many, least recently used first. What is in use stays.
    async fn let_go(&self) {
        let idle_ms = u64::try_from(self.shared.bounds.chain_idle.as_millis()).unwrap_or(u64::MAX);
        let now_ms = self.shared.now_ms();
        let mut open = self.shared.all_hosted();
        for chain in &open {
            self.shared.keep_while_quiet(chain).await;
        }
        // Looked at once: uses go on while it is sorted.
        open.sort_by_cached_key(|chain| chain.last_use());
        let mut excess = open.len().saturating_sub(self.shared.bounds.chains_open_max);
        let is_idle = |chain: &HostedChain| now_ms.saturating_sub(chain.last_use().1) >= idle_ms;
        for chain in open {
            // One that has stopped stays, to be seen.
            if (excess == 0 && !is_idle(&chain)) || chain.is_held() || chain.stopped().is_some() {
                continue;
            }
            // One that is in use after all is closed another time.
            if self.close_chain(&chain.id).await.is_ok() {
                excess = excess.saturating_sub(1);
            }
        }
    }
}
