//! One seed: the lives of a node on one database, from opening to failure or restart, until every step is taken.

use std::sync::Arc;

use futures_util::future::join_all;
use ledger_core::{ChainId, Digest, SignedTransaction};
use tempfile::TempDir;

use super::model::{Chain, Parties, Sent, place};
use super::world::{SetClock, World, node_config};
use crate::fault::{Point, plan};
use crate::storage::damage::Dice;
use crate::tests::market::genesis;
use crate::{Accepted, ChainError, Node, SubmitError};

const STEPS: usize = 6;
const COMMITTING: &[Point] = &[
    Point::CommitBeforeBegin,
    Point::CommitBegun,
    Point::CommitAfterJournal,
    Point::CommitAfterProjections,
    Point::CommitAfterBlocks,
    Point::CommitAfterTransactions,
    Point::CommitAfterStates,
    Point::CommitAfterClaims,
    Point::CommitAfterSpent,
    Point::CommitAfterEvents,
    Point::CommitBeforeCommit,
    // Durable, and nobody is told: the connection is lost after the commit. As often as all others need.
    Point::CommitDurable,
    Point::CommitDurable,
    Point::CommitDurable,
];
const CREATING: &[Point] = &[Point::ChainBegun, Point::ChainWritten, Point::ChainDurable];
const OPENING: &[Point] = &[Point::OpenMigrated, Point::ReplayPage, Point::ReplayChain];

/// A seed under way, and what came of it.
pub(super) struct Simulation<'w> {
    world: &'w World,
    folder: TempDir,
    clock: Arc<SetClock>,
    dice: Dice,
    parties: Parties,
    chains: Vec<Chain>,
    created: Vec<ChainId>,
    /// Sent and not answered, by chain: what the next life finds out.
    open: Vec<Vec<Sent>>,
    /// Everything that was decided and answered, line by line.
    pub(super) trace: Vec<String>,
    pub(super) transactions: u64,
    pub(super) faults: u64,
    pub(super) openings: u64,
}

/// Whether a node goes on.
#[derive(PartialEq)]
enum Then {
    GoesOn,
    Ends,
}

impl<'w> Simulation<'w> {
    pub(super) fn run(world: &'w World, seed: u64, audits: bool) -> Self {
        let _nothing_is_left_of_another = (plan::clear(), plan::open_gate());
        let mut simulation = Self {
            world,
            folder: world.copy(),
            clock: SetClock::new(),
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            parties: Parties::new(),
            chains: world.chains.iter().map(Chain::of).collect(),
            created: Vec::new(),
            open: world.chains.iter().map(|_| Vec::new()).collect(),
            trace: Vec::new(),
            transactions: 0,
            faults: 0,
            openings: 0,
        };
        let mut steps = STEPS;
        while steps > 0 {
            // A runtime that is dropped takes all tasks of the node with it, wherever they are.
            runtime().block_on(simulation.live(&mut steps));
        }
        runtime().block_on(simulation.conclude(audits));
        simulation
    }

    fn fails_at(&mut self, points: &[Point], one_in: usize) -> Option<Point> {
        let point = points[self.dice.below(points.len())];
        (self.dice.below(one_in) == 0).then(|| {
            plan::fail_at(point, 1);
            point
        })
    }

    async fn live(&mut self, steps: &mut usize) {
        let opens = self.fails_at(OPENING, 6);
        let node = self.opened().await;
        if plan::clear() || node.is_err() {
            self.faults += 1;
            assert!(node.is_err() && opens.is_some(), "a node whose database fails while it opens does not open");
            self.trace.push(format!("does not open: {opens:?}"));
            return;
        }
        let Ok(node) = node else { return };
        self.find_out(&node).await;
        while *steps > 0 {
            *steps -= 1;
            let then = if self.dice.below(12) == 0 { self.create(&node).await } else { self.step(&node).await };
            if then == Then::Ends || self.dice.below(10) == 0 {
                if self.dice.below(2) == 0 {
                    node.shutdown().await;
                }
                return;
            }
        }
    }

    async fn opened(&mut self) -> Result<Node, ChainError> {
        self.openings += 1;
        let node = Node::open(node_config(self.folder.path(), &self.clock)).await?;
        for chain in node.chain_ids() {
            node.open_chain(&chain).await?;
        }
        Ok(node)
    }

