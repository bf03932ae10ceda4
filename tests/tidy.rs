//! The house rules that Cargo and clippy cannot hold: who names what, crate edges, names, lengths, layout.
//! A rule is a pure function from files to findings, so its own tests feed it samples.

mod codes;
mod edges;
mod error_table;
mod layout;
mod sources;
mod verticals;
mod words;

/// A rule that a file, or a crate, breaks: `path: what is wrong and what to do`.
type Finding = String;

/// Fails with every finding on a line of its own.
fn assert_clean(findings: Vec<Finding>) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

/// Checks a rule against samples: path, text, and how many findings there should be.
fn check(rule: impl Fn(&sources::File) -> Vec<Finding>, samples: &[(&str, &str, usize)]) {
    for (path, text, expected) in samples {
        let findings = rule(&sources::File::new(path, text));
        assert_eq!(findings.len(), *expected, "{path}: {text:?} gave {findings:?}");
    }
}
