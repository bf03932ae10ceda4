//! Carries out what nobody need sign, on every chain of the node: deadlines that have passed, prices that were published, and
//! what follows of netting rounds. A chain that is closed is opened for its deadline and closed again, some of them side by side.

mod build;
mod openings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ledger_core::Transaction;
use ledger_core::contract::agreement::Due;
use ledger_core::contract::netting_round::Book;
use openings::Openings;
use tokio::sync::Semaphore;

use crate::error::{ChainError, SubmitError};
use crate::hosted::HostedChain;
use crate::mempool::WeakMempool;
use crate::node::{Node, Shared};
use crate::storage::{timer_store, unsigned};
use crate::waiting::{Cause, DueStep, Sought};

/// Chains' timers read at once.
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
    /// Steps that were refused, by chain number.
    steps: BTreeMap<(i64, DueStep), Pause>,
    /// Closed chains that could not be opened, or have nothing that can be done yet, by number.
    chains: BTreeMap<i64, Pause>,
    openings: Openings,
    /// Numbers of chains that were opened for their deadlines.
    opened: BTreeSet<i64>,
    /// Results of rounds are computed one at a time: a large one takes a processor and memory for a while.
    clearings: Arc<Semaphore>,
    /// How often the node had gone on after a failure when pauses were last kept.
    recoveries: u64,
    /// When something that was looked at is due, milliseconds UTC.
    next_ms: Option<u64>,
}

impl Timers {
    pub(crate) fn new(shared: Arc<Shared>, mempool: WeakMempool) -> Self {
        Self {
            shared,
            mempool,
            steps: BTreeMap::new(),
            chains: BTreeMap::new(),
            openings: Openings::default(),
            opened: BTreeSet::new(),
            clearings: Arc::new(Semaphore::new(1)),
            recoveries: 0,
            next_ms: None,
        }
    }

    /// Until nobody has the node any more.
    pub(crate) async fn run(mut self) {
        while let Some(mempool) = self.mempool.upgrade() {
            let node = Node { shared: Arc::clone(&self.shared), mempool };
            if self.shared.has_ended() {
                return;
            }
            if self.shared.has_failed() {
                drop(node);
                // Going on, and the end, are news.
                self.shared.timers.notified().await;
                continue;
            }
            if self.recoveries != self.shared.recoveries() {
                // What was put off while the database failed says nothing of the steps.
                self.recoveries = self.shared.recoveries();
                self.steps.clear();
                self.chains.clear();
            }
            let now_ms = self.shared.now_ms();
            self.next_ms = None;
            let seen = self.carry_out_what_is_due(&node, now_ms).await;
            drop(node);
            if let Err(error) = seen {
                tracing::warn!(%error, "timers could not be read; they are read again");
                self.wake_at(now_ms.saturating_add(SLEEP_MS_MAX));
            }
            self.until_the_next_look().await;
        }
    }

    /// Until news or the next deadline. Chains that are open by now are seen to meanwhile, without a look at all others.
    async fn until_the_next_look(&mut self) {
        loop {
            let now_ms = self.shared.now_ms();
            let wait_ms = self.next_ms.map(|next_ms| next_ms.saturating_sub(now_ms).clamp(1, SLEEP_MS_MAX));
            let slept = async {
                match wait_ms {
                    Some(wait_ms) => tokio::time::sleep(Duration::from_millis(wait_ms)).await,
                    None => std::future::pending().await,
                }
            };
            let (number, outcome) = tokio::select! {
                () = self.shared.timers.notified() => return,
                () = slept => return,
                opened = self.openings.next() => opened,
            };
            let Some(mempool) = self.mempool.upgrade() else { return };
            let node = Node { shared: Arc::clone(&self.shared), mempool };
            self.step_opened(&node, number, outcome).await;
            self.close_again(&node).await;
            if self.shared.has_ended() || self.shared.has_failed() {
                return;
            }
            self.openings.begin(&node);
        }
    }

