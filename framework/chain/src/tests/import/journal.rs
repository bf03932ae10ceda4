//! A chain moves with its journal: what was sealed, what waits, and who reads it.

use ledger_core::archive::{ArchivedEntry, ArchivedJournal, Record, Version};
use ledger_core::{ChainId, Digest};
use tempfile::TempDir;

use super::super::market::{Market, config, encryption_key, skips_on_file};
use super::{archive_with, elsewhere, moves_and_goes_on, on_file, pay, take};
use crate::journal::JournalTip;
use crate::{JournalKey, JournalRecord, Node, NodeConfig};

/// Entries of the longest part of the journal that one block folds: more than a record holds.
const MANY: usize = ArchivedJournal::ENTRIES_MAX + 4;

fn record(market: &Market, subject: &str) -> JournalRecord {
    JournalRecord {
        actor: market.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: subject.to_owned(),
        content: b"a very particular purpose".to_vec(),
    }
}

async fn write(market: &Market, subject: &str) {
    market.node.journal(&market.chain, record(market, subject)).await.unwrap();
}

/// A market with entries in three epochs: without a reader, read by a supervisor, and by the owner besides; the last two wait.
async fn journalled() -> Market {
    let market = Market::open().await;
    write(&market, "nobody reads").await;
    pay(&market).await;
    market.supervise(&market.payee, "supervise", true).await;
    market.give_encryption_key(&market.payee, &encryption_key(1)).await;
    write(&market, "the supervisor reads").await;
    market.give_encryption_key(&market.administrator, &encryption_key(2)).await;
    write(&market, "the owner reads too").await;
    market.issue("fold", &[1]).await;
    write(&market, "waits").await;
    write(&market, "waits too").await;
    market
}

async fn with_journal(config: NodeConfig, chain: &ChainId) -> Vec<Record> {
    archive_with(config, chain, Version::WithJournal).await
}

async fn of_market(market: &Market) -> Vec<Record> {
    with_journal(config(&market.directory, &market.clock), &market.chain).await
}

/// Owner and supervisor read the same on both nodes, and open the same of it.
pub(super) async fn reads_alike(market: &Market, there: &Node) {
    for (reader, key) in [(&market.payee, encryption_key(1)), (&market.administrator, encryption_key(2))] {
        let here = market.node.journal_entries(&market.chain, &reader.address, 0, 1_000).await.unwrap();
        let moved = there.journal_entries(&market.chain, &reader.address, 0, 1_000).await.unwrap();
        assert_eq!(here, moved);
        let opened = |entries: &[crate::SealedEntry]| entries.iter().map(|entry| entry.open(&key)).collect::<Vec<_>>();
        assert_eq!(opened(&here), opened(&moved));
    }
}

fn places(records: &[Record]) -> Vec<usize> {
    let parts = records.iter().enumerate().filter(|(_, record)| matches!(record, Record::Journal(_)));
    parts.map(|(place, _)| place).collect()
}