    /// Sends to some chains at the same time, so that one commit takes it all, which may fail.
    async fn step(&mut self, node: &Node) -> Then {
        let ms = i64::try_from(self.dice.below(20_000)).unwrap() - 5_000;
        self.clock.step(ms);
        for (chain, open) in self.chains.iter_mut().zip(&mut self.open) {
            if self.dice.below(3) > 0 {
                *open = chain.batch(&self.parties, &mut self.dice);
            }
        }
        let fails = self.fails_at(COMMITTING, 3);
        let answers = self.send(node).await;
        let failed = fails.is_some() && !plan::clear();
        self.faults += u64::from(failed);
        self.trace.push(format!("{fails:?} {failed}"));
        assert_eq!(node.ready().is_err(), failed, "a node stops when its database fails, and only then");
        for (number, answers) in answers.into_iter().enumerate() {
            let sent = std::mem::take(&mut self.open[number]);
            for (sent, answer) in sent.into_iter().zip(answers) {
                self.hear(number, sent, answer, failed);
            }
        }
        if failed { Then::Ends } else { Then::GoesOn }
    }

    async fn send(&self, node: &Node) -> Vec<Vec<Result<Accepted, SubmitError>>> {
        let to: Vec<_> = self.chains.iter().zip(&self.open).map(|(chain, open)| (chain.id, bytes(open))).collect();
        let batches = to.iter().filter(|(_, bytes)| !bytes.is_empty()).count();
        plan::close_gate();
        let sending = join_all(to.into_iter().map(|(chain, bytes)| async move {
            if bytes.is_empty() { Vec::new() } else { node.submit_all(&chain, bytes).await }
        }));
        let letting = async {
            plan::verified(batches).await;
            plan::open_gate();
        };
        let (answers, ()) = tokio::join!(sending, letting);
        answers
    }

    /// An answer is what the model says, or that the node has stopped if it has.
    fn hear(&mut self, number: usize, sent: Sent, answer: Result<Accepted, SubmitError>, failed: bool) {
        let told = |accepted: &Accepted| format!("{} {} {}", accepted.height, accepted.position, accepted.transaction);
        self.trace.push(answer.as_ref().map_or_else(|error| error.code().to_owned(), told));
        let id = sent.payment().id;
        match (sent, answer) {
            (sent, Err(SubmitError::Stopped(_))) if failed => self.open[number].push(sent),
            (Sent::Fresh(_), Ok(accepted)) if failed => panic!("{accepted:?} though the commit failed"),
            (Sent::Fresh(payment), Ok(accepted)) => {
                assert!(accepted.transaction == id && !accepted.replayed, "{accepted:?}");
                self.transactions += 1;
                self.chains[number].accept(&payment, place(&accepted));
            }
            (Sent::Again(_, first), Ok(accepted)) => {
                assert!(accepted.transaction == id && accepted.replayed, "{accepted:?}");
                assert_eq!(place(&accepted), first, "the first answer again");
            }
            (Sent::Wrong(_, code), Err(error)) => assert_eq!(error.code(), code),
            (_, answer) => panic!("{answer:?}"),
        }
    }

    /// What the last life left open stands on the ledger, all of it with all of its commit, or not at all; what does not is
    /// accepted now, and what does gets its first answer.
    async fn find_out(&mut self, node: &Node) {
        let (mut there, mut missing) = (0, 0);
        let mut again: Vec<Vec<Sent>> = Vec::new();
        for (chain, open) in self.chains.iter_mut().zip(&mut self.open) {
            let mut sent_again = Vec::new();
            for sent in std::mem::take(open) {
                let found = node.transaction(&chain.id, &sent.payment().id).await.unwrap();
                match (sent, found) {
                    (Sent::Fresh(payment), Some(found)) => {
                        there += 1;
                        let place = (found.height, found.position);
                        assert_eq!(found.bytes, payment.bytes);
                        self.transactions += 1;
                        chain.accept(&payment, place);
                        sent_again.push(Sent::Again(payment, place));
                    }
                    (Sent::Fresh(payment), None) => {
                        missing += 1;
                        sent_again.push(Sent::Fresh(payment));
                    }
                    (sent, _) => sent_again.push(sent),
                }
            }
            again.push(sent_again);
        }
        assert!(there == 0 || missing == 0, "half of a commit stands: {there} and not {missing}");
        self.trace.push(format!("{there} of {}", there + missing));
        self.open = again;
        let answers = self.send(node).await;
        for (number, answers) in answers.into_iter().enumerate() {
            for (sent, answer) in std::mem::take(&mut self.open[number]).into_iter().zip(answers) {
                self.hear(number, sent, answer, false);
            }
        }
    }

