//! Projections built anew: beside a node that runs, after it was cut off, where one stood still, and of a closed database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use ledger_core::ChainId;

use super::market::{Market, config, url};
use crate::storage::damage::Vandal;
use crate::storage::sample::{self, FAIL, Mended};
use crate::{ChainError, Node, RebuildError, rebuild_closed};

async fn rows(market: &Market) -> Vec<sample::Model> {
    market.node.read_view(&[market.chain]).all::<sample::Entity>(|select| select).await.unwrap()
}

async fn is_sound(node: &Node) {
    let report = node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}

/// Payments of one each, a block each.
async fn pay(market: &Market, round: &str, count: usize) {
    let holdings = market.issue(&format!("issue-{round}"), &vec![1; count]).await;
    for (number, holding) in holdings.into_iter().enumerate() {
        market.pay(&format!("pay-{round}-{number}"), holding, 1).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_rows_are_built_anew_of_all_chains_or_of_one() {
    let market = Market::open().await;
    let other = market.further("receipts").await;
    pay(&market, "first", 5).await;
    let sound = (rows(&market).await, rows(&other).await);
    let vandal = Vandal::open(&url(&market.directory)).await;
    let damage = "UPDATE sample_transaction SET ordinal = ordinal + 100";
    vandal.execute(damage).await;
    vandal.execute("DELETE FROM sample_transaction WHERE height = 2").await;
    vandal.execute("INSERT INTO sample_transaction VALUES (77, 1, 0, 'of no chain', 1, NULL)").await;

    let report = market.node.rebuild("sample", Some(&market.chain), |_| {}).await.unwrap();
    assert_eq!((report.chains, report.blocks, report.resumed), (1, market.height(), 0));
    assert_eq!(rows(&market).await, sound.0);
    assert_ne!(rows(&other).await, sound.1, "only the named chain is built");
    let report = market.node.rebuild("sample", None, |_| {}).await.unwrap();
    assert_eq!(report.rows, u64::try_from(sound.0.len() + sound.1.len()).unwrap());
    assert_eq!((rows(&market).await, rows(&other).await), sound);
    assert!(report.unparked.is_empty());
    is_sound(&market.node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_that_stood_still_catches_up_and_tells_late_what_it_missed() {
    let market = Market::open().await;
    let other = market.further("receipts").await;
    let holdings = market.issue("issue", &[1, 2, 3, 4]).await;
    market.pay("before", holdings[0], 1).await.unwrap();
    let failing = market.payment("fail", holdings[1], 2).metadata(FAIL, "yes");
    let failed = market.submit(failing, &[&market.payer]).await.unwrap();
    market.pay("meanwhile", holdings[2], 3).await.unwrap();
    let elsewhere = other.issue("issue", &[7, 8]).await;
    other.pay("elsewhere", elsewhere[0], 7).await.unwrap();
    let refused = market.node.rebuild("sample", None, |_| {}).await.unwrap_err();
    assert_eq!(refused.code(), "REBUILD_PROJECTION_FAILED");
    let RebuildError::Failed { height, .. } = refused else { panic!("{refused}") };
    assert_eq!(height, failed.height);
    assert_eq!(market.node.parked().len(), 1);

    let mut mended = config(&market.directory, &market.clock);
    mended.projections = vec![Box::new(Mended)];
    market.node.shutdown().await;
    let market = market.reopen_with(mended).await;
    let other = other.at(market.node.clone());
    assert_eq!(market.node.parked().len(), 1, "a new program alone changes nothing");
    let before = rows(&market).await.len();
    let mut live = market.node.subscribe(None);
    let report = market.node.rebuild("sample", None, |_| {}).await.unwrap();
    assert_eq!(report.unparked, [market.chain]);
    assert_eq!(rows(&market).await.len(), before + 2);
    assert!(market.node.parked().is_empty());

    let marker = live.next().await.unwrap().unwrap();
    assert_eq!((marker.sequence, marker.kind.as_str(), marker.height), (3, "projection.caught_up", market.height()));
    assert!(marker.parties.is_empty() && marker.payload.contains(&format!("\"from\":{}", failed.height)));
    let late = [live.next().await.unwrap().unwrap(), live.next().await.unwrap().unwrap()];
    assert_eq!(late.map(|event| event.height), [failed.height, failed.height + 1]);
    market.pay("after", holdings[3], 4).await.unwrap();
    other.pay("after", elsewhere[1], 8).await.unwrap();
    assert_eq!(live.next().await.unwrap().unwrap().sequence, 6);
    assert_eq!(rows(&market).await.len(), before + 3, "it goes on with what is committed now");
    is_sound(&market.node).await;

    let mut mended = config(&market.directory, &market.clock);
    mended.projections = vec![Box::new(Mended)];
    drop(other);
    drop(live);
    let market = market.reopen_with(mended).await;
    assert!(market.node.parked().is_empty());
    is_sound(&market.node).await;
    let report = market.node.rebuild("sample", None, |_| {}).await.unwrap();
    assert!(report.unparked.is_empty());
    is_sound(&market.node).await;

    // Where the marker is damaged, the audit finds the outbox different.
    let vandal = Vandal::open(&url(&market.directory)).await;
    vandal.execute("UPDATE outbox_event SET payload = 'damaged' WHERE sequence = 3").await;
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.findings.iter().any(|finding| finding.table == "outbox_event"), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_commits_go_on_while_it_is_built() {
    let market = Market::open().await;
    pay(&market, "before", 150).await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    vandal.execute("UPDATE sample_transaction SET note = 'damaged'").await;
    let damaged = rows(&market).await;
    let committed = Arc::new(AtomicU64::new(0));
    let (node, seen) = (market.node.clone(), Arc::clone(&committed));
    let (begun, begins) = tokio::sync::oneshot::channel();
    let mut begun = Some(begun);
    let rebuilding = tokio::spawn(async move {
        let mut meanwhile = 0;
        let rebuilt = node.rebuild("sample", None, |_| {
            if let Some(begun) = begun.take() {
                begun.send(()).unwrap();
            }
            // The next page waits a little, so that commits fall into the rebuild.
            tokio::task::block_in_place(|| std::thread::sleep(Duration::from_millis(200)));
            meanwhile = seen.load(Ordering::SeqCst);
        });
        rebuilt.await.unwrap();
        meanwhile
    });
    begins.await.unwrap();
    assert_eq!(rows(&market).await, damaged, "reads see the old tables");
    let holdings = market.issue("meanwhile", &[1; 20]).await;
    for (number, holding) in holdings.into_iter().enumerate() {
        market.pay(&format!("meanwhile-{number}"), holding, 1).await.unwrap();
        committed.fetch_add(1, Ordering::SeqCst);
    }
    assert!(rebuilding.await.unwrap() > 0, "commits went on");
    assert!(rows(&market).await.iter().all(|row| row.note.is_none()));
    is_sound(&market.node).await;
}

/// Rebuilds until so many blocks are folded, and is then cut off.
async fn cut_off(market: &Market, blocks: u64) {
    let node = market.node.clone();
    let (folded, mut folds) = tokio::sync::mpsc::unbounded_channel();
    let cut = tokio::spawn(async move {
        let progress = |progress: crate::RebuildProgress| {
            let _gone = folded.send(progress.blocks);
            tokio::task::block_in_place(|| {
                while progress.blocks >= blocks && !folded.is_closed() {
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
        };
        node.rebuild("sample", None, progress).await
    });
    while folds.recv().await.unwrap() < blocks {}
    cut.abort();
    drop(folds);
    assert!(cut.await.is_err(), "it was cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_cut_off_goes_on_and_another_programs_is_thrown_away() {
    let market = Market::open().await;
    pay(&market, "all", 150).await;
    let sound = rows(&market).await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    vandal.execute("DELETE FROM sample_transaction").await;
    cut_off(&market, 64).await;
    assert_eq!(rows(&market).await, [], "the live table is as before");
    let market = market.reopen().await;
    let report = market.node.rebuild("sample", None, |_| {}).await.unwrap();
    assert!((64..market.height()).contains(&report.resumed), "{report:?}");
    assert_eq!((report.blocks, rows(&market).await), (market.height(), sound.clone()));

    cut_off(&market, 64).await;
    let node = market.node.clone();
    let (shadow, prefix) = match std::env::var("HIVE_TEST_POSTGRES") {
        Ok(_) => (url(&market.directory), "hive_rebuild_sample."),
        Err(_) => (format!("{}.rebuild-sample", url(&market.directory)), ""),
    };
    let vandal = Vandal::open(&shadow).await;
    vandal.execute(&format!("UPDATE {prefix}rebuild_program SET program = 'of yesterday'")).await;
    vandal.execute(&format!("UPDATE {prefix}sample_transaction SET note = 'of yesterday'")).await;
    drop(vandal);
    let report = node.rebuild("sample", None, |_| {}).await.unwrap();
    assert_eq!((report.resumed, rows(&market).await), (0, sound));
    is_sound(&market.node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_database_is_rebuilt_too_and_what_cannot_be_is_refused() {
    let market = Market::open().await;
    let unknown = market.node.rebuild("other", None, |_| {}).await.unwrap_err();
    assert_eq!(unknown.code(), "REBUILD_PROJECTION_UNKNOWN");
    let nowhere = ChainId::from_bytes([5; 32]);
    let unknown = market.node.rebuild("sample", Some(&nowhere), |_| {}).await.unwrap_err();
    assert!(matches!(unknown, RebuildError::Chain(ChainError::UnknownChain(chain)) if chain == nowhere));

    let failing = market.issue("issue", &[1]).await;
    let failing = market.payment("fail", failing[0], 1).metadata(FAIL, "yes");
    market.submit(failing, &[&market.payer]).await.unwrap();
    let mended = || {
        let mut config = config(&market.directory, &market.clock);
        config.projections = vec![Box::new(Mended)];
        config
    };
    market.node.shutdown().await;
    let report = rebuild_closed(mended(), "sample", None, |_| {}).await.unwrap();
    assert_eq!((report.unparked, report.resumed), (vec![market.chain], 0));
    let node = Node::open(mended()).await.unwrap();
    is_sound(&node).await;
    assert!(matches!(
        rebuild_closed(mended(), "sample", None, |_| {}).await,
        Err(RebuildError::Chain(ChainError::Storage(_)))
    ));

    let mut memory = config(&market.directory, &market.clock);
    memory.database_url = "sqlite::memory:".to_owned();
    let memory = Node::open(memory).await.unwrap();
    assert_eq!(memory.rebuild("sample", None, |_| {}).await.unwrap_err().code(), "REBUILD_IN_MEMORY");
}
