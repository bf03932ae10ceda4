use async_graphql::{ScalarType, Value};
use ledger_core::{Amount, Scale};

use super::*;

/// Accepted text comes back as it was; refused text says why.
fn check<T: ScalarType + async_graphql::InputType>(accepted: &[&str], refused: &[&str]) {
    for text in accepted {
        let value = <T as ScalarType>::parse(Value::from(*text)).unwrap_or_else(|_| panic!("{text} is refused"));
        assert_eq!(ScalarType::to_value(&value), Value::from(*text));
    }
    for text in refused {
        assert!(<T as ScalarType>::parse(Value::from(*text)).is_err(), "{text} is accepted");
    }
    assert!(<T as ScalarType>::parse(Value::from(1)).is_err());
    assert!(!<T as ScalarType>::is_valid(&Value::from(1)));
    assert!(!<T as ScalarType>::is_valid(&Value::from(0.5)));
}

#[test]
fn decimals_keep_every_digit() {
    check::<Decimal>(
        &["12345678901234567890.12", "-5", "0.001", "1250.00"],
        &["", "1e3", "+1", ".5", "5.", "1,000", "NaN", "١", "--1", &"9".repeat(41)],
    );
}

#[test]
fn whole_numbers_have_one_text() {
    check::<BigInt>(&["0", "18446744073709551615"], &["-1", "01", "18446744073709551616", "1.0", ""]);
    check::<AmountMinor>(&["0", "9223372036854775807"], &["9223372036854775808", "-1"]);
    check::<BasisPoints>(&["250"], &["2.5", "4294967296"]);
}

#[test]
fn codes_have_their_form() {
    check::<CurrencyCode>(&["CNY", "USD"], &["cny", "US", "USDT", "U$D"]);
    check::<UnitCode>(&["KGM", "C62"], &["kg", "K", "KILO"]);
}

#[test]
fn moments_and_days_are_exact() {
    check::<DateTime>(&["2026-11-23T06:00:00.123Z"], &["2026-11-23", "1969-12-31T23:59:59.999Z", "yesterday"]);
    check::<BusinessDate>(&["2026-11-23", "1970-01-01"], &["2026-2-3", "2026-02-30", "20261123"]);
    assert_eq!(BusinessDate::from_days(20_780).map(|date| date.write()), Some("2026-11-23".to_owned()));
    assert_eq!(BusinessDate::from_days(20_780).map(BusinessDate::days), Some(20_780));
}

#[test]
fn bytes_are_lower_case_hexadecimal() {
    let id = "ab".repeat(32);
    check::<Hash>(&[&id], &["ab", &"AB".repeat(32), &"zz".repeat(32)]);
    check::<Hex>(&["", "00ff"], &["0", "0F", "zz"]);
    check::<PartyAddress>(&[], &["hc1", "0x00", &id]);
}

#[test]
fn a_decimal_becomes_an_amount_only_at_its_scale() {
    let cents = Scale::new(2).unwrap();
    let read = |text: &str| Decimal::from_text(text).unwrap().to_amount(cents);
    assert_eq!(read("12.34"), Amount::from_minor(1234));
    assert!(read("-1").is_err());
    assert!(read("0.001").is_err());
    assert_eq!(Decimal::of(Amount::from_minor(1234).unwrap(), cents).as_str(), "12.34");
}
