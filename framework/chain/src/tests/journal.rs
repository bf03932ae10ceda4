//! The journal: durable at once, chained, folded into blocks, at most one block per interval for it alone.

use super::market::Market;
use crate::JournalRecord;
use crate::storage::damage::Vandal;

fn record(market: &Market, subject: &str) -> JournalRecord {
    JournalRecord {
        actor: market.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: subject.to_owned(),
        content: subject.as_bytes().to_vec(),
    }
}

async fn folded(market: &Market) -> u32 {
    let mut entries = 0;
    for height in 1..=market.height() {
        entries += market.node.block(&market.chain, height).await.unwrap().unwrap().header.journal_count;
    }
    entries
}

async fn settled(market: &Market, height: u64) {
    for _ in 0..500 {
        if market.height() >= height {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no block of height {height}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_numbered_and_ride_in_the_next_block() {
    let market = Market::open().await;
    let before = market.height();
    for number in 1..=5 {
        assert_eq!(market.node.journal(&market.chain, record(&market, &format!("p{number}"))).await.unwrap(), number);
    }
    assert_eq!(market.height(), before, "no block for the journal alone before its interval");
    market.issue("issue-1", &[1]).await;
    assert_eq!((market.height(), folded(&market).await), (before + 1, 5));
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_chain_folds_its_journal_after_the_interval() {
    let market = Market::open().await;
    let before = market.height();
    market.node.journal(&market.chain, record(&market, "first")).await.unwrap();
    market.clock.advance(6_000);
    settled(&market, before + 1).await;
    market.node.journal(&market.chain, record(&market, "second")).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(market.height(), before + 1, "one block per interval");
    assert_eq!(folded(&market).await, 1);
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_not_yet_folded_survive_and_go_on_behind() {
    let market = Market::open().await;
    market.node.journal(&market.chain, record(&market, "first")).await.unwrap();
    let market = market.reopen().await;
    assert_eq!(market.node.journal(&market.chain, record(&market, "second")).await.unwrap(), 2);
    market.issue("issue-1", &[1]).await;
    let market = market.reopen().await;
    assert_eq!(market.node.journal(&market.chain, record(&market, "third")).await.unwrap(), 3);
    assert_eq!(folded(&market).await, 2);
    let report = market.node.audit(|_| {}).await.unwrap();
    assert_eq!((report.is_clean(), report.journal_entries), (true, 3));
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_entry_is_found() {
    let market = Market::open().await;
    for number in 1..=3 {
        market.node.journal(&market.chain, record(&market, &format!("p{number}"))).await.unwrap();
    }
    market.issue("issue-1", &[1]).await;
    let vandal = Vandal::open(&super::market::url(&market.directory)).await;
    vandal.execute("DELETE FROM journal_entry WHERE number = 3").await;
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.findings.iter().any(|finding| finding.table == "journal_entry"), "{:?}", report.findings);
}
