//! A chain moves from one database to another as its archive, whole or not at all.

mod journal;

use std::path::Path;

use ledger_core::archive::{Record, Version, record_length};
use ledger_core::{ChainId, SigningKey};
use tempfile::TempDir;

use super::market::{Market, TestClock, config, skips_on_file};
use crate::{ImportError, ImportReport, Node, NodeConfig, export, import};

/// The archive of the market's chain, record by record.
async fn archive(market: &Market) -> Vec<Record> {
    archive_of(config(&market.directory, &market.clock), &market.chain).await
}

async fn archive_of(config: NodeConfig, chain: &ChainId) -> Vec<Record> {
    archive_with(config, chain, Version::Blocks).await
}

async fn archive_with(config: NodeConfig, chain: &ChainId, version: Version) -> Vec<Record> {
    let mut bytes = Vec::new();
    let written = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    export(config, chain, version, written, |_| {}).await.unwrap();
    let (mut rest, mut records) = (bytes.strip_prefix(&version.magic()).unwrap(), Vec::new());
    while let Some((prefix, behind)) = rest.split_first_chunk::<4>() {
        let (record, behind) = behind.split_at(record_length(*prefix).unwrap());
        records.push(version.decode(record).unwrap());
        rest = behind;
    }
    records
}

async fn take(config: NodeConfig, folder: &Path, records: Vec<Record>) -> Result<ImportReport, ImportError> {
    let mut records = records.into_iter();
    let scratch = folder.join("importing");
    let imported = import(config, &scratch, async || records.next(), |_| {}).await;
    assert!(!scratch.exists(), "nothing of the time being is left");
    imported
}

async fn pay(market: &Market) {
    let holdings = market.issue("issue", &[5, 6, 7]).await;
    for (number, minor) in [5, 6, 7].into_iter().enumerate() {
        market.pay(&format!("pay-{number}"), holdings[number], minor).await.unwrap();
    }
}

/// Another node of the same recorder, on a database of its own with a chain in it, closed.
async fn elsewhere(config: impl Fn() -> NodeConfig) -> Node {
    let node = Node::open(config()).await.unwrap();
    node.create_chain(super::market::genesis("another")).await.unwrap();
    node.shutdown().await;
    node
}

async fn moves_and_goes_on(market: Market, records: Vec<Record>, target: impl Fn() -> NodeConfig, folder: &Path) {
    elsewhere(&target).await;
    let report = take(target(), folder, records).await.unwrap();
    let root = market.node.read_ledger(&market.chain, |ledger| ledger.state_root()).await.unwrap();
    assert_eq!((report.chain.chain, report.chain.state_root), (market.chain, root));
    let node = Node::open(target()).await.unwrap();
    let here = market.node.chain(&market.chain).await.unwrap();
    let there = node.chain(&market.chain).await.unwrap();
    assert_eq!((here.height, here.tip, here.configuration), (there.height, there.tip, there.configuration));
    assert_eq!(node.read_ledger(&market.chain, |ledger| ledger.state_root()).await.unwrap(), root);
    assert_eq!((node.chain_ids().len(), there.number), (2, 2));
    journal::reads_alike(&market, &node).await;
    let report = node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
    let market = market.at(node);
    market.issue("goes on", &[9]).await;
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_moves_with_its_rows_events_and_projections() {
    let market = Market::open().await;
    pay(&market).await;
    let (folder, clock) = (TempDir::new().unwrap(), market.clock.clone());
    let records = archive(&market).await;
    moves_and_goes_on(market, records, || config(folder.path(), &clock), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_moves_from_sqlite_to_postgresql_and_back() {
    if skips_on_file("it needs a server's database beside a file: tests/postgres/with_server") {
        return;
    }
    let (market, folder) = (Market::open().await, TempDir::new().unwrap());
    pay(&market).await;
    let clock = market.clock.clone();
    let on_file = || on_file(folder.path(), &clock);
    elsewhere(&on_file).await;
    take(on_file(), folder.path(), archive(&market).await).await.unwrap();
    let from_file = archive_of(on_file(), &market.chain).await;
    let target = TempDir::new().unwrap();
    moves_and_goes_on(market, from_file, || config(target.path(), &clock), target.path()).await;
}

fn on_file(folder: &Path, clock: &std::sync::Arc<TestClock>) -> NodeConfig {
    let mut config = config(folder, clock);
    config.database_url = format!("sqlite:{}", folder.join("hive.sqlite").display());
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_whole_sound_chain_of_this_node_leaves_nothing() {
    let market = Market::open().await;
    pay(&market).await;
    let sound = archive(&market).await;
    let folder = TempDir::new().unwrap();
    let target = || config(folder.path(), &market.clock);
    elsewhere(target).await;
    let refused = async |config: NodeConfig, records: Vec<Record>| {
        let refused = take(config, folder.path(), records).await.unwrap_err();
        let listed = crate::list(&target().database_url).await.unwrap();
        assert_eq!(listed.len(), 1, "{refused}");
        refused.code()
    };
    let last = sound.len() - 1;
    assert_eq!(refused(target(), sound[..last].to_vec()).await, "ARCHIVE_CUT_OFF");
    assert_eq!(refused(target(), sound[1..].to_vec()).await, "ARCHIVE_OUT_OF_ORDER");
    let twice = sound.iter().chain([&sound[last]]).cloned().collect();
    assert_eq!(refused(target(), twice).await, "ARCHIVE_BYTES_FOLLOW");
    let mut other_end = sound.clone();
    let Some(Record::End(end)) = other_end.last_mut() else { panic!("no end") };
    end.transactions += 1;
    assert_eq!(refused(target(), other_end).await, "ARCHIVE_END_DIFFERS");
    let missing: Vec<_> = sound[..2].iter().chain(&sound[3..]).cloned().collect();
    assert_eq!(refused(target(), missing).await, "CHAIN_HISTORY_BROKEN");
    for place in [3, last - 1] {
        let mut forged = sound.clone();
        let Record::Block(block) = &mut forged[place] else { panic!("no block") };
        // The last bytes of a transaction are a party's signature.
        *block.transactions[0].last_mut().unwrap() ^= 1;
        assert_eq!(refused(target(), forged).await, "CHAIN_HISTORY_BROKEN");
    }
    let mut foreign = target();
    foreign.recorder = SigningKey::from_seed(&[9; 32]);
    assert_eq!(refused(foreign, sound.clone()).await, "CHAIN_RECORDER_FOREIGN");
    let mut without = target();
    without.contracts = ledger_core::ContractSet::default();
    assert_eq!(refused(without, sound.clone()).await, "CHAIN_CONTRACT_UNKNOWN");

    take(target(), folder.path(), sound.clone()).await.unwrap();
    let again = take(target(), folder.path(), sound).await.unwrap_err();
    assert_eq!(again.code(), "CHAIN_EXISTS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_without_its_directory_is_refused() {
    let market = Market::open().await;
    let under = market.under("spot").await;
    let folder = TempDir::new().unwrap();
    let target = || config(folder.path(), &market.clock);
    elsewhere(target).await;
    let refused = take(target(), folder.path(), archive(&under).await).await.unwrap_err();
    assert_eq!(refused.code(), "CHAIN_DIRECTORY_UNKNOWN");
    assert_eq!(crate::list(&target().database_url).await.unwrap().len(), 1);
}
