//! Chains of spends: outputs spent before they stand in a block, in one request and over several.

use futures_util::future::join_all;
use ledger_core::contract::{chain, token};
use ledger_core::{FreezeSubject, SignedTransaction, StateRef, TransactionId, Wire, wire};

use super::market::{Market, Party, amount, config, contract, sign};
use crate::storage::damage::Vandal;
use crate::{Accepted, SubmitError};

/// A signed payment of a whole holding, wherever it stands, and the holding it creates.
fn pay(market: &Market, key: &str, from: &Party, holding: StateRef, minor: u64, to: &Party) -> (Vec<u8>, StateRef) {
    let builder = market.builder(from, key).input(holding);
    let builder = builder.output(token::holding_state(market.asset, to.address, amount(minor)));
    let transaction = builder.command(contract("token"), token::TRANSFER, &wire::TokenTransfer {}).build();
    let created = StateRef { transaction: transaction.id().unwrap(), index: 0 };
    (sign(transaction, &[from]), created)
}

/// Payments to and fro, each with what the one before brought.
fn to_and_fro(market: &Market, count: usize, holding: StateRef, minor: u64) -> Vec<Vec<u8>> {
    let mut holding = holding;
    let mut signed = Vec::new();
    for place in 0..count {
        let (from, to) = if place % 2 == 0 { (&market.payer, &market.payee) } else { (&market.payee, &market.payer) };
        let (bytes, created) = pay(market, &format!("step-{place} of {holding:?}"), from, holding, minor, to);
        signed.push(bytes);
        holding = created;
    }
    signed
}

fn codes(answers: &[Result<Accepted, SubmitError>]) -> Vec<&str> {
    answers.iter().map(|answer| answer.as_ref().map_or_else(|error| error.code(), |_| "accepted")).collect()
}

fn id(bytes: &[u8]) -> TransactionId {
    SignedTransaction::decode(bytes).unwrap().transaction.id().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_holding_is_spent_many_times_in_one_request() {
    let market = Market::open().await;
    let holding = market.issue("issue-1", &[1_000]).await[0];
    let signed = to_and_fro(&market, 150, holding, 1_000);
    let before = market.height();
    let answers = market.node.submit_all(&market.chain, signed.clone()).await;
    let places: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().unwrap()).map(|at| (at.height, at.position)).collect();
    assert!(places.is_sorted(), "children behind their parents");
    assert!(market.height() - before < 20, "blocks of at most 64 transactions");
    assert_eq!((market.free(&market.payer), market.free(&market.payee)), (1_000, 0));

    let again = market.node.submit_all(&market.chain, signed).await;
    assert!(again.iter().all(|answer| answer.as_ref().is_ok_and(|accepted| accepted.replayed)));
    assert!(market.node.shared.hosted(&market.chain).unwrap().pending().is_empty());
    let market = market.reopen().await;
    assert_eq!(market.free(&market.payer), 1_000);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn children_of_a_refused_transaction_are_refused_by_its_name() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[600, 400]).await;
    let (first, _) = pay(&market, "first", &market.payer, holdings[0], 600, &market.payee);
    let (second, second_holding) = pay(&market, "second", &market.payer, holdings[0], 600, &market.payer);
    let (child, child_holding) = pay(&market, "child", &market.payer, second_holding, 600, &market.payee);
    let (grandchild, last) = pay(&market, "grandchild", &market.payee, child_holding, 600, &market.payer);
    let (other, _) = pay(&market, "other", &market.payer, holdings[1], 400, &market.payee);
    let request = vec![first, second.clone(), child.clone(), grandchild, other];
    let answers = market.node.submit_all(&market.chain, request).await;
    assert_eq!(codes(&answers), ["accepted", "STATE_NOT_UNSPENT", "PARENT_REJECTED", "PARENT_REJECTED", "accepted"]);
    for (answer, parent) in answers[2..4].iter().zip([id(&second), id(&child)]) {
        assert!(answer.as_ref().unwrap_err().to_string().contains(&parent.to_string()));
    }
    // Those that come later hear the same, whatever the batches were.
    let (late, _) = pay(&market, "late", &market.payer, last, 600, &market.payee);
    assert_eq!(market.node.submit(&market.chain, late).await.unwrap_err().code(), "PARENT_REJECTED");
    assert_eq!(market.free(&market.payee), 1_000);
    assert!(market.node.shared.hosted(&market.chain).unwrap().pending().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_waits_for_its_block_can_be_spent() {
    if super::market::skips_on_server("it holds SQLite's write lock") {
        return;
    }
    let market = Market::open().await;
    let holding = market.issue("issue-1", &[1_000]).await[0];
    let signed = to_and_fro(&market, 12, holding, 1_000);
    // While another connection holds the write lock nothing becomes durable and all of them wait in memory.
    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.execute("BEGIN IMMEDIATE").await;
    let node = &market.node;
    let (answers, ()) =
        tokio::join!(join_all(signed.into_iter().map(|bytes| node.submit(&market.chain, bytes))), async {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            vandal.execute("COMMIT").await
        });
    assert_eq!(codes(&answers), vec!["accepted"; 12]);
    assert_eq!(market.free(&market.payer), 1_000);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_that_builds_on_a_transaction_stands_in_the_block_after_it() {
    let market = Market::open().await;
    let holding = market.issue("issue-1", &[600]).await[0];
    let (payment, paid) = pay(&market, "pay", &market.payer, holding, 600, &market.payee);
    let subjects = vec![FreezeSubject::Address(market.payer.address).to_wire()];
    let freeze = wire::ChainFreeze { subjects, reference: "order 1".to_owned() };
    let freeze =
        market.builder(&market.administrator, "freeze").past(paid).command(contract("chain"), chain::FREEZE, &freeze);
    let freeze = sign(freeze.build(), &[&market.administrator]);
    let answers = market.node.submit_all(&market.chain, vec![payment, freeze]).await;
    assert_eq!(codes(&answers), ["accepted", "accepted"]);
    let heights: Vec<_> = answers.iter().map(|answer| answer.as_ref().unwrap().height).collect();
    assert_eq!(heights[1], heights[0] + 1);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_one_that_finds_no_place_nothing_of_the_request_is_taken() {
    let market = Market::open().await;
    let holding = market.issue("issue-1", &[1_000]).await[0];
    let signed = to_and_fro(&market, 6, holding, 1_000);
    let mut small = config(&market.directory, &market.clock);
    small.mempool_max = 4;
    let market = market.reopen_with(small).await;
    let answers = market.node.submit_all(&market.chain, signed.clone()).await;
    assert_eq!(codes(&answers), ["accepted", "accepted", "accepted", "accepted", "BUSY", "BUSY"]);
    let rest = market.node.submit_all(&market.chain, signed[4..].to_vec()).await;
    assert_eq!(codes(&rest), ["accepted", "accepted"]);
    let foreign = market.node.submit_all(&ledger_core::ChainId::from_bytes([1; 32]), signed).await;
    assert_eq!(codes(&foreign), vec!["CHAIN_UNKNOWN"; 6]);
    assert!(market.node.submit_all(&market.chain, Vec::new()).await.is_empty());
}
