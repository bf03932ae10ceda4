//! `hive verify`: checks a proof offline, without a database or a node.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger_core::disclosure::Disclosure;
use ledger_core::proof::Included;
use ledger_core::{InclusionProof, Rejection, encoding};
use serde_json::{Value, json};

use super::error::CliError;
use super::output::Output;
use super::verify_journal::{of_journal, with_opening};

/// Which proof to check.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The proof: bytes, hexadecimal text, or JSON with a field "proof"
    file: PathBuf,
    /// The chain it must be of, hexadecimal; without it the chain is told, and you compare it yourself
    #[arg(long)]
    chain: Option<String>,
    /// The opening of a sealed field that the disclosure shows: bytes or hexadecimal text
    #[arg(long)]
    opening: Option<PathBuf>,
}

/// Runs `hive verify`.
///
/// # Errors
/// The file is unreadable, or proves nothing.
pub fn run(arguments: &VerifyArguments, output: Output) -> Result<(), CliError> {
    let path = &arguments.file;
    let bytes = read(path)?;
    let refused = |code: &str, reason: String| CliError::Found(format!("{code}: {}: {reason}", path.display()));
    let opening = arguments.opening.as_deref().map(read).transpose()?;
    let proved = match (encoding::decode::<Disclosure>(&bytes), opening) {
        (Ok(disclosure), None) => of_disclosure(&disclosure),
        (Ok(disclosure), Some(opening)) => opened(&disclosure, &opening),
        (Err(_), Some(_)) => {
            return Err(refused("SEALED_NOT_SHOWN", "an opening goes with a disclosure, which this is not".to_owned()));
        }
        (Err(_), None) => match encoding::decode(&bytes) {
            Ok(proof) => of_journal(&proof),
            Err(_) => of_inclusion(&bytes),
        },
    };
    let proved = proved.map_err(|refusal| refused(&refusal.code, refusal.message))?;
    if arguments.chain.as_ref().is_some_and(|expected| !expected.eq_ignore_ascii_case(&proved.chain)) {
        return Err(refused("PROOF_OTHER_CHAIN", format!("it is a proof of chain {}", proved.chain)));
    }
    output.say(&proved.sentence);
    if output == Output::Json {
        output.facts(&[], &proved.as_json);
    }
    Ok(())
}

/// What was proved.
pub(super) struct Proved {
    pub(super) chain: String,
    pub(super) sentence: String,
    pub(super) as_json: Value,
}

fn of_inclusion(bytes: &[u8]) -> Result<Proved, Rejection> {
    let proof: InclusionProof = encoding::decode(bytes)?;
    let included = proof.verify()?;
    let signers: Vec<String> =
        proof.transaction.signatures.iter().map(|signature| signature.party.to_string()).collect();
    let parties = if signers.len() == 1 { "party" } else { "parties" };
    let (chain, place) = (proof.header.chain.to_string(), format!("place {} of ", proof.index));
    let signed = format!(" and signed for {} {parties}", signers.len());
    Ok(Proved {
        sentence: sentence(&included, &place, (&proof.genesis.name, &chain), &signed),
        as_json: json!({
            "proved": "inclusion",
            "chain": chain,
            "chainName": proof.genesis.name,
            "transaction": included.transaction.to_string(),
            "height": included.height,
            "position": proof.index,
            "timeMs": included.time_ms,
            "signers": signers,
        }),
        chain,
    })
}

fn opened(disclosure: &Disclosure, opening: &[u8]) -> Result<Proved, Rejection> {
    with_opening(of_disclosure(disclosure)?, &disclosure.verify()?, &encoding::decode(opening)?)
}

fn of_disclosure(disclosure: &Disclosure) -> Result<Proved, Rejection> {
    let disclosed = disclosure.verify()?;
    let genesis = disclosure.genesis()?;
    let (chain, count) = (genesis.chain_id().to_string(), disclosed.components.len());
    let shown = format!(", of which {count} of {} components are shown", disclosure.component_count());
    Ok(Proved {
        sentence: sentence(&disclosed.included, "", (&genesis.name, &chain), &shown),
        as_json: json!({
            "proved": "disclosure",
            "chain": chain,
            "chainName": genesis.name,
            "transaction": disclosed.included.transaction.to_string(),
            "height": disclosed.included.height,
            "timeMs": disclosed.included.time_ms,
            "componentsShown": count,
            "components": disclosure.component_count(),
        }),
        chain,
    })
}

fn sentence(included: &Included, place: &str, (name, chain): (&str, &str), rest: &str) -> String {
    format!(
        "Proved: transaction {} stands at {place}block {} of chain {name:?} ({chain}), sealed by its recorder at {}{rest}.",
        included.transaction,
        included.height,
        utc(included.time_ms),
    )
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