fn entries(record: &mut Record) -> &mut Vec<ArchivedEntry> {
    let Record::Journal(journal) = record else { panic!("no part of the journal") };
    &mut journal.entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_moves_with_what_is_sealed_and_what_waits() {
    let market = journalled().await;
    let many = (0..MANY).map(|number| record(&market, &number.to_string()));
    let written = many.map(|record| market.node.journal(&market.chain, record));
    assert!(futures_util::future::join_all(written).await.into_iter().all(|number| number.is_ok()));
    market.issue("fold many", &[1]).await;
    write(&market, "waits").await;
    let records = of_market(&market).await;
    assert_eq!(places(&records).len(), 6, "a block's many entries are in two records");
    let opened = market.node.journal_entries(&market.chain, &market.administrator.address, 0, 1_000).await.unwrap();
    assert_eq!(opened.iter().filter(|entry| entry.open(&encryption_key(2)).is_ok()).count(), MANY + 5);
    let (folder, clock) = (TempDir::new().unwrap(), market.clock.clone());
    moves_and_goes_on(market, records, || config(folder.path(), &clock), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_folded_by_the_next_block_after_the_move() {
    let market = journalled().await;
    let folder = TempDir::new().unwrap();
    let target = || config(folder.path(), &market.clock);
    elsewhere(target).await;
    let report = take(target(), folder.path(), of_market(&market).await).await.unwrap();
    assert_eq!(report.journal_entries, 7);
    let moved = Node::open(target()).await.unwrap();
    let (chain, reader) = (market.chain, market.payee.address);
    let proof = async |number: u64| moved.journal_proof(&chain, &reader, number).await.unwrap();
    assert!(proof(5).await.is_some_and(|proof| proof.verify().is_ok()));
    assert_eq!(proof(6).await, None, "it waits");
    let market = market.at(moved.clone());
    market.issue("fold what waits", &[1]).await;
    for number in [6, 7] {
        assert!(proof(number).await.is_some_and(|proof| proof.verify().is_ok()), "entry {number}");
    }
    write(&market, "goes on").await;
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_moves_with_its_journal_from_sqlite_to_postgresql_and_back() {
    if skips_on_file("it needs a server's database beside a file: tests/postgres/with_server") {
        return;
    }
    let (market, file, server) = (journalled().await, TempDir::new().unwrap(), TempDir::new().unwrap());
    let clock = market.clock.clone();
    let first = || on_file(file.path(), &clock);
    elsewhere(first).await;
    let at_first = of_market(&market).await;
    take(first(), file.path(), at_first.clone()).await.unwrap();
    let second = || config(server.path(), &clock);
    elsewhere(second).await;
    take(second(), server.path(), with_journal(first(), &market.chain).await).await.unwrap();
    let from_server = with_journal(second(), &market.chain).await;
    assert_eq!(at_first, from_server, "the archive is the same, whatever database it comes from");
    let back = TempDir::new().unwrap();
    moves_and_goes_on(market, from_server, || on_file(back.path(), &clock), back.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_not_this_chains_leaves_nothing() {
    let market = journalled().await;
    let sound = of_market(&market).await;
    let folder = TempDir::new().unwrap();
    let target = || config(folder.path(), &market.clock);
    elsewhere(target).await;
    let refused = async |config: NodeConfig, records: Vec<Record>| {
        let refused = take(config, folder.path(), records).await.unwrap_err();
        let listed = crate::list(&target().database_url).await.unwrap();
        assert_eq!(listed.len(), 1, "{refused}");
        refused
    };
    let [first, second, _, waiting] = places(&sound)[..] else { panic!("four parts") };
    let changed = |place: usize, change: &dyn Fn(&mut Vec<ArchivedEntry>)| {
        let mut records = sound.clone();
        change(entries(&mut records[place]));
        records
    };
    let check = async |records: Vec<Record>, code: &str| assert_eq!(refused(target(), records).await.code(), code);

    check(changed(second, &|entries| drop(entries.remove(0))), "ARCHIVE_JOURNAL_NUMBER").await;
    check(changed(second, &|entries| drop(entries.pop())), "ARCHIVE_JOURNAL_COUNT").await;
    check(changed(second, &|entries| entries.swap(0, 1)), "ARCHIVE_JOURNAL_NUMBER").await;
    check(changed(waiting, &|entries| entries.push(entries[1].clone())), "ARCHIVE_JOURNAL_NUMBER").await;
    let other_chain = |entries: &mut Vec<ArchivedEntry>| entries[0].entry.chain = ChainId::from_bytes([9; 32]);
    check(changed(waiting, &other_chain), "ARCHIVE_JOURNAL_OTHER_CHAIN").await;
    let behind_another = |entries: &mut Vec<ArchivedEntry>| entries[0].entry.previous = Digest::default();
    check(changed(waiting, &behind_another), "ARCHIVE_JOURNAL_PREVIOUS").await;
    check(changed(waiting, &|entries| entries[1].sealed[0] ^= 1), "IMPORT_JOURNAL_SEALED").await;
    check(changed(waiting, &|entries| entries[1].entry.subject.push('x')), "IMPORT_JOURNAL_SEALED").await;
    check(changed(waiting, &|entries| entries[0].epoch += 1), "IMPORT_JOURNAL_EPOCH").await;
    check(changed(second, &|entries| entries[0].readers.clear()), "IMPORT_JOURNAL_READERS").await;
    check(changed(second, &|entries| entries[0].readers[0].sealed_key[40] ^= 1), "IMPORT_JOURNAL_READERS").await;
    let to_nobody = |entries: &mut Vec<ArchivedEntry>| entries[0].readers = entries[1].readers.clone();
    check(changed(second, &to_nobody), "IMPORT_JOURNAL_READERS").await;
    check(changed(first, &|entries| *entries = vec![of_another_history(&market)]), "ARCHIVE_JOURNAL_DIFFERS").await;
    let mut ahead = sound.clone();
    ahead.swap(second, second - 1);
    check(ahead, "ARCHIVE_JOURNAL_COUNT").await;
    let without_waiting: Vec<_> = sound[..waiting].iter().chain(&sound[waiting + 1..]).cloned().collect();
    let mut none = sound.clone();
    none.retain(|record| !matches!(record, Record::Journal(_)));
    let missing = refused(target(), none).await;
    assert_eq!(missing.code(), "IMPORT_JOURNAL_MISSING");
    assert!(missing.to_string().contains("hive chain export --with-journal"), "{missing}");
    let mut other_key = target();
    other_key.journal_key = JournalKey::from_bytes([99; 32]);
    assert_eq!(refused(other_key, sound.clone()).await.code(), "IMPORT_JOURNAL_SEALED");

    // The chain as it was before the last entries: nothing in it is missing.
    take(target(), folder.path(), without_waiting).await.unwrap();
}

/// Another first entry, sealed with the node's own key: what a node would write that was brought back to before it.
fn of_another_history(market: &Market) -> ArchivedEntry {
    let tip = JournalTip::new(market.chain);
    let key = config(&market.directory, &market.clock).journal_key;
    let other = tip.writer(1, &key, 1_795_000_000_500).entry(record(market, "another"), [3; 32]).unwrap();
    let entry = tip.entry(&other.row).unwrap();
    ArchivedEntry { entry, epoch: 0, sealed: other.row.sealed, readers: Vec::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_damaged_is_not_exported() {
    let market = journalled().await;
    let vandal = crate::storage::damage::Vandal::open(&config(&market.directory, &market.clock).database_url).await;
    let export = async || {
        let of = config(&market.directory, &market.clock);
        crate::export(of, &market.chain, Version::WithJournal, |_| Ok(()), |_| {}).await
    };
    assert_eq!(export().await.unwrap().journal_entries, 7);
    for (damage, repair) in [
        (
            "UPDATE journal_entry SET subject = 'x' WHERE number = 2",
            "UPDATE journal_entry SET subject = '1' WHERE number = 2",
        ),
        ("UPDATE journal_reader SET epoch = 9 WHERE epoch = 2", "UPDATE journal_reader SET epoch = 2 WHERE epoch = 9"),
        (
            "UPDATE journal_entry SET number = 90 WHERE number = 3",
            "UPDATE journal_entry SET number = 3 WHERE number = 90",
        ),
    ] {
        vandal.execute(damage).await;
        assert_eq!(export().await.unwrap_err().code(), "CHAIN_HISTORY_BROKEN", "{damage}");
        vandal.execute(repair).await;
    }
    assert!(export().await.is_ok());
}