    fn wake_at(&mut self, at_ms: u64) {
        self.next_ms = Some(self.next_ms.map_or(at_ms, |next_ms| next_ms.min(at_ms)));
    }

    /// Takes steps that are due, of every chain a share: first what waits for no deadline, then deadlines in their order.
    async fn carry_out_what_is_due(&mut self, node: &Node, now_ms: u64) -> Result<(), ChainError> {
        for chain in self.shared.take_working() {
            self.step_all(node, &chain, now_ms).await;
            self.shared.note_work_of(&chain);
        }
        let shared = Arc::clone(&self.shared);
        let is_wanted = |number: i64| shared.hosted_by_number(number).is_some_and(|chain| chain.is_wanted());
        // One that is due is tried again when its pause ends, so what is long past is not due any more.
        let is_past = |pause: &Pause| pause.until_ms.saturating_add(RETRY_MS_MAX) < now_ms;
        self.chains.retain(|number, pause| !is_wanted(*number) && !is_past(pause));
        self.carry_out_deadlines(node, now_ms).await?;
        self.close_again(node).await;
        Ok(())
    }

    async fn carry_out_deadlines(&mut self, node: &Node, now_ms: u64) -> Result<(), ChainError> {
        self.openings.forget_due();
        let seen = self.see_to_deadlines(node, now_ms).await;
        self.openings.begin(node);
        seen
    }

    async fn see_to_deadlines(&mut self, node: &Node, now_ms: u64) -> Result<(), ChainError> {
        let mut after = None;
        loop {
            let rows = timer_store::after(self.shared.database.read(), after, TIMERS_MAX).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some((last.due_ms, last.chain_id));
            for row in &rows {
                let due_ms = unsigned("chain_timer", "due_ms", row.due_ms)?;
                if due_ms > now_ms {
                    self.wake_at(due_ms);
                    return Ok(());
                }
                match self.shared.hosted_by_number(row.chain_id) {
                    Some(chain) => self.step_all(node, &chain, now_ms).await,
                    None => self.open_when_due(row.chain_id, now_ms),
                }
            }
        }
    }

    /// Closes what was opened for a deadline, once nothing more follows and unless somebody else uses it by now.
    async fn close_again(&mut self, node: &Node) {
        for number in std::mem::take(&mut self.opened) {
            let Some(chain) = self.shared.hosted_by_number(number) else { continue };
            if !chain.is_wanted() && node.close_chain(&chain.id).await.is_err() {
                self.opened.insert(number);
            }
        }
    }

    /// A closed chain is opened for what is due on it, unless it was tried a while ago in vain.
    fn open_when_due(&mut self, number: i64, now_ms: u64) {
        let pause = self.chains.get(&number).copied().unwrap_or_default();
        if pause.until_ms > now_ms {
            self.wake_at(pause.until_ms);
        } else {
            self.openings.tell(number);
        }
    }

    /// Takes what is due on a chain that was opened for it.
    async fn step_opened(&mut self, node: &Node, number: i64, outcome: Result<Option<Arc<HostedChain>>, ChainError>) {
        let now_ms = self.shared.now_ms();
        match outcome {
            Ok(Some(chain)) => {
                self.opened.insert(number);
                self.step_all(node, &chain, now_ms).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(chain = number, %error, "a chain with a deadline cannot be opened; it is tried again")
            }
        }
        // Opening reads the whole chain, so it is not tried at every commit of another.
        let longer = self.chains.get(&number).copied().unwrap_or_default().longer(now_ms);
        self.chains.insert(number, longer);
        self.wake_at(longer.until_ms);
    }

