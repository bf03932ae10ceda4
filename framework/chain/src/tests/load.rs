//! Many at once, too many at once, and a database that fails.

use futures_util::future::join_all;
use ledger_core::contract::token;
use ledger_core::{StateRef, wire};
use tokio::time::{Duration, timeout};

use super::market::{Market, amount, config, contract, now};
use crate::SubmitError;
use crate::storage::damage::Vandal;

#[tokio::test(flavor = "multi_thread")]
async fn under_load_blocks_fill_and_everything_is_answered() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[1; 200]).await;
    let before = market.height();
    let mut bytes = Vec::new();
    for (number, holding) in holdings.iter().enumerate() {
        bytes.push(market.signed(market.payment(&format!("pay-{number}"), *holding, 1), &[&market.payer]).await);
    }
    let answers = join_all(bytes.into_iter().map(|bytes| market.node.submit(&market.chain, bytes))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(market.free(&market.payee), 200);
    let blocks = market.height() - before;
    assert!((4..200).contains(&blocks), "{blocks} blocks of at most 64 transactions");
    for height in 1..=market.height() {
        assert!(market.node.block(&market.chain, height).await.unwrap().unwrap().transactions.len() <= 64);
    }
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_mempool_is_busy_and_keeps_what_it_took() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[1; 40]).await;
    let mut bytes = Vec::new();
    for (number, holding) in holdings.iter().enumerate() {
        bytes.push(market.signed(market.payment(&format!("pay-{number}"), *holding, 1), &[&market.payer]).await);
    }
    let mut small = config(&market.directory, &market.clock);
    small.mempool_max = 3;
    let market = market.reopen_with(small).await;
    let answers = join_all(bytes.into_iter().map(|bytes| market.node.submit(&market.chain, bytes))).await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err(SubmitError::Busy)));
    assert!((3..40).contains(&accepted), "{accepted} accepted");
    assert_eq!(market.node.measured().await.refused["BUSY"], u64::try_from(40 - accepted).unwrap());
    assert_eq!(market.free(&market.payee), u64::try_from(accepted).unwrap());
}

/// A market whose disk is full since its last payment, which was refused for it.
pub(super) struct FullDisk {
    pub(super) vandal: Vandal,
    /// The payer's 20 that are left.
    pub(super) left: StateRef,
    pub(super) height: u64,
}

/// Fills a market's disk, and loses a payment to it.
pub(super) async fn fill_the_disk(market: &Market) -> FullDisk {
    let holdings = market.issue("issue-1", &[10, 20]).await;
    market.pay("good", holdings[0], 10).await.unwrap();
    let (height, left) = (market.height(), holdings[1]);
    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.fill_the_disk().await;
    let refused = market.pay("lost", left, 20).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Stopped(reason) if reason.contains("disk full")), "{refused}");
    assert_eq!((market.height(), market.free(&market.payer)), (height, 20));
    FullDisk { vandal, left, height }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_database_stops_the_node_and_memory_stays_behind_it() {
    let market = Market::open().await;
    let FullDisk { vandal, left, height } = fill_the_disk(&market).await;
    assert!(market.node.ready().unwrap_err().contains("disk full"));
    assert_eq!(market.pay("later", left, 20).await.unwrap_err().code(), "NODE_STOPPED");
    let measured = market.node.measured().await;
    assert_eq!((measured.commit_failures, measured.refused["NODE_STOPPED"]), (1, 2));
    assert!(measured.stopped.is_some());

    vandal.empty_the_disk().await;
    let market = market.reopen().await;
    assert_eq!((market.height(), market.free(&market.payer)), (height, 20));
    market.pay("lost", left, 20).await.unwrap();
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

/// Whoever names spent states waits for the database, and nobody waits for him.
#[tokio::test(flavor = "multi_thread")]
async fn commits_go_on_while_a_check_waits_for_the_past() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[10, 20]).await;
    market.pay("spent", holdings[0], 10).await.unwrap();
    let again = market.payment("again", holdings[0], 10).build();
    let next = market.signed(market.payment("next", holdings[1], 20), &[&market.payer]).await;

    let mut readers = Vec::new();
    let (read, patience) = (|| market.node.database().begin_read(), Duration::from_millis(200));
    while let Ok(reader) = timeout(patience, read()).await {
        readers.push(reader.unwrap());
    }
    let (node, chain) = (market.node.clone(), market.chain);
    let checking = tokio::spawn(async move { node.check(&chain, again).await });
    tokio::time::sleep(patience).await;
    timeout(Duration::from_secs(20), market.node.submit(&market.chain, next)).await.unwrap().unwrap();
    assert_eq!((market.free(&market.payee), checking.is_finished()), (30, false));
    drop(readers);
    assert_eq!(checking.await.unwrap().unwrap_err().code(), "STATE_NOT_UNSPENT");
}

