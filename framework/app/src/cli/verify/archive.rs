//! Archives: two readings of the file, in the memory of the chain's ledger.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use ledger_core::archive::{
    ArchiveError, ArchiveProved, ArchiveReplay, PastReferences, Record, Version, record_length,
};
use ledger_core::{Coded, ContractSet};
use serde_json::json;

use super::super::error::CliError;
use super::super::output::Output;
use super::{Evidence, Proved, is_of_chain, refused, utc};

/// True when the file begins as an archive does.
pub(in crate::cli) fn is_archive(path: &Path) -> Result<bool, CliError> {
    let mut beginning = Vec::new();
    let length = u64::try_from(Version::MAGIC_BYTES).unwrap_or(u64::MAX);
    open(path)?.take(length).read_to_end(&mut beginning).map_err(|source| unreadable(path, source))?;
    Ok(Version::of(&beginning).is_ok())
}

/// Verifies an archive from genesis to its end.
pub(super) fn check(
    path: &Path,
    expected: Option<&str>,
    contracts: &ContractSet,
    output: Output,
) -> Result<Proved, CliError> {
    let bar = if output == Output::Json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let style = "{msg} {wide_bar} {pos}/{len} blocks, {elapsed} (remaining {eta})";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_message("reading the archive");
    let mut named = PastReferences::default();
    each_record(path, |record| {
        if let (Some(expected), Record::Genesis(genesis)) = (expected, &record) {
            is_of_chain(path, &genesis.chain_id().to_string(), expected)?;
        }
        named.take(&record).map_err(|error| told(path, &error))?;
        bar.set_length(named.blocks());
        Ok(())
    })?;
    bar.set_message("verifying blocks");
    let mut replay = ArchiveReplay::new(contracts, named);
    let verified = each_record(path, |record| {
        replay.take(record).map_err(|error| told(path, &error))?;
        bar.set_position(replay.height());
        Ok(())
    });
    bar.finish_and_clear();
    verified?;
    replay.finish().map(tell).map_err(|error| told(path, &error))
}

fn tell(proved: ArchiveProved) -> Proved {
    let ledger = &proved.ledger;
    let (name, chain) = (&ledger.genesis().name, ledger.chain().to_string());
    let directory = ledger.genesis().directory.as_ref();
    let keys = directory.map_or_else(String::new, |directory| {
        format!(
            " Its parties and their keys are as the recorder of its directory sealed them on chain {}, whose own rules are not checked here.",
            directory.chain
        )
    });
    let (entries, waiting) = (proved.journal.entries(), proved.journal.waiting());
    let journal = match entries {
        0 => String::new(),
        _ => format!(
            " It holds {entries} entries of the chain's journal, each the one that its block folds, {waiting} of them in no block yet; what they say is sealed."
        ),
    };
    let sentence = format!(
        "Proved: chain {name:?} ({chain}) from its genesis to block {} of {}, {} transactions, with every signature, rule, seal, root and invariant, claims checked without their secret; its tip is {}, its state root {}.{keys}{journal}",
        ledger.height(),
        utc(ledger.time_ms()),
        proved.transactions,
        ledger.tip(),
        proved.state_root,
    );
    let as_json = json!({
        "proved": "archive",
        "chain": chain,
        "chainName": name,
        "height": ledger.height(),
        "timeMs": ledger.time_ms(),
        "transactions": proved.transactions,
        "tip": ledger.tip().to_string(),
        "stateRoot": proved.state_root.to_string(),
        "claims": "consistent",
        "journalEntries": entries,
        "journalWaiting": waiting,
        "directory": directory.map(|directory| directory.chain.to_string()),
    });
    Proved { chain, sentence, as_json, evidence: Evidence::Archive(Box::new(proved)) }
}

