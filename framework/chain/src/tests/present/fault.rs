//! What is kept and does not fit is not used: the chain is what its blocks give, whatever stands beside them.

use ledger_core::ledger::present::attest;
use ledger_core::{Coded, SigningKey};
use std::collections::BTreeSet;

use super::super::market::recorder;
use super::*;
use crate::journal::JournalRecord;
use crate::present::{APPENDED, Attestor, Head, Ignored, Kind, Run, hash_of};
use crate::storage::entity::chain_present::Model;

/// All rows of what is kept of a chain, the head first.
async fn rows(market: &Market) -> Vec<Model> {
    let (number, connection) = (market.row().await.number, market.node.database().read());
    let bytes = part_store::head(connection, number).await.unwrap().unwrap();
    let height = Head::read(&bytes, market.chain, &recorder().public()).unwrap().height;
    let mut rows = vec![Model { chain_id: number, generation: 0, kind: 0, ordinal: 0, bytes }];
    loop {
        let after = rows.last().filter(|_| rows.len() > 1);
        let place = (number, i64::try_from(height).unwrap());
        let next = part_store::parts_behind(connection, place, after).await.unwrap();
        if next.is_empty() {
            return rows;
        }
        rows.extend(next);
    }
}

async fn put(market: &Market, rows: Vec<Model>) {
    let transaction = market.node.database().begin_write().await.unwrap();
    part_store::forget(&transaction, market.row().await.number).await.unwrap();
    part_store::write(&transaction, rows).await.unwrap();
    transaction.commit().await.unwrap();
}

/// The code with which these rows are not used, while the chain opens as its blocks give it.
async fn ignored(market: &Market, rows: Vec<Model>) -> String {
    put(market, rows).await;
    let (row, shared) = (market.row().await, &market.node.shared);
    let genesis = market.node.genesis(&market.chain).await.unwrap();
    let fresh = HostedChain::new(row.number, genesis, &shared.contracts).unwrap();
    let read = present::read(shared.database.read(), &fresh, &shared.threads).await;
    assert_eq!(market.kept_height().await, 0, "it is replayed from the genesis");
    read.err().map_or("read".to_owned(), |ignored: Ignored| ignored.code().to_owned())
}

/// The head changed and attested again, over the parts as they are.
fn attested(mut rows: Vec<Model>, change: impl Fn(&mut Head)) -> Vec<Model> {
    let chain = ledger_core::ChainId::try_from(&rows[0].bytes[4..36]).unwrap();
    let mut head = Head::read(&rows[0].bytes, chain, &recorder().public()).unwrap();
    (head.changing, head.appended) = (Run::default(), [Run::default(); APPENDED.len()]);
    for row in &rows[1..] {
        let kind = Kind::of(row.kind).unwrap();
        let place = APPENDED.iter().position(|appended| *appended == kind);
        let run = place.map_or(&mut head.changing, |place| &mut head.appended[place]);
        *run = run.with(kind, u32::try_from(row.ordinal).unwrap(), &hash_of(&row.bytes));
    }
    change(&mut head);
    let generation = i64::try_from(head.height).unwrap();
    rows[1..].iter_mut().filter(|row| row.generation != 0).for_each(|row| row.generation = generation);
    rows[0].bytes = head.attested(&Attestor::new(Arc::new(recorder())));
    rows
}

