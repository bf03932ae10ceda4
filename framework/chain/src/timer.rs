//! Carries out what agreements need nobody's signature for: deadlines that have passed and prices that were published, on every
//! chain of the node. A chain that is closed is opened for its deadline and closed again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ledger_core::contract::agreement::{AgreementError, Cause, Due, UnsignedStep};
use ledger_core::{ResolvedState, StateRef, Transaction};

use crate::agreements::DueStep;
use crate::error::{ChainError, SubmitError};
use crate::hosted::HostedChain;
use crate::mempool::WeakMempool;
use crate::node::{Node, Shared};
use crate::storage::{timer_store, unsigned};

/// Closed chains' timers read at once.
const TIMERS_MAX: u64 = 256;
/// Steps of one chain that are sent together, before the next chain has its turn.
const STEPS_MAX: usize = 64;
/// The longest sleep before the clock is asked again whether a deadline has passed, milliseconds.
const SLEEP_MS_MAX: u64 = 1_000;
/// After a refusal a step is tried again after this long, twice as long each time, milliseconds.
const RETRY_MS: u64 = 1_000;
/// The longest time between two tries of a step, or of a chain that cannot be opened, milliseconds.
const RETRY_MS_MAX: u64 = 60_000;

/// How often something was tried in vain, and when it is tried again.
#[derive(Clone, Copy, Debug, Default)]
struct Pause {
    tries: u32,
    /// Milliseconds UTC.
    until_ms: u64,
}

impl Pause {
    fn longer(self, now_ms: u64) -> Self {
        let pause_ms = RETRY_MS.saturating_mul(1_u64.checked_shl(self.tries).unwrap_or(u64::MAX)).min(RETRY_MS_MAX);
        Self { tries: self.tries.saturating_add(1), until_ms: now_ms.saturating_add(pause_ms) }
    }
}

/// The node's timers; they end with the node.
pub(crate) struct Timers {
    shared: Arc<Shared>,
    mempool: WeakMempool,
    /// Steps that were refused, by chain number and agreement.
    steps: BTreeMap<(i64, StateRef), Pause>,
    /// Closed chains that could not be opened, or have nothing that can be done yet, by number.
    chains: BTreeMap<i64, Pause>,
    /// When something that was looked at is due, milliseconds UTC.
    next_ms: Option<u64>,
}

impl Timers {
    pub(crate) fn new(shared: Arc<Shared>, mempool: WeakMempool) -> Self {
        Self { shared, mempool, steps: BTreeMap::new(), chains: BTreeMap::new(), next_ms: None }
    }

    /// Until nobody has the node any more.
    pub(crate) async fn run(mut self) {
        while let Some(mempool) = self.mempool.upgrade() {
            let node = Node { shared: Arc::clone(&self.shared), mempool };
            if node.ready().is_err() {
                return;
            }
            let now_ms = self.shared.now_ms();
            self.next_ms = None;
            let seen = self.carry_out_what_is_due(&node, now_ms).await;
            drop(node);
            if let Err(error) = seen {
                tracing::warn!(%error, "timers could not be read; they are read again");
                self.wake_at(now_ms.saturating_add(SLEEP_MS_MAX));
            }
            match self.next_ms {
                Some(next_ms) => {
                    let wait = Duration::from_millis(next_ms.saturating_sub(now_ms).clamp(1, SLEEP_MS_MAX));
                    // Whichever comes first: the time, or news.
                    let _either = tokio::time::timeout(wait, self.shared.timers.notified()).await;
                }
                None => self.shared.timers.notified().await,
            }
        }
    }

    fn wake_at(&mut self, at_ms: u64) {
        self.next_ms = Some(self.next_ms.map_or(at_ms, |next_ms| next_ms.min(at_ms)));
    }

    /// Takes steps that are due, of every chain a share.
    async fn carry_out_what_is_due(&mut self, node: &Node, now_ms: u64) -> Result<(), ChainError> {
        let hosted = self.shared.all_hosted();
        let open: BTreeSet<i64> = hosted.iter().map(|chain| chain.number).collect();
        for chain in hosted.iter().filter(|chain| chain.stopped().is_none() && chain.agreements().is_waiting()) {
            self.step_all(node, chain, now_ms).await;
        }
        self.chains.retain(|number, _| !open.contains(number));
        let mut after = None;
        loop {
            let rows = timer_store::after(self.shared.database.read(), after, TIMERS_MAX).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some((last.due_ms, last.chain_id));
            for row in rows.iter().filter(|row| !open.contains(&row.chain_id)) {
                let due_ms = unsigned("chain_timer", "due_ms", row.due_ms)?;
                if due_ms > now_ms {
                    self.wake_at(due_ms);
                    return Ok(());
                }
                self.open_and_step(node, row.chain_id, now_ms).await;
            }
        }
    }

