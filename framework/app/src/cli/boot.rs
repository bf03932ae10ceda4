//! What must hold of the verticals that a node wires together, found before anything is opened.

use std::collections::BTreeSet;

use async_graphql::Executor;
use hive_plug::FRAMEWORK_VERSION;
use hive_plug::locale::Locale;
use serde_json::Value;

use super::open;
use crate::endpoint::vertical::Registered;

/// A rule that a vertical breaks, with its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootFinding {
    /// The stable code.
    pub code: &'static str,
    /// What is true and what to do.
    pub message: String,
}

/// Every rule that these verticals break.
pub async fn findings(verticals: &[Registered]) -> Vec<BootFinding> {
    let mut findings = Vec::new();
    let mut names = BTreeSet::from(["platform", "regulator"]);
    let mut contracts: BTreeSet<String> =
        ledger_core::ContractSet::built_in().ids().iter().map(ToString::to_string).collect();
    for vertical in verticals {
        let name = vertical.name;
        let mut find =
            |code, message: String| findings.push(BootFinding { code, message: format!("{name}: {message}") });
        if !is_plain(name) {
            find("VERTICAL_NAME", "the name must be lower-case words with -".to_owned());
        }
        if !names.insert(name) {
            find("VERTICAL_TWICE", "two endpoints have this name".to_owned());
        }
        if minor(vertical.manifest.framework_version) != minor(FRAMEWORK_VERSION) {
            let built = vertical.manifest.framework_version;
            find("VERTICAL_VERSION", format!("it is built for framework {built}, this is {FRAMEWORK_VERSION}"));
        }
        for contract in (vertical.contracts)() {
            let id = contract.id().to_string();
            if !contracts.insert(id.clone()) {
                find("VERTICAL_CONTRACT_TWICE", format!("another vertical or the ledger has a contract {id}"));
            }
        }
        let prefix = format!("{}_", name.replace('-', "_"));
        let tables = (vertical.projections)().into_iter().flat_map(|projection| projection.tables().iter().copied());
        for table in tables.filter(|table| !table.starts_with(&prefix)) {
            find("VERTICAL_TABLE", format!("the table {table} must begin with {prefix}"));
        }
        let fields = regulator_fields(vertical).await;
        let expected = camel(name);
        if fields != [expected.clone()] {
            find(
                "VERTICAL_REGULATOR",
                format!("the regulator's root must have exactly the field {expected}, not {fields:?}"),
            );
        }
    }
    match open::messages(verticals) {
        Err(error) => findings.push(BootFinding { code: "LOCALE_UNUSABLE", message: error.to_string() }),
        Ok(messages) => {
            for vertical in verticals {
                let id = format!("{}-title", vertical.name);
                for locale in [Locale::En, Locale::ZhCn] {
                    if messages.text(locale, &id, &[]).is_none() {
                        let message = format!("{}: the {locale} texts miss {id}", vertical.name);
                        findings.push(BootFinding { code: "LOCALE_MISSING", message });
                    }
                }
            }
        }
    }
    findings
}

async fn regulator_fields(vertical: &Registered) -> Vec<String> {
    let answer = (vertical.regulator)().execute("{ __schema { queryType { fields { name } } } }".into()).await;
    let data = answer.data.into_json().unwrap_or_default();
    let fields = data["__schema"]["queryType"]["fields"].as_array().cloned().unwrap_or_default();
    fields.iter().filter_map(|field| field["name"].as_str().map(str::to_owned)).collect::<Vec<_>>()
}

fn is_plain(name: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.split('-').all(word)
}

/// Before 1.0 a minor version may change what verticals build on.
fn minor(version: &str) -> Vec<&str> {
    version.split('.').take(2).collect()
}

/// `some-name` as `someName`.
fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut letters = word.chars();
        let head: String = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter().collect();
        text + &head + letters.as_str()
    })
}

/// The findings as JSON.
pub fn as_json(findings: &[BootFinding]) -> Value {
    findings.iter().map(|finding| serde_json::json!({ "code": finding.code, "message": finding.message })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_fields() {
        assert_eq!(camel("some-long-name"), "someLongName");
        assert_eq!(camel("name"), "name");
        assert!(is_plain("some-name2") && !is_plain("Some") && !is_plain("a--b") && !is_plain(""));
        assert_eq!(minor("0.1.7"), minor("0.1.0"));
    }
}
