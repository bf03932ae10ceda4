//! Rounds: start, check, settle, pay, kill.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ledger_core::Address;
use serde_json::{Value, json};

use super::book::Sent;
use super::customer::{Customer, place};
use super::ledger::{Seen, balances};
use super::plan::{Plan, Plans};
use super::server::Server;
use super::tally::{Tally, stage};
use super::victim::{Home, Start, Victim};
use super::world::World;
use crate::seed::Dice;

/// A fault that the load does not come to in this time is replaced by a kill.
const FAULT_MAX: Duration = Duration::from_secs(10);
/// Accepted transactions of each customer that the node is asked for after a start.
const ASKED: usize = 4;

/// Kills a node of one world so often, and checks everything after each start.
pub(super) struct Run<'a> {
    world: World,
    seen: Seen,
    server: Option<&'a mut Server>,
    tally: &'a mut Tally,
    dice: &'a mut Dice,
}

impl<'a> Run<'a> {
    pub(super) fn begin(
        world: World,
        server: Option<&'a mut Server>,
        tally: &'a mut Tally,
        dice: &'a mut Dice,
    ) -> Self {
        let seen = Seen::nothing(&world.chains);
        Self { world, seen, server, tally, dice }
    }

    /// Rounds of these plans, then everything once more with the audit.
    pub(super) fn kill(mut self, plans: &mut Plans, kills: usize) {
        for _ in 0..kills {
            let plan = plans.next(self.dice);
            self.round(&plan);
        }
        let Start::Ready(victim) = Victim::start(&self.world.home, None) else { panic!("without a fault it starts") };
        self.check();
        assert!(self.settled(&victim) && self.balances_agree(), "a node without a fault answers");
        drop(victim);
        let books = self.books();
        self.tally.accepted += books.iter().flatten().filter(|sent| sent.accepted.is_some()).count();
        self.tally.blocks += self.seen.blocks;
        self.world.audit();
        self.tally.audits += 1;
        // Once more from the first block, as nobody has seen it before.
        self.seen = Seen::nothing(&self.world.chains);
        self.seen.look(&self.world.home.database);
        self.seen.agree_with(&books);
    }

    fn round(&mut self, plan: &Plan) {
        let fault = plan.fault();
        let mut victim = match Victim::start(&self.world.home, fault.as_deref()) {
            Start::Ready(victim) => victim,
            Start::Ended => return self.killed(plan, true),
        };
        self.check();
        if self.settled(&victim) && self.balances_agree() {
            self.pay(plan, &mut victim);
        } else {
            // Only its fault keeps a node from answering what was left open.
            assert!(victim.ends_soon(), "the node runs and does not answer: {}", self.world.home.told());
        }
        let at_fault = victim.kill();
        self.killed(plan, at_fault);
        if let (Plan::Server(..), Some(server)) = (plan, &mut self.server) {
            assert!(server.restart(), "PostgreSQL is there");
        }
    }

    fn killed(&mut self, plan: &Plan, at_fault: bool) {
        let how = match plan {
            Plan::Fault(point, _) if at_fault => format!("fault {point}"),
            Plan::Server(end, _) => format!("the server {end:?}, then the node"),
            _ => stage(&self.world.home.last_point()),
        };
        self.tally.kill(how);
    }

    /// All customers pay at the same time until the node has ended, or its time is over.
    fn pay(&mut self, plan: &Plan, victim: &mut Victim) {
        let over = AtomicBool::new(false);
        let until = Instant::now() + plan.after().unwrap_or(FAULT_MAX);
        let server = &mut self.server;
        let dice: Vec<Dice> = self.world.customers.iter().map(|_| self.dice.fork()).collect();
        thread::scope(|scope| {
            let over = &over;
            for (customer, mut dice) in self.world.customers.iter_mut().zip(dice) {
                scope.spawn(move || customer.pay(&mut dice, over));
            }
            while Instant::now() < until && !victim.has_ended() {
                thread::sleep(Duration::from_millis(2));
            }
            if let (Plan::Server(end, _), Some(server)) = (plan, server) {
                server.end(*end);
                // The node has a moment to notice, with its customers still at it.
                thread::sleep(Duration::from_millis(200));
            }
            victim.strike();
            over.store(true, Ordering::SeqCst);
        });
        self.tally.unanswered += self.world.customers.iter().map(|customer| customer.open().len()).sum::<usize>();
    }

