use ledger_core::contract::title::title_state;

use super::*;
use crate::fixture::*;

fn contract() -> ReceiptContract {
    ReceiptContract::new().unwrap()
}

#[track_caller]
fn check(transaction: &LedgerTransaction, expected: Result<(), &str>) {
    assert_eq!(verified(&contract(), transaction), expected);
}

fn issued() -> LedgerTransaction {
    issuing(None, &receipt("WR-1", 160))
}

#[test]
fn a_receipt_is_issued_with_its_lot_and_its_title() {
    check(&issued(), Ok(()));
    let uninsured = with_receipt(issued(), |receipt| receipt.insurance = None);
    check(&uninsured, Ok(()));
}

#[test]
fn issue_creates_receipts_and_consumes_none() {
    let mut consumed = issued();
    consumed.inputs.push(resolved(receipt_state(&receipt("WR-0", 1)).unwrap()));
    check(&consumed, Err("RECEIPT_STATES"));
    let mut none = issued();
    none.transaction.outputs.remove(RECEIPT_AT);
    check(&none, Err("RECEIPT_STATES"));
    let mut unknown = issued();
    unknown.transaction.commands[1].name = "burn".to_owned();
    check(&unknown, Err("RECEIPT_COMMAND_UNKNOWN"));
}

#[test]
fn a_receipt_says_what_the_law_asks() {
    type Change = fn(&mut Receipt);
    let cases: [(Change, &str); 14] = [
        (|receipt| receipt.number.clear(), "RECEIPT_FIELD_MISSING"),
        (|receipt| receipt.issuer_name.clear(), "RECEIPT_FIELD_MISSING"),
        (|receipt| receipt.issue_place.clear(), "RECEIPT_FIELD_MISSING"),
        (|receipt| receipt.insurance.as_mut().unwrap().insurer.clear(), "RECEIPT_FIELD_MISSING"),
        (|receipt| receipt.mass = mass(0), "RECEIPT_MASS_ZERO"),
        (|receipt| receipt.bags = 159, "RECEIPT_BAG_ARITHMETIC"),
        (|receipt| receipt.mass = mass(9_601), "RECEIPT_BAG_ARITHMETIC"),
        (|receipt| receipt.storage_until = date("2026-03-03"), "RECEIPT_TERM_ORDER"),
        (|receipt| receipt.issue_date = date("2026-03-03"), "RECEIPT_ISSUE_DATE"),
        (|receipt| receipt.issue_date = date("2027-03-06"), "RECEIPT_ISSUE_DATE"),
        (|receipt| receipt.issue_date = date("2026-03-06"), "RECEIPT_EFFECTIVE_DATE"),
        (|receipt| receipt.insurance.as_mut().unwrap().until_date = date("2026-03-03"), "RECEIPT_INSURANCE_ORDER"),
        (|receipt| receipt.loss_standard.0 = 10_001, "RECEIPT_LOSS_STANDARD_RANGE"),
        (|receipt| receipt.lot_number = "BR-26-0002".to_owned(), "RECEIPT_LOT_MISSING"),
    ];
    for (change, expected) in cases {
        check(&with_receipt(issued(), change), Err(expected));
    }
}

#[test]
fn a_receipt_says_what_its_lot_says() {
    type Change = fn(&mut Receipt);
    let cases: [Change; 4] = [
        |receipt| receipt.depositor = STRANGER,
        |receipt| receipt.goods.grade = "NY 1".to_owned(),
        |receipt| receipt.storage.place = "bay A, stack 01".to_owned(),
        |receipt| receipt.inbound_date = date("2026-03-03"),
    ];
    for change in cases {
        check(&with_receipt(issued(), change), Err("RECEIPT_LOT_DIFFERS"));
    }
    let mut not_booked = issued();
    not_booked.transaction.commands.pop();
    check(&not_booked, Err("RECEIPT_LOT_MISSING"));
}

#[test]
fn a_title_says_what_its_receipt_says() {
    let titled = |number, kilograms, unit, holder| with_title(issued(), number, kilograms, unit, holder);
    check(&titled("WR-1", 9_600, "KGM", DEPOSITOR), Ok(()));
    check(&titled("WR-2", 9_600, "KGM", DEPOSITOR), Err("RECEIPT_TITLE_MISSING"));
    check(&titled("WR-1", 9_599, "KGM", DEPOSITOR), Err("RECEIPT_TITLE_DIFFERS"));
    check(&titled("WR-1", 9_600, "TNE", DEPOSITOR), Err("RECEIPT_TITLE_DIFFERS"));
    check(&titled("WR-1", 9_600, "KGM", STRANGER), Err("RECEIPT_TITLE_DIFFERS"));
    check(&titled("WR-1", 9_600, "KGM", OPERATOR), Err("RECEIPT_HOLDER_IS_OPERATOR"));
    let mut one_more = issued();
    let second = title_state(&title("WR-2", 1, "KGM"), DEPOSITOR);
    one_more.transaction.outputs.push(second);
    check(&one_more, Err("RECEIPT_TITLE_COUNT"));
}

#[test]
fn a_receipt_belongs_to_its_operator() {
    let mut foreign = issued();
    foreign.transaction.outputs[RECEIPT_AT].owner = DEPOSITOR;
    check(&foreign, Err("RECEIPT_FRAME_DIFFERS"));
}

#[test]
fn operator_and_depositor_sign() {
    let signers = contract().authorities(&issued()).unwrap();
    let parties: Vec<_> = signers.iter().map(|signer| (signer.party, signer.role)).collect();
    assert_eq!(parties, [(OPERATOR, "operator"), (DEPOSITOR, "depositor")]);
}
