//! The life of receipts on a real node: what is written, who sees it, when.

use ledger_core::Date;

use super::*;
use crate::filter::{TimePoint, Viewer};
use crate::fixture::warehouse::*;
use crate::receipt::query::{self, Model};

fn request(warehouse: &Warehouse, number: &str, key: &str) -> OfferRequest {
    OfferRequest { receipt: warehouse.name(number), idempotency_key: key.to_owned() }
}

/// The present version, as a party sees it.
async fn seen(warehouse: &Warehouse, who: Who, number: &str, time: TimePoint) -> Option<Model> {
    let viewer = Viewer::Party(who.address());
    let view = warehouse.view();
    query::by_number(&view, viewer, &warehouse.chain, number, None, time).await.unwrap().pop()
}

async fn is_seen(warehouse: &Warehouse, number: &str) -> Vec<Who> {
    let mut seeing = Vec::new();
    for who in [Operator, Depositor, Supplier, BankA, BankB, Regulator] {
        if seen(warehouse, who, number, TimePoint::default()).await.is_some() {
            seeing.push(who);
        }
    }
    seeing
}

async fn offered(warehouse: &Warehouse, number: &str) {
    let depositor = warehouse.principal(Depositor).await;
    let until = warehouse.now_ms() + DAY_MS;
    let request = request(warehouse, number, &format!("offer-{number}"));
    let opened = offer(warehouse.desk(&depositor), &request, Supplier.address(), until).await;
    warehouse.settle(opened, &[Depositor]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_over_by_offer_acceptance_and_seal() {
    let warehouse = Warehouse::open().await;
    warehouse.issue_of_own_lot("WR-1", 160).await;
    assert_eq!(is_seen(&warehouse, "WR-1").await, [Operator, Depositor]);
    offered(&warehouse, "WR-1").await;
    assert_eq!(is_seen(&warehouse, "WR-1").await, [Operator, Depositor, Supplier]);
    let supplier = warehouse.principal(Supplier).await;
    let request = request(&warehouse, "WR-1", "accept");
    let opened = accept(warehouse.desk(&supplier), &request).await;
    warehouse.settle(opened, &[Supplier, Operator]).await.unwrap();
    let row = seen(&warehouse, Operator, "WR-1", TimePoint::default()).await.unwrap();
    assert_eq!((row.status.as_str(), row.holder), ("held", Supplier.address().to_vec()));
    assert_eq!(is_seen(&warehouse, "WR-1").await, [Operator, Supplier]);
    assert!(warehouse.node.parked().is_empty());
    let audit = warehouse.node.audit(|_| ()).await.unwrap();
    assert!(audit.findings.is_empty(), "{:?}", audit.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_offer_leaves_the_holder() {
    let warehouse = Warehouse::open().await;
    warehouse.issue_of_own_lot("WR-1", 160).await;
    offered(&warehouse, "WR-1").await;
    let supplier = warehouse.principal(Supplier).await;
    let opened = refuse(warehouse.desk(&supplier), &request(&warehouse, "WR-1", "refuse")).await;
    warehouse.settle(opened, &[Supplier]).await.unwrap();
    let row = seen(&warehouse, Depositor, "WR-1", TimePoint::default()).await.unwrap();
    assert_eq!((row.status.as_str(), row.offered_to), ("held", None));
    let again = accept(warehouse.desk(&supplier), &request(&warehouse, "WR-1", "late")).await;
    assert_eq!(warehouse.settle(again, &[]).await, Err("RECEIPT_UNKNOWN".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_withdrawn_when_it_has_ended() {
    let warehouse = Warehouse::open().await;
    warehouse.issue_of_own_lot("WR-1", 160).await;
    offered(&warehouse, "WR-1").await;
    let depositor = warehouse.principal(Depositor).await;
    let early = withdraw(warehouse.desk(&depositor), &request(&warehouse, "WR-1", "early")).await;
    assert_eq!(warehouse.settle(early, &[]).await, Err("TITLE_OFFER_OPEN".to_owned()));
    warehouse.advance(2 * DAY_MS);
    let depositor = warehouse.principal(Depositor).await;
    let opened = withdraw(warehouse.desk(&depositor), &request(&warehouse, "WR-1", "withdraw")).await;
    warehouse.settle(opened, &[Depositor]).await.unwrap();
    let row = seen(&warehouse, Depositor, "WR-1", TimePoint::default()).await.unwrap();
    assert_eq!(row.status, "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_told_as_of_an_unknown_receipt() {
    let warehouse = Warehouse::open().await;
    warehouse.issue_of_own_lot("WR-1", 160).await;
    let bank = warehouse.principal(BankB).await;
    let until = warehouse.now_ms() + DAY_MS;
    for number in ["WR-1", "WR-404"] {
        let request = request(&warehouse, number, number);
        let refused = offer(warehouse.desk(&bank), &request, Supplier.address(), until).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("RECEIPT_UNKNOWN: there is no receipt {number} that you may see"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lot_is_receipted_in_parts_and_never_over() {
    let warehouse = Warehouse::open().await;
    let operator = warehouse.principal(Operator).await;
    let issue_of = |number: &str, bags: u32, with_lot: bool| IssueRequest {
        chain: warehouse.chain,
        idempotency_key: number.to_owned(),
        lot: with_lot.then(|| warehouse.lot("LOT-1")),
        receipt: warehouse.receipt(number, "LOT-1", bags),
    };
    let first = issue(warehouse.desk(&operator), &issue_of("WR-1", 100, false)).await;
    assert_eq!(warehouse.settle(first, &[]).await, Err("RECEIPT_LOT_UNKNOWN".to_owned()));
    let first = issue(warehouse.desk(&operator), &issue_of("WR-1", 100, true)).await;
    warehouse.settle(first, &[Operator, Depositor]).await.unwrap();
    let over = issue(warehouse.desk(&operator), &issue_of("WR-2", 61, false)).await.unwrap_err();
    assert_eq!(over.code(), "RECEIPT_LOT_OVERISSUED");
    assert!(over.to_string().contains("9600 kg") && over.to_string().contains("3660 kg"), "{over}");
    let rest = issue(warehouse.desk(&operator), &issue_of("WR-3", 60, false)).await;
    warehouse.settle(rest, &[Operator, Depositor]).await.unwrap();
    let other = IssueRequest { lot: Some(Lot { bags: 1, ..warehouse.lot("LOT-1") }), ..issue_of("WR-4", 1, false) };
    let other = issue(warehouse.desk(&operator), &other).await;
    assert_eq!(warehouse.settle(other, &[]).await, Err("RECEIPT_LOT_DESCRIBED_OTHERWISE".to_owned()));
    let twice = IssueRequest { idempotency_key: "twice".to_owned(), ..issue_of("WR-3", 60, false) };
    let twice = issue(warehouse.desk(&operator), &twice);
    assert_eq!(twice.await.unwrap_err().code(), "RECEIPT_LOT_OVERISSUED");
    let audit = warehouse.node.audit(|_| ()).await.unwrap();
    assert!(audit.findings.is_empty(), "{:?}", audit.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_shown_by_business_date_and_by_knowledge() {
    let warehouse = Warehouse::open().await;
    warehouse.issue_of_own_lot("WR-1", 160).await;
    let issued_ms = warehouse.now_ms();
    warehouse.advance(5 * DAY_MS);
    offered(&warehouse, "WR-1").await;
    let day = |text: &str| TimePoint { as_of: Some(text.parse::<Date>().unwrap()), known_at_ms: None };
    let status = async |time| seen(&warehouse, Operator, "WR-1", time).await.map(|row| row.status);
    assert_eq!(status(day("2026-03-04")).await, None);
    assert_eq!(status(day("2026-03-05")).await.as_deref(), Some("held"));
    assert_eq!(status(day("2026-03-14")).await.as_deref(), Some("held"));
    assert_eq!(status(day("2026-03-15")).await.as_deref(), Some("offered"));
    let known = |known_at_ms| TimePoint { as_of: None, known_at_ms: Some(known_at_ms) };
    assert_eq!(status(known(START_MS - 1)).await, None);
    assert_eq!(status(known(issued_ms)).await.as_deref(), Some("held"));
    assert_eq!(status(known(warehouse.now_ms())).await.as_deref(), Some("offered"));
    let both = TimePoint { known_at_ms: Some(issued_ms), ..day("2026-03-15") };
    assert_eq!(status(both).await.as_deref(), Some("held"));
}
