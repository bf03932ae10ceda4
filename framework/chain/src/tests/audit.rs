//! The audit finds any damage: a flipped bit in each column of each table, missing and added rows.

use ledger_core::block::{seal, transaction_leaf};
use ledger_core::transaction::signatures_hash;
use ledger_core::{Block, Digest, SignedTransaction, encoding, merkle};

use super::configuration::{configure, next};
use super::market::{Market, config, url};
use crate::storage::damage::{Damage, Dice, Vandal};
use crate::{AuditReport, AuditSample, ChainError, JournalRecord, Node, audit_closed};

/// Two chains with payments, an agreement that waits, claims, journal entries in and outside blocks, events, and a parked projection.
pub(super) async fn busy_market() -> Market {
    let market = Market::open().await;
    market.supervise(&market.payee, "supervise", true).await;
    market.give_encryption_key(&market.payee, &super::market::encryption_key(1)).await;
    let record = |subject: &str| JournalRecord {
        actor: market.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: subject.to_owned(),
        content: b"details".to_vec(),
    };
    for number in 0..3 {
        market.node.journal(&market.chain, record(&format!("proposal {number}"))).await.unwrap();
    }
    let holdings = market.issue("issue-1", &[5, 6, 7]).await;
    for (number, minor) in [5, 6, 7].into_iter().enumerate() {
        market.pay(&format!("pay-{number}"), holdings[number], minor).await.unwrap();
    }
    super::agreement::open(&market, &super::agreement::escrow(), None).await;
    configure(&market, &next(&market)).await.unwrap();
    market.node.journal(&market.chain, record("not folded yet")).await.unwrap();
    let other = market.further("receipts").await;
    let holdings = other.issue("issue-2", &[8]).await;
    let failing = other.payment("fail", holdings[0], 8).metadata(crate::storage::sample::FAIL, "yes");
    other.submit(failing, &[&other.payer]).await.unwrap();
    market
}