/// Reads the records of an archive one after another; no more of the file than one record is in memory.
pub(in crate::cli) fn each_record(
    path: &Path,
    mut take: impl FnMut(Record) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut file = open(path)?;
    let mut magic = [0; Version::MAGIC_BYTES];
    file.read_exact(&mut magic).map_err(|source| unreadable(path, source))?;
    let version = Version::of(&magic).map_err(|error| told(path, &error))?;
    let mut records = 0_u64;
    let mut bytes = Vec::new();
    loop {
        let Some(length) = next_length(&mut file, records).map_err(|error| error.told(path))? else { return Ok(()) };
        bytes.clear();
        let wanted = u64::try_from(length).unwrap_or(u64::MAX);
        let read = file.by_ref().take(wanted).read_to_end(&mut bytes).map_err(|source| unreadable(path, source))?;
        if read < length {
            return Err(told(path, &ArchiveError::CutOff { records }));
        }
        take(version.decode(&bytes).map_err(|error| told(path, &error))?)?;
        records = records.saturating_add(1);
    }
}

/// Why the next record cannot be read.
enum Unread {
    File(std::io::Error),
    Archive(ArchiveError),
}

impl Unread {
    fn told(self, path: &Path) -> CliError {
        match self {
            Self::File(source) => unreadable(path, source),
            Self::Archive(error) => told(path, &error),
        }
    }
}

/// The length of the next record; none at the end of the file.
fn next_length(file: &mut impl Read, records: u64) -> Result<Option<usize>, Unread> {
    let mut prefix = Vec::new();
    file.take(4).read_to_end(&mut prefix).map_err(Unread::File)?;
    match <[u8; 4]>::try_from(prefix.as_slice()) {
        Ok(prefix) => record_length(prefix).map(Some).map_err(Unread::Archive),
        Err(_) if prefix.is_empty() => Ok(None),
        Err(_) => Err(Unread::Archive(ArchiveError::CutOff { records })),
    }
}

fn open(path: &Path) -> Result<BufReader<File>, CliError> {
    Ok(BufReader::with_capacity(1 << 20, File::open(path).map_err(|source| unreadable(path, source))?))
}

/// The file begins as no archive does.
pub(in crate::cli) fn no_archive(path: &Path) -> CliError {
    told(path, &ArchiveError::Magic)
}

fn told(path: &Path, error: &ArchiveError) -> CliError {
    refused(path, error.code(), &error.to_string())
}

fn unreadable(path: &Path, source: std::io::Error) -> CliError {
    match source.kind() {
        ErrorKind::UnexpectedEof => told(path, &ArchiveError::Magic),
        _ => CliError::File { path: path.to_owned(), action: "cannot be read", source },
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::archive::JournalChain;
    use ledger_core::{Bounds, ChainId, Directory, Genesis, Ledger, Policy, SigningKey};

    use super::*;

    fn told_of(directory: Option<Directory>) -> Proved {
        let key = SigningKey::from_seed(&[1; 32]).public();
        let genesis = Genesis {
            name: "cocoa".to_owned(),
            administrator: Policy::Key(key),
            administrator_nonce: [1; 16],
            bounds: Bounds::default(),
            recorder: key,
            contracts: ContractSet::built_in().ids(),
            nonce: [2; 32],
            created_ms: 1_795_000_000_000,
            directory,
        };
        let ledger = Ledger::from_genesis(genesis).unwrap();
        let journal = JournalChain::new(ledger.chain());
        tell(ArchiveProved { transactions: 0, state_root: ledger.state_root(), ledger, journal })
    }

    #[test]
    fn whose_word_the_keys_are_is_said() {
        let alone = told_of(None);
        assert!(!alone.sentence.contains("directory") && alone.as_json["directory"].is_null());
        let chain = ChainId::from_bytes([7; 32]);
        let recorder = SigningKey::from_seed(&[3; 32]).public();
        let under = told_of(Some(Directory { chain, recorder }));
        assert_eq!(under.as_json["directory"], chain.to_string());
        assert!(under.sentence.contains(&format!("sealed them on chain {chain}")), "{}", under.sentence);
    }
}
