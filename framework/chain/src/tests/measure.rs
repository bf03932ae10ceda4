//! Measurements, run by hand: `cargo test --release -p hive-chain measure -- --ignored --nocapture`.

use std::sync::Arc;
use std::time::Instant;

use futures_util::stream::{self, StreamExt};
use ledger_core::verify::Batch;

use super::market::Market;
use crate::executor::threads::Threads;
use crate::node::open;
use crate::present;

const ISSUES: usize = 40;
const OUTPUTS: usize = 256;
/// Submissions under way at the same time.
const CONNECTIONS: usize = 4_096;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, for release builds"]
async fn measure_payments_from_submit_to_durable_answer() {
    let market = Market::open().await.further("measured").await;
    let mut bytes = Vec::new();
    for issue in 0..ISSUES {
        for (place, holding) in market.issue(&format!("issue-{issue}"), &[1; OUTPUTS]).await.into_iter().enumerate() {
            let payment = market.payment(&format!("pay-{issue}-{place}"), holding, 1);
            bytes.push(super::market::sign(payment.build(), &[&market.payer]));
        }
    }
    let count = bytes.len();
    let before = market.height();
    let started = Instant::now();
    let node = &market.node;
    let chain = market.chain;
    let sent = stream::iter(bytes).map(|bytes| async move { node.submit(&chain, bytes).await.unwrap() });
    let answers = sent.buffer_unordered(CONNECTIONS).count().await;
    let elapsed = started.elapsed();
    assert_eq!(answers, count);
    let blocks = market.height() - before;
    println!("{count} payments in {blocks} blocks: {:.0} a second", count as f64 / elapsed.as_secs_f64());

    let started = Instant::now();
    let market = market.reopen().await;
    println!("replay on open: {:.0} transactions a second", count as f64 / started.elapsed().as_secs_f64());
    let started = Instant::now();
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean());
    println!(
        "audit: {:.0} transactions a second, {} rows",
        count as f64 / started.elapsed().as_secs_f64(),
        report.rows
    );
    let started = Instant::now();
    let report = market.node.rebuild("sample", None, |_| {}).await.unwrap();
    println!(
        "rebuild of a projection: {:.0} transactions a minute, {} rows",
        report.transactions as f64 * 60.0 / started.elapsed().as_secs_f64(),
        report.rows
    );
}

/// Both stages of 4,096 transfers, each of a holding of its own: one by one, in batches, and by two threads.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, for release builds"]
async fn measure_verification_one_by_one_in_batches_and_by_threads() {
    let market = Market::open().await.further("measured").await;
    let mut bytes: Vec<Arc<[u8]>> = Vec::new();
    for issue in 0..16 {
        for (place, holding) in market.issue(&format!("issue-{issue}"), &[1; OUTPUTS]).await.into_iter().enumerate() {
            let payment = market.payment(&format!("pay-{issue}-{place}"), holding, 1);
            bytes.push(Arc::from(super::market::sign(payment.build(), &[&market.payer])));
        }
    }
    let shared = &market.node.shared;
    let verify = |bytes: &[Arc<[u8]>], threads: usize| {
        let threads = Threads::new(threads);
        market.ledger(|ledger| {
            let batch = Batch::read(bytes.to_vec(), market.chain, &threads);
            assert!(batch.verify(shared.rules(), ledger, &threads).iter().all(Result::is_ok));
        })
    };
    for (name, size, threads) in [("one by one", 1, 1), ("batches", 1_024, 1), ("batches, 2 threads", 1_024, 2)] {
        let started = Instant::now();
        bytes.chunks(size).for_each(|batch| verify(batch, threads));
        println!("{name}: {:.0} transfers a second", bytes.len() as f64 / started.elapsed().as_secs_f64());
    }
}

/// `cargo test --release -p hive-chain measure_opening -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, for release builds"]
async fn measure_opening_from_a_present_and_from_blocks() {
    const STATES: usize = 200_000;
    let market = Market::open().await.further("measured").await;
    for issue in 0..STATES.div_ceil(OUTPUTS) {
        market.issue(&format!("issue-{issue}"), &[1; OUTPUTS]).await;
    }
    let hosted = market.node.opened(&market.chain).await.unwrap();
    let states = hosted.holdings().unspent();
    let rate = |elapsed: std::time::Duration| states as f64 / elapsed.as_secs_f64();
    let started = Instant::now();
    assert!(present::write(&market.node.shared, &hosted).await.unwrap());
    println!("keeping the present of {states} states: {:.0} states a second", rate(started.elapsed()));
    drop(hosted);
    market.node.close_chain(&market.chain).await.unwrap();
    let started = Instant::now();
    market.node.open_chain(&market.chain).await.unwrap();
    println!("opening from it: {:.0} states a second, {:?}", rate(started.elapsed()), started.elapsed());
    let row = market.row().await;
    let started = Instant::now();
    open::from_blocks(&market.node.shared, &row).await.unwrap();
    println!("replaying instead: {:.0} states a second", rate(started.elapsed()));

    let small = market.further("small").await;
    for payments in [0, 16, 32, 63] {
        let holdings = small.issue(&format!("issue-{payments}"), &vec![1; payments + 1]).await;
        for (place, holding) in holdings.into_iter().enumerate().take(payments) {
            small.pay(&format!("pay-{payments}-{place}"), holding, 1).await.unwrap();
        }
        let row = small.row().await;
        let started = Instant::now();
        open::from_blocks(&small.node.shared, &row).await.unwrap();
        let replayed = started.elapsed();
        let hosted = small.node.opened(&small.chain).await.unwrap();
        assert!(present::write(&small.node.shared, &hosted).await.unwrap());
        let started = Instant::now();
        open::read_in(&small.node.shared, row).await.unwrap();
        let blocks = small.height();
        println!("a chain of {blocks} blocks: {:?} from its present, {replayed:?} from its blocks", started.elapsed());
    }
}