fn seed() -> u64 {
    let given = std::env::var("HIVE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| getrandom::u64().unwrap() | 1)
}

/// True when the report names the damaged table, or for a damaged genesis the blocks that no longer follow from it.
fn names(report: &AuditReport, damage: &Damage) -> bool {
    let of_chain = damage.table == "chain";
    report.findings.iter().any(|finding| finding.table == damage.table || (of_chain && finding.table == "block"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_any_column_of_any_table_is_found() {
    if super::market::skips_on_server("it damages an SQLite file bit by bit") {
        return;
    }
    let seed = seed();
    println!("HIVE_TEST_SEED={seed}");
    let market = busy_market().await;
    market.opens_as_replayed().await;
    let clean = market.node.audit(|_| {}).await.unwrap();
    assert!(clean.is_clean(), "{:?}", clean.findings);
    let vandal = Vandal::open(&url(&market.directory)).await;
    let mut dice = Dice(seed);
    let columns = vandal.columns().await;
    assert!(columns.len() > 50, "{columns:?}");
    for (table, column) in &columns {
        assert!(vandal.count(table).await > 0, "the market leaves {table} empty");
        let damage = vandal.flip(table, column, &mut dice).await;
        let report = market.node.audit(|_| {}).await.unwrap();
        let Damage { before, after, .. } = &damage;
        assert!(
            names(&report, &damage),
            "seed {seed}: {table}.{} from {before} to {after} was not found; {:?}",
            damage.column,
            report.findings
        );
        vandal.restore(&damage).await;
    }
    let restored = market.node.audit(|_| {}).await.unwrap();
    assert!(restored.is_clean(), "{:?}", restored.findings);
    assert_eq!(restored.rows, clean.rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_that_keeps_a_chain_from_opening_is_found_without_a_node() {
    if super::market::skips_on_server("it damages an SQLite file bit by bit") {
        return;
    }
    let market = busy_market().await;
    let (directory, clock) = (market.directory.clone(), market.clock.clone());
    market.node.shutdown().await;
    assert!(audit_closed(config(&directory, &clock), None, |_| {}).await.unwrap().is_clean());
    let vandal = Vandal::open(&url(&directory)).await;
    let mut dice = Dice(seed());
    vandal.flip("block", "bytes", &mut dice).await;
    vandal.flip("journal_entry", "sealed", &mut dice).await;
    let node = Node::open(config(&directory, &clock)).await.unwrap();
    assert!(matches!(node.open_chain(&market.chain).await, Err(ChainError::BrokenHistory { .. })));
    node.shutdown().await;
    let report = audit_closed(config(&directory, &clock), None, |_| {}).await.unwrap();
    for table in ["block", "journal_entry"] {
        assert!(report.findings.iter().any(|finding| finding.table == table), "{table}: {:?}", report.findings);
    }
    let mut missing = config(&directory, &clock);
    missing.database_url = format!("{}.not-there", url(&directory));
    assert!(matches!(audit_closed(missing, None, |_| {}).await, Err(ChainError::Storage(_))));
}

/// A damaged entry is no other key, though it is the first: the node opens, and that chain alone does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_first_entry_stops_its_chain_alone() {
    if super::market::skips_on_server("its bytes are written as SQLite writes them") {
        return;
    }
    let market = busy_market().await;
    let (directory, clock) = (market.directory.clone(), market.clock.clone());
    market.node.shutdown().await;
    let vandal = Vandal::open(&url(&directory)).await;
    vandal.execute("UPDATE journal_entry SET sealed = X'00' WHERE chain_id = 1 AND number = 1").await;
    let node = Node::open(config(&directory, &clock)).await.unwrap();
    assert!(matches!(node.open_chain(&market.chain).await, Err(ChainError::BrokenHistory { .. })));
    for other in node.chain_ids().into_iter().filter(|chain| *chain != market.chain) {
        node.open_chain(&other).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_and_added_rows_are_found_where_they_are() {
    if super::market::skips_on_server("it damages an SQLite file bit by bit") {
        return;
    }
    let market = busy_market().await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    for (damage, table) in [
        ("DELETE FROM state WHERE chain_id = 1 AND number = 2", "state"),
        ("DELETE FROM outbox_event WHERE sequence = 1", "outbox_event"),
        ("DELETE FROM sample_transaction WHERE chain_id = 1 AND height = 2", "sample_transaction"),
        ("INSERT INTO claim VALUES (1, 3, 9, X'00', 1)", "claim"),
        ("DELETE FROM journal_reader WHERE chain_id = 1", "journal_reader"),
        ("INSERT INTO journal_reader VALUES (1, 1, 9, X'00', X'00', X'00')", "journal_reader"),
        ("INSERT INTO journal_reader VALUES (9, 1, 0, X'00', X'00', X'00')", "journal_reader"),
        ("DELETE FROM block WHERE chain_id = 1 AND height = 3", "block"),
    ] {
        vandal.execute(damage).await;
        let report = market.node.audit(|_| {}).await.unwrap();
        assert!(report.findings.iter().any(|finding| finding.table == table), "{damage}: {:?}", report.findings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_ends_with_everything_counted() {
    let market = busy_market().await;
    let mut last = None;
    let report = market.node.audit(|progress| last = Some(progress)).await.unwrap();
    let last = last.unwrap();
    assert_eq!(
        (last.blocks, last.blocks_total, last.transactions, last.transactions_total),
        (report.blocks, report.blocks, report.transactions, report.transactions)
    );
    assert_eq!((report.chains, report.journal_entries), (2, 5));
    assert_eq!(last.rows, report.rows);
}

/// A recorder that seals what nobody signed: the last block with one bit of a party's signature flipped, sealed again.
fn forged(bytes: &[u8]) -> Vec<u8> {
    let mut block: Block = encoding::decode(bytes).unwrap();
    let mut signed = SignedTransaction::decode(&block.transactions[0]).unwrap();
    *block.transactions[0].last_mut().unwrap() ^= 1;
    let flipped = SignedTransaction::decode(&block.transactions[0]).unwrap();
    assert_eq!(signed.transaction, flipped.transaction, "only a signature differs");
    signed.signatures = flipped.signatures;
    let leaf = transaction_leaf(&signed.transaction.id().unwrap(), &signatures_hash(&signed.signatures));
    block.header.transaction_root = Digest::from_bytes(merkle::root(&[leaf]));
    block.finality = seal(&block.header.hash(), &super::market::recorder());
    encoding::encode(&block)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_finds_a_forged_signature_in_its_blocks_and_only_there() {
    if super::market::skips_on_server("it damages an SQLite file") {
        return;
    }
    let market = Market::open().await;
    market.issue("issue", &[5, 6]).await;
    let (directory, clock, tip) = (market.directory.clone(), market.clock.clone(), market.height());
    let block = market.node.block(&market.chain, tip).await.unwrap().unwrap();
    market.node.shutdown().await;
    let forged = forged(&encoding::encode(&block));
    let hash = encoding::decode::<Block>(&forged).unwrap().header.hash();
    let vandal = Vandal::open(&url(&directory)).await;
    let (forged, hash) = (hex::encode(forged), hex::encode(hash.as_bytes()));
    let forge = format!("UPDATE block SET bytes = X'{forged}', hash = X'{hash}' WHERE height = {tip}");
    vandal.execute(&forge).await;
    let full = audit_closed(config(&directory, &clock), None, |_| {}).await.unwrap();
    assert!(full.findings.iter().any(|finding| finding.expected.contains("signature")), "{:?}", full.findings);

    let (mut found, mut missed) = (0, 0);
    for seed in 0..12 {
        let sample = AuditSample { percent: 50, seed };
        let report = audit_closed(config(&directory, &clock), Some(sample), |_| {}).await.unwrap();
        let again = audit_closed(config(&directory, &clock), Some(sample), |_| {}).await.unwrap();
        assert_eq!(report.findings, again.findings, "seed {seed} chooses the same blocks again");
        match report.is_clean() {
            true => missed += 1,
            false => found += 1,
        }
        assert!(report.transactions_signed < tip || !report.is_clean());
    }
    assert!(found > 0 && missed > 0, "{found} of 12 seeds chose the forged block");
}