/// References into few blocks read each of them once, and more than are kept are found all the same.
#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_spent_states_are_checked_while_others_are_spent() {
    let market = Market::open().await;
    let mut spent = Vec::new();
    for round in 0..6 {
        let holdings = market.issue(&format!("issue-{round}"), &[1; 40]).await;
        let mut builder = market.builder(&market.payer, &format!("spend-{round}"));
        builder = holdings.iter().fold(builder, |builder, holding| builder.input(*holding));
        builder = builder.output(token::holding_state(market.asset, market.payee.address, amount(40)));
        let builder = builder.command(contract("token"), token::TRANSFER, &wire::TokenTransfer {});
        market.submit(builder, &[&market.payer]).await.unwrap();
        spent.extend(holdings);
    }
    let builder = spent.iter().fold(market.builder(&market.payer, "again"), |builder, spent| builder.input(*spent));
    let builder = builder.output(token::holding_state(market.asset, market.payee.address, amount(240)));
    let again = builder.command(contract("token"), token::TRANSFER, &wire::TokenTransfer {}).build();
    let others = market.issue("others", &[1; 20]).await;
    let check = market.node.check(&market.chain, again);
    let keys: Vec<_> = (0..others.len()).map(|number| format!("other-{number}")).collect();
    let pay = join_all(others.iter().zip(&keys).map(|(holding, key)| market.pay(key, *holding, 1)));
    let (checked, paid) = tokio::join!(check, pay);
    assert_eq!(checked.unwrap_err().code(), "STATE_NOT_UNSPENT");
    assert!(paid.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_two_chains_are_written_together_or_not_at_all() {
    if super::market::skips_on_server("it holds SQLite's write lock") {
        return;
    }
    let coffee = Market::open().await;
    let receipts = coffee.further("receipts").await;
    let (here, there) = (coffee.issue("issue", &[1, 2]).await, receipts.issue("issue", &[3]).await);
    let (first, second) = (coffee.payment("first", here[0], 1), coffee.payment("second", here[1], 2));
    let first = coffee.signed(first, &[&coffee.payer]).await;
    let second = coffee.signed(second, &[&coffee.payer]).await;
    let third = receipts.signed(receipts.payment("third", there[0], 3), &[&receipts.payer]).await;

    // While another connection holds the write lock the first payment waits in its commit and the others gather behind it.
    let vandal = Vandal::open(&super::market::url(&coffee.directory)).await;
    vandal.execute("BEGIN IMMEDIATE").await;
    vandal.execute(
        "CREATE TRIGGER refuse_receipts BEFORE INSERT ON state WHEN NEW.chain_id = 2 BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    let (node, chain, other) = (&coffee.node, coffee.chain, receipts.chain);
    let pause = || tokio::time::sleep(Duration::from_millis(150));
    let (first, second, third, ()) = tokio::join!(
        node.submit(&chain, first),
        async {
            pause().await;
            node.submit(&chain, second).await
        },
        async {
            pause().await;
            node.submit(&other, third).await
        },
        async {
            pause().await;
            pause().await;
            vandal.execute("COMMIT").await
        },
    );
    assert!(first.is_ok());
    for stopped in [second, third] {
        assert!(matches!(&stopped, Err(SubmitError::Stopped(reason)) if reason.contains("full")), "{stopped:?}");
    }
    vandal.execute("DROP TRIGGER refuse_receipts").await;
    drop(receipts);
    let coffee = coffee.reopen().await;
    assert_eq!((coffee.free(&coffee.payer), coffee.free(&coffee.payee)), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_of_many_rows_goes_in_pieces() {
    let market = Market::open().await;
    let keys: Vec<_> = (0..12).map(|number| format!("issue-{number}")).collect();
    let amounts = [1; 256];
    let issued = join_all(keys.iter().map(|key| market.issue(key, &amounts))).await;
    assert_eq!(issued.iter().map(Vec::len).sum::<usize>(), 12 * 256);
    assert_eq!(market.free(&market.payer), 12 * 256);
    let market = market.reopen().await;
    assert_eq!(
        now(market.node.holdings(&market.chain, &market.payer.address, Some(&market.asset))).unwrap().len(),
        12 * 256
    );
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}
