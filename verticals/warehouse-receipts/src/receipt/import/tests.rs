use super::*;
use crate::fixture::{DEPOSITOR, OPERATOR, frame};

const GOOD: &[u8] = include_bytes!("../../../../../examples/trade-node/data/receipts.csv");
const WITH_ERRORS: &[u8] = include_bytes!("../../../../../examples/trade-node/data/receipts_with_errors.csv");

fn lines(bytes: &[u8]) -> Vec<Line> {
    read(bytes, Parties { operator: OPERATOR, depositor: DEPOSITOR }, &frame()).unwrap()
}

#[test]
fn every_line_of_the_example_is_a_receipt() {
    let lines = lines(GOOD);
    assert_eq!(lines.len(), 200);
    let entries: Vec<_> = lines.iter().map(|line| line.entry.as_ref().unwrap()).collect();
    let mass: u64 = entries.iter().map(|entry| entry.receipt.mass.kilograms()).sum();
    assert_eq!(mass, 3_688_200);
    let first = entries[0];
    assert_eq!((first.receipt.number.as_str(), first.receipt.mass.kilograms()), ("WR-2026-000001", 9_600));
    assert_eq!(first.receipt.storage_fee.amount.minor(), 345);
    assert_eq!(first.depositor_name, "Morning Ridge Coffee Trading Co., Ltd.");
}

#[test]
fn wrong_lines_are_told_with_number_and_reason_and_good_ones_kept() {
    let told: Vec<_> = lines(WITH_ERRORS)
        .iter()
        .map(|line| (line.number, line.entry.as_ref().err().map(|error| error.code().to_owned())))
        .collect();
    let expected = [
        (2, None),
        (3, Some("IMPORT_NEGATIVE")),
        (4, Some("IMPORT_FRACTION")),
        (5, Some("IMPORT_FIELD_EMPTY")),
        (6, Some("IMPORT_DUPLICATE")),
        (7, None),
        (8, Some("IMPORT_NOT_A_DATE")),
        (9, Some("IMPORT_COLUMN_COUNT")),
        (10, Some("LOT_BAG_ARITHMETIC")),
        (11, Some("IMPORT_NOT_UTF8")),
        (12, Some("RECEIPT_TERM_ORDER")),
        (13, None),
    ];
    assert_eq!(told, expected.map(|(line, code)| (line, code.map(str::to_owned))));
}

#[test]
fn another_table_is_refused_as_a_whole() {
    let parties = Parties { operator: OPERATOR, depositor: DEPOSITOR };
    for bytes in [&b""[..], b"number,mass\n1,2\n", &[0xff, 0xfe, 0]] {
        assert!(read(bytes, parties, &frame()).is_err());
    }
}

#[test]
fn names_and_domiciles_stay_out_of_the_receipt() {
    let entry = lines(GOOD).swap_remove(0).entry.unwrap();
    let receipt = entry.sealed(&[1; 32]);
    let bytes = ledger_core::encoding::encode(&receipt);
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!holds("Morning Ridge") && !holds("Lighthouse Road"));
    assert_ne!(receipt.depositor_commitment, entry.sealed(&[2; 32]).depositor_commitment);
}
