//! Many at once, too many at once, and a database that fails.

use futures_util::future::join_all;

use super::market::{Market, config};
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
    assert_eq!(market.free(&market.payee), u64::try_from(accepted).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_database_stops_the_node_and_memory_stays_behind_it() {
    let market = Market::open().await;
    let holdings = market.issue("issue-1", &[10, 20]).await;
    market.pay("good", holdings[0], 10).await.unwrap();
    let height = market.height();
    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.execute("CREATE TRIGGER disk_full BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'disk full'); END").await;

    let refused = market.pay("lost", holdings[1], 20).await.unwrap_err();
    assert!(matches!(&refused, SubmitError::Stopped(reason) if reason.contains("disk full")), "{refused}");
    assert!(market.node.ready().unwrap_err().contains("disk full"));
    assert_eq!((market.height(), market.free(&market.payer)), (height, 20));
    assert_eq!(market.pay("later", holdings[1], 20).await.unwrap_err().code(), "NODE_STOPPED");

    vandal.execute("DROP TRIGGER disk_full").await;
    let market = market.reopen().await;
    assert_eq!((market.height(), market.free(&market.payer)), (height, 20));
    market.pay("lost", holdings[1], 20).await.unwrap();
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_two_chains_are_written_together_or_not_at_all() {
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
    let pause = || tokio::time::sleep(std::time::Duration::from_millis(150));
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
    assert_eq!(market.node.holdings(&market.chain, &market.payer.address, Some(&market.asset)).len(), 12 * 256);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}
