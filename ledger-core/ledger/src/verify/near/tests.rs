use super::*;
use crate::contract::title;
use crate::fixture::*;
use crate::verify::{Depth, ProposedBlock, VerifiedTransaction, contextual, replay, structural};
use crate::{ContractId, Ledger, TransactionBuilder, wire};

fn issue(world: &mut World, numbers: &[&str]) -> TransactionBuilder {
    let states = numbers.iter().map(|number| title::title_state(&world.title(number), Depositor.address()));
    let states: Vec<_> = states.collect();
    let builder = states.into_iter().fold(world.build(Operator), TransactionBuilder::output);
    builder.command(ContractId::built_in(title::NAME), title::ISSUE, &wire::TitleIssue {})
}

fn verified(world: &mut World, numbers: &[&str]) -> VerifiedTransaction {
    let builder = issue(world, numbers);
    let bytes = World::sign(world.fill(builder), &[Operator, Depositor]).encode();
    let resolved = structural(&bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
    world.rules().semantic(resolved, &world.ledger).unwrap()
}

fn near(output: u32) -> Warning {
    Warning::NearClaim { class: "document number", output }
}

/// A chain that has one title, and a block of three transactions behind it: warnings of the last two.
fn block_of_titles() -> (World, Ledger) {
    let mut world = World::new();
    world.issue_title("WR-1");
    let before = world.ledger.clone();
    let sets: [&[&str]; 3] = [&["WR-2"], &["WR/3", "WR/02", "WR/1"], &["WR.3", "WR-4"]];
    let transactions = sets.into_iter().map(|numbers| verified(&mut world, numbers)).collect();
    let proposed = ProposedBlock { time_ms: world.now_ms, transactions, journal: Vec::new() };
    let (block, refused) = contextual(proposed, &world.ledger);
    assert!(refused.is_empty());
    assert_eq!(block.warnings(), [vec![], vec![near(1), near(2)], vec![near(0)]]);
    world.commit(&block);
    (world, before)
}

#[test]
fn near_titles_are_warned_of_in_the_order_of_their_block() {
    block_of_titles();
}

#[test]
fn a_replay_warns_of_the_same() {
    let (world, before) = block_of_titles();
    let replayed = replay(world.blocks.last().unwrap(), &before, &before, world.rules(), Depth::Everything).unwrap();
    assert_eq!(replayed.warnings(), [vec![], vec![near(1), near(2)], vec![near(0)]]);
}

/// Numbers that one transaction takes together do not warn of each other: all who sign see both.
#[test]
fn a_transaction_is_not_warned_of_itself() {
    let mut world = World::new();
    let both = issue(&mut world, &["WR-1", "WR/1"]);
    world.accept(both, &[Operator, Depositor]);
    assert_eq!(world.warnings, []);
    let third = issue(&mut world, &["WR.1"]);
    let examined = world.rules().examine(world.fill(third.clone()), &world.ledger).unwrap();
    assert_eq!(examined.warnings(&world.ledger), [near(0)]);
    world.accept(third, &[Operator, Depositor]);
    assert_eq!(world.warnings, [near(0)]);
}

/// A warning names the class and the transaction's own output, and nothing of whoever holds the other.
#[test]
fn a_warning_names_no_rival() {
    assert_eq!(
        near(0).to_string(),
        "a document number much like the one of output 0 is in use on the chain already; compare the documents"
    );
}
