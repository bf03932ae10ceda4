//! The same log gives the same roots in another process.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use proptest::prelude::*;

use crate::contract::{title, token};
use crate::encoding::{decode, encode};
use crate::fixture::*;
use crate::verify::{Depth, ProposedBlock, contextual, replay, structural};
use crate::{Block, Digest, Genesis, Ledger, SignedTransaction, StateRef, TransactionBuilder};

/// Blocks of a random chain, besides the two that found it.
const BLOCKS: usize = 30;
const HOLDERS: [Who; 4] = [Depositor, Supplier, BankA, BankB];

/// A chain under way: what may be spent, and by whom.
struct Walk {
    world: World,
    definition: StateRef,
    holdings: Vec<(Who, u64, StateRef)>,
    titles: Vec<StateRef>,
}

/// What a transaction under way creates: holdings, or a free title.
enum Made {
    Holdings(Vec<(Who, u64)>),
    Title,
    Nothing,
}

/// A chain of [`BLOCKS`] blocks; each takes its transactions from the choices, three bytes each.
pub(super) fn random_chain(choices: &[u8]) -> World {
    let mut world = World::new();
    let definition = world.define();
    let mut walk = Walk { world, definition, holdings: Vec::new(), titles: Vec::new() };
    let mut choices = choices.chunks_exact(3).map(|choice| (choice[0], choice[1], choice[2]));
    for height in 0..BLOCKS {
        let made = (0..1 + height % 3).map(|_| walk.step(choices.next().unwrap_or_default())).collect();
        let journal = (0..height % 2).map(|_| Digest::from_bytes([u8::try_from(height).unwrap(); 32])).collect();
        walk.block(made, journal);
    }
    walk.world
}

impl Walk {
    fn step(&mut self, (what, first, second): (u8, u8, u8)) -> (SignedTransaction, Made) {
        let amount = u64::from(second) + 1;
        let receiver = HOLDERS[usize::from(second) % HOLDERS.len()];
        match what % 5 {
            0 if !self.titles.is_empty() => {
                let title = self.titles.remove(usize::from(first) % self.titles.len());
                let builder = self.world.pledge(title, Depositor, BankA);
                (self.sign(builder, &[Depositor, BankA, Operator]), Made::Nothing)
            }
            1 => {
                let title = self.world.title(&format!("WR-{}", self.world.blocks.len() * 10 + self.titles.len()));
                let state = title::title_state(&title, Depositor.address());
                let contract = crate::ContractId::built_in(title::NAME);
                let builder = self.world.build(Operator).output(state);
                let builder = builder.command(contract, title::ISSUE, &crate::wire::TitleIssue {});
                (self.sign(builder, &[Operator, Depositor]), Made::Title)
            }
            2..=4 if !self.holdings.is_empty() => {
                let place = usize::from(first) % self.holdings.len();
                let (payer, held, state) = self.holdings.remove(place);
                let paid = amount.min(held);
                let mut outputs = vec![(receiver, paid)];
                outputs.extend((held > paid).then_some((payer, held - paid)));
                let builder = self.world.transfer(payer, &[state], &outputs);
                (self.sign(builder, &[payer]), Made::Holdings(outputs))
            }
            _ => {
                let unique = format!("deposit {} {what} {first} {}", self.world.blocks.len(), self.holdings.len());
                let command = self.world.issue_command(amount, &unique);
                let state = self.world.holding(receiver, amount);
                let contract = crate::ContractId::built_in(token::NAME);
                let builder = self.world.build(BankA).current(self.definition).output(state);
                let builder = builder.command(contract, token::ISSUE, &command);
                (self.sign(builder, &[BankA, Attestor]), Made::Holdings(vec![(receiver, amount)]))
            }
        }
    }

    fn sign(&self, builder: TransactionBuilder, signers: &[Who]) -> SignedTransaction {
        World::sign(self.world.fill(builder), signers)
    }

    /// Commits the transactions together; one that another of the block forestalls is left out.
    fn block(&mut self, made: Vec<(SignedTransaction, Made)>, journal: Vec<Digest>) {
        let verified = |(signed, _): &(SignedTransaction, Made)| {
            let stage = structural(&signed.encode(), &self.world.ledger.chain()).unwrap();
            self.world.rules().semantic(stage.resolve(&self.world.ledger).unwrap(), &self.world.ledger).unwrap()
        };
        let transactions = made.iter().map(verified).collect();
        let proposed = ProposedBlock { journal, ..self.world.proposed(transactions) };
        let (block, _) = contextual(proposed, &self.world.ledger);
        self.world.commit(&block);
        for (signed, made) in made {
            let state = |index| StateRef { transaction: signed.transaction.id().unwrap(), index };
            if self.world.ledger.unspent(&state(0)).is_none() {
                continue;
            }
            match made {
                Made::Holdings(outputs) => self
                    .holdings
                    .extend((0u32..).zip(outputs).map(|(index, (who, amount))| (who, amount, state(index)))),
                Made::Title => self.titles.push(state(0)),
                Made::Nothing => {}
            }
        }
    }
}

/// Hash and state root after each block, in hex.
fn roots(genesis: Genesis, blocks: &[Block]) -> Vec<String> {
    let world = World::empty();
    let mut ledger = Ledger::from_genesis(genesis).unwrap();
    let root = |block: &Block| {
        let verified = replay(block, &ledger, &ledger, world.rules(), Depth::Everything).unwrap();
        ledger.apply(&verified).unwrap();
        format!("{} {}", ledger.tip(), ledger.state_root())
    };
    blocks.iter().map(root).collect()
}

/// The test's own name, and what tells a process that it is the other one.
const OTHER: (&str, &str) =
    ("outside::process::the_same_log_gives_the_same_roots_in_another_process", "LEDGER_REPLAYS");

fn replayed_elsewhere(world: &World) -> Vec<String> {
    let (name, marker) = OTHER;
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(marker, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = other.stdin.take().unwrap();
    let log = std::iter::once(encode(world.ledger.genesis())).chain(world.blocks.iter().map(encode));
    let lines: Vec<_> = log.map(hex::encode).collect();
    input.write_all(lines.join("\n").as_bytes()).unwrap();
    drop(input);
    let output = other.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().filter_map(|line| line.split_once("root: ").map(|(_, root)| root.to_owned())).collect()
}

/// In the other process: replays the log that comes in and prints the roots.
fn print_roots() {
    let mut log = String::new();
    std::io::stdin().read_to_string(&mut log).unwrap();
    let mut lines = log.lines().map(|line| hex::decode(line).unwrap());
    let genesis = decode(&lines.next().unwrap()).unwrap();
    let blocks: Vec<_> = lines.map(|bytes| decode(&bytes).unwrap()).collect();
    roots(genesis, &blocks).iter().for_each(|root| println!("root: {root}"));
}

#[test]
fn the_same_log_gives_the_same_roots_in_another_process() {
    if std::env::var_os(OTHER.1).is_some() {
        return print_roots();
    }
    proptest!(ProptestConfig::with_cases(4), |(choices in prop::collection::vec(any::<u8>(), 200))| {
        let world = random_chain(&choices);
        let here = roots(world.ledger.genesis().clone(), &world.blocks);
        prop_assert_eq!(here.len(), BLOCKS + 2);
        let built = format!("{} {}", world.ledger.tip(), world.ledger.state_root());
        prop_assert_eq!(here.last(), Some(&built));
        prop_assert_eq!(replayed_elsewhere(&world), here);
    });
}
