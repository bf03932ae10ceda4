//! What `hive verify` says of journal entries and of openings of sealed fields.

use ledger_core::disclosure::Disclosed;
use ledger_core::fork;
use ledger_core::journal::JournalProof;
use ledger_core::sealed::SealedPlace;
use ledger_core::{Genesis, Opening, Rejection};
use serde_json::{Value, json};

use super::{Evidence, Proved, utc};

/// What a proof of a journal entry proves: that the node attested something, not that it is true.
pub(super) fn of_journal(proof: &JournalProof) -> Result<Proved, Rejection> {
    let attested = proof.verify()?;
    let Genesis { name, .. } = &proof.genesis;
    let (entry, chain) = (&proof.entry, proof.header.chain.to_string());
    let said = match &proof.content {
        Some(_) => ", with the content shown",
        None => ", its content not shown",
    };
    Ok(Proved {
        sentence: format!(
            "Proved: the node that records chain {name:?} ({chain}) attests in journal entry {} that at {} {} did {:?} \
             with {:?}{said}; block {} holds it, sealed by the recorder at {}.",
            entry.number,
            utc(entry.time_ms),
            entry.actor,
            entry.kind,
            entry.subject,
            attested.height,
            utc(attested.time_ms),
        ),
        as_json: json!({
            "proved": "journalEntry",
            "chain": chain,
            "chainName": name,
            "number": entry.number,
            "hash": attested.entry.to_string(),
            "writtenMs": entry.time_ms,
            "actor": entry.actor.to_string(),
            "kind": entry.kind,
            "subject": entry.subject,
            "content": proof.content.as_ref().map(|content| text_or_hex(&content.content)),
            "height": attested.height,
            "timeMs": attested.time_ms,
        }),
        evidence: Evidence::Sightings(fork::of_header(&proof.header)),
        chain,
    })
}

/// Adds to a proved disclosure what an opening shows of it.
pub(super) fn with_opening(proved: Proved, disclosed: &Disclosed, opening: &Opening) -> Result<Proved, Rejection> {
    let place = disclosed.place_of_opening(opening)?;
    let (label, value) = (opening.label(), text_or_hex(opening.value()));
    let mut as_json = proved.as_json;
    let SealedPlace { component, within } = &place;
    as_json["opening"] =
        json!({ "component": component, "within": within.to_string(), "label": label, "value": value });
    let sentence = format!(
        "{} Component {component}, {within}, holds a sealed field of value {value:?}; that it is the field {label:?}, the \
         opening says.",
        proved.sentence
    );
    Ok(Proved { sentence, as_json, ..proved })
}

/// A value for people where it is text, else its bytes.
fn text_or_hex(bytes: &[u8]) -> Value {
    let plain = std::str::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control));
    plain.map_or_else(|| hex::encode(bytes), str::to_owned).into()
}