    /// The database against the books, past the node.
    fn check(&mut self) {
        let before: Vec<_> = self.world.customers.iter().flat_map(Customer::open).map(|sent| sent.command).collect();
        let known = before.iter().filter(|command| self.seen.place(command).is_some()).count();
        self.seen.look(&self.world.home.database);
        self.seen.agree_with(&self.books());
        let found = before.iter().filter(|command| self.seen.place(command).is_some()).count();
        self.tally.there_all_the_same += found - known;
    }

    fn books(&self) -> Vec<Vec<Sent>> {
        self.world.customers.iter().map(|customer| customer.book.read()).collect()
    }

    /// What was left without an answer is sent again and accepted, at its place if it had one. False where the node has ended
    /// at its fault meanwhile.
    fn settled(&mut self, victim: &Victim) -> bool {
        let seen = &self.seen;
        thread::scope(|scope| {
            let settle = |customer: &mut Customer| -> Result<(), String> {
                customer.go_to(&victim.url)?;
                let open: Vec<Sent> = customer.open().to_vec();
                for answer in customer.settle()? {
                    let sent = open.iter().find(|sent| sent.transaction == answer.place.transaction);
                    let found = seen.place(&sent.expect("the answer is to what was open").command);
                    // One that was sent twice by now may have been accepted by the first of them.
                    let is_so = found.map_or(!answer.replayed, |found| answer.replayed && found == answer.place);
                    assert!(is_so, "{found:?} is answered with {:?}", answer.place);
                }
                asked(customer)
            };
            let settling: Vec<_> =
                (self.world.customers.iter_mut()).map(|customer| scope.spawn(move || settle(customer))).collect();
            let outcomes: Vec<_> = settling.into_iter().map(|settling| settling.join().expect("it settles")).collect();
            outcomes.iter().all(Result::is_ok)
        })
    }

    /// What the node says that each customer has is what the accepted transactions give. False where the node has ended at its
    /// fault meanwhile: a journal that waits is folded whether anybody asks or not.
    fn balances_agree(&mut self) -> bool {
        let books = self.books();
        let customers: Vec<Address> = self.world.customers.iter().map(|customer| customer.party.address).collect();
        for customer in &self.world.customers {
            let query = "{ holdings(first: 100) { nodes { asset { id } total } } }";
            let Ok(answer) = customer.client().try_ask("platform", query, json!({})) else { return false };
            let nodes = answer.json()["data"]["holdings"]["nodes"].as_array().cloned().unwrap_or_default();
            for chain in &self.world.chains {
                let minor = balances(chain, &customers, &books)[&(chain.asset, customer.party.address)];
                let total = format!("{}.{:02}", minor / 100, minor % 100);
                let asset = chain.asset.to_string();
                let held = nodes.iter().find(|node| node["asset"]["id"] == asset.as_str());
                assert_eq!(held.map(|node| &node["total"]), Some(&Value::from(total)), "{}", answer.text());
            }
        }
        true
    }
}

/// The node itself says of a customer's last accepted transactions what it said when it accepted them.
fn asked(customer: &Customer) -> Result<(), String> {
    let query = "query($chain: ID!, $id: Hash!) { transaction(chain: $chain, id: $id) \
         { ledger { height position transactionId } } }";
    let book = customer.book.read();
    for sent in book.iter().rev().filter(|sent| sent.accepted.is_some()).take(ASKED) {
        let variables = json!({ "chain": sent.chain.to_string(), "id": sent.transaction.to_string() });
        let answer = customer.client().try_ask("platform", query, variables)?.json();
        assert_eq!(Some(place(&answer["data"]["transaction"]["ledger"])), sent.accepted, "{answer}");
    }
    Ok(())
}

/// A first start that ends while it makes its chain is completed by the next, which makes one chain.
pub(super) fn kill_first_start(home: &Home, point: &'static str, tally: &mut Tally) {
    let ended = matches!(Victim::start(home, Some(point)), Start::Ended);
    assert!(ended, "a first start comes to {point}");
    tally.kill(format!("fault {point}"));
    let Start::Ready(victim) = Victim::start(home, None) else { panic!("without a fault it starts") };
    let names = std::fs::read_dir(home.data.join("keys")).expect("keys").count();
    assert!(names > 1, "the parties have their keys");
    let key = hive_app::cli::key_file::KeyFile::read(&home.data.join("keys/depositor.json")).expect("a key");
    let depositor = crate::client::Client::sign_in(&victim.url, &key);
    let chains = depositor.data("platform", "{ chains { name } }", json!({}));
    assert_eq!(chains["chains"], json!([{ "name": "Demonstration" }]), "one chain, made once");
}
