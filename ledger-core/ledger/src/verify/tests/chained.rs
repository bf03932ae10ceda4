//! Spending and reading outputs that are in no block yet.

use std::sync::Arc;

use super::market::Jumbled;
use crate::fixture::*;
use crate::verify::{Batch, ProposedBlock, VerifiedTransaction, contextual};
use crate::{Rejection, SignedTransaction, StateRef, TransactionId};

fn output(id: TransactionId, index: u32) -> StateRef {
    StateRef { transaction: id, index }
}

/// A world, and a holding of 1,000 of the depositor.
fn world() -> (World, StateRef) {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 1_000);
    (world, held)
}

fn pay(world: &mut World, who: Who, from: StateRef, to: Who) -> SignedTransaction {
    let builder = world.transfer(who, &[from], &[(to, 1_000)]);
    World::sign(builder.build(), &[who])
}

fn verified(world: &World, signed: &[SignedTransaction]) -> Vec<Result<VerifiedTransaction, Rejection>> {
    let bytes = signed.iter().map(|signed| Arc::from(signed.encode())).collect();
    let workers = Jumbled { width: 3, seed: 5 };
    let results = Batch::read(bytes, world.ledger.chain(), &workers).verify(world.rules(), &world.ledger, &workers);
    results.into_iter().map(|result| result.map_err(Rejection::from)).collect()
}

/// Codes of the refusals in the batch, then how many stand in the block and the codes of those that do not.
fn check(world: &World, signed: &[SignedTransaction], batch: &[&str], in_block: usize, refused: &[&str]) {
    let results = verified(world, signed);
    let codes: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).map(|r| r.code.clone()).collect();
    assert_eq!(codes, batch);
    let transactions = results.into_iter().flatten().collect();
    let proposed =
        ProposedBlock { time_ms: world.now_ms, transactions, journal: Vec::new(), directory: world.ledger.directory() };
    let (block, left_out) = contextual(proposed, &world.ledger);
    assert_eq!(block.transactions().len(), in_block);
    assert_eq!(left_out.iter().map(|(_, rejection)| rejection.code.as_str()).collect::<Vec<_>>(), refused);
}

#[test]
fn a_long_chain_of_spends_stands_in_one_block() {
    let (mut world, mut held) = world();
    let mut signed = Vec::new();
    for place in 0..80 {
        let (from, to) = if place % 2 == 0 { (Depositor, Supplier) } else { (Supplier, Depositor) };
        signed.push(pay(&mut world, from, held, to));
        held = output(signed[place].transaction.id().unwrap(), 0);
    }
    check(&world, &signed, &[], 80, &[]);
}

#[test]
fn children_follow_a_refused_parent_to_the_last() {
    let (mut world, held) = world();
    let parent = pay(&mut world, Supplier, held, BankB);
    let child = pay(&mut world, BankB, output(parent.transaction.id().unwrap(), 0), BankA);
    let grandchild = pay(&mut world, BankA, output(child.transaction.id().unwrap(), 0), BankB);
    let other = pay(&mut world, Depositor, held, BankB);
    let signed = [parent, child, grandchild, other];
    check(&world, &signed, &["AUTHORITY_SIGNATURES_MISSING", "PARENT_REJECTED", "PARENT_REJECTED"], 1, &[]);
}

#[test]
fn children_of_a_parent_that_loses_its_place_are_refused_by_its_name() {
    let (mut world, held) = world();
    let first = pay(&mut world, Depositor, held, BankB);
    let second = pay(&mut world, Depositor, held, Supplier);
    let second_id = second.transaction.id().unwrap();
    let child = pay(&mut world, Supplier, output(second_id, 0), BankA);
    let grandchild = pay(&mut world, BankA, output(child.transaction.id().unwrap(), 0), BankB);
    let signed = [first, second, child, grandchild];
    check(&world, &signed, &[], 1, &["STATE_NOT_UNSPENT", "PARENT_REJECTED", "PARENT_REJECTED"]);
    let transactions = verified(&world, &signed).into_iter().flatten().collect();
    let proposed =
        ProposedBlock { time_ms: world.now_ms, transactions, journal: Vec::new(), directory: world.ledger.directory() };
    let (_, refused) = contextual(proposed, &world.ledger);
    assert!(refused[1].1.message.contains(&second_id.to_string()), "{}", refused[1].1);
}

/// A past reference only asks that its state exists; of a refused transaction it never did.
#[test]
fn who_only_reads_an_output_needs_its_transaction_too() {
    let (mut world, held) = world();
    let definition = *world.ledger.unspent_states().find(|(_, unspent)| unspent.state.kind == "definition").unwrap().0;
    let own = world.issue(definition, Supplier, 1_000);
    let first = pay(&mut world, Depositor, held, BankB);
    let second = pay(&mut world, Depositor, held, Supplier);
    let read_by = |world: &mut World, read: &SignedTransaction| {
        let builder = world.transfer(Supplier, &[own], &[(BankA, 1_000)]);
        let builder = builder.past(output(read.transaction.id().unwrap(), 0));
        World::sign(builder.build(), &[Supplier])
    };
    let reads_second = read_by(&mut world, &second);
    check(&world, &[first.clone(), second, reads_second], &[], 1, &["STATE_NOT_UNSPENT", "PARENT_REJECTED"]);
    let reads_first = read_by(&mut world, &first);
    check(&world, &[first, reads_first], &[], 2, &[]);
}

#[test]
fn a_child_before_its_parent_finds_no_state() {
    let (mut world, held) = world();
    let parent = pay(&mut world, Depositor, held, Supplier);
    let child = pay(&mut world, Supplier, output(parent.transaction.id().unwrap(), 0), BankA);
    check(&world, &[child.clone(), parent.clone()], &["STATE_NOT_UNSPENT"], 1, &[]);
    check(&world, &[parent, child], &[], 2, &[]);
}

/// The parent is sent again, badly, when it stands in a block already: its children need only the block.
#[test]
fn a_parent_in_a_block_may_be_sent_again() {
    let (mut world, held) = world();
    let parent = pay(&mut world, Depositor, held, Supplier);
    let child = pay(&mut world, Supplier, output(parent.transaction.id().unwrap(), 0), BankA);
    world.submit_bytes(&parent.encode()).unwrap();
    let unsigned = SignedTransaction { signatures: Vec::new(), ..parent };
    check(&world, &[unsigned, child], &["STATE_NOT_UNSPENT"], 1, &[]);
}

#[test]
fn one_bad_signature_spoils_nobody_elses() {
    let (mut world, held) = world();
    let good = pay(&mut world, Depositor, held, Supplier);
    let mut forged = pay(&mut world, Depositor, held, BankB);
    forged.signatures[0].signature = good.signatures[0].signature;
    let wrong_rule = World::sign(world.transfer(Depositor, &[held], &[(BankB, 999)]).build(), &[Depositor]);
    let mut forged_and_wrong = wrong_rule.clone();
    forged_and_wrong.signatures[0].signature = good.signatures[0].signature;
    let refusals = ["SIGNATURE_INVALID", "TOKEN_NOT_CONSERVED", "SIGNATURE_INVALID"];
    check(&world, &[forged, good, wrong_rule, forged_and_wrong], &refusals, 1, &[]);
}
