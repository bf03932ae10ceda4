//! Every rule of the ledger's contracts, locks and invariants has a test that sees it refused.

use super::sources::{File, files};
use super::{Finding, assert_clean};

const CORE: &str = "ledger-core/ledger/src/";

/// Rules of these files and folders of the core have a test that gets exactly their code, or names their variant.
const WITHIN: &[&str] = &[
    "contract/debt",
    "contract/obligation",
    "contract/pledge",
    "contract/price",
    "contract/purpose",
    "contract/title",
    "contract/token",
    "contract/trade_note",
    "invariant",
    "settlement",
    "verify/frame",
    "verify/payment",
];

/// The codes that a file's enums give: line, `Enum::Variant` and the code in its quotes.
fn codes(file: &File) -> Vec<(usize, String, String)> {
    let mut codes = Vec::new();
    let mut name = None;
    for (line, code) in file.code() {
        if let Some((_, rest)) = code.split_once("codes!(") {
            name = rest.split_once(" {").map(|(name, _)| name.to_owned());
        } else if code.starts_with('}') {
            name = None;
        }
        if let (Some(name), Some((variant, code))) = (&name, code.trim().trim_end_matches(',').split_once(" => ")) {
            codes.push((line, format!("{name}::{variant}"), code.to_owned()));
        }
    }
    codes
}

fn untested(files: &[File]) -> Vec<Finding> {
    let core = files.iter().filter(|file| file.is_under(CORE) && file.is_rust());
    let (tests, library): (Vec<&File>, Vec<&File>) = core.partition(|file| file.is_named("tests"));
    let is_seen = |word: &str| tests.iter().any(|file| file.text.contains(word));
    let is_within = |file: &File| WITHIN.iter().any(|within| file.path[CORE.len()..].starts_with(within));
    let mut findings = Vec::new();
    for file in library.into_iter().filter(|file| is_within(file)) {
        for (line, variant, code) in codes(file) {
            if !is_seen(&code) && !is_seen(&variant) {
                findings
                    .push(format!("{}:{line}: no test sees {variant} refused; write one that gets {code}", file.path));
            }
        }
    }
    findings
}

#[test]
fn every_rule_has_a_test_that_breaks_it() {
    assert_clean(untested(&files()));
}

#[test]
fn a_rule_that_no_test_breaks_is_found() {
    let library = "codes!(TitleError {\n    Locked => \"TITLE_LOCKED\",\n    Changed => \"TITLE_CHANGED\",\n});\n";
    let found = |tests: &str| {
        let path = |name: &str| format!("{CORE}contract/title/{name}.rs");
        untested(&[File::new(&path("error"), library), File::new(&path("tests"), tests)]).len()
    };
    assert_eq!(found(""), 2);
    assert_eq!(found("assert_eq!(code, \"TITLE_LOCKED\");"), 1);
    assert_eq!(found("assert_eq!(code, \"TITLE_LOCKED\"); TitleError::Changed"), 0);
}
