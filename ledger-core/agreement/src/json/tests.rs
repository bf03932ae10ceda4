//! What a text may be, and what it is refused for.

use super::{DEPTH_MAX, DIGITS_MAX, FIELDS_MAX, TEXT_BYTES_MAX};
use crate::{BigInt, Contract, Json, JsonForm, Value};

fn code<T: JsonForm>(text: &str) -> (&'static str, String) {
    match T::from_text(text) {
        Ok(value) => panic!("{} is accepted", value.to_text()),
        Err(error) => (error.code(), error.to_string()),
    }
}

#[test]
fn integers_are_exact_in_any_notation() {
    for (text, expected) in [
        ("0", "0"),
        ("-0", "0"),
        ("-17", "-17"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e3", "1000"),
        ("1.5E1", "15"),
        ("-2.500e+2", "-250"),
        ("10.0", "10"),
        ("1200e-2", "12"),
        ("0e-99999999999", "0"),
    ] {
        assert_eq!(BigInt::from_text(text).map(|integer| integer.to_text()), Ok(expected.to_owned()), "{text}");
    }
    for text in ["1.5", "1e-1", "15e-2", "1e-99999999999", "-0.1"] {
        assert_eq!(code::<BigInt>(text).0, "AGREEMENT_JSON_NOT_WHOLE", "{text}");
    }
}

#[test]
fn integers_have_a_length() {
    let bits: BigInt = BigInt::from(1) << 65_536;
    let most: BigInt = &bits - 1;
    assert!(BigInt::from_text(&most.to_text()).is_ok());
    for text in [bits.to_text(), "9".repeat(DIGITS_MAX + 5), "1e20000".to_owned(), "1e99999999999".to_owned()] {
        let (code, told) = code::<Value>(&format!(r#"{{"negate":{text}}}"#));
        assert_eq!((code, told.split(' ').next()), ("AGREEMENT_JSON_INTEGER_TOO_LARGE", Some("$.negate")));
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for text in ["", "nul", "{", "[1,]", r#"{"a":1,}"#, "1 2", "\"\\ud800\"", "01", "{\"a\" 1}", "[1}", "'a'", "NaN"] {
        assert_eq!(code::<Contract>(text).0, "AGREEMENT_JSON_SYNTAX", "{text:?}");
    }
    let (_, told) = code::<Contract>("{\"if\":true,\n\"then\":]}");
    assert!(told.contains("line 2, column 8"), "{told}");
}

#[test]
fn fields_are_those_of_the_form() {
    let pay = nested(PAY, "}", r#""close""#, 1);
    assert!(Contract::from_text(&pay).is_ok());
    let inside = |text: &str| {
        format!(
            r#"{{"when":[{{"case":{{"notify_if":true}},"then":{text}}}],"timeout":1,"timeout_continuation":"close"}}"#
        )
    };
    assert!(Contract::from_text(&inside(&pay)).is_ok());
    for (text, expected, place) in [
        (pay.replace("\"pay\"", "\"pays\""), "AGREEMENT_JSON_FIELD_UNKNOWN", "$.when[0].then has the field \"pays\""),
        (pay.replace(r#","pay":1"#, ""), "AGREEMENT_JSON_FIELD_MISSING", "$.when[0].then lacks the field \"pay\""),
        (pay.replace("\"pay\":1", "\"pay\":true"), "AGREEMENT_JSON_UNEXPECTED", "$.when[0].then.pay is no value"),
        (pay.replace("\"close\"", "\"closed\""), "AGREEMENT_JSON_UNEXPECTED", "$.when[0].then.then is no contract"),
        (
            pay.replace(r#""party":{"role_token":"b"}"#, r#""party":{"address":5}"#),
            "AGREEMENT_JSON_UNEXPECTED",
            "$.when[0].then.to.party.address is no text",
        ),
        (pay.replace("\"pay\":1", "\"pay\":1,\"pay\":1"), "AGREEMENT_JSON_FIELD_TWICE", "\"pay\""),
        (r#"{"merkleized_then":"00"}"#.to_owned(), "AGREEMENT_JSON_UNEXPECTED", "$.when[0].then is no contract"),
    ] {
        let (code, told) = code::<Contract>(&inside(&text));
        assert_eq!(code, expected, "{text}");
        assert!(told.contains(place), "{told}");
    }
    let many: Vec<_> = (0..=FIELDS_MAX).map(|at| format!(r#""{at}":0"#)).collect();
    assert_eq!(code::<Contract>(&format!("{{{}}}", many.join(","))).0, "AGREEMENT_JSON_TOO_MANY_FIELDS");
}

#[test]
fn a_text_has_a_length() {
    let padded = |bytes: usize| format!("\"close\"{}", " ".repeat(bytes - 7));
    assert!(Contract::from_text(&padded(TEXT_BYTES_MAX)).is_ok());
    assert_eq!(code::<Contract>(&padded(TEXT_BYTES_MAX + 1)).0, "AGREEMENT_JSON_TOO_LONG");
}

#[test]
fn texts_are_written_in_ascii_and_read_in_any_form() {
    let text = Json::text("仓\u{1F33E} \"\\\n\u{7f}é");
    assert_eq!(text.to_string(), r#""\u4ed3\ud83c\udf3e \"\\\u000a\u007f\u00e9""#);
    assert_eq!(Json::read(&text.to_string()), Ok(text));
    assert_eq!(Json::read("\"\\u4ed3\\/\\t\""), Ok(Json::text("仓/\t")));
    assert_eq!(Json::read("\"仓\""), Ok(Json::text("仓")));
}

fn nested(begin: &str, end: &str, kernel: &str, count: usize) -> String {
    [&begin.repeat(count), kernel, &end.repeat(count)].concat()
}

const PAY: &str = r#"{"from_account":{"role_token":"a"},"to":{"party":{"role_token":"b"}},"token":{"currency_symbol":"","token_name":""},"pay":1,"then":"#;

#[test]
fn what_lies_deeper_is_refused() {
    let deep = |count| nested(r#"{"assert":true,"then":"#, "}", r#""close""#, count);
    assert!(Contract::from_text(&deep(DEPTH_MAX)).is_ok());
    assert_eq!(code::<Contract>(&deep(DEPTH_MAX + 1)).0, "AGREEMENT_JSON_TOO_DEEP");
    assert_eq!(code::<Value>(&"[".repeat(100_000)).0, "AGREEMENT_JSON_TOO_DEEP");
    assert_eq!(code::<Value>(&r#"{"a":"#.repeat(10_000)).0, "AGREEMENT_JSON_TOO_DEEP");
}