    /// Makes a further chain, which may fail; it is there or not, and never twice.
    async fn create(&mut self, node: &Node) -> Then {
        let mut asked = genesis("side");
        asked.nonce = [u8::try_from(self.created.len()).unwrap(); 32];
        let chain = asked.chain_id();
        let fails = self.fails_at(CREATING, 2);
        let made = node.create_chain(asked).await;
        assert!(!plan::clear(), "the making of a chain comes to its points");
        self.trace.push(format!("creates {chain}: {fails:?}"));
        match (fails, made) {
            (None, Ok(made)) => {
                assert_eq!(made, chain);
                self.created.push(chain);
                Then::GoesOn
            }
            (Some(point), Err(ChainError::Storage(_))) => {
                self.faults += 1;
                if point == Point::ChainDurable {
                    self.created.push(chain);
                }
                Then::Ends
            }
            (fails, made) => panic!("{fails:?}: {made:?}"),
        }
    }

    /// The ledger is that of the accepted transactions and of nothing else, as a node without faults has it.
    async fn conclude(&mut self, audits: bool) {
        plan::clear();
        let node = self.opened().await.unwrap();
        self.find_out(&node).await;
        let chains = node.chains(&node.chain_ids()).await.unwrap();
        let numbers: Vec<i64> = chains.iter().map(|chain| chain.number).collect();
        assert_eq!(numbers, (1..).take(3 + self.created.len()).collect::<Vec<_>>());
        assert!(self.created.iter().all(|chain| node.has_chain(chain)), "an accepted chain is lost");
        let other = self.world.copy();
        let reference = Node::open(node_config(other.path(), &self.clock)).await.unwrap();
        for chain in &self.chains {
            assert_eq!(committed(&node, chain).await, self.expected(chain), "chain {}", chain.id);
            let mut balances = Vec::new();
            for owner in self.parties.addresses() {
                let held = node.balances(&chain.id, &owner).await.unwrap();
                balances.push(held.iter().map(|has| has.free + has.locked).sum::<u64>());
            }
            assert_eq!(balances, chain.balances());
            let all = chain.accepted.iter().map(|(payment, _)| payment.bytes.clone()).collect();
            let outcomes = reference.submit_all(&chain.id, all).await;
            assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
            let root = root(&node, &chain.id).await;
            assert_eq!(root, self::root(&reference, &chain.id).await, "a node without faults has another ledger");
            self.trace.push(format!("{root} {}", node.chain(&chain.id).await.unwrap().tip));
        }
        if audits {
            let report = node.audit(|_| {}).await.unwrap();
            assert!(report.is_clean(), "{:?}", report.findings);
        }
    }

    fn expected(&self, chain: &Chain) -> Vec<(Vec<u8>, (u64, u32))> {
        chain.accepted.iter().map(|(payment, place)| (payment.bytes.clone(), *place)).collect()
    }
}

/// Every transaction of a chain above its beginning, in order. Times ascend though the clock stepped back.
async fn committed(node: &Node, chain: &Chain) -> Vec<(Vec<u8>, (u64, u32))> {
    let (mut all, mut time_ms) = (Vec::new(), 0);
    for height in 1..=node.chain(&chain.id).await.unwrap().height {
        let block = node.block(&chain.id, height).await.unwrap().unwrap();
        assert!(block.header.time_ms > time_ms, "block {height} is not later than the one before");
        time_ms = block.header.time_ms;
        if height > chain.begins_above {
            let placed = (0..).zip(block.transactions).map(|(position, bytes)| (bytes, (height, position)));
            all.extend(placed);
        }
    }
    let ids: std::collections::BTreeSet<_> =
        all.iter().map(|(bytes, _)| SignedTransaction::decode(bytes).unwrap().transaction.command_id).collect();
    assert_eq!(ids.len(), all.len(), "a command stands twice");
    all
}

async fn root(node: &Node, chain: &ChainId) -> Digest {
    node.read_ledger(chain, |ledger| ledger.state_root()).await.unwrap()
}

fn bytes(sent: &[Sent]) -> Vec<Vec<u8>> {
    sent.iter().map(|sent| sent.payment().bytes.clone()).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
