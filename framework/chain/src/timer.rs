//! Carries out what agreements need nobody's signature for: deadlines that have passed and prices that were published, on every
//! chain of the node. A chain that is closed is opened for its deadline and closed again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ledger_core::contract::agreement::{AgreementError, Cause, UnsignedStep};
use ledger_core::{ResolvedState, StateRef, Transaction};

use crate::agreements::DueStep;
use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::mempool::WeakMempool;
use crate::node::{Node, Shared};
use crate::storage::{timer_store, unsigned};

/// Timers read at once.
const TIMERS_MAX: u64 = 256;
/// The longest sleep before the clock is asked again whether a deadline has passed, milliseconds.
const SLEEP_MS_MAX: u64 = 1_000;
/// After a refusal a step is tried again after this long, twice as long each time, milliseconds.
const RETRY_MS: u64 = 1_000;
/// The longest time between two tries, milliseconds.
const RETRY_MS_MAX: u64 = 600_000;

/// The node's timers; they end with the node.
pub(crate) struct Timers {
    shared: Arc<Shared>,
    mempool: WeakMempool,
    /// Steps that were refused: how often, and when they are tried again, milliseconds UTC.
    refused: BTreeMap<(i64, StateRef), (u32, u64)>,
}

impl Timers {
    pub(crate) fn new(shared: Arc<Shared>, mempool: WeakMempool) -> Self {
        Self { shared, mempool, refused: BTreeMap::new() }
    }

    /// Until nobody has the node any more.
    pub(crate) async fn run(mut self) {
        while let Some(mempool) = self.mempool.upgrade() {
            let node = Node { shared: Arc::clone(&self.shared), mempool };
            if node.ready().is_err() {
                return;
            }
            let wait = match self.carry_out_what_is_due(&node).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "timers could not be read; they are read again");
                    Some(Duration::from_millis(SLEEP_MS_MAX))
                }
            };
            drop(node);
            match wait {
                Some(wait) => {
                    // Whichever comes first: the time, or news.
                    let _either = tokio::time::timeout(wait, self.shared.timers.notified()).await;
                }
                None => self.shared.timers.notified().await,
            }
        }
    }

    /// Takes every step that is due; how long to sleep, none while nothing waits for a time.
    async fn carry_out_what_is_due(&mut self, node: &Node) -> Result<Option<Duration>, ChainError> {
        let now_ms = self.shared.now_ms();
        let first = timer_store::first(self.shared.database.read(), TIMERS_MAX).await?;
        let mut next_ms = None;
        let mut due = BTreeSet::new();
        for row in first {
            let due_ms = unsigned("chain_timer", "due_ms", row.due_ms)?;
            if due_ms > now_ms {
                next_ms = Some(due_ms);
                break;
            }
            due.insert(row.chain_id);
        }
        let hosted = self.shared.all_hosted();
        for chain in hosted.iter().filter(|chain| due.remove(&chain.number) || chain.agreements().has_facts()) {
            self.step_all(node, chain, now_ms).await;
        }
        for number in due {
            if let Some(chain) = node.opened_by_number(number).await? {
                self.step_all(node, &chain, now_ms).await;
                // Somebody may use it by now; then it stays open.
                let _in_use = node.close_chain(&chain.id).await;
            }
        }
        let retry_ms = self.refused.values().map(|(_, again_ms)| *again_ms).min();
        let wait = next_ms.into_iter().chain(retry_ms).min().map(|at_ms| at_ms.saturating_sub(now_ms));
        Ok(wait.map(|wait_ms| Duration::from_millis(wait_ms.clamp(1, SLEEP_MS_MAX))))
    }

    async fn step_all(&mut self, node: &Node, chain: &Arc<HostedChain>, now_ms: u64) {
        if chain.stopped().is_some() {
            return;
        }
        let due = chain.agreements().due(now_ms);
        // What is not due any more was taken, by this node or by a party.
        let is_due = |state: &StateRef| due.iter().any(|step| step.agreement == *state);
        self.refused.retain(|(number, state), _| *number != chain.number || is_due(state));
        for step in due {
            let key = (chain.number, step.agreement);
            let (tries, again_ms) = self.refused.get(&key).copied().unwrap_or_default();
            if again_ms > now_ms {
                continue;
            }
            match self.step(node, chain, step, now_ms).await {
                Ok(()) => drop(self.refused.remove(&key)),
                Err(reason) => {
                    tracing::warn!(chain = %chain.id, agreement = %step.agreement, %reason, "a step was not taken; it is tried again");
                    let pause_ms = RETRY_MS.saturating_mul(1_u64.checked_shl(tries).unwrap_or(u64::MAX));
                    let again_ms = now_ms.saturating_add(pause_ms.min(RETRY_MS_MAX));
                    self.refused.insert(key, (tries.saturating_add(1), again_ms));
                }
            }
        }
    }

    async fn step(&self, node: &Node, chain: &Arc<HostedChain>, step: DueStep, now_ms: u64) -> Result<(), String> {
        let Some(transaction) = built(chain, step, now_ms)? else { return Ok(()) };
        let filled = node.fill_claims(&chain.id, transaction).await.map_err(|error| error.to_string())?;
        let accepted = node.submit_unsigned(&chain.id, filled).await;
        accepted.map(|_| ()).map_err(|error| format!("{}: {error}", error.code()))
    }
}

/// The step's transaction; none where the agreement does not take the price, or is gone already.
fn built(chain: &HostedChain, step: DueStep, now_ms: u64) -> Result<Option<Transaction>, String> {
    let ledger = chain.ledger();
    // Time in blocks goes on from the last one, whatever the clock says.
    let now_ms = now_ms.max(ledger.time_ms().saturating_add(1));
    let resolved = |state: &StateRef| {
        let unspent = ledger.unspent(state)?;
        Some(ResolvedState { reference: *state, state: Arc::clone(&unspent.state), claims: Vec::new() })
    };
    let Some(agreement) = resolved(&step.agreement) else { return Ok(None) };
    let held = chain.holdings().held(&agreement.state.owner, None);
    let own = held.iter().filter_map(|held| resolved(&held.reference)).collect();
    let cause = match step.price {
        Some(price) => match resolved(&price) {
            Some(price) => Cause::Price(price),
            None => return Ok(None),
        },
        None => Cause::Deadline,
    };
    let built = UnsignedStep { agreement, own, cause }.transaction(&ledger.chain(), now_ms);
    drop(ledger);
    match built {
        Err(AgreementError::SomebodyMustSign) | Ok(None) if step.price.is_some() => {
            chain.pass_over(&step.agreement);
            Ok(None)
        }
        built => built.map_err(|error| error.to_string()),
    }
}
