//! `hive verify`: checks a proof offline, without a database or a node.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger_core::{Coded, InclusionProof, encoding};
use serde_json::{Value, json};

use super::error::CliError;
use super::output::Output;

/// Which proof to check.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The proof: bytes, hexadecimal text, or JSON with a field "proof"
    file: PathBuf,
    /// The chain it must be of, hexadecimal; without it the chain is told, and you compare it yourself
    #[arg(long)]
    chain: Option<String>,
}

/// Runs `hive verify`.
///
/// # Errors
/// The file is unreadable, or proves nothing.
pub fn run(arguments: &VerifyArguments, output: Output) -> Result<(), CliError> {
    let path = &arguments.file;
    let bytes = read(path)?;
    let refused = |code: &str, reason: String| CliError::Found(format!("{code}: {}: {reason}", path.display()));
    let proof: InclusionProof = encoding::decode(&bytes).map_err(|error| refused(error.code(), error.to_string()))?;
    let included = proof.verify().map_err(|error| refused(error.code(), error.to_string()))?;
    let chain = proof.header.chain.to_string();
    if arguments.chain.as_ref().is_some_and(|expected| !expected.eq_ignore_ascii_case(&chain)) {
        return Err(refused("PROOF_OTHER_CHAIN", format!("it is a proof of chain {chain}")));
    }
    let signers: Vec<String> =
        proof.transaction.signatures.iter().map(|signature| signature.party.to_string()).collect();
    let name = &proof.genesis.name;
    output.say(&format!(
        "Proved: transaction {} stands at place {} of block {} of chain {name:?} ({chain}), sealed by its recorder at {} \
         and signed for {} {}.",
        included.transaction,
        proof.index,
        included.height,
        utc(included.time_ms),
        signers.len(),
        if signers.len() == 1 { "party" } else { "parties" },
    ));
    if output == Output::Json {
        output.facts(&[], &as_json(&proof, &included.transaction.to_string(), &signers));
    }
    Ok(())
}

fn as_json(proof: &InclusionProof, transaction: &str, signers: &[String]) -> Value {
    json!({
        "proved": "inclusion",
        "chain": proof.header.chain.to_string(),
        "chainName": proof.genesis.name,
        "transaction": transaction,
        "height": proof.header.height,
        "position": proof.index,
        "timeMs": proof.header.time_ms,
        "signers": signers,
    })
}

/// Bytes as they are, or written in hexadecimal, alone or in a JSON field.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let refused = |source| CliError::File { path: path.to_owned(), action: "cannot be read", source };
    let bytes = fs::read(path).map_err(refused)?;
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(bytes) };
    let in_json = serde_json::from_str::<Value>(text).ok();
    let text = in_json.as_ref().and_then(|value| value["proof"].as_str()).unwrap_or(text);
    Ok(hex::decode(text.trim()).unwrap_or(bytes))
}

/// A time for people: ISO 8601 in UTC.
pub(super) fn utc(time_ms: u64) -> String {
    let time = i64::try_from(time_ms).ok().and_then(chrono::DateTime::from_timestamp_millis);
    time.map_or_else(|| format!("{time_ms} ms"), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}
