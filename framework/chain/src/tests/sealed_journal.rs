//! The journal as its readers get it: what they open, from when on, and what others see.

use ledger_core::encoding::{decode, encode};
use ledger_core::journal::JournalProof;

use super::market::{Market, Party, config, encryption_key, url};
use crate::journal::KEY_ROTATED;
use crate::seal::{EncryptionKey, SealError};
use crate::storage::damage::Vandal;
use crate::{JournalKey, JournalRecord, Node, SealedEntry, SubmitError};

const SECRET: &[u8] = b"a very particular purpose";

fn record(market: &Market, subject: &str) -> JournalRecord {
    JournalRecord {
        actor: market.payer.address,
        kind: "supervisor_view".to_owned(),
        subject: subject.to_owned(),
        content: SECRET.to_vec(),
    }
}

async fn write(market: &Market, subject: &str) -> u64 {
    market.node.journal(&market.chain, record(market, subject)).await.unwrap()
}

async fn read(market: &Market, reader: &Party) -> Vec<SealedEntry> {
    market.node.journal_entries(&market.chain, &reader.address, 0, 100).await.unwrap()
}

/// Numbers of the entries that a key opens, of all that its party gets.
async fn opened(market: &Market, reader: &Party, key: &EncryptionKey) -> Vec<u64> {
    let entries = read(market, reader).await;
    entries.iter().filter(|entry| entry.open(key).is_ok()).map(|entry| entry.entry.number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_opens_entries_from_when_it_is_one_and_nobody_else_opens_any() {
    let market = Market::open().await;
    let key = encryption_key(1);
    assert_eq!(write(&market, "before").await, 1);
    market.supervise(&market.payee, "supervise", true).await;
    assert_eq!(write(&market, "without a key").await, 2);
    market.give_encryption_key(&market.payee, &key).await;
    assert_eq!(write(&market, "sealed").await, 4, "an entry of the node's own says first who reads from here on");

    let entries = read(&market, &market.payee).await;
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.entry.kind.as_str()).collect();
    assert_eq!(kinds, ["supervisor_view", "supervisor_view", KEY_ROTATED, "supervisor_view"]);
    let open = |place: usize, key: &EncryptionKey| entries[place].open(key).map(|content| content.content);
    assert_eq!(open(3, &key), Ok(SECRET.to_vec()));
    assert_eq!(open(0, &key), Err(SealError::NotOpened));
    assert_eq!(open(1, &key), Err(SealError::NotOpened));
    assert_eq!(open(3, &encryption_key(2)), Err(SealError::NotOpened));
    let readers = String::from_utf8(open(2, &key).unwrap()).unwrap();
    assert!(readers.contains(&market.payee.address.to_string()), "{readers}");
    assert!(read(&market, &market.payer).await.is_empty(), "no reader, no entries");
    assert_eq!(market.node.journal_proof(&market.chain, &market.payer.address, 1).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_the_chain_reads_its_journal() {
    let market = Market::open().await;
    let key = encryption_key(1);
    assert!(opened(&market, &market.administrator, &key).await.is_empty());
    assert_eq!(write(&market, "before").await, 1);
    market.give_encryption_key(&market.administrator, &key).await;
    assert_eq!(write(&market, "sealed").await, 3);
    assert_eq!(opened(&market, &market.administrator, &key).await, [2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_or_another_reader_begins_an_epoch() {
    let market = Market::open().await;
    market.supervise(&market.payee, "supervise", true).await;
    let (first, second) = (encryption_key(1), encryption_key(2));
    market.give_encryption_key(&market.payee, &first).await;
    assert_eq!(write(&market, "one").await, 2);
    assert_eq!(write(&market, "two").await, 3, "the same readers, the same epoch");
    market.give_encryption_key(&market.payee, &second).await;
    let market = market.reopen().await;
    assert_eq!(write(&market, "three").await, 5);
    assert_eq!(opened(&market, &market.payee, &first).await, [1, 2, 3]);
    assert_eq!(opened(&market, &market.payee, &second).await, [4, 5]);
    market.supervise(&market.payee, "no more", false).await;
    assert_eq!(write(&market, "four").await, 7);
    assert!(read(&market, &market.payee).await.is_empty());
    market.supervise(&market.payee, "again", true).await;
    assert_eq!(write(&market, "five").await, 9);
    // What was written while it was no supervisor stays closed to it.
    assert_eq!(opened(&market, &market.payee, &second).await, [4, 5, 8, 9]);
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_registered_on_the_directory_reads_where_it_never_acted() {
    let coffee = Market::open().await;
    let cocoa = coffee.under("cocoa").await;
    let (first, second) = (encryption_key(1), encryption_key(2));
    coffee.give_encryption_key(&coffee.payee, &first).await;
    assert_eq!(write(&cocoa, "no supervisor yet").await, 1);
    cocoa.supervise(&cocoa.payee, "supervise", true).await;
    assert_eq!(write(&cocoa, "one").await, 3);
    assert_eq!(opened(&cocoa, &cocoa.payee, &first).await, [2, 3]);
    coffee.give_encryption_key(&coffee.payee, &second).await;
    assert_eq!(write(&cocoa, "two").await, 5);
    assert_eq!(opened(&cocoa, &cocoa.payee, &second).await, [4, 5]);
    assert_eq!(opened(&cocoa, &cocoa.payee, &first).await, [2, 3], "what it replaced opens nothing new");
    assert!(cocoa.node.audit(|_| {}).await.unwrap().is_clean());
    cocoa.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contents_are_nowhere_in_the_database_in_clear() {
    if super::market::skips_on_server("it reads every byte of an SQLite file") {
        return;
    }
    let market = Market::open().await;
    write(&market, "sealed").await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    let columns = "SELECT hex(sealed), hex(subject) FROM journal_entry";
    let [sealed, subject] = vandal.query(columns).await.remove(0).try_into().unwrap();
    let bytes = |hexadecimal: String| hex::decode(hexadecimal).unwrap();
    assert_eq!(bytes(subject), b"sealed");
    let sealed = bytes(sealed);
    assert!(sealed.len() > SECRET.len() && !sealed.windows(4).any(|window| window == &SECRET[..4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_proves_an_entry_to_outsiders() {
    let market = Market::open().await;
    market.supervise(&market.payee, "supervise", true).await;
    market.give_encryption_key(&market.payee, &encryption_key(1)).await;
    let reader = market.payee.address;
    let number = write(&market, "sealed").await;
    let proof = |number: u64| market.node.journal_proof(&market.chain, &reader, number);
    assert_eq!(proof(number).await.unwrap(), None, "no block has folded it yet");
    market.issue("fold", &[1]).await;
    for further in 0..3 {
        write(&market, &format!("further {further}")).await;
        market.issue(&format!("fold {further}"), &[1]).await;
    }
    let folded = market.node.journal_entries(&market.chain, &reader, number - 1, 1).await.unwrap().remove(0);
    let content = folded.open(&encryption_key(1)).unwrap();
    let shown = JournalProof { content: Some(content), ..proof(number).await.unwrap().unwrap() };
    let read: JournalProof = decode(&encode(&shown)).unwrap();
    assert_eq!(read.verify().unwrap().entry, folded.entry.hash());
    for number in 1..=number + 3 {
        assert!(proof(number).await.unwrap().unwrap().verify().is_ok(), "entry {number}");
    }
    assert_eq!(proof(0).await.unwrap(), None);
    assert_eq!(proof(99).await.unwrap(), None);
    let market = market.reopen().await;
    for number in 1..=number + 3 {
        let proof = market.node.journal_proof(&market.chain, &reader, number).await.unwrap().unwrap();
        assert!(proof.verify().is_ok(), "entry {number} after a restart");
    }
    market.opens_as_replayed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_the_last_one_ended() {
    let market = Market::open().await;
    market.supervise(&market.payee, "supervise", true).await;
    for number in 1..=5 {
        write(&market, &format!("p{number}")).await;
    }
    let all = read(&market, &market.payee).await;
    let page = |after: u64| market.node.journal_entries(&market.chain, &market.payee.address, after, 2);
    let (one, two, three) = (page(0).await.unwrap(), page(2).await.unwrap(), page(4).await.unwrap());
    assert_eq!([one, two, three].concat(), all);
    assert_eq!(page(5).await.unwrap(), []);
    assert!(all.windows(2).all(|pair| pair[1].entry.previous == pair[0].entry.hash()));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_over_their_bounds_or_in_the_nodes_own_name_are_refused() {
    let market = Market::open().await;
    let good = record(&market, "good");
    let bytes = |bytes: usize| "x".repeat(bytes);
    for (refused, code) in [
        (JournalRecord { kind: bytes(65), ..good.clone() }, "ENCODING_TOO_LONG"),
        (JournalRecord { subject: bytes(257), ..good.clone() }, "ENCODING_TOO_LONG"),
        (JournalRecord { content: vec![0; 65_537], ..good.clone() }, "ENCODING_TOO_LONG"),
        (JournalRecord { kind: KEY_ROTATED.to_owned(), ..good.clone() }, "ENCODING_OUT_OF_RANGE"),
    ] {
        let code_of = |error: SubmitError| error.code().to_owned();
        assert_eq!(market.node.journal(&market.chain, refused).await.map_err(code_of), Err(code.to_owned()));
    }
    let largest = JournalRecord { kind: bytes(64), subject: bytes(256), content: vec![0; 65_536], ..good };
    assert_eq!(market.node.journal(&market.chain, largest).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_another_journal_key_does_not_open() {
    let market = Market::open().await;
    write(&market, "sealed").await;
    let mut config = config(&market.directory, &market.clock);
    config.journal_key = JournalKey::from_bytes([99; 32]);
    market.node.shutdown().await;
    let refused = Node::open(config).await.map(|_| ()).map_err(|error| error.to_string());
    assert!(refused.clone().unwrap_err().contains("journal key"), "{refused:?}");
}
