//! Every rule of the ledger has a test that sees it refused.

use super::sources::{File, files};
use super::{Finding, assert_clean};

/// The rules here have a test, of whatever crate, that gets exactly their code or names their variant.
const CORE: &str = "ledger-core/";

/// The codes that a file's enums give: line of the enum's list, `Enum::Variant` and the code in its quotes.
pub(super) fn codes(file: &File) -> Vec<(usize, String, String)> {
    let mut codes = Vec::new();
    for (at, _) in file.text.match_indices("codes!(") {
        let (before, list) = file.text.split_at(at);
        let Some((name, pairs)) = list["codes!(".len()..].split_once(" {") else { continue };
        let pairs = pairs.split_once('}').map_or(pairs, |(pairs, _)| pairs);
        for (variant, code) in pairs.split(',').filter_map(|pair| pair.split_once(" => ")) {
            codes.push((
                before.matches('\n').count() + 1,
                format!("{name}::{}", variant.trim()),
                code.trim().to_owned(),
            ));
        }
    }
    codes
}

/// What of a file is tests: all of it, or what follows its own `mod tests {`.
fn tests(file: &File) -> &str {
    if file.is_named("tests") {
        return &file.text;
    }
    file.text.split_once("\nmod tests {\n").map_or("", |(_, tests)| tests)
}

/// True where a word stands that goes on neither before nor behind.
fn has_word(text: &str, word: &str) -> bool {
    let goes_on = |letter: char| letter.is_alphanumeric() || letter == '_';
    let ends = |at: usize| !text[at + word.len()..].starts_with(goes_on) || word.ends_with('"');
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(goes_on) && ends(at))
}

fn untested(files: &[File]) -> Vec<Finding> {
    let sources: Vec<&File> = files.iter().filter(|file| file.is_rust()).collect();
    let is_seen = |word: &str| sources.iter().any(|file| has_word(tests(file), word));
    let mut findings = Vec::new();
    for file in sources.iter().filter(|file| file.is_under(CORE)) {
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
    let library = "\ncodes!(TitleError {\n    Locked => \"TITLE_LOCKED\",\n    Changed => \"TITLE_CHANGED\",\n});\n";
    let found = |tests: &str| {
        let path = |name: &str| format!("{CORE}ledger/src/contract/title/{name}.rs");
        untested(&[File::new(&path("error"), library), File::new(&path("tests"), tests)]).len()
    };
    assert_eq!(found(""), 2);
    assert_eq!(found("assert_eq!(code, \"TITLE_LOCKED\");"), 1);
    assert_eq!(found("assert_eq!(code, \"TITLE_LOCKED\"); TitleError::Changed"), 0);
    assert_eq!(
        found("assert_eq!(code, \"TITLE_LOCKED\"); TitleError::ChangedTwice"),
        1,
        "a longer name is another one"
    );
    let inline = format!("{library}\nmod tests {{\n    TitleError::Changed; \"TITLE_LOCKED\"\n}}\n");
    assert_eq!(untested(&[File::new("ledger-core/ledger/src/contract/title.rs", &inline)]).len(), 0);
}