    /// Opens a closed chain for what is due on it, and closes it again.
    async fn open_and_step(&mut self, node: &Node, number: i64, now_ms: u64) {
        let pause = self.chains.get(&number).copied().unwrap_or_default();
        if pause.until_ms > now_ms {
            self.wake_at(pause.until_ms);
            return;
        }
        match node.opened_by_number(number).await {
            Ok(Some(chain)) => {
                self.step_all(node, &chain, now_ms).await;
                // Somebody may use it by now; then it stays open.
                let _in_use = node.close_chain(&chain.id).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(chain = number, %error, "a chain with a deadline cannot be opened; it is tried again")
            }
        }
        // Opening reads the whole chain, so it is not tried at every commit of another.
        let longer = pause.longer(now_ms);
        self.chains.insert(number, longer);
        self.wake_at(longer.until_ms);
    }

    /// Takes steps of one chain together: as many as are its share.
    async fn step_all(&mut self, node: &Node, chain: &Arc<HostedChain>, now_ms: u64) {
        let (due, next_ms) = {
            let agreements = chain.agreements();
            (agreements.due(now_ms), agreements.deadline().filter(|due_ms| *due_ms > now_ms))
        };
        if let Some(next_ms) = next_ms {
            self.wake_at(next_ms);
        }
        // What is not due any more was taken, by this node or by a party.
        let is_due = |state: &StateRef| due.iter().any(|step| step.agreement == *state);
        self.steps.retain(|(number, state), _| *number != chain.number || is_due(state));
        let (mut sent, mut transactions) = (Vec::new(), Vec::new());
        for step in due {
            let pause = self.steps.get(&(chain.number, step.agreement)).copied().unwrap_or_default();
            if pause.until_ms > now_ms {
                self.wake_at(pause.until_ms);
                continue;
            }
            if transactions.len() >= STEPS_MAX {
                self.wake_at(now_ms);
                break;
            }
            match built(chain, step, now_ms) {
                Ok(Due::Now(transaction)) => match node.fill_claims(&chain.id, *transaction).await {
                    Ok(filled) => {
                        sent.push(step);
                        transactions.push(filled);
                    }
                    Err(error) => self.put_off(chain, step, pause, now_ms, &error.to_string()),
                },
                Ok(Due::At(at_ms)) => self.wake_at(at_ms),
                Ok(Due::Never) => chain.pass_over(&step.agreement),
                Err(error) => self.put_off(chain, step, pause, now_ms, &error.to_string()),
            }
        }
        let outcomes = submit(node, chain, transactions).await;
        for (step, outcome) in sent.into_iter().zip(outcomes) {
            let pause = self.steps.remove(&(chain.number, step.agreement)).unwrap_or_default();
            match outcome {
                Ok(_) => {}
                // Too much is under way: that says nothing of the step.
                Err(SubmitError::Busy) => self.put_off(chain, step, Pause::default(), now_ms, "the node is busy"),
                Err(error) => self.put_off(chain, step, pause, now_ms, &format!("{}: {error}", error.code())),
            }
        }
    }

    fn put_off(&mut self, chain: &HostedChain, step: DueStep, pause: Pause, now_ms: u64, reason: &str) {
        tracing::warn!(chain = %chain.id, agreement = %step.agreement, %reason, "a step was not taken; it is tried again");
        let longer = pause.longer(now_ms);
        self.steps.insert((chain.number, step.agreement), longer);
        self.wake_at(longer.until_ms);
    }
}

async fn submit(
    node: &Node,
    chain: &Arc<HostedChain>,
    transactions: Vec<Transaction>,
) -> Vec<Result<crate::Accepted, SubmitError>> {
    if transactions.is_empty() {
        return Vec::new();
    }
    node.submit_steps(chain, transactions).await
}

/// The step's transaction, if it is due.
fn built(chain: &HostedChain, step: DueStep, now_ms: u64) -> Result<Due, AgreementError> {
    let ledger = chain.ledger();
    let chain_id = ledger.chain();
    // Time in blocks goes on from the last one, whatever the clock says.
    let now_ms = now_ms.max(ledger.time_ms().saturating_add(1));
    let resolved = |state: &StateRef| {
        let unspent = ledger.unspent(state)?;
        Some(ResolvedState { reference: *state, state: Arc::clone(&unspent.state), claims: Vec::new() })
    };
    let Some(agreement) = resolved(&step.agreement) else { return Ok(Due::Never) };
    let held = chain.holdings().held(&agreement.state.owner, None);
    let own = held.iter().filter_map(|held| resolved(&held.reference)).collect();
    let cause = match step.price.map(|price| resolved(&price)) {
        Some(Some(price)) => Cause::Price(price),
        Some(None) => return Ok(Due::Never),
        None => Cause::Deadline,
    };
    // What follows computes, and nobody waits for it.
    drop(ledger);
    match (UnsignedStep { agreement, own, cause }.transaction(&chain_id, now_ms), step.price) {
        // The contract takes no price of this value.
        (Err(AgreementError::SomebodyMustSign), Some(_)) => Ok(Due::Never),
        (built, _) => built,
    }
}
