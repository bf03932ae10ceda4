//! `hive verify`: checks an archive or a proof offline, without a database or a node, and compares them with each other.

pub(super) mod archive;
mod journal;
mod proof;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger_core::archive::ArchiveProved;
use ledger_core::fork::{self, Agreement, Sighting};
use ledger_core::{Coded, ContractSet, Rejection};
use serde_json::{Value, json};

use super::error::CliError;
use super::output::Output;

/// What a proof's file may hold, for whoever gave another one.
const FORMS: &str = "a proof is read as its bytes, as hexadecimal text, or as JSON with one field \"proof\", such as an answer of the node";

/// Bytes of a proof's file at most; an archive may have any length.
const PROOF_BYTES_MAX: u64 = 64 << 20;

/// What to check.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// An archive, or a proof: bytes, hexadecimal text, or JSON with one field "proof", such as an answer of the node
    file: PathBuf,
    /// The chain it must be of, hexadecimal; without it the chain is told, and you compare it yourself
    #[arg(long)]
    chain: Option<String>,
    /// Other archives, proofs or disclosures of the same chain: says whether the archive is of the history they show
    #[arg(long, num_args = 1.., value_name = "FILE")]
    against: Vec<PathBuf>,
    /// The opening of a sealed field that the disclosure shows: bytes or hexadecimal text
    #[arg(long)]
    opening: Option<PathBuf>,
}

/// What a file proved.
pub(super) struct Proved {
    chain: String,
    sentence: String,
    as_json: Value,
    evidence: Evidence,
}

/// What a file says of blocks.
pub(super) enum Evidence {
    /// The whole chain.
    Archive(Box<ArchiveProved>),
    /// Some blocks.
    Sightings(Vec<Sighting>),
}

/// Runs `hive verify`; the contracts are those that archives may name.
///
/// # Errors
/// A file is unreadable or proves nothing, or two of them show a fork.
pub fn run(arguments: &VerifyArguments, contracts: &ContractSet, output: Output) -> Result<(), CliError> {
    let mut proved = match &arguments.opening {
        Some(opening) => opened(&arguments.file, opening)?,
        None => check(&arguments.file, arguments.chain.as_deref(), contracts, output)?,
    };
    if let Some(expected) = &arguments.chain {
        is_of_chain(&arguments.file, &proved.chain, expected)?;
    }
    output.say(&proved.sentence);
    if !arguments.against.is_empty() {
        let Evidence::Archive(archive) = &proved.evidence else {
            return Err(refused(
                &arguments.file,
                "FORK_WITHOUT_ARCHIVE",
                "only an archive is compared with other files",
            ));
        };
        let mut compared = Vec::new();
        for path in &arguments.against {
            let other = check(path, Some(&proved.chain), contracts, output)?;
            is_of_chain(path, &other.chain, &proved.chain)?;
            let agreement = compare(archive, &other.evidence).map_err(|fork| shows(path, &fork))?;
            output.say(&format!("{} {}", other.sentence, agrees(agreement)));
            compared.push(json!({ "file": path.display().to_string(), "proved": other.as_json,
                "consistent": true, "blocksCompared": agreement.compared, "blocksBeyondTip": agreement.beyond }));
        }
        proved.as_json["against"] = compared.into();
    }
    if output == Output::Json {
        output.facts(&[], &proved.as_json);
    }
    Ok(())
}

fn check(path: &Path, expected: Option<&str>, contracts: &ContractSet, output: Output) -> Result<Proved, CliError> {
    if archive::is_archive(path)? {
        return archive::check(path, expected, contracts, output);
    }
    let (bytes, form) = read(path)?;
    let told = |Rejection { code, message }: Rejection| match form {
        Form::Bytes => refused(path, &code, &format!("{message}; {FORMS}")),
        Form::Text => refused(path, &code, &message),
    };
    proof::check(&bytes).map_err(told)
}

fn opened(path: &Path, opening: &Path) -> Result<Proved, CliError> {
    let proved = proof::check_opening(&read(path)?.0, &read(opening)?.0);
    proved.map_err(|Rejection { code, message }| refused(path, &code, &message))
}

fn compare(archive: &ArchiveProved, evidence: &Evidence) -> Result<Agreement, fork::Fork> {
    match evidence {
        Evidence::Archive(other) => fork::compare(&archive.ledger, fork::of_ledger(&other.ledger)),
        Evidence::Sightings(sightings) => fork::compare(&archive.ledger, sightings.iter().copied()),
    }
}

fn agrees(Agreement { compared, beyond }: Agreement) -> String {
    match beyond {
        0 => format!("It is of the archive's history: {compared} blocks agree."),
        _ => format!(
            "It is of the archive's history as far as that goes: {compared} blocks agree, {beyond} lie beyond its tip."
        ),
    }
}

pub(super) fn is_of_chain(path: &Path, chain: &str, expected: &str) -> Result<(), CliError> {
    if expected.eq_ignore_ascii_case(chain) {
        return Ok(());
    }
    Err(refused(path, "PROOF_OTHER_CHAIN", &format!("it is of chain {chain}, not {expected}")))
}

fn shows(path: &Path, fork: &fork::Fork) -> CliError {
    refused(path, fork.code(), &format!("the chain has two histories: {fork}; keep both files as evidence"))
}

/// The refusal of a file, with the rule's code first.
pub(super) fn refused(path: &Path, code: &str, reason: &str) -> CliError {
    CliError::Found(format!("{code}: {}: {reason}", path.display()))
}

/// How a file holds its proof.
#[derive(Clone, Copy)]
enum Form {
    Bytes,
    /// In hexadecimal.
    Text,
}

/// Bytes as they are, or written in hexadecimal, alone or in a JSON field.
fn read(path: &Path) -> Result<(Vec<u8>, Form), CliError> {
    let unreadable = |source| CliError::File { path: path.to_owned(), action: "cannot be read", source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(PROOF_BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).map_or(true, |length| length > PROOF_BYTES_MAX) {
        let reason = format!("a proof has at most {PROOF_BYTES_MAX} bytes");
        return Err(refused(path, "PROOF_TOO_LONG", &reason));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok((bytes, Form::Bytes)) };
    let in_json = serde_json::from_str::<Value>(text).ok();
    let text = in_json.as_ref().and_then(only_proof).unwrap_or(text);
    let decoded = hex::decode(text.trim()).ok().filter(|decoded| !decoded.is_empty());
    Ok(decoded.map_or((bytes, Form::Bytes), |decoded| (decoded, Form::Text)))
}

/// The text of the only field "proof", wherever in the JSON it stands: an answer is saved as it came.
fn only_proof(value: &Value) -> Option<&str> {
    let inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Object(fields) => match fields.get("proof") {
            Some(Value::String(proof)) => return Some(proof),
            _ => Box::new(fields.values()),
        },
        Value::Array(items) => Box::new(items.iter()),
        _ => return None,
    };
    // Of several it is not said which is meant.
    let mut found = inner.filter_map(only_proof);
    found.next().filter(|_| found.next().is_none())
}

/// A time for people: ISO 8601 in UTC.
pub(super) fn utc(time_ms: u64) -> String {
    let time = i64::try_from(time_ms).ok().and_then(chrono::DateTime::from_timestamp_millis);
    time.map_or_else(|| format!("{time_ms} ms"), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}
