//! What a node counts is what happened.

use futures_util::StreamExt;
use ledger_core::{StateRef, TransactionBuilder};

use super::market::{Market, eventually, sign};
use crate::{ChainMeasured, Lookups, LookupsMeasured, Measured};

async fn measured(market: &Market) -> (Measured, ChainMeasured) {
    let measured = market.node.measured().await;
    let id = market.chain.to_string();
    let chain = measured.chains.iter().find(|chain| chain.chain == id).unwrap().clone();
    (measured, chain)
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_refused_and_repeated_submissions_are_counted_once_each() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[10, 10]).await;
    let (before, chain_before) = measured(&market).await;
    market.pay("pay-1", holdings[0], 10).await.unwrap();
    let payment = sign(market.payment("pay-2", holdings[1], 10).build(), &[&market.payer]);
    market.node.submit(&market.chain, payment.clone()).await.unwrap();
    assert!(market.node.submit(&market.chain, payment).await.unwrap().replayed);
    assert_eq!(market.pay("pay-3", holdings[0], 10).await.unwrap_err().code(), "STATE_NOT_UNSPENT");
    assert!(market.node.submit(&market.chain, vec![1, 2, 3]).await.is_err());

    let (after, chain) = measured(&market).await;
    assert_eq!(after.accepted - before.accepted, 2, "the repeated one was accepted once");
    assert_eq!(chain.accepted - chain_before.accepted, 2);
    assert_eq!(after.refused["STATE_NOT_UNSPENT"], 1);
    assert_eq!(after.refused.values().sum::<u64>(), chain.refused);
    assert_eq!(chain.refused - chain_before.refused, 2);
    let blocks = after.block_transactions.since(&before.block_transactions);
    assert_eq!((blocks.count(), blocks.sum), (chain.blocks - chain_before.blocks, 2));
    assert_eq!(chain.height, market.height());
    assert_eq!(after.batch_transactions.since(&before.batch_transactions).sum, 5, "all five were verified");
    for stage in [&after.verify, &after.sequence, &after.store, &after.apply, &after.commit] {
        assert!(stage.count() > 0 && stage.sum > 0);
    }
    assert!(after.commit.sum >= after.store.sum, "a commit contains its database transaction");
    assert_eq!((after.queue_used, chain.queue, after.commit_failures, after.chains_stopped), (0, 0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_chain_holds_is_the_same_after_a_restart_and_counters_begin_again() {
    let market = Market::open().await;
    market.issue("issue-1", &[10, 10]).await;
    let (before, chain_before) = measured(&market).await;
    let size = before.database_bytes.unwrap();
    assert!(size > 10_000, "{size} bytes");
    let market = market.reopen().await;
    market.node.open_chain(&market.chain).await.unwrap();
    let (after, chain) = measured(&market).await;
    assert_eq!((after.accepted, chain.accepted, chain.blocks), (0, 0, 0));
    assert!(chain_before.bytes > 0);
    assert_eq!(
        (chain.bytes, chain.states, chain.height),
        (chain_before.bytes, chain_before.states, chain_before.height)
    );
    market.node.close_chain(&market.chain).await.unwrap();
    let closed = market.node.measured().await;
    assert_eq!((closed.chains_open, closed.chains_closed, closed.chains.len()), (0, Some(1), 0));
    market.node.open_chain(&market.chain).await.unwrap();
    assert_eq!(measured(&market).await.1.bytes, chain.bytes, "reading in again counts nothing twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_lag_behind_for_their_slowest_reader() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[10]).await;
    let first = market.node.measured().await.events;
    assert_eq!((first.readers, first.behind), (0, 0));
    let mut slow = market.node.subscribe(Some(0));
    let begun = market.node.measured().await.events;
    assert_eq!((begun.readers, begun.behind), (1, begun.last));
    market.pay("pay-1", holdings[0], 10).await.unwrap();
    // Answers go out a moment before readers are told.
    eventually("a payment makes an event", async || market.node.measured().await.events.last > first.last).await;
    let last = market.node.measured().await.events.last;
    for sequence in 1..=last {
        assert_eq!(slow.next().await.unwrap().unwrap().sequence, i64::try_from(sequence).unwrap());
    }
    assert_eq!(market.node.measured().await.events.behind, 0);
    drop(slow);
    assert_eq!(market.node.measured().await.events.readers, 0);
}

/// What one submission, by itself, is looked up in; its answer is of no matter.
async fn looked_up(market: &Market, builder: TransactionBuilder) -> LookupsMeasured {
    let before = market.node.measured().await.lookups;
    let answer = market.node.submit(&market.chain, sign(builder.build(), &[&market.payer])).await;
    drop(answer);
    market.node.measured().await.lookups.since(&before)
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_of_states_are_counted_where_they_end() {
    let market = Market::open().await;
    let held = market.issue("issue", &[5, 6, 7, 8]).await;
    let of = |hits, misses| Lookups { hits, misses };
    let none = LookupsMeasured::default();

    // The first holding of an issue carries its claim, so that the ledger keeps it.
    let kept = looked_up(&market, market.payment("kept", held[0], 5)).await;
    assert_eq!(kept, LookupsMeasured { ledger: of(1, 0), ..none });
    let plain = looked_up(&market, market.payment("plain", held[1], 6).current(market.definition)).await;
    assert_eq!(plain, LookupsMeasured { ledger: of(1, 1), plain: of(1, 0), ..none });
    let past = looked_up(&market, market.payment("past", held[2], 7).past(held[0]).past(held[1])).await;
    let one_block = LookupsMeasured { database: of(2, 0), kept_blocks: of(1, 1), ..none };
    assert_eq!(past, LookupsMeasured { ledger: of(0, 3), plain: of(1, 2), ..one_block });
    let nowhere = StateRef { transaction: Default::default(), index: 0 };
    let missing = looked_up(&market, market.payment("missing", nowhere, 1)).await;
    assert_eq!(missing, LookupsMeasured { ledger: of(0, 1), plain: of(0, 1), database: of(0, 1), ..none });

    let before = market.node.measured().await.lookups;
    market.node.audit(|_| {}).await.unwrap();
    market.node.close_chain(&market.chain).await.unwrap();
    market.node.open_chain(&market.chain).await.unwrap();
    assert_eq!(market.node.measured().await.lookups, before, "replay and audit count nothing");
    assert_eq!([of(0, 0), of(2, 1)].map(|lookups| lookups.hit_percent()), [None, Some(66)]);
}
