use proptest::prelude::*;

use super::*;
use crate::fixture::*;

fn contract() -> LotContract {
    LotContract::new().unwrap()
}

#[track_caller]
fn check(transaction: &LedgerTransaction, expected: Result<(), &str>) {
    assert_eq!(verified(&contract(), transaction), expected);
}

fn stored() -> LedgerTransaction {
    issuing(None, &receipt("WR-1", 160))
}

fn booked() -> LedgerTransaction {
    let before = lot().with_receipted(mass(6_000), 100).unwrap();
    issuing(Some(&before), &receipt("WR-2", 60))
}

#[test]
fn a_lot_comes_in_with_its_receipts_and_more_are_booked_later() {
    check(&stored(), Ok(()));
    check(&booked(), Ok(()));
}

#[test]
fn receipts_for_more_than_the_lot_are_refused_with_the_numbers() {
    let before = lot().with_receipted(mass(6_000), 100).unwrap();
    let transaction = issuing(Some(&before), &receipt("WR-2", 61));
    check(&transaction, Err("RECEIPT_LOT_OVERISSUED"));
    let message = contract().verify(&transaction).unwrap_err().to_string();
    for number in ["9600 kg", "6000 kg", "3660 kg"] {
        assert!(message.contains(number), "{message}");
    }
}

#[test]
fn commands_allow_only_their_states() {
    let mut consumed = stored();
    consumed.inputs.push(resolved(lot_state(&lot()).unwrap()));
    check(&consumed, Err("LOT_STATES"));
    let mut from_nothing = booked();
    from_nothing.inputs.clear();
    check(&from_nothing, Err("LOT_STATES"));
    let mut unknown = stored();
    unknown.transaction.commands[2].name = "burn".to_owned();
    check(&unknown, Err("LOT_COMMAND_UNKNOWN"));
}

#[test]
fn a_lot_says_what_it_is() {
    type Change = fn(&mut Lot);
    let cases: [(Change, &str); 10] = [
        (|lot| lot.number.clear(), "LOT_FIELD_MISSING"),
        (|lot| lot.goods.commodity.clear(), "LOT_FIELD_MISSING"),
        (|lot| lot.storage.place = " ".to_owned(), "LOT_FIELD_MISSING"),
        (|lot| lot.goods.hs_code = "0901".to_owned(), "LOT_CODE_MALFORMED"),
        (|lot| lot.goods.origin_country = "br".to_owned(), "LOT_CODE_MALFORMED"),
        (|lot| lot.mass = mass(0), "LOT_MASS_ZERO"),
        (|lot| lot.bags = 159, "LOT_BAG_ARITHMETIC"),
        (|lot| lot.gross_mass = mass(9_599), "LOT_GROSS_BELOW_NET"),
        (|lot| lot.goods.moisture.0 = 10_001, "LOT_MOISTURE_RANGE"),
        (|lot| lot.depositor = OPERATOR, "LOT_DEPOSITOR_IS_OPERATOR"),
    ];
    for (change, expected) in cases {
        check(&with_lot(stored(), change), Err(expected));
    }
}

#[test]
fn a_lot_belongs_to_its_operator() {
    let mut foreign = stored();
    foreign.transaction.outputs[LOT_AT].owner = STRANGER;
    check(&foreign, Err("LOT_FRAME_DIFFERS"));
    let mut watched = stored();
    watched.transaction.outputs[LOT_AT].participants.push(STRANGER);
    check(&watched, Err("LOT_FRAME_DIFFERS"));
}

#[test]
fn booking_changes_nothing_but_the_books() {
    check(&with_lot(booked(), |lot| lot.goods.grade = "NY 1".to_owned()), Err("LOT_CHANGED"));
    check(&with_lot(booked(), |lot| lot.gross_mass = mass(9_700)), Err("LOT_CHANGED"));
    check(&with_lot(booked(), |lot| lot.receipted = mass(9_599)), Err("LOT_BOOKED_DIFFERS"));
    check(&with_lot(booked(), |lot| lot.receipted_bags = 159), Err("LOT_BOOKED_DIFFERS"));
}

#[test]
fn a_lot_changes_only_for_its_receipts() {
    let other = with_receipt(stored(), |receipt| receipt.lot_number = "BR-26-0002".to_owned());
    check(&other, Err("LOT_NO_RECEIPT"));
}

#[test]
fn operator_and_depositor_sign_and_the_number_is_claimed() {
    let signers = contract().authorities(&stored()).unwrap();
    let parties: Vec<_> = signers.iter().map(|signer| (signer.party, signer.role)).collect();
    assert_eq!(parties, [(OPERATOR, "operator"), (DEPOSITOR, "depositor")]);
    let claims = contract().claims(&stored()).unwrap();
    assert_eq!((claims[0].output, claims[0].parts[1].as_str()), (2, "BR-26-0001"));
}

proptest! {
    /// Whatever is asked, in whatever order: what has been accepted never exceeds the lot, and the books say exactly it.
    #[test]
    fn receipts_never_exceed_their_lot(asked in proptest::collection::vec(1u32..80, 1..12)) {
        let mut before: Option<Lot> = None;
        let mut accepted = 0u32;
        for (place, bags) in asked.into_iter().enumerate() {
            let transaction = issuing(before.as_ref(), &receipt(&format!("WR-{place}"), bags));
            let fits = accepted + bags <= 160;
            prop_assert_eq!(verified(&contract(), &transaction).is_ok(), fits);
            if fits {
                accepted += bags;
                before = Some(read_lot(&transaction.transaction.outputs[LOT_AT]).unwrap());
            }
            let booked = before.as_ref().map_or(0, |lot| lot.receipted.kilograms());
            prop_assert_eq!(booked, u64::from(accepted) * 60);
            prop_assert!(booked <= 9_600);
        }
    }
}
