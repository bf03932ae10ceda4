mod bombs;
mod forms;
mod limits;
mod messages;
mod records;
mod samples;
mod schema;
pub(crate) mod values;

use super::*;
use crate::{Coded, StateRef, TransactionId};

fn sample() -> Vec<u8> {
    encode(&StateRef { transaction: TransactionId::from_bytes([9; 32]), index: 300 })
}

fn check(bytes: &[u8], code: &str) {
    assert_eq!(decode::<StateRef>(bytes).map_err(|error| error.code()), Err(code));
}

#[test]
fn only_the_canonical_form_is_accepted() {
    let good = sample();
    assert!(decode::<StateRef>(&good).is_ok());
    check(&good[..good.len() - 1], "ENCODING_MALFORMED");
    let mut unknown_field = good.clone();
    unknown_field.extend([0x18, 1]);
    check(&unknown_field, "ENCODING_NOT_CANONICAL");
    let mut long_varint = good[..good.len() - 2].to_vec();
    long_varint.extend([0xac, 0x82, 0x00]);
    check(&long_varint, "ENCODING_NOT_CANONICAL");
    let (transaction, index) = good.split_at(34);
    check(&[index, transaction].concat(), "ENCODING_NOT_CANONICAL");
    check(&[transaction, transaction, index].concat(), "ENCODING_NOT_CANONICAL");
    let mut explicit_default = transaction.to_vec();
    explicit_default.extend([0x10, 0]);
    check(&explicit_default, "ENCODING_NOT_CANONICAL");
    check(&good[34..], "ENCODING_LENGTH");
}

#[test]
fn records_cover_the_message_and_refuse_cut_ones() {
    let good = sample();
    let records = field_records(&good).unwrap();
    assert_eq!(records.iter().map(|record| record.len()).collect::<Vec<_>>(), [34, 3]);
    assert_eq!(records.concat(), good);
    assert!(field_records(&good[..20]).is_err());
    assert!(field_records(&[0x0b]).is_err());
}
