//! Whatever the threads and the batches: the same transactions are accepted, refusals are the same, and so are the roots.

use futures_util::future::join_all;
use ledger_core::contract::token;
use ledger_core::{Digest, Ledger, StateRef, wire};

use super::market::{Market, amount, config, contract, sign};
use crate::SubmitError;
use crate::storage::damage::Dice;

/// Payments of payer and payee in turns with old and new holdings: double spends, chains, and where they are `careless`
/// wrong totals and foreign signers.
fn business(market: &Market, holdings: &[StateRef], dice: &mut Dice, count: usize, careless: bool) -> Vec<Vec<u8>> {
    let mut held: Vec<(StateRef, bool)> = holdings.iter().map(|holding| (*holding, true)).collect();
    let mut signed = Vec::new();
    for place in 0..count {
        let (holding, is_payers) = held[dice.below(held.len())];
        let (from, to) = if is_payers { (&market.payer, &market.payee) } else { (&market.payee, &market.payer) };
        let minor = if careless && dice.below(12) == 0 { 9 } else { 10 };
        let builder = market.builder(from, &format!("deed-{place}")).input(holding);
        let builder = builder.output(token::holding_state(market.asset, to.address, amount(minor)));
        let transaction = builder.command(contract("token"), token::TRANSFER, &wire::TokenTransfer {}).build();
        held.push((StateRef { transaction: transaction.id().unwrap(), index: 0 }, !is_payers));
        signed.push(sign(transaction, &[if careless && dice.below(12) == 0 { to } else { from }]));
    }
    signed
}

fn root(market: &Market) -> Digest {
    market.ledger(Ledger::state_root)
}

/// The codes of all answers and the state root, submitted in requests of at most so many; one by one for 1.
async fn outcome(threads: usize, seed: u64, per_request: usize, careless: bool) -> (Vec<String>, Digest) {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[10; 6]).await;
    let signed = business(&market, &holdings, &mut Dice(seed), 90, careless);
    let mut configured = config(&market.directory, &market.clock);
    configured.verifiers_max = threads;
    let market = market.reopen_with(configured).await;
    let code = |error: SubmitError| error.code().to_owned();
    let mut codes = Vec::new();
    if per_request == 1 {
        for bytes in signed {
            codes.push(market.node.submit(&market.chain, bytes).await.map_or_else(code, |_| "accepted".to_owned()));
        }
    } else {
        let requests =
            signed.chunks(per_request).map(|request| market.node.submit_all(&market.chain, request.to_vec()));
        let answers = join_all(requests).await.into_iter().flatten();
        codes.extend(answers.map(|answer| answer.map_or_else(code, |_| "accepted".to_owned())));
    }
    let root = root(&market);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    (codes, root)
}

async fn check(seed: u64, threads: usize, per_request: usize, careless: bool) -> [(Vec<String>, Digest); 2] {
    let (batched, one_by_one) =
        tokio::join!(outcome(threads, seed, per_request, careless), outcome(1, seed, 1, careless));
    assert!(one_by_one.0.iter().filter(|code| *code == "accepted").count() > 5);
    assert!(one_by_one.0.iter().any(|code| code == "PARENT_REJECTED"));
    [batched, one_by_one]
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_and_batches_change_no_result() {
    for (seed, threads, per_request) in [(1, 1, 90), (2, 2, 90), (3, 8, 90), (4, 3, 40), (5, 5, 7)] {
        let [batched, one_by_one] = check(seed, threads, per_request, false).await;
        assert_eq!(batched, one_by_one, "{seed}: {threads} threads, requests of {per_request}");
    }
}

/// Of two reasons to refuse it depends on the batch which is known first: its own fault, or its parent's fate.
#[tokio::test(flavor = "multi_thread")]
async fn threads_and_batches_do_not_change_what_is_accepted() {
    for (seed, threads, per_request) in [(6, 2, 90), (7, 4, 90), (8, 7, 11)] {
        let [batched, one_by_one] = check(seed, threads, per_request, true).await;
        let accepted = |codes: &[String]| codes.iter().map(|code| code == "accepted").collect::<Vec<_>>();
        assert_eq!((accepted(&batched.0), batched.1), (accepted(&one_by_one.0), one_by_one.1), "{seed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_log_replays_to_the_same_roots_by_any_count_of_threads() {
    let mut market = Market::open().await;
    let holdings = market.issue("issue-1", &[10; 100]).await;
    let signed: Vec<_> = (0..100)
        .map(|place| sign(market.payment(&format!("pay-{place}"), holdings[place], 10).build(), &[&market.payer]))
        .collect();
    assert!(market.node.submit_all(&market.chain, signed).await.iter().all(Result::is_ok));
    let before = (root(&market), market.summary());
    for threads in [1, 2, 3, 8] {
        let mut configured = config(&market.directory, &market.clock);
        configured.verifiers_max = threads;
        market = market.reopen_with(configured).await;
        assert_eq!((root(&market), market.summary()), before, "{threads} threads");
        assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    }
}
