//! The requests of the public driver, with the answers that its 59 tests expect.
//!
//! Its properties draw their samples from the driver's own generators and compare with the specification's exported code;
//! here they are drawn from this crate's and compared with what the theorems say (`play/tests`).

mod examples;
mod form;
mod protocol;
mod semantics;

use super::answer;
use crate::Json;

/// The payload of a successful answer, as its one text.
fn payload(request: &str) -> String {
    let answer = answer(request);
    assert!(answer.is_ascii() && !answer.contains('\n'), "{answer}");
    let Json::Object(fields) = Json::read(&answer).expect("an answer is JSON") else { panic!("{answer}") };
    let [(name, payload)] = fields.as_slice() else { panic!("{answer}") };
    assert_eq!(name, "request-response", "{answer}");
    payload.to_string()
}