/// A chain with payments, claims of receipts, a journal and an agreement, kept.
async fn kept_market() -> Market {
    let market = Market::open().await;
    let holdings = market.issue("issue", &[600, 400, 100]).await;
    market.pay("pay", holdings[0], 600).await.unwrap();
    let record = JournalRecord {
        actor: market.payer.address,
        kind: "proposal_opened".to_owned(),
        subject: "proposal 1".to_owned(),
        content: Vec::new(),
    };
    market.node.journal(&market.chain, record).await.unwrap();
    super::super::agreement::open(&market, &super::super::agreement::escrow(), None).await;
    market.opens_as_replayed().await;
    market
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_missing_part_is_not_used() {
    let market = kept_market().await;
    let whole = rows(&market).await;
    let kinds: BTreeSet<i64> = whole.iter().map(|row| row.kind).collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    for place in 1..whole.len() {
        let without = whole.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, row)| row.clone());
        let code = ignored(&market, without.collect()).await;
        assert!(code.starts_with("PRESENT_"), "{code} of kind {}", whole[place].kind);
        for at in [0, whole[place].bytes.len() / 2, whole[place].bytes.len() - 1] {
            let mut changed = whole.clone();
            changed[place].bytes[at] ^= 1;
            let code = ignored(&market, changed).await;
            assert!(code != "read", "byte {at} of kind {}", whole[place].kind);
        }
    }
    let mut more = whole.clone();
    more.push(Model { ordinal: 1, ..whole.last().unwrap().clone() });
    assert_eq!(ignored(&market, more).await, "PRESENT_PARTS_DIFFER");
    put(&market, whole).await;
    assert_eq!(market.kept_height().await, market.height(), "and as it was it is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_fit_is_not_used() {
    let market = kept_market().await;
    let whole = rows(&market).await;
    assert_eq!(attested(whole.clone(), |_| {}), whole);
    let mut other_form = whole.clone();
    other_form[0].bytes[3] ^= 2;
    assert_eq!(ignored(&market, other_form).await, "PRESENT_FORMAT_OTHER");
    for at in [10, 40, 80, 120] {
        let mut changed = whole.clone();
        changed[0].bytes[at] ^= 1;
        assert_eq!(ignored(&market, changed).await, "PRESENT_NOT_ATTESTED", "byte {at}");
    }
    let mut by_another = whole.clone();
    let end = by_another[0].bytes.len() - 64;
    let signature = attest(&hash_of(&by_another[0].bytes[..end]), &SigningKey::from_seed(&[9; 32]));
    by_another[0].bytes.truncate(end);
    by_another[0].bytes.extend(signature.as_bytes());
    assert_eq!(ignored(&market, by_another).await, "PRESENT_NOT_ATTESTED");
    let mut cut = whole.clone();
    cut[0].bytes.truncate(20);
    assert_eq!(ignored(&market, cut).await, "PRESENT_CUT_OFF");

    let root = |head: &mut Head| head.state_root = ledger_core::Digest::from_bytes([1; 32]);
    assert_eq!(ignored(&market, attested(whole.clone(), root)).await, "PRESENT_HEAD_DIFFERS");
    let beyond = |head: &mut Head| head.height += 5;
    assert_eq!(ignored(&market, attested(whole.clone(), beyond)).await, "PRESENT_BLOCK_DIFFERS");
    let block = |head: &mut Head| head.block = ledger_core::BlockHash::from_bytes([1; 32]);
    assert_eq!(ignored(&market, attested(whole.clone(), block)).await, "PRESENT_BLOCK_DIFFERS");
    for change in [|head: &mut Head| head.commands += 1, |head: &mut Head| head.unspent += 1] {
        assert_eq!(ignored(&market, attested(whole.clone(), change)).await, "PRESENT_HEAD_DIFFERS");
    }
    put(&market, whole.clone()).await;
    market.issue("above", &[1]).await;
    assert_eq!(ignored(&market, attested(whole, root)).await, "PRESENT_NEXT_DIFFERS");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_present_of_another_chain_is_not_used() {
    let market = kept_market().await;
    let other = market.further("other").await;
    other.issue("issue", &[5]).await;
    other.opens_as_replayed().await;
    let number = market.row().await.number;
    let of_other = rows(&other).await.into_iter().map(|row| Model { chain_id: number, ..row }).collect();
    assert_eq!(ignored(&market, of_other).await, "PRESENT_FOREIGN");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_is_written_over() {
    let market = Market::open().await;
    market.issue("first", &[1, 2, 3]).await;
    let hosted = market.node.opened(&market.chain).await.unwrap();
    let shared = &market.node.shared;
    assert!(present::write_parts_alone(shared, &hosted).await.unwrap());
    assert_eq!(market.kept_height().await, 0, "without a head nothing is kept");
    market.opens_as_replayed().await;
    let first = market.height();
    market.issue("second", &[4, 5]).await;
    assert!(present::write_parts_alone(shared, &hosted).await.unwrap());
    assert_eq!(market.kept_height().await, first, "the head counts");
    market.issue("third", &[6]).await;
    market.opens_as_replayed().await;
    market.node.close_chain(&market.chain).await.unwrap();
    market.issue_after_opening().await;
    market.opens_as_replayed().await;
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}

impl Market {
    async fn issue_after_opening(&self) {
        self.node.open_chain(&self.chain).await.unwrap();
        self.issue("after opening", &[7]).await;
    }
}

/// What the recorder itself attests wrongly is used, and found by the audit.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_finds_what_the_blocks_do_not_give() {
    let market = kept_market().await;
    let whole = rows(&market).await;
    let mut wrong = whole.clone();
    let numbers = wrong.iter_mut().find(|row| Kind::of(row.kind) == Some(Kind::Plain)).unwrap();
    // The lowest byte of the first record's number.
    numbers.bytes[43] ^= 1;
    put(&market, attested(wrong, |_| {})).await;
    let report = market.node.audit(|_| {}).await.unwrap();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    let finding = &report.findings[0];
    assert_eq!((finding.table.as_str(), finding.height), ("chain_present", Some(market.height())));
    assert!(finding.found.starts_with("PRESENT_DIFFERS: "), "{}", finding.found);
    let beyond = |head: &mut Head| head.height += 1;
    put(&market, attested(whole.clone(), beyond)).await;
    let report = market.node.audit(|_| {}).await.unwrap();
    assert!(report.findings.iter().any(|finding| finding.found.starts_with("PRESENT_BLOCK_DIFFERS")));
    put(&market, whole).await;
    assert!(market.node.audit(|_| {}).await.unwrap().is_clean());
}
