//! Many chains, few of them in memory: nobody notices which.

use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use ledger_core::{Configuration, Permission};

use super::agreement::{escrow, open};
use super::configuration::{configure, next};
use super::market::{DAY_MS, Market, config, eventually, genesis, now, timer, url};
use crate::storage::damage::Vandal;
use crate::{JournalRecord, Node};

const CHAINS: usize = 300;
const OPEN_MAX: usize = 20;
/// Each so many chains have an agreement that waits for its deadline.
const WITH_DEADLINE: usize = 60;
const AT_ONCE: usize = 16;

fn paid(place: usize) -> u64 {
    u64::try_from(place).unwrap() + 1
}

#[tokio::test(flavor = "multi_thread")]
async fn chains_beyond_memory_are_served_as_any_other() {
    let first = Market::open().await;
    let mut few = config(&first.directory, &first.clock);
    few.chains_open_max = OPEN_MAX;
    let first = first.reopen_with(few).await;
    let first = &first;
    let made = stream::iter(0..CHAINS).map(|place| async move {
        let market = first.further(&format!("chain {place}")).await;
        let money = market.issue("issue", &[paid(place), 7]).await;
        market.pay("pay", money[0], paid(place)).await.unwrap();
        if place % WITH_DEADLINE == 0 {
            open(&market, &escrow(), None).await;
        }
        market
    });
    let markets: Vec<Market> = made.buffered(AT_ONCE).collect().await;
    let counts = || first.node.chain_counts();
    eventually("no more are open than should be", async || counts().open <= OPEN_MAX).await;
    assert_eq!((counts().stored, counts().stopped), (CHAINS + 1, 0));

    let (node, heights) = (first.node.clone(), markets.iter().map(Market::height).collect::<Vec<_>>());
    for (place, market) in markets.iter().enumerate() {
        assert_eq!((market.free(&market.payer), market.free(&market.payee)), (7, paid(place)), "chain {place}");
    }
    assert_eq!(markets.iter().map(Market::height).collect::<Vec<_>>(), heights, "reading commits nothing");
    first.clock.advance(3 * DAY_MS);
    eventually("every deadline is carried out", async || timer(&node).await.is_none()).await;
    for (place, market) in markets.iter().enumerate() {
        let passed = u64::from(place % WITH_DEADLINE == 0);
        assert_eq!(market.height(), heights[place] + passed, "chain {place}");
    }
    let listed = node.chains(&node.chain_ids()).await.unwrap();
    assert_eq!(listed.len(), CHAINS + 1);
    assert!(listed.iter().zip(1..).all(|(chain, number)| chain.number == number && chain.stopped.is_none()));
    let report = node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_opens_without_its_chains_and_with_journals_that_wait() {
    let market = Market::open().await;
    let other = market.further("other").await;
    market.issue("issue", &[5]).await;
    let record = JournalRecord {
        actor: other.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: "waits".to_owned(),
        content: Vec::new(),
    };
    other.node.journal(&other.chain, record).await.unwrap();
    let (before, height) = (market.summary(), other.height());
    market.node.shutdown().await;
    let node = Node::open(config(&market.directory, &market.clock)).await.unwrap();
    let (market, other) = (market.at(node.clone()), other.at(node));
    assert_eq!((market.is_open(), other.is_open()), (false, true));
    assert_eq!((market.summary(), market.is_open()), (before, false), "its rows tell the same");
    market.clock.advance(6_000);
    eventually("the journal is folded", async || other.height() == height + 1).await;
    assert_eq!(market.free(&market.payer), 5);
    assert!(market.is_open());
}

/// As after an update from a version without these tables.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_database_lacks_come_from_its_chains() {
    let market = Market::open().await;
    configure(&market, &Configuration { name: "tea".to_owned(), ..next(&market) }).await.unwrap();
    let record = JournalRecord {
        actor: market.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: "waits".to_owned(),
        content: Vec::new(),
    };
    market.node.journal(&market.chain, record).await.unwrap();
    market.node.shutdown().await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    for table in ["chain_party", "chain_configuration", "chain_journal"] {
        vandal.execute(&format!("DELETE FROM {table}")).await;
    }
    let market = market.reopen().await;
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    let stands = market.node.memberships(&market.payer.address).await.unwrap();
    assert_eq!(stands.iter().map(|stands| stands.chain).collect::<Vec<_>>(), [market.chain]);
}

