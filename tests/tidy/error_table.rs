//! `docs/error-codes.md`: every code that an error of the product gives, as the sources and the message files have it.

use std::collections::BTreeMap;

use super::codes::codes;
use super::sources::{File, files, repository};

const TABLE: &str = "docs/error-codes.md";

/// Codes of the handbook's scenarios, by the code that the product gives there.
const SCENARIOS: [(&str, &str); 9] = [
    ("AUTHORITY_SIGNATURES_MISSING", "ERR_POLICY"),
    ("CLAIM_HELD", "ERR_ALREADY_FINANCED"),
    ("PLEDGE_EXISTS", "ERR_PLEDGED"),
    ("PURPOSE_CODE", "ERR_PURPOSE"),
    ("PURPOSE_DOCUMENT_USED", "ERR_DOC_REUSED"),
    ("PURPOSE_PAYEE", "ERR_PAYEE"),
    ("PURPOSE_RELATED_PARTY", "ERR_RELATED_PARTY"),
    ("RECEIPT_LOT_OVERISSUED", "ERR_LOT_OVERISSUED"),
    ("TOKEN_NOT_CONSERVED", "ERR_CONSERVATION"),
];

const HEAD: &str = "# Error codes

Every refusal has a stable code for programs and a sentence for people. `{…}` stands for what the refusal itself tells: who is
missing, how much is short. A code that several rules share has a sentence for each. *Handbook* is the label in the scenarios.
Generated from the sources; after a change run `HIVE_WRITE_DOCS=1 cargo test -p hive-tests error_table`.
";

/// The codes of `codes!` lists and of functions `code`: `Enum::Variant`, or the variant alone, and the code.
fn given(file: &File) -> Vec<(String, String)> {
    let listed = codes(file).into_iter().map(|(_, variant, code)| (variant, code.trim_matches('"').to_owned()));
    let matched = file.text.lines().filter_map(|line| {
        let (variant, code) = line.trim().strip_prefix("Self::")?.split_once(" => \"")?;
        let name = variant.split(['(', ' ']).next()?;
        Some((name.to_owned(), code.split('"').next()?.to_owned()))
    });
    listed.chain(matched).filter(|(_, code)| is_code(code)).collect()
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The sentence of a variant: its `#[error("…")]`, placeholders without their format.
fn sentence(file: &File, variant: &str) -> Option<String> {
    let (name, variant) = variant.split_once("::").map_or((None, variant), |(name, variant)| (Some(name), variant));
    let body = match name {
        Some(name) => file.text.split_once(&format!("enum {name} {{"))?.1,
        None => &file.text,
    };
    let declared = ["\n    ".to_owned() + variant + ",", format!("\n    {variant} {{"), format!("\n    {variant}(")];
    let end = declared.iter().filter_map(|start| body.find(start)).min()?;
    let attribute = body[..end].rsplit_once("#[error(")?.1;
    let text = attribute.trim_start().strip_prefix('"')?;
    let end = text.match_indices('"').map(|(at, _)| at).find(|at| !text[..*at].ends_with('\\'))?;
    Some(plain(&text[..end]))
}

/// A format text as a reader sees it: `{name:?}` is `{name}`, `\"` is `"`.
fn plain(format: &str) -> String {
    let mut text = String::new();
    for (place, part) in format.replace("\\\"", "\"").split('{').enumerate() {
        match part.split_once('}') {
            Some((name, rest)) if place > 0 => {
                let name = name.split(':').next().filter(|name| !name.is_empty()).unwrap_or("…");
                text.push_str(&format!("{{{name}}}{rest}"));
            }
            _ => text.push_str(part),
        }
    }
    text
}

/// The Chinese sentences of all message files, by code.
fn chinese(files: &[File]) -> BTreeMap<String, String> {
    let lines = files.iter().filter(|file| file.path.ends_with("locales/zh-CN.ftl")).flat_map(|file| file.text.lines());
    let entries = lines.filter_map(|line| line.split_once(" = ")).filter(|(code, _)| is_code(code));
    entries.map(|(code, text)| (code.to_owned(), text.to_owned())).collect()
}

fn table(files: &[File]) -> String {
    let mut sentences: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.is_rust() && !file.is_named("tests") && !file.is_named("fixture")) {
        for (variant, code) in given(file) {
            let known = sentences.entry(code).or_default();
            known.extend(sentence(file, &variant).filter(|text| !known.contains(text)));
        }
    }
    let (chinese, scenarios) = (chinese(files), BTreeMap::from(SCENARIOS));
    let (mut text, mut area) = (HEAD.to_owned(), "");
    for (code, english) in &sentences {
        let own = code.split('_').next().unwrap_or_default();
        if own != area {
            text.push_str(&format!(
                "\n## {own}\n| code | what is true and what to do | 中文 | handbook |\n|---|---|---|---|\n"
            ));
            area = own;
        }
        let (chinese, scenario) =
            (chinese.get(code).map_or("", String::as_str), scenarios.get(code.as_str()).unwrap_or(&""));
        let english = english.join("; or: ").replace('|', "\\|");
        text.push_str(&format!("| `{code}` | {english} | {chinese} | {scenario} |\n"));
    }
    text
}

#[test]
fn the_table_of_error_codes_is_what_the_sources_say() {
    let files = files();
    let made = table(&files);
    let unknown: Vec<_> = SCENARIOS.iter().filter(|(code, _)| !made.contains(&format!("| `{code}` |"))).collect();
    assert!(unknown.is_empty(), "no error gives these codes: {unknown:?}");
    if std::env::var("HIVE_WRITE_DOCS").as_deref() == Ok("1") {
        std::fs::write(repository().join(TABLE), &made).expect("the table can be written");
    }
    let written = std::fs::read_to_string(repository().join(TABLE)).unwrap_or_default();
    let differs = made.lines().zip(written.lines()).find(|(made, written)| made != written);
    assert!(
        made == written,
        "{TABLE} is out of date: run HIVE_WRITE_DOCS=1 cargo test -p hive-tests error_table. {differs:?}"
    );
}

#[test]
fn codes_and_sentences_are_read_from_sources() {
    let source = "enum TitleError {\n    /// Told.\n    #[error(\n        \"{state:?} is \\\"locked\\\"\"\n    )]\n    Locked {\n    },\n}\n\
        codes!(TitleError {\n    Locked => \"TITLE_LOCKED\",\n} inner { Encoding });\n\
        #[error(\"busy, {0}\")]\n    Busy(u8),\n        Self::Busy(_) => \"BUSY\",\n";
    let file = File::new("ledger-core/ledger/src/title.rs", source);
    let ftl = File::new("framework/plug/locales/zh-CN.ftl", "# 文\nBUSY = 忙。\n");
    let made = table(&[file, ftl]);
    assert!(made.contains("| `TITLE_LOCKED` | {state} is \"locked\" |  |  |"), "{made}");
    assert!(made.contains("## BUSY\n") && made.contains("| `BUSY` | busy, {0} | 忙。 |  |"), "{made}");
}