    /// Takes steps of one chain together: as many as are its share.
    async fn step_all(&mut self, node: &Node, chain: &Arc<HostedChain>, now_ms: u64) {
        // What is begun on the chain ends on it; one that is closed meanwhile has its turn when it is opened again.
        let Some(_hold) = chain.hold().filter(|_| chain.stopped().is_none()) else { return };
        self.seek_results(chain, now_ms);
        let due = chain.waiting().due(now_ms);
        // What is not due any more was taken, by this node or by a party.
        let is_due: BTreeSet<&DueStep> = due.iter().collect();
        self.steps.retain(|(number, step), _| *number != chain.number || is_due.contains(step));
        let (mut sent, mut transactions) = (Vec::new(), Vec::new());
        for step in due {
            let pause = self.steps.get(&(chain.number, step)).copied().unwrap_or_default();
            if pause.until_ms > now_ms {
                self.wake_at(pause.until_ms);
                continue;
            }
            if transactions.len() >= STEPS_MAX {
                self.wake_at(now_ms);
                break;
            }
            match build::built(chain, step, now_ms, &self.shared.contracts) {
                Ok(Due::Now(transaction)) => match node.fill_claims_on(chain, *transaction).await {
                    Ok(filled) => {
                        sent.push(step);
                        transactions.push(filled);
                    }
                    Err(error) => self.put_off(chain, step, pause, now_ms, &error.to_string()),
                },
                Ok(Due::At(at_ms)) => self.wake_at(at_ms),
                Ok(Due::Never) => {
                    if let Cause::Price(_) = step.cause {
                        chain.waiting_mut().pass_over(&step.state);
                    }
                }
                Err(reason) => self.put_off(chain, step, pause, now_ms, &reason),
            }
        }
        let outcomes = submit(node, chain, transactions).await;
        for (step, outcome) in sent.into_iter().zip(outcomes) {
            let pause = self.steps.remove(&(chain.number, step)).unwrap_or_default();
            match outcome {
                Ok(_) => {}
                // Too much is under way: that says nothing of the step.
                Err(SubmitError::Busy) => self.put_off(chain, step, Pause::default(), now_ms, "the node is busy"),
                Err(error) => self.put_off(chain, step, pause, now_ms, &format!("{}: {error}", error.code())),
            }
        }
    }

    /// Computes what rounds under check are checked for, beside everything else: deadlines do not wait for it.
    fn seek_results(&self, chain: &Arc<HostedChain>, now_ms: u64) {
        if !chain.waiting().has_work() {
            return;
        }
        let sought = chain.waiting_mut().rounds_mut().seek(now_ms);
        for sought in sought {
            let (shared, chain, turns) = (Arc::clone(&self.shared), Arc::clone(chain), Arc::clone(&self.clearings));
            tokio::spawn(async move {
                let id = sought.round.round;
                let found = computed(turns, (&shared, &chain), sought).await;
                if let Err(reason) = &found {
                    tracing::warn!(chain = %chain.id, round = %id, %reason,
                        "the rows of the proposed result cannot be shown; its operator shows them, or the round ends at its time");
                }
                chain.waiting_mut().rounds_mut().found(id, found.ok());
                shared.wake_timers_for(&chain);
            });
        }
    }

    fn put_off(&mut self, chain: &HostedChain, step: DueStep, pause: Pause, now_ms: u64, reason: &str) {
        tracing::warn!(chain = %chain.id, of = %step.state, %reason, "a step was not taken; it is tried again");
        let longer = pause.longer(now_ms);
        self.steps.insert((chain.number, step), longer);
        self.wake_at(longer.until_ms);
    }
}

/// Waits for its turn, away from the tasks that serve requests.
async fn computed(
    turns: Arc<Semaphore>,
    (shared, chain): (&Shared, &HostedChain),
    sought: Sought,
) -> Result<Arc<Book>, String> {
    let turn = turns.acquire_owned().await.map_err(|error| error.to_string())?;
    if !chain.waiting().rounds().is_sought(&sought.round.round, shared.now_ms()) {
        return Err("the round was ended meanwhile".to_owned());
    }
    let compute = move || {
        let found = build::cleared(&sought);
        drop(turn);
        found
    };
    tokio::task::spawn_blocking(compute).await.map_err(|error| error.to_string())?
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