/// What a party may do is told without its chains, and newly after each change.
#[tokio::test(flavor = "multi_thread")]
async fn a_party_finds_its_chains_whether_they_are_open_or_not() {
    let market = Market::open().await;
    let cocoa = market.under("cocoa").await;
    let memberships = async |party| {
        let stands = market.node.memberships(party).await.unwrap();
        stands.iter().map(|stands| (stands.chain, stands.permissions.clone())).collect::<Vec<_>>()
    };
    let payee = market.payee.address;
    let before = memberships(&payee).await;
    assert_eq!(before.iter().map(|(chain, _)| *chain).collect::<Vec<_>>(), [market.chain, cocoa.chain]);
    let stranger = super::market::Party::new(99).address;
    assert_eq!(memberships(&stranger).await, []);
    cocoa.node.close_chain(&cocoa.chain).await.unwrap();
    market.node.close_chain(&market.chain).await.unwrap();
    assert_eq!(memberships(&payee).await, before);
    assert!(!market.is_open() && !cocoa.is_open());
    market.supervise(&market.payee, "supervise", true).await;
    let after = memberships(&payee).await;
    assert!(after[0].1.contains(&Permission::Supervise) && !before[0].1.contains(&Permission::Supervise));
    assert_eq!(after[1], before[1]);
    let directory = market.directory.clone();
    market.node.shutdown().await;
    let reopened = market.at(Node::open(config(&directory, &cocoa.clock)).await.unwrap());
    let again = reopened.node.memberships(&payee).await.unwrap();
    assert_eq!(again.iter().map(|stands| (stands.chain, stands.permissions.clone())).collect::<Vec<_>>(), after);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_chain_is_closed_unless_something_of_it_waits() {
    let market = Market::open().await;
    let mut short = config(&market.directory, &market.clock);
    short.chain_idle = Duration::from_secs(60);
    let market = market.reopen_with(short).await;
    let under = market.under("cocoa").await;
    let money = under.issue("issue", &[9]).await;
    let hold = under.node.held(&under.chain).await.unwrap();
    market.clock.advance(61_000);
    under.node.shared.crowded.notify_one();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(under.is_open() && market.is_open(), "one is held, and learns from the other");
    drop(hold);
    eventually("both are closed", async || {
        under.node.shared.crowded.notify_one();
        !under.is_open() && !market.is_open()
    })
    .await;
    assert_eq!(under.pay("pay", money[0], 9).await.unwrap().position, 0);
    assert_eq!((under.free(&under.payee), market.is_open()), (9, true), "with its directory");
}

/// Whoever holds a chain reads on, whatever becomes of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_keeps_what_it_has() {
    let market = Market::open().await;
    market.issue("issue", &[4]).await;
    let hosted = market.node.opened(&market.chain).await.unwrap();
    market.node.close_chain(&market.chain).await.unwrap();
    assert!(hosted.hold().is_none() && !market.is_open());
    assert_eq!(hosted.holdings().balances(&market.payer.address)[0].free, 4);
    let again = futures_util::future::join_all((0..8).map(|_| market.node.opened(&market.chain))).await;
    let first = again[0].as_ref().unwrap();
    assert!(again.iter().all(|opened| std::sync::Arc::ptr_eq(opened.as_ref().unwrap(), first)), "one and the same");
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 95 / 100]
}

/// `cargo test --release -p hive-chain measure_ten -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, for release builds"]
async fn measure_ten_thousand_chains_a_hundred_of_them_active() {
    const STORED: usize = 10_000;
    const ACTIVE: usize = 100;
    const PAYMENTS: usize = 100;
    let market = Market::open().await;
    let mut few = config(&market.directory, &market.clock);
    few.chains_open_max = 2 * ACTIVE;
    let market = market.reopen_with(few).await;
    let mut active = Vec::new();
    for place in 0..ACTIVE {
        active.push(market.further(&format!("active {place}")).await);
    }
    let (mut created, mut ids, before) = (Vec::new(), Vec::new(), resident_bytes());
    for place in 0..STORED - ACTIVE {
        let started = Instant::now();
        ids.push(market.node.create_chain(genesis(&format!("chain {place}"))).await.unwrap());
        created.push(started.elapsed());
    }
    eventually("the rest is closed", async || market.node.chain_counts().open <= 2 * ACTIVE).await;
    let closed = (resident_bytes() - before) / u64::try_from(ids.len()).unwrap();
    println!("creation p95: {:?}; resident bytes per closed chain: {closed}", p95(created));
    let mut opened = Vec::new();
    for chain in ids.iter().take(1_000) {
        let started = Instant::now();
        market.node.open_chain(chain).await.unwrap();
        opened.push(started.elapsed());
    }
    println!("opening p95: {:?}", p95(opened));

    let mut bytes = Vec::new();
    for market in &active {
        for (place, holding) in market.issue("issue", &[1; PAYMENTS]).await.into_iter().enumerate() {
            let payment = market.payment(&format!("pay-{place}"), holding, 1).build();
            bytes.push((market.chain, super::market::sign(payment, &[&market.payer])));
        }
    }
    let (count, started, node) = (bytes.len(), Instant::now(), &market.node);
    let sent = stream::iter(bytes).map(|(chain, bytes)| async move { node.submit(&chain, bytes).await.unwrap() });
    assert_eq!(sent.buffer_unordered(4_096).count().await, count);
    println!("{ACTIVE} chains at once: {:.0} payments a second", count as f64 / started.elapsed().as_secs_f64());
    assert_eq!(now(node.chains(&ids)).unwrap().len(), ids.len());
}
