//! One busy chain and the others: a share of the mempool, of each batch, and of each commit.

use std::time::Duration;

use futures_util::future::join_all;

use super::market::{Market, config};
use crate::storage::damage::Vandal;
use crate::{JournalRecord, Node, SubmitError};

const FLOOD: usize = 200;

/// Signed payments, each of a holding of its own.
async fn flood(market: &Market) -> Vec<Vec<u8>> {
    let holdings = market.issue("flood", &[1; FLOOD]).await;
    let mut bytes = Vec::new();
    for (place, holding) in holdings.into_iter().enumerate() {
        bytes.push(market.signed(market.payment(&format!("flood-{place}"), holding, 1), &[&market.payer]).await);
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flooding_chain_is_busy_while_another_finds_a_place() {
    let market = Market::open().await;
    let other = market.further("other").await;
    let (here, there) = (market.issue("issue", &[1]).await, other.issue("issue", &[2]).await);
    let mut small = config(&market.directory, &market.clock);
    small.mempool_max = 40;
    market.node.shutdown().await;
    let node = Node::open(small).await.unwrap();
    let (market, other) = (market.at(node.clone()), other.at(node));

    let flooded = market.node.opened(&market.chain).await.unwrap();
    let taken: Vec<_> = std::iter::from_fn(|| market.node.mempool.slot(&flooded).ok()).collect();
    assert!((30..40).contains(&taken.len()), "{} of 40 places", taken.len());
    let busy = market.signed(market.payment("late", here[0], 1), &[&market.payer]).await;
    assert_eq!(market.node.submit(&market.chain, busy.clone()).await, Err(SubmitError::Busy));
    let record = JournalRecord {
        actor: market.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: "late".to_owned(),
        content: Vec::new(),
    };
    assert_eq!(market.node.journal(&market.chain, record).await, Err(SubmitError::Busy));
    other.pay("lone", there[0], 2).await.unwrap();
    drop(taken);
    market.node.submit(&market.chain, busy).await.unwrap();
}

/// While one commit is held up, two chains gather more than all commits of the test take and a third one gathers a single
/// transaction; a commit takes the block of one chain. The order of numbers would serve the third chain last.
#[tokio::test(flavor = "multi_thread")]
async fn a_lone_transaction_has_its_turn_among_floods() {
    if super::market::skips_on_server("it holds SQLite's write lock") {
        return;
    }
    let market = Market::open().await;
    let mut narrow = config(&market.directory, &market.clock);
    narrow.commit_transactions_max = 1;
    let market = market.reopen_with(narrow).await;
    let (second, lone) = (market.further("second").await, market.further("lone").await);
    let (one, two) = (flood(&market).await, flood(&second).await);
    let holdings = lone.issue("issue", &[3]).await;
    let payment = lone.signed(lone.payment("lone", holdings[0], 3), &[&lone.payer]).await;

    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.execute("BEGIN IMMEDIATE").await;
    let node = &market.node;
    let pause = || tokio::time::sleep(Duration::from_millis(1_500));
    let (flooded, accepted, ()) = tokio::join!(
        async { tokio::join!(node.submit_all(&market.chain, one), node.submit_all(&second.chain, two)) },
        node.submit(&lone.chain, payment),
        async {
            pause().await;
            vandal.execute("COMMIT").await;
        },
    );
    assert!(flooded.0.iter().chain(&flooded.1).all(Result::is_ok));
    let height = accepted.unwrap().height;
    let before = format!(
        "SELECT CAST(count(*) AS TEXT), '' FROM block WHERE sequence < (SELECT sequence FROM block WHERE chain_id = 3 AND height = {height}) \
         AND sequence > (SELECT max(sequence) FROM block WHERE chain_id = 3 AND height < {height})"
    );
    let before: u64 = vandal.query(&before).await[0][0].parse().unwrap();
    assert!(
        before <= 3,
        "{before} blocks of the others stand before it: one that was held up, and one of each at most"
    );
    let height = market.height();
    assert!(height > 6, "a flood takes more than its turns before the lone one: {height}");
}

/// The same beside one flood alone, as far as a client sees it: the commit that was held up and one more, however many blocks of
/// the flood that takes along.
#[tokio::test(flavor = "multi_thread")]
async fn beside_a_flood_a_lone_transaction_is_in_the_next_commit() {
    if super::market::skips_on_server("it holds SQLite's write lock") {
        return;
    }
    let market = Market::open().await;
    let lone = market.further("lone").await;
    let bytes = flood(&market).await;
    let holdings = lone.issue("issue", &[3]).await;
    let payment = lone.signed(lone.payment("lone", holdings[0], 3), &[&lone.payer]).await;
    let height = market.height();
    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.execute("BEGIN IMMEDIATE").await;
    let node = &market.node;
    let before = node.shared.meter.commits();
    let pause = || tokio::time::sleep(Duration::from_millis(750));
    let sent = bytes.into_iter().map(|bytes| node.submit(&market.chain, bytes));
    let (flooded, seen, ()) = tokio::join!(
        join_all(sent),
        async {
            pause().await;
            node.submit(&lone.chain, payment).await.unwrap();
            node.shared.meter.commits()
        },
        async {
            pause().await;
            pause().await;
            vandal.execute("COMMIT").await;
        },
    );
    assert!(flooded.iter().all(Result::is_ok));
    assert!((before + 1..=before + 3).contains(&seen), "it took {} commits", seen - before);
    assert!(market.height() >= height + 4, "the flood takes longer: {}", market.height() - height);
}
